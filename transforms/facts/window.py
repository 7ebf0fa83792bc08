"""The state of every customer at a month's end, carried from month to month by adding facts.

A window is the one before, plus the month that enters, less the month that leaves:
all sums are whole numbers, so this equals adding up twelve months, to the last digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.facts.gaps import GapArray, gap_spread, median_gaps, new_gaps, with_gaps
from transforms.facts.matching import insert_sorted, locate
from transforms.facts.orders import EXTRA_SUMS, SUMS, UNATTRIBUTED, first_day, last_day
from transforms.money import BoolArray, IntArray
from transforms.month import Month

NO_DAY = -1
"""Stands for "never" in day columns of the state (days since 1970)."""

COUNTED = ("orders", "gross", "refunds", "days")
COMPARED = ("orders", "gross", "refunds")
"""Sums that are also held for the twelve months before the last twelve."""

WINDOW_SUMS = tuple(
    column
    for name in COUNTED
    for column in (f"month_{name}", f"{name}_12m", *([f"prior_{name}"] if name in COMPARED else []), f"total_{name}")
)
"""Columns that add up over customers: of the month, of the twelve months that end with it, of the
twelve before, and of all months. `days` are purchase days, money is in ten-thousandths. Cost and
discount have the same columns once any order has told them."""


DAYS_AND_GAPS = ("first_day", "last_day", "gap_count", "first_day_gross", "second_day", "second_day_gross")
"""Columns of the state that are no sums over months."""


YEAR_AGO = ("customer_id", "first_day", "last_day", "total_days", "total_orders", "total_gross", "total_refunds", "first_day_gross")
"""Columns of last year's state that the method looks back at."""


@dataclass(frozen=True)
class Window:
    """All customers ever seen in orders or refunds, at the end of one month.

    state  one row per customer, sorted by customer_id (the empty id is "unattributed"): customer_id,
           first_day, second_day and last_day (purchase days since 1970, -1: none), gap_count, first_day_gross and
           second_day_gross (money of the orders on these days), `WINDOW_SUMS` (int64)
    gaps   every customer's gaps between purchase days, in the order of `state`
    """

    state: pd.DataFrame
    gaps: GapArray


def empty_window() -> Window:
    """The state before the first month."""
    columns = {name: np.empty(0, dtype=np.int64) for name in (*DAYS_AND_GAPS, *WINDOW_SUMS)}
    return Window(pd.DataFrame({"customer_id": pd.Series([], dtype="str"), **columns}), np.empty(0, dtype=np.uint16))


def slide(before: Window, month: Month, entering: pd.DataFrame, leaving: pd.DataFrame | None, ending: pd.DataFrame | None) -> Window:
    """The window of `month` from the window of the month before it.

    `entering` are the order facts of the month, `leaving` those of twelve months earlier (they move from
    the last twelve months to the twelve before), `ending` those of twenty-four months earlier (they leave
    those too). None where the history does not reach back so far.
    """
    old = before.state
    others = [facts for facts in (entering, leaving, ending) if facts is not None]
    found, strangers = locate(old["customer_id"], [facts["customer_id"] for facts in others])
    customers, places = insert_sorted(old["customer_id"], strangers)
    kept, size = places[: len(old)], len(customers)
    now = places[found[0]]

    def carried(column: str, start: int = 0) -> IntArray:
        values = np.full(size, start, dtype=np.int64)
        if column in old:
            values[kept] = old[column].to_numpy()
        return values

    def moved(column: str, *changes: tuple[int, str, int]) -> IntArray:
        """A carried sum with the sums of entering (0), leaving (1) or ending (2) facts added or taken off."""
        values = carried(column)
        for number, name, sign in changes:
            if number < len(others) and name in amounts[number]:
                values[places[found[number]]] += sign * amounts[number][name]
        return values

    amounts = [_amounts(facts) for facts in others]
    columns: dict[str, IntArray] = {}
    for name in (*COUNTED, *EXTRA_SUMS):
        if name in EXTRA_SUMS and name not in entering and f"total_{name}" not in old:
            continue
        month_sum = np.zeros(size, dtype=np.int64)
        month_sum[now] = amounts[0].get(name, 0)
        columns[f"month_{name}"] = month_sum
        columns[f"{name}_12m"] = moved(f"{name}_12m", (0, name, 1), (1, name, -1))
        if name in COMPARED:
            columns[f"prior_{name}"] = moved(f"prior_{name}", (1, name, 1), (2, name, -1))
        columns[f"total_{name}"] = moved(f"total_{name}", (0, name, 1))

    first, last, counts = carried("first_day", NO_DAY), carried("last_day", NO_DAY), carried("gap_count")
    days = entering["purchase_days"].to_numpy(dtype=np.int64)
    start = (month.first_day - pd.Timestamp(0).date()).days
    customer, gap = new_gaps(days, start, last[now])
    attributed = (entering["customer_id"] != UNATTRIBUTED).to_numpy(dtype=bool)[customer]
    gaps, counts = with_gaps(before.gaps, counts, now[customer[attributed]], gap[attributed])
    bought = days > 0
    early = _early_days(entering, start, *(carried(name, NO_DAY)[now] for name in ("first_day", "second_day")))
    grosses = {name: carried(name) for name in ("first_day_gross", "second_day_gross")}
    second = carried("second_day", NO_DAY)
    for place, (day, values) in enumerate(zip((first, second), grosses.values(), strict=True)):
        fresh = early.is_new[place]
        values[now] = np.where(fresh, early.gross[place], values[now])
        day[now] = np.where(fresh, early.day[place], day[now])
    last[now] = np.where(bought, start + last_day(days) - 1, last[now])
    state = pd.DataFrame(
        {"customer_id": customers, "first_day": first, "last_day": last, "gap_count": counts, "second_day": second, **grosses, **columns},
        copy=False,
    )
    return Window(state, gaps)


@dataclass(frozen=True)
class _EarlyDays:
    """For each customer of a month whether it held the first and the second purchase day, which day, and its money."""

    is_new: tuple[BoolArray, BoolArray]
    day: tuple[IntArray, IntArray]
    gross: tuple[IntArray, IntArray]


def _early_days(entering: pd.DataFrame, start: int, first: IntArray, second: IntArray) -> _EarlyDays:
    """The first two purchase days as a month's facts tell them; `first` and `second` are those known before it."""
    days = entering["purchase_days"].to_numpy(dtype=np.int64)
    none = np.zeros(len(days), dtype=np.int64)
    gross = [entering[name].to_numpy(dtype=np.int64) if name in entering else none for name in ("first_day_gross", "second_day_gross")]
    one, two = first_day(days), first_day(days & (days - 1))
    fresh: BoolArray = (one > 0) & (first == NO_DAY)
    again: BoolArray = (second == NO_DAY) & np.where(fresh, two > 0, one > 0)
    later = np.where(fresh, two, one)
    return _EarlyDays((fresh, again), (start + one - 1, start + later - 1), (gross[0], np.where(fresh, gross[1], gross[0])))


def customers_of(window: Window) -> pd.DataFrame:
    """One row per customer with an order ever, sorted by customer_id: the window that reviews are computed from.

    Adds first_order_on and last_order_on (days), and median_gap_days: the median number of days between
    purchase days over the whole history, missing before the second one; gap_spread: their standard deviation
    over their mean, missing before the third purchase day.
    """
    medians = median_gaps(window.gaps, window.state["gap_count"].to_numpy())
    base, counts = _base(window.state), window.state["gap_count"].to_numpy()
    return state_customers(window.state).assign(median_gap_days=medians[base], gap_spread=gap_spread(window.gaps, counts)[base])


def state_customers(state: pd.DataFrame, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """The customers of a state (only `columns` of it, where given), with their first and last day as days."""
    chosen = (state if columns is None else state[list(columns)]).loc[_base(state)].reset_index(drop=True)
    days = {f"{name}_order_on": _as_days(chosen[f"{name}_day"].to_numpy()) for name in ("first", "last")}
    return chosen.drop(columns=["first_day", "last_day", "gap_count"], errors="ignore").assign(**days)


def outside_of(window: Window) -> pd.DataFrame:
    """Money and orders of nobody in the base, as one row: orders without a customer, refunds of people without an order."""
    base = _base(window.state)
    sums = [name for name in window.state.columns if name not in ("customer_id", *DAYS_AND_GAPS)]
    return window.state.loc[~base, sums].sum().astype("int64").to_frame().T


def _base(state: pd.DataFrame) -> BoolArray:
    """Who belongs to the base: customers, with an order ever."""
    base: BoolArray = (state["total_orders"] > 0).to_numpy() & (state["customer_id"] != UNATTRIBUTED).to_numpy(dtype=bool)
    return base


def _amounts(facts: pd.DataFrame) -> dict[str, IntArray]:
    sums = {name: facts[name].to_numpy(dtype=np.int64) for name in (*SUMS, *EXTRA_SUMS) if name in facts}
    return {**sums, "days": np.bitwise_count(facts["purchase_days"].to_numpy(dtype=np.int64)).astype(np.int64)}


def _as_days(numbers: IntArray) -> pd.Series:
    return pd.Series(numbers.astype("datetime64[D]").astype("datetime64[us]"))
