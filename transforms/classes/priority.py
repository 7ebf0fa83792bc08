"""Whom to win first: purchasing power, loyalty and the value that is to be expected (REQUIREMENTS S10)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.classes.value import MARGIN, REVENUE, value_basis
from transforms.facts.matching import Lookup, locate
from transforms.inputs import MonthInputs
from transforms.money import UNITS, FloatArray
from transforms.policy.rules import Policy
from transforms.statistics.ranks import percent_rank

MODEL, CURRENT = "model", "current"
"""What the third part of priority was read from: the model's expectation of twelve months, or the twelve months that were."""


def declared_budget(inputs: MonthInputs) -> FloatArray:
    """The largest budget that each customer declared in a quote of twelve months, in currency units; NaN where none did."""
    size, quotes = len(inputs.window), inputs.quotes
    if "budget" not in quotes or quotes.empty:
        return np.full(size, np.nan)
    told = quotes.loc[(quotes["budget"].notna() & quotes["customer_id"].notna()).to_numpy(dtype=bool)]
    largest = told.groupby("customer_id", sort=True)["budget"].max()
    (places,), _ = locate(inputs.window["customer_id"], [largest.index.to_series().reset_index(drop=True)])
    return np.asarray(Lookup.of(places, size).numbers(largest.reset_index(drop=True).astype("float64")) / UNITS, dtype=np.float64)


def with_priority(customers: pd.DataFrame, inputs: MonthInputs, policy: Policy) -> pd.DataFrame:
    """The same customers, their priority told by the value that is to be expected, where the month's model expects one.

    priority        mean of priority_power, priority_loyalty and priority_value, 0-100; missing for the unrated
    priority_value, priority_value_from   rank of the expected margin (else net) of the next twelve months among the frozen values of a
                    year; `current`: of the last twelve months, where no model is fitted

    An estimate for choosing whom to see first; no class and no grade reads it. Needs a policy whose reference is frozen.
    """
    assert policy.reference is not None
    basis = value_basis(inputs, policy)
    column, grid = ("expected_margin_12m", f"{MARGIN}_12m") if basis != REVENUE else ("expected_net_12m", "net_12m")
    expected = np.full(len(customers), np.nan)
    if column in customers:
        expected = customers[column].to_numpy(dtype=np.float64, na_value=np.nan) / UNITS
    known = ~np.isnan(expected)
    value = customers["priority_value"].to_numpy(dtype=np.float64)
    value = np.where(known, percent_rank(np.nan_to_num(expected), policy.reference.grids[grid]), value)
    power, loyal = (customers[name].to_numpy(dtype=np.float64) for name in ("priority_power", "priority_loyalty"))
    rated = customers["priority"].notna().to_numpy(dtype=bool)
    return customers.assign(
        priority=np.where(rated, (power + loyal + value) / 3, np.nan),
        priority_value=value,
        priority_value_from=pd.Series(pd.Series([MODEL, CURRENT], dtype="str").array.take((~known).astype(np.int64))),
    )
