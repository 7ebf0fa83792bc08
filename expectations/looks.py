"""What a few rows show before any run: values that would be refused, words in place of nothing, scales that do not fit."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

import pandas as pd

from expectations.findings import Finding, Severity
from expectations.values import NOTHING, look_of, short_form, values_in_words
from expectations.volume import Broken, advice_on
from transforms.tables.contract import TABLES as SPECS
from transforms.tables.contract import Kind, TableSpec

JSON_SHARE = 0.5
"""A text column with at least this share of JSON among its values holds JSON."""


def check_refusals(broken: Iterable[Broken], spec: TableSpec) -> list[Finding]:
    """What a run would refuse, column by column: how many rows, which values, and what can be said in the block about them.

    Critical where a run would hold for it: where one rule refuses more than half of the rows.
    """
    found = []
    for part in broken:
        message = f"{part.rows:,} of {part.of_rows:,} rows would be refused: {_said(part, spec)}"
        severity = Severity.CRITICAL if part.rows * 2 > part.of_rows else Severity.WARNING
        found.append(Finding(spec.name, part.rule, severity, message, "", part.rows, part.of_rows, part.examples))
    return found


def check_lost(broken: Iterable[Broken]) -> list[Finding]:
    """Values that a run could not read and would leave empty; their rows count."""
    return [
        Finding(
            part.table,
            part.rule,
            Severity.WARNING,
            f"{part.rows:,} of {part.of_rows:,} values cannot be read and would be left empty: {_said(part, SPECS[part.table])}",
            "",
            part.rows,
            part.of_rows,
            part.examples,
        )
        for part in broken
    ]


def _said(part: Broken, spec: TableSpec) -> str:
    """The values with their counts, what they look like, and what to write into the block."""
    *_, column, what = part.rule.split(".")
    look = look_of(value for value, _ in part.values)
    words = values_in_words(part.values, part.rows) if part.values else what
    choices = spec.column(column).choices if column in spec.names else ()
    known = f" Known are {', '.join(choices)}." if choices and what == "choice" else ""
    required = f" {column} is required." if what == "missing" else ""
    others = f" ({look})" if look else "" if part.values and what == "choice" else f" ({what}, first: {', '.join(part.examples)})"
    return f"{words}{others}.{known}{required}{advice_on(part.rule, look)}".removesuffix(".")


def check_words(table: str, frame: pd.DataFrame) -> list[Finding]:
    """Text columns that hold words for nothing (`NULL`, `N/A`), which would be taken as values, or JSON."""
    found: list[Finding] = []
    for column in SPECS[table].columns:
        if column.kind is not Kind.TEXT or column.name not in frame or column.name == "customer_id":
            continue
        counts = frame[column.name].dropna().value_counts()
        given = int(counts.sum())
        words = [(str(value), int(count)) for value, count in counts.items() if str(value).strip().lower() in NOTHING]
        rows = sum(count for _, count in words)
        if words:
            message = f"{rows:,} of {len(frame):,} rows hold words for nothing ({values_in_words(words)}), which would count as values"
            found.append(Finding(table, f"{table}.{column.name}.nothing", Severity.WARNING, message, "", rows, len(frame)))
        objects = [str(value) for value in counts.index[:200] if _is_json(str(value))]
        held = int(counts[objects].sum()) if objects else 0
        if held and held >= JSON_SHARE * given:
            example = "" if column.personal else f" (such as {short_form(objects[0])})"
            message = f"{held:,} of {len(frame):,} rows hold JSON{example}. Take the one value that is meant out of it"
            found.append(Finding(table, f"{table}.{column.name}.json", Severity.WARNING, message, "", held, len(frame)))
    return found


def _is_json(value: str) -> bool:
    if value.strip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(value)
    except ValueError:
        return False
    return True


def check_unlisted(table: str, customer_ids: pd.Series, listed: Collection[str]) -> list[Finding]:
    """A warning where rows name customers whom the table of customers does not know."""
    named = customer_ids.dropna()
    strange = named[~named.isin(list(listed))]
    if strange.empty:
        return []
    counts = [(str(value), int(count)) for value, count in strange.value_counts().items()]
    words = values_in_words(counts)
    message = f"{len(strange):,} of {len(customer_ids):,} rows name a customer that the table of customers does not know ({words})"
    rule = f"{table}.customer_id.unknown"
    return [Finding(table, rule, Severity.WARNING, message, "", len(strange), len(customer_ids), tuple(key for key, _ in counts[:3]))]


def check_scales_seen(surveys: pd.DataFrame) -> list[Finding]:
    """Questions whose answers were given on another scale than the declared one, or of which no scale is declared.

    Another scale is seen where an answer lies outside of it, or where no answer of thirty or more uses its upper third.
    """
    if not {"instrument", "item", "score"} <= set(surveys):
        return []
    found = []
    told = surveys.reindex(columns=["instrument", "item", "score", "scale_min", "scale_max"]).dropna(subset=["score"])
    for (instrument, item), rows in told.groupby(["instrument", "item"], sort=True, dropna=False):
        low, high = float(rows["score"].min()), float(rows["score"].max())
        first, last = rows["scale_min"].min(), rows["scale_max"].max()
        seen = f"{instrument} {item}: {len(rows):,} answers from {low:g} to {high:g}"
        if pd.isna(first) or pd.isna(last):
            said = f"{seen}, and no scale is declared: give scale_min and scale_max"
        elif low < first or high > last or (len(rows) >= 30 and high <= first + (last - first) * 2 / 3):
            said = f"{seen}, declared is {first:g} to {last:g}"
        else:
            continue
        found.append(Finding("surveys", "surveys.score.scale", Severity.WARNING, said, "", len(rows), len(surveys)))
    return found
