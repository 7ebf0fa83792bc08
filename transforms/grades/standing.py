"""Where every customer stands at a month's end by the rules alone: measures, score, grade, and what the next month needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.facts.matching import Lookup, locate
from transforms.grades.grading import Graded, grade_names, grade_numbers, held_grade, is_rated, measures, ranks, scores
from transforms.grades.upgrades import Upgrades, recheck_upgrades
from transforms.money import BoolArray, FloatArray
from transforms.month import Month
from transforms.policy.rules import UNRATED, Policy


@dataclass(frozen=True)
class GradeStanding:
    """The grade path of one month, one entry per row of the window: everything is an array in its order."""

    measured: Mapping[str, FloatArray]
    rated: BoolArray
    ranked: Mapping[str, FloatArray]
    scored: Mapping[str, FloatArray]
    graded: Graded
    upgrades: Upgrades
    upgrade_reversed: BoolArray

    def columns_to_keep(self, ids: pd.Series, policy: Policy) -> pd.DataFrame:
        """What the next month's standing is computed from: one row per customer, by name and not by number."""
        return pd.DataFrame(
            {
                "customer_id": ids.reset_index(drop=True),
                "rule_grade": grade_names(self.graded.grade, policy).fillna(UNRATED),
                "months_below": self.graded.months_below,
                **self.upgrades.columns(policy),
            },
            copy=False,
        )


def standing(
    window: pd.DataFrame, month: Month, before: Lookup, last: pd.DataFrame, policy: Policy, commercial: BoolArray | None = None
) -> GradeStanding:
    """Grade every customer of the window; `before` says where each stands in `last`, the rows of last month.

    `last` has rule_grade (or grade), months_below and the open upgrades; it may be empty. A row depends on its
    own customer, last month's row and the frozen policy alone. Overrides are no part of it. Who is not `commercial`
    (`transforms.classes.roles`; None: everybody is) has no grade.
    """
    assert policy.reference is not None
    measured = measures(window, month)
    rated = is_rated(measured, policy) & (True if commercial is None else commercial)
    ranked = ranks(measured, policy.reference)
    scored = scores(ranked, rated, policy)
    size = len(window)
    name = "rule_grade" if "rule_grade" in last else "grade"
    if len(last):
        previous = grade_numbers(before.column(last[name]), policy)
        months_below = before.counts(last["months_below"])
    else:
        previous, months_below = np.full(size, -1, dtype=np.int64), np.zeros(size, dtype=np.int64)
    graded = held_grade(scored["score"], previous, months_below, policy)
    first_month = window["first_order_on"].to_numpy(dtype="datetime64[M]").astype(np.int64) + 1970 * 12
    checked = recheck_upgrades(
        graded,
        previous,
        Upgrades.from_review(before, last, policy),
        scored["score"],
        measured["annual_net"],
        window["month_refunds"].to_numpy(dtype=np.int64),
        first_month,
        month,
        policy,
    )
    return GradeStanding(measured, rated, ranked, scored, checked.graded, checked.upgrades, checked.reversed)


def next_standing(
    window: pd.DataFrame, month: Month, last: pd.DataFrame, policy: Policy, commercial: BoolArray | None = None
) -> GradeStanding:
    """`standing` where last month's rows are at hand by customer_id alone."""
    (places,), _ = locate(window["customer_id"], [last["customer_id"]])
    return standing(window, month, Lookup.of(places, len(window)), last, policy, commercial)
