"""Rows on their way in: every table pulled once, typed, judged, booked, and laid by month; and `keping check` of the sources."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.intake.looking import Looked
    from flows.settings import Settings
    from transforms.errors import ReviewError
    from transforms.month import Month


def check(settings: Settings, *, sleep: Callable[[float], None] = time.sleep) -> list[tuple[str, ReviewError | None]]:
    """One line per source and table block for `keping check`: what was looked at, and None or the error that a run would end with.

    Connects to every source, runs each query for no rows, opens each file to its header and compares the
    columns with the contract; a block without a time zone gives a few rows, to see whether it needs one.
    Nothing is written; an unreachable source costs its own lines only.
    """
    from flows.intake.checking import check_sources

    return check_sources(settings, sleep=sleep)


def look(settings: Settings, last: Month, away: frozenset[str] = frozenset()) -> list[Looked]:
    """What a run for the month `last` would say of the values, from a few rows of each block (`looking.ROWS`), per block.

    The rows go through the intake of a run: refused values with their counts, money that is refused, words for nothing,
    JSON, garbled text, scales, customers who are nobody, hold half of the rows or are not listed. Sources that are `away`
    are not asked; a block that a run could not read has its error. Nothing is kept.
    """
    from flows.intake.looking import look as looked

    return looked(settings, last, away)
