"""From a block of the configuration to how its cells are read."""

from __future__ import annotations

from collections.abc import Collection

from flows.sources.chunks import Block
from transforms.tables.amounts import THREE_DECIMALS, Amounts, signs_of
from transforms.tables.reading import Reading


def reading_of(block: Block, currency: str, given: Collection[str], *, points: bool = False) -> Reading:
    """What a block means by what its source writes; `points`: the form of the file shows that points are decimal signs.

    Amounts may carry the signs of the company's currency, unless a column `currency` is given and says which one each row has.
    """
    settings = block.settings
    signs = settings.signs
    if signs is None:
        signs = () if "currency" in given else signs_of(currency)
    sure = points or settings.decimal is not None or settings.thousands is not None or currency in THREE_DECIMALS
    return Reading(
        where=block.where,
        timezone=settings.timezone,
        amounts=Amounts(settings.point, settings.thousands, tuple(sorted(signs, key=lambda sign: (-len(sign), sign))), sure),
        empty=settings.empty,
        epoch=settings.epoch,
        maps=settings.map,
        json=settings.json_keys,
        ids=settings.ids,
    )
