"""What values give away of themselves: seconds in place of dates, JSON, words for nothing, ids that stand for nobody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

import pandas as pd

from expectations.findings import Finding, Severity
from transforms.month import Month

NOBODY = frozenset(
    {
        *("0", "-1", "guest", "guests", "null", "none", "nil", "nan", "n/a", "na", "unknown", "undefined", "anonymous", "anon", "walk-in"),
        *("\\n", "-", "--", "?", "访客", "游客", "匿名", "匿名用户", "散客", "未知", "无"),
    }
)
"""Ids, in small letters, that stand for nobody: whoever has no account of his own shares one."""

NOTHING = frozenset(
    {
        *("null", "none", "nil", "nan", "n/a", "#n/a", "na", "nat", "undefined", "\\n", "-", "--", "?", ".", "无", "空", "暂无"),
        *("0000-00-00", "0000-00-00 00:00:00"),
    }
)
"""Words, in small letters, by which exports say that there is no value."""

CROWDED_SHARE = 0.5
"""A customer with at least this share of a month's rows is told: it is rather a key of something else."""

CROWDED_ROWS = 20
"""With fewer rows in a month one customer may well have half of them."""

SHOWN_VALUES = 5
"""Values that a message shows."""
LONGEST_VALUE = 40

SECONDS, MILLISECONDS, NOTHING_SAID = "seconds since 1970", "milliseconds since 1970", "words for nothing"
"""What values look like, in words."""

_SECONDS, _MILLISECONDS = re.compile(r"\d{9,10}(?:\.\d+)?"), re.compile(r"\d{12,13}(?:\.0+)?")


def look_of(values: Iterable[str]) -> str:
    """What refused values look like, in words for a message; empty where they look like nothing in particular.

    Seconds and milliseconds since 1970 are numbers of nine or ten, and of twelve or thirteen digits (1973 to 2286).
    """
    found = {_one_look(value.strip()) for value in values}
    return found.pop() if len(found) == 1 else ""


def _one_look(value: str) -> str:
    if _SECONDS.fullmatch(value):
        return SECONDS
    if _MILLISECONDS.fullmatch(value):
        return MILLISECONDS
    if value.lower() in NOTHING:
        return NOTHING_SAID
    if value[:1] in ("{", "["):
        try:
            json.loads(value)
        except ValueError:
            return ""
        return "JSON"
    return ""


def values_in_words(values: Sequence[tuple[str, int]], rows: int | None = None) -> str:
    """Values with how often they occur, most frequent first: `wc-completed 43, wc-processing 6 and 12 more`.

    The first few are shown; the others are told by their rows, those beyond `values` too where all `rows` are given.
    """
    shown = values[:SHOWN_VALUES]
    more = (sum(count for _, count in values) if rows is None else rows) - sum(count for _, count in shown)
    return ", ".join(f"{short_form(value)} {count:,}" for value, count in shown) + (f" and {more:,} more" if more > 0 else "")


def short_form(value: str) -> str:
    """A value as it stands in a message: in quotation marks where it is blank or holds a comma, and not too long."""
    cut = value if len(value) <= LONGEST_VALUE else value[: LONGEST_VALUE - 1] + "…"
    return repr(cut) if not cut.strip() or cut != cut.strip() or "," in cut else cut


def check_crowding(table: str, customer_ids: pd.Series, month: Month | None) -> list[Finding]:
    """Warnings where many rows count as one customer: an id that stands for nobody, or one with half of all rows.

    `customer_ids` are those of a month's rows (or of any sample of rows, without a month), missing where none is named.
    """
    counts = customer_ids.dropna().astype(str).value_counts()
    rows = len(customer_ids)
    where = table if month is None else f"{table} {month}"
    nobody = counts[[str(key).strip().lower() in NOBODY for key in counts.index]]
    found: list[Finding] = []

    def warn(what: str, message: str, count: int, examples: tuple[str, ...]) -> None:
        rule = f"{table}.customer_id.{what}"
        found.append(Finding(table, rule, Severity.WARNING, message, "" if month is None else str(month), count, rows, examples))

    if len(nobody):
        values = [(str(key), int(count)) for key, count in nobody.items()]
        message = (
            f"{where}: {int(nobody.sum()):,} of {rows:,} rows name a customer who is nobody ({values_in_words(values)}); "
            "all of them count as one customer. Let the block give no customer there: they then count for the company, for no grade."
        )
        warn("nobody", message, int(nobody.sum()), tuple(key for key, _ in values[:3]))
    others = counts.drop(nobody.index)
    if rows >= CROWDED_ROWS and len(others) and others.iloc[0] >= CROWDED_SHARE * rows:
        key, count = str(others.index[0]), int(others.iloc[0])
        message = (
            f"{where}: {count:,} of {rows:,} rows name one customer ({short_form(key)}). "
            "Is it a key for all who have none? Then let the block give no customer there."
        )
        warn("crowded", message, count, (key,))
    return found
