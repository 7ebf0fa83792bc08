"""Patience: bands and months of each boundary, one grade a month down, and upgrades that a refund takes back."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from tests.transforms.builders import orders, refunds, windows
from transforms.errors import UsageError
from transforms.facts.window import customers_of
from transforms.grades.grading import held_grade
from transforms.grades.standing import next_standing
from transforms.month import Month, months
from transforms.policy.rules import MEASURES, Hold, Policy, Reference, Weights, builtin
from transforms.statistics.ranks import frozen_grid

POLICY = builtin()
NO_HOLD = replace(POLICY, hold=Hold(band=0.0, months_below=1))


def course(scores: list[float], policy: Policy = POLICY) -> str:
    """The grades of one customer, month by month, as letters."""
    previous, below, letters = -1, 0, ""
    for score in scores:
        found = held_grade(np.array([score]), np.array([previous]), np.array([below]), policy)
        previous, below = int(found.grade[0]), int(found.months_below[0])
        letters += policy.grades[previous].grade
    return letters


def changes(letters: str) -> int:
    return sum(one != other for one, other in pairwise(letters))


def test_a_customer_who_swings_by_a_point_around_the_line_never_changes_in_two_years_and_23_times_without_hold() -> None:
    swinging = [41.0, 39.0] * 12
    assert changes(course(swinging)) == 0
    assert changes(course(swinging, NO_HOLD)) == 23


@pytest.mark.parametrize(("fallen", "seen_after"), [(39.0, 3), (38.0, 3), (37.99, 1)])
def test_a_true_fall_is_recognised_within_the_declared_months(fallen: float, seen_after: int) -> None:
    letters = course([45.0] * 6 + [fallen] * 6)
    assert letters.index("C") - 6 + 1 == seen_after


def test_a_fall_to_the_ground_takes_one_grade_a_month() -> None:
    assert course([90.0, 5.0, 5.0, 5.0]) == "ABCC"


def test_each_boundary_may_have_its_own_band_and_months() -> None:
    a, b, c = POLICY.grades
    own = replace(POLICY, grades=(replace(a, band=5.0, months_below=2), replace(b, band=0.0, months_below=1), c))
    assert own.bands == (5.0, 0.0, 2.0)
    assert own.patience == (2, 1, 3)
    assert course([60.0, 74.9, 75.0, 66.0, 66.0], own) == "BBAAB"  # up at 70 + 5; below the cut for two months
    assert course([45.0, 39.9, 40.0], own) == "BCB"  # no patience at all at 40


def test_bands_that_cross_each_other_are_refused() -> None:
    a, b, c = POLICY.grades
    with pytest.raises(UsageError, match=r"with their bands the cuts are \[70.0, 71.0\]; they must fall"):
        replace(POLICY, grades=(replace(a, band=0.0), replace(b, cut=69.0, band=2.0), c))


# --- upgrades that a refund takes back -------------------------------------------------

EVENLY = frozen_grid(np.arange(0.0, 10_001.0, 10.0))
BY_MONEY = replace(
    POLICY,
    weights=Weights(0.0, 0.0, 1.0),
    reference=Reference("2023-12", 1001, dict.fromkeys(MEASURES, EVENLY)),
)
"""The score is a hundredth of the net of twelve months: 4,000 is the cut of B, 4,200 earns an upgrade to it."""
FIRST, LAST = Month(2022, 9), Month(2024, 1)
STEADY = [str(month) for month in months(FIRST, LAST)]
RAISED = ("2023-08-10", 400.0)
SOLD = {
    "kept": [RAISED],
    "back": [RAISED],
    "a little back": [RAISED],
    "bought again": [RAISED, ("2023-10-06", 60.0)],
    "twice back": [RAISED],
}
BACK = {
    "back": [("2023-10-05", 150.0)],
    "a little back": [("2023-10-05", 50.0)],
    "bought again": [("2023-10-05", 150.0)],
    "twice back": [("2023-09-05", 90.0), ("2023-11-05", 60.0)],
}
"""Everybody orders 325 a month, 3,900 a year: 39 points, a C. In August 2023 an order of 400 more earns a B at 43."""


@pytest.fixture(scope="module")
def folded() -> list[pd.DataFrame]:
    sold = [(who, f"{month}-09", 325.0) for who in SOLD for month in STEADY]
    sold += [(who, *row) for who, rows in SOLD.items() for row in rows]
    back = [(who, *row) for who, rows in BACK.items() for row in rows]
    return [customers_of(window) for window in windows(FIRST, LAST, orders(*sold), refunds(*back))]


def walked(folded: list[pd.DataFrame], policy: Policy = BY_MONEY, changes_in: str = "9999-12") -> pd.DataFrame:
    """Rule grades, one row per month, one column per customer; from `changes_in` on by a version of another name."""
    last = pd.DataFrame({"customer_id": pd.Series([], dtype="str")})
    found = {}
    for month, rows in zip(months(FIRST, LAST), folded, strict=True):
        rules = policy if str(month) < changes_in else replace(policy, version="2")
        last = next_standing(rows, month, last, rules).columns_to_keep(rows["customer_id"], rules)
        found[str(month)] = last.set_index("customer_id")["rule_grade"]
    return pd.DataFrame(found).T


def test_an_upgrade_is_taken_back_when_the_order_that_earned_it_is_refunded(folded: list[pd.DataFrame]) -> None:
    """Without 150 of it the score in August would have been 41.5, and an upgrade needs 42."""
    grades = walked(folded)
    assert grades["kept"]["2023-07":].tolist() == ["C", "B", "B", "B", "B", "B", "B"]  # type: ignore[misc]
    assert grades["back"]["2023-07":].tolist() == ["C", "B", "B", "C", "C", "C", "C"]  # type: ignore[misc]


def test_an_upgrade_stays_where_the_rest_still_earns_it_or_today_s_score_does(folded: list[pd.DataFrame]) -> None:
    grades = walked(folded)
    assert grades["a little back"]["2023-08":].tolist() == ["B"] * 6  # type: ignore[misc]
    assert grades["bought again"]["2023-08":].tolist() == ["B"] * 6  # type: ignore[misc]


def test_refunds_since_the_upgrade_add_up(folded: list[pd.DataFrame]) -> None:
    assert walked(folded)["twice back"]["2023-08":].tolist() == ["B", "B", "B", "C", "C", "C"]  # type: ignore[misc]


def test_after_the_declared_months_an_upgrade_is_taken_back_no_more(folded: list[pd.DataFrame]) -> None:
    assert walked(folded, replace(BY_MONEY, hold=Hold(recheck_months=1)))["back"]["2023-10"] == "B"


def test_an_upgrade_that_another_policy_gave_is_not_judged_by_this_one(folded: list[pd.DataFrame]) -> None:
    assert walked(folded, changes_in="2023-09")["back"]["2023-10"] == "B"
