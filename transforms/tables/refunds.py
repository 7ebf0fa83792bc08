"""Refunds as rows of their own, each on its own date, from the orders that carry them."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from transforms.tables.contract import NOT_COUNTED

COLUMNS = ("refund_id", "customer_id", "refunded_at", "amount", "currency", "order_id", "original_amount")


def refunds_of(orders: pd.DataFrame, part: str = "") -> pd.DataFrame:
    """One row per refund that an order carries; amounts positive; money sums to what was given back.

    An order's `refund_amount` is the refund `<order_id>#refund`, at `refunded_at`, else at `ordered_at`.
    A negative order amount is the refund `<order_id>#credit` at `ordered_at`. An order that is cancelled or not paid is no
    revenue, so what is given back for it is no refund either.

    `part` ends every id: orders made from lines may have lines in two months, and then a credit in each.
    `original_refund_amount`, where the frame has it, is the refund before conversion.
    """
    live = orders[~orders["status"].isin(NOT_COUNTED)]
    given = _column(live, "refund_amount", "Int64")
    back = live[(given > 0).fillna(value=False)]
    returned = _column(back, "refunded_at", "datetime64[us, UTC]").fillna(back["ordered_at"])
    original = back["original_refund_amount"] if "original_refund_amount" in back else _column(back, "refund_amount", "Int64")
    carried = _rows(back, f"#refund{part}", returned, _column(back, "refund_amount", "Int64"), original)
    credits = live[(live["amount"] < 0).fillna(value=False)]
    credited = _rows(credits, f"#credit{part}", credits["ordered_at"], -credits["amount"], -_column(credits, "original_amount", "Int64"))
    both = [part for part in (carried, credited) if len(part)]
    return pd.concat(both, ignore_index=True) if both else carried.reset_index(drop=True)


def _rows(orders: pd.DataFrame, suffix: str, at: pd.Series, amount: pd.Series, original: pd.Series) -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "refund_id": orders["order_id"] + suffix,
            "customer_id": orders["customer_id"],
            "refunded_at": at,
            "amount": amount,
            "currency": _column(orders, "currency", "str"),
            "order_id": orders["order_id"],
            "original_amount": original,
        }
    )
    return rows.reset_index(drop=True)


def _column(frame: pd.DataFrame, name: str, dtype: Literal["Int64", "datetime64[us, UTC]", "str"]) -> pd.Series:
    return frame[name] if name in frame else pd.Series(None, index=frame.index, dtype=dtype)
