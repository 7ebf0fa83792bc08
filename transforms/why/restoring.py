"""What would bring a lost grade back: the smallest change of one measure alone, found by scoring anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from transforms.grades.grading import NONE, SHORTEST, YEAR, earned_grade, grade_numbers, ranks, scores
from transforms.money import UNITS, BoolArray, FloatArray, IntArray
from transforms.policy.rules import Policy
from transforms.why.score import kept_measures

MEASURES = ("orders", "net", "recency")
"""What a customer can still change: orders in twelve months, net in twelve months (whole currency units), days of silence.

Tenure is left out: time cannot be bought.
"""


def restoring(customers: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """For every customer in a worse grade than last month: one measure, and how much of it brings the old grade back.

    One row per such customer, in their order: customer_id, `restore_measure` (of `MEASURES`; "" where none can
    alone), `restore_amount` (orders or currency units more, days of silence fewer), and `restore_orders`,
    `restore_net`, `restore_recency`: the least amount of each, missing where it cannot alone. All else stays
    as it is, and the hold rules count: the score must pass the cut by the band. Of several measures the one
    that changes least, as a share of what it is now, is named. A grade set by hand is left out: no measure moves it.
    """
    grade, before = grade_numbers(customers["grade"], policy), grade_numbers(customers["previous_grade"], policy)
    fell = (before != NONE) & (grade > before) & customers["score"].notna().to_numpy(dtype=bool)
    if "rule_grade" in customers:
        fell &= (customers["rule_grade"] == customers["grade"]).to_numpy(dtype=bool, na_value=False)
    rows = customers.loc[fell].reset_index(drop=True)
    wanted = before[fell]
    if rows.empty:
        names = ("restore_amount", *(f"restore_{name}" for name in MEASURES))
        return pd.DataFrame({"customer_id": pd.Series([], dtype="str"), "restore_measure": pd.Series([], dtype="str")}).assign(
            **{name: pd.Series([], dtype="float64") for name in names}
        )
    measured = kept_measures(rows)
    spread = np.maximum(rows["observed_months"].to_numpy(dtype=np.float64), SHORTEST)
    orders = rows["orders_12m"].to_numpy(dtype=np.float64)
    net = rows["net_12m"].to_numpy(dtype=np.float64)
    silent = measured["recency_days"]
    assert policy.reference is not None
    top = {name: policy.reference.grids[name][-1] for name in ("orders_per_month", "annual_net")}

    def with_orders(more: IntArray) -> Mapping[str, FloatArray]:
        return {**measured, "orders_per_month": (orders + more) / spread}

    def with_net(more: IntArray) -> Mapping[str, FloatArray]:
        return {**measured, "annual_net": (net + more * UNITS) * YEAR / spread / UNITS}

    def with_silence(fewer: IntArray) -> Mapping[str, FloatArray]:
        return {**measured, "recency_days": silent - fewer}

    most = {
        "orders": np.maximum(np.ceil(top["orders_per_month"] * spread) + 1 - orders, 1),
        "net": np.maximum(np.ceil(top["annual_net"] * spread / YEAR - net / UNITS) + 1, 1),
        "recency": silent,
    }
    now = {"orders": orders, "net": net / UNITS, "recency": silent}
    found: dict[str, FloatArray] = {}
    for name, changed in (("orders", with_orders), ("net", with_net), ("recency", with_silence)):

        def enough(amount: IntArray, changed: Callable[[IntArray], Mapping[str, FloatArray]] = changed) -> BoolArray:
            return reaches(_score(changed(amount), policy), wanted, policy)

        found[name] = least(enough, most[name].astype(np.int64))
    # A measure that stands at nothing has no share to compare: it is named only where no other can do it.
    sizes = np.stack(
        [
            np.where(np.isnan(found[name]), np.inf, np.where(now[name] > 0, found[name] / np.maximum(now[name], 1e-9), 1e300))
            for name in MEASURES
        ]
    )
    chosen, possible = np.argmin(sizes, axis=0), np.isfinite(sizes).any(axis=0)
    amounts = np.stack([found[name] for name in MEASURES])[chosen, np.arange(len(rows))]
    return pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "restore_measure": pd.Series(np.where(possible, np.array(MEASURES, dtype=object)[chosen], ""), dtype="str"),
            "restore_amount": np.where(possible, amounts, np.nan),
            **{f"restore_{name}": found[name] for name in MEASURES},
        }
    )


def reaches(score: FloatArray, wanted: IntArray, policy: Policy) -> BoolArray:
    """Whether a score earns a grade at once: the cut passed by the band."""
    earned: BoolArray = earned_grade(score, policy) <= wanted
    return earned


def least(enough: Callable[[IntArray], BoolArray], most: IntArray) -> FloatArray:
    """The least whole amount from 1 to `most` that is enough, per place, by bisection; missing where `most` is not.

    What is enough stays enough when there is more of it.
    """
    possible = enough(most) & (most >= 1)
    low, high = np.zeros_like(most), np.maximum(most, 1)
    while (high - low > 1).any():
        middle = (low + high) // 2
        met = enough(middle)
        low, high = np.where(met, low, middle), np.where(met, middle, high)
    return np.where(possible, high.astype(np.float64), np.nan)


def _score(measured: Mapping[str, FloatArray], policy: Policy) -> FloatArray:
    assert policy.reference is not None
    given = {**measured, "net_12m": measured["annual_net"], "historic_net": measured["annual_net"]}
    ranked = ranks(given, policy.reference)
    return scores(ranked, np.ones(len(measured["annual_net"]), dtype=bool), policy)["score"]
