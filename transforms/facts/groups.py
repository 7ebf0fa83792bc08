"""What each customer bought, by channel and by category: one month's rows as additive facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from transforms.facts.orders import UNATTRIBUTED, counting_orders
from transforms.money import BoolArray, FloatArray, IntArray, product_units
from transforms.tables.contract import NOT_COUNTED
from transforms.tables.nothing import no_rows_of

UNKNOWN = ""
"""Channel or category of rows that name none."""

CHANNEL_SUMS = ("orders", "gross", "discount", "promo_orders", "promo_gross", "discounted_orders")
CHANNEL_COLUMNS = ("customer_id", "ordered_at", "amount", "status", "discount", "channel", "promo_code")

LINE_KEYS = ("customer_id", "category", "launched")
LONG_SOLD = 0
"""Launch of products that no line names, and of those that were old already when they were sold."""
LINE_SUMS = ("lines", "amount", "discount", "list_amount", "cost", "costed_lines", "custom_lines")
LINE_NUMBERS = ("quantity", "returned_quantity")
LINE_COLUMNS = (
    *(
        "order_id",
        "customer_id",
        "sku",
        "category",
        "quantity",
        "returned_quantity",
        "line_amount",
        "discount",
        "list_price",
        "cost",
        "is_custom",
    ),
)


def channel_facts(orders: pd.DataFrame) -> pd.DataFrame:
    """Orders of a month by customer and channel; one row per pair, sorted by both (the empty channel: not told).

    orders, gross                 orders that count, and their amounts (int64 ten-thousandths)
    discount, discounted_orders   discount given, and the orders that had one
    promo_orders, promo_gross     those with a promotion code
    """
    sold = counting_orders(orders)
    amount = _whole(sold, "amount")
    discount = _whole(sold, "discount")
    promo = _has_value(sold, "promo_code")
    sums = {
        "orders": np.ones(len(sold), dtype=np.int64),
        "gross": amount,
        "discount": discount,
        "promo_orders": promo.astype(np.int64),
        "promo_gross": np.where(promo, amount, 0),
        "discounted_orders": (discount > 0).astype(np.int64),
    }
    keys = {"customer_id": _text(sold, "customer_id", UNATTRIBUTED), "channel": _text(sold, "channel", UNKNOWN)}
    return sum_facts([pd.DataFrame({**keys, **sums})], ("customer_id", "channel"), CHANNEL_SUMS)


def line_facts(lines: pd.DataFrame, launched: Mapping[str, int] | None = None) -> pd.DataFrame:
    """Order lines of a month by customer, category and launch; one row of each, sorted (the empty category: not told).

    `launched` tells the month (`Month.index`) in which a product was first sold; one that it does not name was old when it was sold.

    lines, quantity, amount      lines, pieces, and quantity x unit price (ten-thousandths), returns as negative lines included
    discount, list_amount        discount given; quantity x list price of the lines that tell it, 0 otherwise
    cost, costed_lines           cost of the lines that tell it, and how many do
    returned_quantity            pieces that came back
    custom_lines                 lines made to order
    """
    amount, quantity = _whole(lines, "line_amount"), _number(lines, "quantity")
    cost_known = _has_value(lines, "cost")
    custom = lines["is_custom"].astype("boolean").fillna(False).to_numpy(dtype=bool) if "is_custom" in lines else np.zeros(len(lines), bool)
    columns = {
        "lines": np.ones(len(lines), dtype=np.int64),
        "amount": amount,
        "discount": _whole(lines, "discount"),
        "list_amount": product_units(quantity, _whole(lines, "list_price")),
        "cost": _whole(lines, "cost"),
        "costed_lines": cost_known.astype(np.int64),
        "custom_lines": custom.astype(np.int64),
        "quantity": quantity,
        "returned_quantity": _number(lines, "returned_quantity"),
    }
    keys = {"customer_id": _text(lines, "customer_id", UNATTRIBUTED), "category": _text(lines, "category", UNKNOWN)}
    begun = lines["sku"].map(launched or {}).to_numpy(dtype=np.float64, na_value=LONG_SOLD).astype(np.int64)
    return sum_facts([pd.DataFrame({**keys, "launched": begun, **columns})], LINE_KEYS, (*LINE_SUMS, *LINE_NUMBERS))


def lines_of_year(months: Sequence[pd.DataFrame], last_old: int | None) -> pd.DataFrame:
    """The line facts of twelve months by customer and category, with `new_amount`: that of products launched in the twelve months.

    `last_old` is the last month (`Month.index`) before the twelve: a product first sold in it is no longer new. Where the lines do
    not reach back to it (None), new products cannot be told from old ones, and there is no column `new_amount`.
    """
    filled = [facts for facts in months if len(facts)]
    if not filled:
        return no_lines()
    together = pd.concat(filled, ignore_index=True)
    if last_old is None:
        return sum_facts([together], ("customer_id", "category"), (*LINE_SUMS, *LINE_NUMBERS))
    told = together.assign(new_amount=together["amount"].where(together["launched"] > last_old, 0))
    return sum_facts([told], ("customer_id", "category"), (*LINE_SUMS, "new_amount", *LINE_NUMBERS))


def of_counted_orders(lines: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """The lines without those of cancelled and pending orders of the same month: those were not bought."""
    if not len(lines) or not len(orders):
        return lines
    cancelled = orders.loc[orders["status"].isin(NOT_COUNTED).to_numpy(dtype=bool), "order_id"]
    return lines.loc[~lines["order_id"].isin(cancelled).to_numpy(dtype=bool)].reset_index(drop=True)


def sum_facts(months: Sequence[pd.DataFrame], keys: Sequence[str], sums: Sequence[str]) -> pd.DataFrame:
    """Facts of several months added up; one row per key, sorted."""
    filled = [facts for facts in months if len(facts)]
    if not filled:
        return no_rows_of(
            {
                **{name: "int64" if name == "launched" else "str" for name in keys},
                **{name: "float64" if name in LINE_NUMBERS else "int64" for name in sums},
            }
        )
    together = filled[0] if len(filled) == 1 else pd.concat(filled, ignore_index=True)
    return together.groupby(list(keys), sort=True)[list(sums)].sum().reset_index()


def no_channels() -> pd.DataFrame:
    """The empty frame of channel facts."""
    return sum_facts([], ("customer_id", "channel"), CHANNEL_SUMS)


def no_lines() -> pd.DataFrame:
    """The empty frame of a year's line facts."""
    return sum_facts([], ("customer_id", "category"), (*LINE_SUMS, "new_amount", *LINE_NUMBERS))


def _text(frame: pd.DataFrame, name: str, missing: str) -> pd.Series:
    if name not in frame:
        return pd.Series([missing] * len(frame), dtype="str")
    return frame[name].astype("str").fillna(missing).reset_index(drop=True)


def _whole(frame: pd.DataFrame, name: str) -> IntArray:
    if name not in frame:
        return np.zeros(len(frame), dtype=np.int64)
    return frame[name].to_numpy(dtype=np.int64, na_value=0).astype(np.int64)


def _number(frame: pd.DataFrame, name: str) -> FloatArray:
    return np.nan_to_num(frame[name].to_numpy(dtype=np.float64, na_value=np.nan)) if name in frame else np.zeros(len(frame))


def _has_value(frame: pd.DataFrame, name: str) -> BoolArray:
    return frame[name].notna().to_numpy(dtype=bool) if name in frame else np.zeros(len(frame), dtype=bool)
