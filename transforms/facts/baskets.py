"""Each customer's last orders one by one: whether baskets grow or shrink."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from transforms.facts.matching import locate
from transforms.facts.orders import counting_orders
from transforms.money import FloatArray

LAST_ORDERS = 6
BASKET_COLUMNS = ("customer_id", "ordered_at", "amount", "status")


def basket_facts(orders: pd.DataFrame) -> pd.DataFrame:
    """The last six orders of each customer in a month; customer_id, ordered_at, amount (ten-thousandths), oldest first."""
    sold = counting_orders(orders)
    known = sold.loc[sold["customer_id"].notna().to_numpy(), ["customer_id", "ordered_at", "amount"]]
    ordered = known.sort_values(["customer_id", "ordered_at", "amount"], kind="stable", ignore_index=True)
    kept = ordered.groupby("customer_id", sort=False).tail(LAST_ORDERS).reset_index(drop=True)
    return kept.assign(customer_id=kept["customer_id"].astype("str"), amount=kept["amount"].astype("int64"))


def basket_slopes(ids: pd.Series, months: Sequence[pd.DataFrame]) -> FloatArray:
    """How the last six orders change from one to the next, as a share of their mean; one number per customer of `ids`.

    The least-squares line through the six amounts, its slope over their mean: 0.1 means that each order is a tenth of a
    mean order larger than the one before. `months` are basket facts, oldest first; with fewer than six orders in
    them, or six of nothing, it is NaN.

        slope = sum_k (k - 2.5) v_k / 17.5 / mean(v)
    """
    found = np.full(len(ids), np.nan)
    filled = [facts for facts in months if len(facts)]
    if not filled:
        return found
    places, _ = locate(ids, [facts["customer_id"] for facts in filled])
    row = np.concatenate(places)
    amount = np.concatenate([facts["amount"].to_numpy(dtype=np.float64) for facts in filled])
    order = np.argsort(row, kind="stable")
    row, amount = row[order], amount[order]
    row, amount = row[row < len(ids)], amount[row < len(ids)]
    counts = np.bincount(row, minlength=len(ids))
    enough = np.flatnonzero(counts >= LAST_ORDERS)
    last = (np.cumsum(counts)[enough] - LAST_ORDERS)[:, None] + np.arange(LAST_ORDERS)
    values = amount[last]
    step = np.arange(LAST_ORDERS) - (LAST_ORDERS - 1) / 2
    mean = values.mean(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = (values * step).sum(axis=1) / (step * step).sum() / mean
    found[enough] = np.where(mean > 0, slope, np.nan)
    return found
