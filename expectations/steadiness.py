"""Promises over months: no day is missing where rows are usual, and a question keeps its scale."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from expectations.findings import Finding, Severity
from transforms.month import Month
from transforms.statistics.silences import silences


def check_gaps(table: str, days: pd.Series, month: Month, first: Month, closed: Collection[date] = ()) -> list[Finding]:
    """Stretches of days of `month` without any row, where the same weekdays usually have some.

    `days` are the local days (`datetime64`) of all rows from `first` to `month`; nothing is expected on days when the
    company is `closed`. See `transforms.statistics.silences` for the rule.
    """
    found: list[Finding] = []
    for silence in silences(days.value_counts(), month, first, closed):
        begin, finish = str(silence.first), str(silence.last)
        when = f"on {begin}" if silence.days == 1 else f"from {begin} to {finish}"
        message = (
            f"{table} {month}: no rows {when} ({silence.days} day(s)), where about {silence.expected:.0f} are usual. "
            "Ask whether these days were exported; run the month again when they are there. "
            "Days on which nobody works stand in the register `holiday`."
        )
        found.append(Finding(table, f"{table}.days.missing", Severity.WARNING, message, str(month), 0, 0, (begin, finish)))
    return found


Scales = Mapping[tuple[str, str], tuple[float, float]]
"""(instrument, item) -> the scale that most answers of a month are on."""


def scales_of(surveys: pd.DataFrame) -> dict[tuple[str, str], tuple[float, float]]:
    """The scale of each question in one month's answers; questions that do not say it are left out."""
    if surveys.empty or "scale_max" not in surveys:
        return {}
    said = surveys.dropna(subset=["scale_min", "scale_max"])
    counted = said.groupby(["instrument", "item", "scale_min", "scale_max"], as_index=False).size()
    most = counted.sort_values(["size", "scale_max"], kind="stable").drop_duplicates(["instrument", "item"], keep="last")
    ends = most[["scale_min", "scale_max"]].to_numpy(dtype="float64")
    names = zip(most["instrument"].astype("str"), most["item"].astype("str"), strict=True)
    return {(instrument, item): (float(low), float(high)) for (instrument, item), (low, high) in zip(names, ends, strict=True)}


def check_scales(by_month: Mapping[Month, Scales], month: Month) -> list[Finding]:
    """Questions whose scale changed within the months given: a warning in the month of the change, a note after it.

    Means on either side of a change cannot be compared; indices, which are 0-100, can.
    """
    found: list[Finding] = []
    questions = sorted({question for scales in by_month.values() for question in scales})
    for question in questions:
        known = [(at, scales[question]) for at, scales in sorted(by_month.items()) if question in scales and at <= month]
        for (_, before), (at, after) in pairwise(known):
            if before != after:
                instrument, item = question
                message = (
                    f"surveys: {instrument} {item} was asked on {_scale(before)} before {at} and on {_scale(after)} since. "
                    "Its means before and after cannot be compared; the satisfaction index can."
                )
                severity = Severity.WARNING if at == month else Severity.INFO
                found.append(Finding("surveys", "surveys.scale.changed", severity, message, str(month), 0, 0, (instrument, item, str(at))))
    return found


def note_merges(merged: Mapping[str, str], listed: pd.Series, month: Month) -> list[Finding]:
    """A note of the records that count as one customer, and a warning of those merged into a record that is not among the `listed`."""
    if not merged:
        return []
    nobody = {old: new for old, new in merged.items() if new not in set(listed)}
    some = [f"{old} -> {new}" for old, new in sorted(merged.items())]
    shown = ", ".join(some[:3]) + (", ..." if len(some) > 3 else "")
    message = f"customers: {len(some)} record(s) were merged into another and count as one customer ({shown})."
    found = [Finding("customers", "customers.merged", Severity.INFO, message, str(month), len(some), 0, tuple(some[:5]))]
    if nobody:
        lost = [f"{old} -> {new}" for old, new in sorted(nobody.items())]
        message = (
            f"customers: {len(lost)} record(s) were merged into a customer that the customers table does not hold "
            f"({', '.join(lost[:3])}). All else that is known of them is lost; bring the record back, or empty merged_into."
        )
        found.append(
            Finding("customers", "customers.merged_into.unknown", Severity.WARNING, message, str(month), len(lost), 0, tuple(lost[:5]))
        )
    return found


def check_orphans(table: str, customer_ids: pd.Series, known: pd.Series, month: Month) -> list[Finding]:
    """Rows that name a customer whom neither the customers table nor any order knows; they count for the company alone."""
    so = "that nobody knows"
    return _orphans(table, customer_ids, known, month, f"{so} (first: {{some}}). They count for the company, for no tier")


def check_strange_buyers(customer_ids: pd.Series, known: pd.Series, month: Month) -> list[Finding]:
    """Orders of customers whom the table of customers does not know; they are graded, without name, region or manager."""
    so = "that the table of customers does not know"
    return _orphans("orders", customer_ids, known, month, f"{so} (first: {{some}}). They are graded, without name, region or manager")


def _orphans(table: str, customer_ids: pd.Series, known: pd.Series, month: Month, so: str) -> list[Finding]:
    named = customer_ids.dropna()
    orphans = named[~named.isin(known)]
    if orphans.empty:
        return []
    some = sorted(set(orphans))[:3]
    message = (
        f"{table} {month}: {len(orphans):,} of {len(customer_ids):,} rows name a customer {so.format(some=', '.join(some))}. "
        "See whether the ids of the sources agree."
    )
    folded = {str(name).casefold(): str(name) for name in known}
    alike = [f"{name} / {folded[name.casefold()]}" for name in sorted(set(orphans)) if name.casefold() in folded]
    if alike:
        message += (
            f' {len(alike):,} of them differ from a known one in capitals alone ({", ".join(alike[:2])}): ids = "upper" makes them one.'
        )
    return [
        Finding(table, f"{table}.customer_id.unknown", Severity.WARNING, message, str(month), len(orphans), len(customer_ids), tuple(some))
    ]


def _scale(ends: tuple[float, float]) -> str:
    low, high = np.array(ends)
    return f"{low:g}-{high:g}"
