"""Customers who need a look: who fell a grade, whose score falls, who is silent with money at stake, who is unhappy."""

from __future__ import annotations

import pandas as pd

from transforms.policy.rules import Policy

FALL = 5.0
"""Points of score lost in a month from which a customer counts as falling."""
UNHAPPY = 50.0
"""Satisfaction index below which a customer counts as unhappy."""

WATCH_COLUMNS = ("place", "customer_id", "net_12m", "demoted", "falling", "silent", "unhappy", "fall", "silent_days", "satisfaction")


def customers_to_watch(customers: pd.DataFrame, previous: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Whom to look at this month and why, most money at stake first, ties by id: `WATCH_COLUMNS`, one row per customer.

    place                            the customer's row in `customers`
    net_12m                          twelve-month net at stake in ten-thousandths, unknown counted as nothing
    demoted                          a grade lower than last month
    falling, fall                    the score lost `FALL` points or more since last month, where the grade held
    silent, silent_days              no order for `policy.warn_days` or more though the last twelve months brought money
    unhappy, satisfaction            the satisfaction index is below `UNHAPPY`

    `previous` holds last month's rows of these customers; without it nobody falls.
    """
    order = {grade.grade: place for place, grade in enumerate(policy.grades)}
    before, after = (_texts(customers, name).map(order).astype("float64") for name in ("previous_grade", "grade"))
    net = _floats(customers, "net_12m").fillna(0.0)
    silent_days, satisfaction = _floats(customers, "recency_days"), _floats(customers, "satisfaction_index")
    fall = _earlier_scores(customers, previous) - _floats(customers, "score")
    demoted = after > before
    found = pd.DataFrame(
        {
            "place": range(len(customers)),
            "customer_id": customers["customer_id"].astype("str").to_numpy(),
            "net_12m": net,
            "demoted": demoted,
            "falling": (fall >= FALL) & ~demoted,
            "silent": (silent_days >= policy.warn_days) & (net > 0),
            "unhappy": satisfaction < UNHAPPY,
            "fall": fall,
            "silent_days": silent_days,
            "satisfaction": satisfaction,
        }
    )
    reasons = found[["demoted", "falling", "silent", "unhappy"]].any(axis="columns")
    return found[reasons].sort_values(["net_12m", "customer_id"], ascending=[False, True], kind="stable", ignore_index=True)


def _earlier_scores(customers: pd.DataFrame, previous: pd.DataFrame) -> pd.Series:
    """Last month's score of each customer, in their order."""
    if not len(previous) or "score" not in previous:
        return pd.Series(float("nan"), index=range(len(customers)), dtype="float64")
    scores = previous.set_index("customer_id")["score"].astype("Float64").astype("float64")
    return customers["customer_id"].map(scores).astype("float64").reset_index(drop=True)


def _floats(frame: pd.DataFrame, name: str) -> pd.Series:
    """A column as float, missing where there is none."""
    if name not in frame:
        return pd.Series(float("nan"), index=range(len(frame)), dtype="float64")
    return frame[name].astype("Float64").astype("float64").reset_index(drop=True)


def _texts(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[name].reset_index(drop=True) if name in frame else pd.Series([None] * len(frame), dtype="object")
