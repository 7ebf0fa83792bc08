"""Who a customer is to the company: consumer, dealer, employee or stockholder."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.money import BoolArray

ROLES = ("consumer", "dealer", "employee", "stockholder")
"""The roles C, D, E and S of the seeds; who has none is `unknown`."""
UNKNOWN = "unknown"

INTERNAL = ("employee", "stockholder")
"""Roles without commercial grading: their satisfaction counts, their purchases are no sign of commercial value."""


def roles(known: pd.Series | None, size: int) -> pd.Series:
    """The primary role of each customer; `unknown` where the customers table tells none."""
    if known is None:
        return pd.Series([UNKNOWN] * size, dtype="str")
    return known.astype("str").fillna(UNKNOWN)


def is_commercial(role: pd.Series) -> BoolArray:
    """Whether a customer is graded: consumers, dealers and those of unknown role."""
    graded: BoolArray = ~role.isin(INTERNAL).to_numpy(dtype=bool)
    return graded


def status(month_orders: pd.Series, orders_12m: pd.Series) -> pd.Series:
    """`bought` in the month, `active` in the twelve months, or `lapsed`: the sold, not only those in the middle of a sale."""
    number = np.where(month_orders.to_numpy() > 0, 0, np.where(orders_12m.to_numpy() > 0, 1, 2))
    return pd.Series(pd.Series(["bought", "active", "lapsed"], dtype="str").array.take(number))
