"""Cohorts: customers by the month of their first order, and what is left of them month by month."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.facts.orders import UNATTRIBUTED
from transforms.facts.window import Window
from transforms.money import IntArray
from transforms.month import Month
from transforms.tables.nothing import no_rows_of

COHORT_COLUMNS = ("cohort", "month", "customers", "active", "orders", "gross", "refunds")


def no_cohorts() -> pd.DataFrame:
    """The empty cohort triangle."""
    return no_rows_of(dict.fromkeys(COHORT_COLUMNS, "int64"))


def cohort_facts(window: Window, month: Month) -> pd.DataFrame:
    """A month's row of the triangle; one row per month of first order that has customers, oldest first.

    cohort, month          `Month.index` of the first order and of the month told of
    customers              customers of the cohort
    active, orders         those with an order in `month`, and their orders
    gross, refunds         their money of `month`, ten-thousandths; refunds of people without an order in it included
    """
    state = window.state
    base = (state["total_orders"] > 0).to_numpy() & (state["customer_id"] != UNATTRIBUTED).to_numpy(dtype=bool)
    chosen = state.loc[base]
    first = chosen["first_day"].to_numpy().astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
    cohorts, place = np.unique(first, return_inverse=True)

    def added(values: pd.Series) -> IntArray:
        total = np.zeros(len(cohorts), dtype=np.int64)
        np.add.at(total, place, values.to_numpy(dtype=np.int64))
        return total

    return pd.DataFrame(
        {
            "cohort": cohorts.astype(np.int64),
            "month": np.full(len(cohorts), month.index, dtype=np.int64),
            "customers": np.bincount(place, minlength=len(cohorts)).astype(np.int64),
            "active": added((chosen["month_orders"] > 0).astype("int64")),
            "orders": added(chosen["month_orders"]),
            "gross": added(chosen["month_gross"]),
            "refunds": added(chosen["month_refunds"]),
        }
    )
