"""The base as a whole: Pareto classes, the core, concentration, and recency-frequency-money codes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from transforms.classes.registers import strategies
from transforms.money import UNITS, BoolArray, FloatArray, IntArray
from transforms.month import Month
from transforms.policy.rules import Policy, Reference

LEAST = 3
"""Values below which there are no Pareto classes."""


def pareto_classes(values: FloatArray, a: float = 0.8, b: float = 0.95, *, including: bool = False) -> IntArray:
    """0 (A), 1 (B) or 2 (C) for each value by cumulative share; -1 for all where there is nothing to share out.

    Values are sorted downwards. A value is A where the cumulative share BEFORE it is below `a` (so the one that
    crosses the line is A), B below `b`; with `including` its own share counts and must not exceed the limit. Equal
    values get the best class of their group. Values of 0 and below are C and no part of the total. Fewer than three
    values, or no positive one: no classes. Dickie 1951; Heizer & Render, Operations Management, ch. 12.
    """
    numbers = np.full(len(values), -1, dtype=np.int64)
    positive = np.where(values > 0, values, 0.0)
    total = positive.sum()
    if len(values) < LEAST or not total > 0:
        return numbers
    order = np.argsort(-positive, kind="stable")
    ordered = positive[order]
    reached = np.cumsum(ordered) / total
    share = reached if including else np.concatenate([[0.0], reached[:-1]])
    first = np.searchsorted(-ordered, -ordered, side="left")
    share = share[first]
    inside = (share <= a, share <= b) if including else (share < a, share < b)
    numbers[order] = np.where(ordered <= 0, 2, np.where(inside[0], 0, np.where(inside[1], 1, 2)))
    return numbers


def classes_by_count(values: FloatArray, shares: Sequence[float]) -> IntArray:
    """Classes by share of the items instead of the value, best first: 0.2, 0.3 puts the best 20 % in class 0, the next 30 % in 1."""
    order = np.argsort(-values, kind="stable")
    limits = np.rint(np.cumsum(shares) * len(values)).astype(np.int64)
    numbers = np.empty(len(values), dtype=np.int64)
    numbers[order] = np.searchsorted(limits, np.arange(len(values)), side="right")
    return numbers


def core_customers(values: FloatArray, share: float) -> BoolArray:
    """The smallest set of customers that gives `share` of all positive value; ties at the edge are all in."""
    positive = np.where(values > 0, values, 0.0)
    total = positive.sum()
    if not total > 0:
        return np.zeros(len(values), dtype=bool)
    ordered = -np.sort(-positive)
    needed = int(np.searchsorted(np.cumsum(ordered), share * total * (1 - 1e-12), side="left"))
    inside: BoolArray = (positive >= ordered[min(needed, len(ordered) - 1)]) & (positive > 0)
    return inside


def gini(values: FloatArray) -> float | None:
    """Gini coefficient of the values, those below 0 taken as 0; 0: all alike, near 1: one has all. None without any.

    G = sum_i (2i - n - 1) v_i / (n sum v), v sorted upwards, i from 1.
    """
    ordered = np.sort(np.where(values > 0, values, 0.0))
    total, n = ordered.sum(), len(ordered)
    if n == 0 or not total > 0:
        return None
    return float(((2 * np.arange(1, n + 1) - n - 1) * ordered).sum() / (n * total))


def quantile_cuts(values: FloatArray, bins: int = 5, *, whole: bool = False) -> FloatArray:
    """The inner limits of equal bins by linear quantiles (R type 7); `whole` adds 1, as the R package rfm does for integers."""
    cuts = np.quantile(values[~np.isnan(values)], np.arange(1, bins) / bins)
    return cuts + 1.0 if whole else cuts


def scores_by_cuts(values: FloatArray, cuts: FloatArray, *, lower_is_better: bool = False) -> IntArray:
    """Score 1 to k by limits: a value equal to a limit goes up; turned round where lower is better."""
    number = np.searchsorted(cuts, values, side="right").astype(np.int64)
    return len(cuts) + 1 - number if lower_is_better else number + 1


def rfm_codes(recency_days: FloatArray, orders_12m: FloatArray, net_12m: FloatArray, reference: Reference) -> pd.Series:
    """Recency, frequency and money as a code 111-555 by the frozen reference's quintiles, 5 the best; information, no grade.

    Independent bins; F is the orders and M the net of twelve months, both 0 for who did not order in them: score 1.
    Missing where the reference was frozen without the number of orders. Hughes, Strategic Database Marketing.
    """
    if "orders_12m" not in reference.grids:
        return pd.Series(pd.array([None] * len(recency_days), dtype="Int64"))
    cuts = {name: _fifths(reference, name) for name in ("recency_days", "orders_12m", "net_12m")}
    code = (
        100 * scores_by_cuts(recency_days, cuts["recency_days"], lower_is_better=True)
        + 10 * np.where(orders_12m > 0, scores_by_cuts(orders_12m, cuts["orders_12m"]), 1)
        + np.where(orders_12m > 0, scores_by_cuts(net_12m, cuts["net_12m"]), 1)
    )
    return pd.Series(pd.array(code, dtype="Int64"))


def _fifths(reference: Reference, name: str) -> FloatArray:
    grid = reference.grids[name]
    return np.array([grid[len(grid) // 5 * part] for part in range(1, 5)])


def with_portfolio(customers: pd.DataFrame, strategic: pd.Series, registers: pd.DataFrame, month: Month, policy: Policy) -> pd.DataFrame:
    """The scored customers with what only the whole base can say of them.

    abc_class     A, B or C by current value (`pareto_classes`); missing where there are none
    is_core       among the smallest set that gives `classes.core_share` of current value, or named strategic by hand
    is_strategic  named in the register `strategic`
    strategy_id   entry of the register `strategy` that is in force for the customer's value class and behaviour class; missing without one
    users, performance   of the registers `users` and `target`: seats of the account, net of twelve months / purchase target
    """
    value = customers["current_value"].to_numpy(dtype=np.float64, na_value=np.nan)
    commercial = customers["value_class"].notna().to_numpy() & ~customers["role"].isin(["employee", "stockholder"]).to_numpy(dtype=bool)
    value = np.where(commercial, np.nan_to_num(value), 0.0)
    rule = policy.classes
    numbers = pareto_classes(value, rule.abc_a, rule.abc_b, including=rule.abc_including)
    named = pd.Series(["A", "B", "C", None], dtype="str")
    manual = customers["customer_id"].isin(strategic).to_numpy(dtype=bool) if len(strategic) else np.zeros(len(customers), dtype=bool)
    return customers.assign(
        abc_class=pd.Series(named.array.take(numbers)),
        is_core=core_customers(value, rule.core_share) | manual,
        is_strategic=manual,
        strategy_id=_strategy_ids(customers, registers, month),
        users=_register_values(customers, registers, "users"),
        performance=np.asarray(customers["net_12m"].to_numpy(dtype=np.float64, na_value=np.nan) / UNITS)
        / np.where((target := _register_values(customers, registers, "target")) > 0, target, np.nan),
    )


def _strategy_ids(customers: pd.DataFrame, registers: pd.DataFrame, month: Month) -> pd.Series:
    found = strategies(registers, month).set_index(["behaviour_class", "value_class"])["entry_id"]
    cells = zip(customers["behaviour_class"], customers["value_class"], strict=True)
    return pd.Series([found.get(cell) for cell in cells] if len(found) else [None] * len(customers), dtype="str", index=customers.index)


def _register_values(customers: pd.DataFrame, registers: pd.DataFrame, register: str) -> FloatArray:
    """The number that a register holds for each customer, of several the newest; NaN where there is none."""
    if registers.empty:
        return np.full(len(customers), np.nan)
    rows = registers.loc[((registers["register"] == register) & registers["customer_id"].notna()).to_numpy(dtype=bool, na_value=False)]
    newest = rows.sort_values(["opened_on", "entry_id"], kind="stable", na_position="first").drop_duplicates("customer_id", keep="last")
    return customers["customer_id"].map(newest.set_index("customer_id")["value"]).to_numpy(dtype=np.float64, na_value=np.nan)
