"""What a month shows only beside the months before it: gaps in its days, questions that changed their scale."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pandas as pd

from expectations.findings import Finding
from expectations.steadiness import check_gaps, check_scales, scales_of
from flows.snapshots.chain import Chain
from flows.snapshots.store import read_snapshot
from transforms.month import Month, months
from transforms.tables.contract import TABLES

WATCHED = ("orders", "tickets", "surveys")
LOOK_BACK = 3
SCALE_MONTHS = 12


def check_steadiness(chain: Chain, month: Month, timezone: str, closed: Collection[date] = ()) -> list[Finding]:
    """Gaps in the days of the month and of the two before it, but for days when the company is `closed`; changes of scale within a year."""
    found: list[Finding] = []
    for table in WATCHED:
        first = max(month - LOOK_BACK, min((earlier for earlier, tables in chain.by_month.items() if table in tables), default=month))
        days = _days(chain, table, first, month, timezone)
        for judged in months(max(first, month - 2), month):
            found += check_gaps(table, days, judged, first, closed) if len(days) else []
    scales = {
        earlier: scales_of(read_snapshot(chain.by_month[earlier]["surveys"], ["instrument", "item", "scale_min", "scale_max"]))
        for earlier in months(month - SCALE_MONTHS, month)
        if "surveys" in chain.by_month.get(earlier, {})
    }
    return [*found, *check_scales(scales, month)]


def _days(chain: Chain, table: str, first: Month, last: Month, timezone: str) -> pd.Series:
    """One local day for each customer and day with a row: what one customer does at once counts once."""
    time = TABLES[table].time or ""
    frames = [
        read_snapshot(chain.by_month[month][table], ["customer_id", time])
        for month in months(first, last)
        if table in chain.by_month.get(month, {})
    ]
    if not frames:
        return pd.Series([], dtype="datetime64[us]")
    rows = pd.concat(frames, ignore_index=True).dropna(subset=[time])
    local = rows[time].dt.tz_convert(timezone).dt.tz_localize(None).dt.normalize()
    days: pd.Series = rows.assign(day=local).drop_duplicates(["customer_id", "day"])["day"]
    return days
