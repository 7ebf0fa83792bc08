"""On which days a table has rows, and which months lack some: what is missing at the source is no fall."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import pandas as pd

from transforms.month import Month
from transforms.statistics.silences import silences
from transforms.tables.nothing import no_rows_of

LOOK_BACK = 3
"""Months before the judged one whose days say what is usual."""
LONGEST = 31
"""Days of one holiday at most; a longer entry is taken to be no holiday."""


def no_days() -> pd.DataFrame:
    """The empty frame of `day_facts`."""
    return no_rows_of({"day": "datetime64[us]", "customers": "int64"})


def day_facts(rows: pd.DataFrame, time: str, timezone: str, month: Month) -> pd.DataFrame:
    """Local days of a month with rows: day, and how many customers had some, as what one does at once counts once; sorted by day.

    Rows of other months, as a ticket of May that was solved in June, are left to their own.
    """
    told = rows.dropna(subset=[time])
    if told.empty:
        return no_days()
    local = told[time].dt.tz_convert(timezone).dt.tz_localize(None).dt.normalize().astype("datetime64[us]")
    inside = local.between(pd.Timestamp(month.first_day), pd.Timestamp(month.last_day)).to_numpy(dtype=bool)
    once = told.assign(day=local).loc[inside].drop_duplicates(["customer_id", "day"])["day"]
    counted = once.value_counts().sort_index()
    return pd.DataFrame({"day": counted.index, "customers": counted.to_numpy()}).astype(no_days().dtypes.to_dict())


def lacks_days(by_month: Mapping[Month, pd.DataFrame], month: Month, holidays: Collection[date] = ()) -> bool:
    """Whether a month has a stretch of days without any row where the same weekdays usually have some.

    `by_month` holds `day_facts` of the month and the months before it, from the first with rows on; a day on
    which the company is closed is no day that is missing.
    """
    first = min(by_month, default=month)
    frames = [frame for frame in by_month.values() if len(frame)]
    if not frames:
        return False
    days = pd.concat(frames, ignore_index=True)
    counts = pd.Series(days["customers"].to_numpy(), index=pd.DatetimeIndex(days["day"]))
    return bool(silences(counts, month, first, holidays))


def holidays_of(registers: pd.DataFrame) -> frozenset[date]:
    """Days on which the company is closed: entries of the register `holiday`, from opened_on to closed_on, or the day due_on."""
    if registers.empty or "register" not in registers:
        return frozenset()
    found: set[date] = set()
    for entry in registers.loc[(registers["register"] == "holiday").to_numpy(dtype=bool)].to_dict("records"):
        known = [pd.Timestamp(entry[name]) for name in ("opened_on", "closed_on", "due_on") if name in entry and not pd.isna(entry[name])]
        if known and (max(known) - min(known)).days < LONGEST:
            found |= {day.date() for day in pd.date_range(min(known), max(known), freq="D")}
    return frozenset(found)
