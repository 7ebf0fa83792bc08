"""Money in the reporting currency, exact; a rate that is missing or old is named, never guessed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd

from transforms.month import Month
from transforms.tables.cells import Mask
from transforms.tables.contract import ORDER_LINES, Kind, TableSpec

MAX_AGE_DAYS = 7
"""A rate is good for its day and the seven that follow, if none is newer, unless it says itself for how many."""


def convert_money(
    frame: pd.DataFrame, table: TableSpec, reporting: str, timezone: str, rates: pd.DataFrame | None, *, until: datetime | None = None
) -> tuple[pd.DataFrame, dict[str, Mask]]:
    """Every money column in the reporting currency, by the rate of the row's own day in `timezone`.

    What an order gives back is money of the day on which it was given back, as it is where refunds are rows of their own:
    its rate is that of `refunded_at`, or of the order's day where that is empty or at or after `until` (rates end there).

    The rate is the newest on or before that day, at most seven days old, or as old as its `max_age_days`
    allows; amounts are rounded half to even to the ten-thousandth. `original_amount` keeps `amount` as it was, `currency` is filled in.
    Faults: `unknown` (no rate of that currency at all), `rate_missing`.
    """
    amount = frame["amount"] if "amount" in frame else pd.Series(pd.NA, index=frame.index, dtype="Int64")
    currency = frame["currency"] if "currency" in frame else pd.Series(None, index=frame.index, dtype="str")
    frame = frame.assign(original_amount=amount, currency=currency.fillna(reporting))
    foreign = (frame["currency"] != reporting).to_numpy(dtype=bool)
    nowhere = np.zeros(len(frame), dtype=bool)
    if not foreign.any():
        return frame, {"unknown": nowhere, "rate_missing": nowhere.copy()}
    known = set() if rates is None else set(rates["currency"])
    unknown = foreign & ~frame["currency"].isin(known).to_numpy(dtype=bool)
    days = _days(frame, table, timezone)
    rate = _rates(frame["currency"], days, rates, foreign & ~unknown)
    without = foreign & ~unknown & np.isnan(rate)
    returned = _refund_rates(frame, days, timezone, rates, foreign & ~unknown, until) if "refund_amount" in frame else rate
    without |= foreign & ~unknown & np.isnan(returned)
    lost = unknown | without
    at = np.flatnonzero(foreign & ~lost)
    changed: dict[str, pd.Series] = {}
    for column in table.columns:
        if column.kind is Kind.MONEY and column.name in frame:
            own = returned if column.name == "refund_amount" else rate
            changed[column.name] = _exchanged(frame[column.name].mask(pd.Series(lost, index=frame.index)), at, own)
    return frame.assign(**changed), {"unknown": unknown, "rate_missing": without}


def _refund_rates(
    frame: pd.DataFrame, days: pd.Series, timezone: str, rates: pd.DataFrame | None, wanted: Mask, until: datetime | None
) -> npt.NDArray[np.float64]:
    """The rate of each order's refund."""
    back = (frame["refund_amount"] > 0).fillna(value=False).to_numpy(dtype=bool)
    if "refunded_at" in frame:
        moments = frame["refunded_at"]
        back &= moments.notna().to_numpy(dtype=bool)
        if until is not None:
            back &= (moments < until).to_numpy(dtype=bool)
        own = moments.dt.tz_convert(timezone).dt.tz_localize(None).dt.floor("D").astype("datetime64[us]")
        days = days.mask(pd.Series(back, index=days.index), own)
    return _rates(frame["currency"], days, rates, wanted)


def lines_in_reporting_currency(
    lines: pd.DataFrame, orders: pd.DataFrame, reporting: str, timezone: str, rates: pd.DataFrame | None
) -> pd.DataFrame:
    """Order lines with every money column, `line_amount` too, in the reporting currency.

    Lines carry no currency: theirs is their order's, at the rate of the order's day. `orders` has one row per line, in
    the same order, with `ordered_at` and `currency`; a line without an order, or of one without a currency, stays as it is.
    """
    currency = orders["currency"].fillna(reporting).reset_index(drop=True)
    foreign = (currency != reporting).to_numpy(dtype=bool)
    if not foreign.any():
        return lines
    moments = orders["ordered_at"].reset_index(drop=True)
    days = moments.dt.tz_convert(timezone).dt.tz_localize(None).dt.floor("D").astype("datetime64[us]")
    rate = _rates(currency, days, rates, foreign)
    at = np.flatnonzero(foreign & ~np.isnan(rate))
    names = [column.name for column in ORDER_LINES.columns if column.kind is Kind.MONEY] + ["line_amount"]
    return lines.assign(**{name: _exchanged(lines[name], at, rate) for name in names if name in lines})


def _exchanged(values: pd.Series, at: npt.NDArray[np.int64], rate: npt.NDArray[np.float64]) -> pd.Series:
    """The values with those at some rows times their rates."""
    if not len(at):
        return values
    here = values.iloc[at]
    exact = [pd.NA if units is pd.NA else times(int(units), factor) for units, factor in zip(here, rate[at].tolist(), strict=True)]
    values = values.copy()
    values.iloc[at] = pd.array(exact, dtype="Int64")
    return values


def times(units: int, rate: float) -> int:
    """units x rate as the rate is written, rounded half to even."""
    sign, digits, exponent = Decimal(repr(rate)).as_tuple()
    mantissa = int("".join(map(str, digits))) * (-1 if sign else 1)
    if isinstance(exponent, int) and exponent >= 0:
        mantissa, exponent = mantissa * int(10**exponent), 0
    if not isinstance(exponent, int):
        raise ValueError(f"{rate!r} is not a rate that a float prints plainly")
    divisor: int = 10**-exponent
    whole, rest = divmod(units * mantissa, divisor)
    return whole + (2 * rest > divisor or (2 * rest == divisor and whole % 2 == 1))


def _days(frame: pd.DataFrame, table: TableSpec, timezone: str) -> pd.Series:
    """The day whose rate counts: that of the row's time; of a month, its last day."""
    if table.name == "costs":
        ends = {month: pd.Timestamp(Month.parse(month).last_day) for month in frame["month"].dropna().unique() if _is_month(month)}
        return frame["month"].map(ends).astype("datetime64[us]")
    moments = frame[table.time or ""]
    if table.column(table.time or "").kind is Kind.DAY:
        return moments.astype("datetime64[us]")
    days: pd.Series = moments.dt.tz_convert(timezone).dt.tz_localize(None).dt.floor("D").astype("datetime64[us]")
    return days


def _is_month(text: str) -> bool:
    try:
        Month.parse(text)
    except ValueError:
        return False
    return True


def _rates(currency: pd.Series, day: pd.Series, rates: pd.DataFrame | None, wanted: Mask) -> npt.NDArray[np.float64]:
    found = np.full(len(currency), np.nan)
    if rates is None or not wanted.any():
        return found
    for code in sorted(set(currency[wanted])):
        own = rates[rates["currency"] == code].dropna(subset=["date", "rate"]).sort_values("date")
        dates = own["date"].to_numpy(dtype="datetime64[D]")
        values = own["rate"].to_numpy(dtype=np.float64)
        rows = np.flatnonzero(wanted & (currency == code).to_numpy(dtype=bool) & day.notna().to_numpy(dtype=bool))
        days = day.iloc[rows].to_numpy(dtype="datetime64[D]")
        good = (
            own["max_age_days"].fillna(MAX_AGE_DAYS).to_numpy(dtype=np.float64)
            if "max_age_days" in own
            else np.full(len(own), MAX_AGE_DAYS)
        )
        place = np.searchsorted(dates, days, side="right") - 1
        fresh = place >= 0
        fresh[fresh] = (days[fresh] - dates[place[fresh]]).astype(np.int64) <= good[place[fresh]]
        found[rows[fresh]] = values[place[fresh]]
    return found
