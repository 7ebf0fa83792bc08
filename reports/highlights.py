"""The messages of every pack's first page as a table: highlights.csv, for mails, checks and other programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from reports.blocks import Highlight
from reports.i18n import words as words_of
from reports.pack_facts import PackFacts
from reports.sections.messages import messages
from reports.view import View
from transforms.messages import Message

HIGHLIGHTS = (
    *("pack", "rank", "kind", "indicator", "scope", "scope_value", "figure_id", "value", "limit_low", "limit_high"),
    *("target", "last_year", "because", "owner", "play", "due"),
)
"""Columns of highlights.csv, before what the pack says in each language (`SPOKEN`)."""

SPOKEN = ("says", "short", "sentence", "cause", "act")
"""What highlights.csv says in each language (`says.<locale>`, ...): the message whole, in the few words of a mail's subject, and in its
three parts: what happened, why, who does what by when."""


def highlights_table(packs: Iterable[tuple[str, PackFacts]], locales: Sequence[str]) -> pd.DataFrame:
    """One row per message of a first page, most important first within its pack; a pack without news has none.

    Numbers are in the indicator's unit. `because` is in the first of the locales, owner and play are names or ids of the policy;
    what is said in each language is `SPOKEN`.
    """
    rows: list[Mapping[str, object]] = []
    for pack, facts in packs:
        said = {locale: messages(View(facts, locale)).rows for locale in locales}
        for place, message in enumerate(facts.messages):
            shown = {locale: told[place] for locale, told in said.items()}
            words = {f"{kind}.{locale}": text for locale, one in shown.items() for kind, text in _spoken(locale, one).items()}
            rows.append({"pack": pack, "rank": place + 1, **_row(message), "because": shown[locales[0]].because, **words})
    return pd.DataFrame(rows, columns=[*HIGHLIGHTS, *(f"{kind}.{locale}" for kind in SPOKEN for locale in locales)])


def _spoken(locale: str, message: Highlight) -> Mapping[str, str]:
    whole = words_of(locale).join([message.sentence, message.because, message.action])
    return dict(zip(SPOKEN, (whole, message.short, message.sentence, message.because, message.action), strict=True))


def _row(message: Message) -> Mapping[str, object]:
    return {
        "kind": message.kind.value,
        "indicator": message.indicator,
        "scope": message.scope.value if message.indicator else "",
        "scope_value": message.scope_value,
        "figure_id": message.figure_id,
        "value": message.value,
        "limit_low": message.low,
        "limit_high": message.high,
        "target": message.target,
        "last_year": message.last_year,
        "owner": "; ".join(message.owners),
        "play": message.play,
        "due": None if message.due is None else message.due.strftime("%Y-%m-%d"),
    }
