"""One month of orders and refunds as one row per customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from transforms.money import IntArray
from transforms.month import Month, day_starts
from transforms.tables.contract import NOT_COUNTED

UNATTRIBUTED = ""
"""Customer id under which orders and refunds without a customer are kept apart."""

SUMS = ("orders", "gross", "refunds")
EXTRA_SUMS = ("cost", "costed_orders", "discount", "discounted_orders")
"""There only when some order of the month says them; `costed_orders` counts the orders whose cost is known, `discounted_orders` those
with a discount."""

ORDER_COLUMNS = ("customer_id", "ordered_at", "amount", "status", "cost", "discount")
"""What facts need of the canonical orders; status, cost and discount may be absent."""
REFUND_COLUMNS = ("customer_id", "refunded_at", "amount")


def order_facts(orders: pd.DataFrame | None, refunds: pd.DataFrame | None, month: Month, timezone: str) -> pd.DataFrame:
    """What each customer ordered and got back in a month; one row per customer, sorted by customer_id.

    orders         orders that count: not cancelled, not pending, amount not negative
    gross          sum of their amounts (int64 ten-thousandths)
    refunds        sum of refunds dated in the month, positive
    purchase_days  the local days with an order, as bits: day d of the month is bit d - 1
    first_day_gross, second_day_gross  amounts of the orders on the first and on the second of these days

    Summed over months, all but the days and what belongs to one add up to any window. A negative order amount is
    booked through `refunds` by whoever pulled it; `refund_amount` is not looked at here.
    Rows without a customer are summed under the empty id. A row dated outside the month is
    a ValueError: it would be counted twice or never.
    """
    sold = counting_orders(orders)
    back = pd.DataFrame(columns=list(REFUND_COLUMNS)) if refunds is None else refunds
    ids = pd.concat([sold["customer_id"], back["customer_id"]], ignore_index=True).astype("str").fillna(UNATTRIBUTED)
    numbers, customers = pd.factorize(ids, sort=True)
    buyer, refunded = numbers[: len(sold)], numbers[len(sold) :]
    facts = pd.DataFrame({"customer_id": pd.Series(customers, dtype="str")})
    sums: dict[str, IntArray] = {
        "orders": np.bincount(buyer, minlength=len(customers)).astype(np.int64),
        "gross": _group_sums(buyer, sold["amount"], len(customers)),
        "refunds": _group_sums(refunded, back["amount"], len(customers)),
    }
    days = np.zeros(len(customers), dtype=np.int64)
    day = _day_numbers(sold["ordered_at"], month, timezone, "orders")
    np.bitwise_or.at(days, buyer, np.left_shift(np.int64(1), day))
    _day_numbers(back["refunded_at"], month, timezone, "refunds")
    sums["purchase_days"] = days
    for name, which in (("first_day_gross", first_day(days)), ("second_day_gross", first_day(days & (days - 1)))):
        on_it = day == which[buyer] - 1
        sums[name] = _group_sums(buyer[on_it], sold["amount"].loc[on_it], len(customers))
    if "cost" in sold and sold["cost"].notna().any():
        sums["cost"] = _group_sums(buyer, sold["cost"], len(customers))
        sums["costed_orders"] = _group_sums(buyer, sold["cost"].notna().astype("int64"), len(customers))
    if "discount" in sold and sold["discount"].notna().any():
        sums["discount"] = _group_sums(buyer, sold["discount"], len(customers))
        sums["discounted_orders"] = _group_sums(buyer, (sold["discount"] > 0).fillna(False).astype("int64"), len(customers))
    return facts.assign(**sums)


def first_day(purchase_days: IntArray) -> IntArray:
    """Day of the month (1-31) of the first purchase in a bit mask; 0 where there is none."""
    lowest = purchase_days & -purchase_days
    return np.where(purchase_days == 0, 0, np.bitwise_count(np.maximum(lowest, 1) - 1) + 1).astype(np.int64)


def last_day(purchase_days: IntArray) -> IntArray:
    """Day of the month (1-31) of the last purchase in a bit mask; 0 where there is none."""
    return np.frexp(purchase_days.astype(np.float64))[1].astype(np.int64)


def counting_orders(orders: pd.DataFrame | None) -> pd.DataFrame:
    """The rows that are orders in the sense of the contract."""
    if orders is None:
        return pd.DataFrame(columns=["customer_id", "ordered_at", "amount"])
    counted = (orders["amount"] >= 0).fillna(False).to_numpy(dtype=bool)
    if "status" in orders:
        counted &= ~orders["status"].isin(NOT_COUNTED).to_numpy(dtype=bool)
    return orders if counted.all() else orders.loc[counted]


def _group_sums(group: IntArray, values: pd.Series, groups: int) -> IntArray:
    """Exact integer sums by group; missing values add nothing."""
    total = np.zeros(groups, dtype=np.int64)
    np.add.at(total, group, values.astype("Int64").fillna(0).to_numpy(dtype=np.int64))
    return total


def _day_numbers(instants: pd.Series, month: Month, timezone: str, table: str) -> IntArray:
    """Local day of each instant within the month, from 0."""
    starts = np.array([_naive(start) for start in day_starts(month, timezone)], dtype="datetime64[us]").astype(np.int64)
    moments = pd.to_datetime(instants, utc=True).dt.as_unit("us").astype("int64").to_numpy()
    days = np.searchsorted(starts, moments, side="right") - 1
    outside = int(((days < 0) | (days >= len(starts) - 1)).sum())
    if outside:
        raise ValueError(f"{table} {month}: {outside} of {len(days)} rows are dated outside the month")
    return days.astype(np.int64)


def _naive(instant: datetime) -> Any:
    return np.datetime64(instant.replace(tzinfo=None), "us")
