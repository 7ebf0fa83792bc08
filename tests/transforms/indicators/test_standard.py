"""The health of the standard, the back-test of the grade, a changed standard under both, and what never enters a score."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.transforms.builders import canonical, inputs_of, orders
from transforms.figures import Scope
from transforms.freezing import freeze_reference
from transforms.grades.grading import measures, ranks, scores
from transforms.indicators.all import MEASURES as INDICATORS
from transforms.indicators.standard import spearman
from transforms.inputs import History
from transforms.month import Month
from transforms.policy.rules import MEASURES, Policy, Reference, Weights, builtin
from transforms.review import MonthReview, review_month
from transforms.scoring import no_history, score_customers
from transforms.standards import both_standards
from transforms.statistics.ranks import frozen_grid

MARCH = Month(2024, 3)
SIZE = 30
GRADED = (
    *("customer_id", "tier", "grade", "rule_grade", "would_be", "held", "months_below", "score"),
    *("history_score", "frequency_score", "amount_score", "value_class", "behaviour_class", "loyalty_type"),
)


@pytest.fixture(scope="module")
def sold() -> pd.DataFrame:
    rows = [(f"c{n:02}", f"2023-{1 + n % 9:02}-{1 + k:02}", 10.0 * (n + 1)) for n in range(SIZE) for k in range(1 + n % 4)]
    return orders(*rows)


@pytest.fixture(scope="module")
def reviewed(sold: pd.DataFrame) -> MonthReview:
    """A month whose review of a year ago had the scores 0, 3, 6, ... and the grades of the built-in cuts."""
    inputs = inputs_of(MARCH, sold)
    score = np.arange(SIZE) * 3.0
    then = pd.DataFrame(
        {
            "customer_id": pd.Series([f"c{n:02}" for n in range(SIZE)], dtype="str"),
            "grade": pd.Series(np.select([score >= 70, score >= 40], ["A", "B"], "C"), dtype="str"),
            "score": score,
        }
    )
    return review_month(inputs, replace(no_history(), year_ago=then), builtin())


def value(review: MonthReview, indicator: str, tier: str = "") -> pd.Series:
    rows = review.figures
    scope = Scope.TIER if tier else Scope.COMPANY
    return rows[(rows["scope"] == scope) & (rows["scope_value"] == tier) & (rows["indicator"] == indicator)].iloc[0]


def test_the_score_of_a_year_ago_is_held_against_the_revenue_since(reviewed: MonthReview) -> None:
    rows = reviewed.customers
    found = value(reviewed, "grade_value_correlation")
    oracle = stats.spearmanr(rows["score_year_ago"], rows["net_12m"].astype("float64")).statistic
    assert found["value"] == pytest.approx(float(oracle))
    assert (found["n"], found["lower"] < found["value"] < found["upper"]) == (SIZE, True)


def test_the_mean_revenue_since_is_told_by_the_grade_of_a_year_ago_and_inversions_are_named(reviewed: MonthReview) -> None:
    rows = reviewed.customers
    means = rows.groupby("grade_year_ago")["net_12m"].mean() / 10_000
    for tier, grade in (("a", "A"), ("b", "B"), ("c", "C")):
        assert value(reviewed, "grade_value_since", tier)["value"] == pytest.approx(float(means[grade]))
    assert value(reviewed, "grade_value_inversions")["value"] == (means["B"] > means["A"]) + (means["C"] > means["B"])
    turned = reviewed.customers["grade_year_ago"].map({"A": "C", "B": "B", "C": "A"})
    turned_review = review_month(
        inputs_of(MARCH, orders(*[(f"c{n:02}", "2023-06-01", 10.0 * (n + 1)) for n in range(SIZE)])),
        replace(no_history(), year_ago=pd.DataFrame({"customer_id": rows["customer_id"], "grade": turned, "score": 1.0})),
        builtin(),
    )
    found = value(turned_review, "grade_value_inversions")
    assert (found["value"], found["method"]) == (2, "B above A; C above B")
    assert value(turned_review, "grade_value_correlation")["reason"] == "no_data"  # all scores were alike


def test_without_a_review_a_year_ago_there_is_no_answer(sold: pd.DataFrame) -> None:
    review = review_month(inputs_of(MARCH, sold), no_history(), builtin())
    for name in ("grade_value_correlation", "grade_value_since", "grade_value_inversions"):
        assert value(review, name)["reason"] == "no_data"


def test_a_rank_correlation_of_what_does_not_vary_is_none() -> None:
    assert spearman(np.ones(5), np.arange(5.0)) is None


def test_the_health_of_the_standard_counts_what_it_leaves_out_and_who_stands_near_a_line(reviewed: MonthReview) -> None:
    rows = reviewed.customers
    score = rows["score"].to_numpy()
    near = int(((np.abs(score - 70) <= 2) | (np.abs(score - 40) <= 2)).sum())
    assert value(reviewed, "standard_borderline")["value"] == near
    assert value(reviewed, "standard_unrated")["value"] == int((rows["grade"] == "unrated").sum())
    assert value(reviewed, "standard_inputs")["value"] == 4
    assert value(reviewed, "standard_multiple")["value"] == 0
    assert value(reviewed, "standard_overrides")["reason"] == "not_supplied"
    assert (
        value(reviewed, "standard_inputs")["method"]
        == "policy builtin-1@2024-03; 1980-01; Keping; built in, a company choice is still to be made"
    )
    assert INDICATORS["standard_multiple"].indicator.serves == ("S41",)


def test_a_changed_standard_is_counted_under_the_old_one_and_the_new_one(sold: pd.DataFrame) -> None:
    inputs = inputs_of(MARCH, sold)
    old = freeze_reference(inputs, builtin())
    last = score_customers(inputs, no_history(), old)
    new = replace(old, version="2", weights=Weights(0.0, 0.0, 1.0))
    found = review_month(inputs, History(last, no_history().figures, policy=old), new).standards
    for column, policy in (("grade_old", old), ("grade_new", new)):
        counts = score_customers(inputs, History(last, no_history().figures), policy)["rule_grade"].value_counts()
        assert found.groupby(column)["customers"].sum().to_dict() == counts.to_dict()
    assert found.loc[found["grade_old"] != found["grade_new"], "customers"].sum() > 0
    renamed = replace(old, version="3", author="Somebody else")
    assert both_standards(inputs, History(last, no_history().figures, policy=old), renamed).empty


def test_gender_age_and_occupation_never_enter_a_score(sold: pd.DataFrame) -> None:
    """Whatever a protected attribute says, scores, grades and classes are the same; the profile alone repeats it."""
    names = [f"c{n:02}" for n in range(SIZE)]
    chance = np.random.default_rng(1)
    policy = freeze_reference(inputs_of(MARCH, sold), builtin())
    seen = []
    for _ in range(3):
        people = [
            {
                "customer_id": name,
                "gender": str(chance.choice(["f", "m", "x"])),
                "birth_date": pd.Timestamp("1950-01-01") + pd.Timedelta(days=int(chance.integers(0, 20_000))),
                "occupation": str(chance.choice(["teacher", "driver"])),
                "region": str(chance.choice(["North", "South"])),
            }
            for name in names
        ]
        inputs = replace(inputs_of(MARCH, sold), customers=canonical("customers", people))
        seen.append(score_customers(inputs, no_history(), policy)[list(GRADED)])
    for other in seen[1:]:
        pd.testing.assert_frame_equal(seen[0], other)


# --- T17: the arithmetic against exact fractions ----------------------------------------


def exact_rank(number: Fraction, grid: list[Fraction]) -> Fraction:
    """`transforms.statistics.ranks.percent_rank` read aloud, in fractions."""
    below, reached = bisect_left(grid, number), bisect_right(grid, number)
    if reached > below:
        return Fraction(below + reached - 1, 2) / 10
    if below in (0, len(grid)):
        return Fraction(100 if below else 0)
    low, high = grid[below - 1], grid[below]
    return (below - 1 + (number - low) / (high - low)) / 10


def test_scores_and_grades_of_500_random_customers_equal_exact_fractions() -> None:
    """Among them every value of the reference itself, its ends, and values beyond them."""
    chance = np.random.default_rng(17)
    grids = {name: frozen_grid(np.round(chance.lognormal(3, 1, 400), 2)) for name in MEASURES}
    weights = Weights(0.25, 0.25, 0.5)
    policy = replace(builtin(), weights=weights, reference=Reference("2024-03", 400, grids))
    measured = {}
    for name in MEASURES:
        grid = np.array(grids[name])
        on_it = grid[chance.integers(0, 1001, 200)]
        free = np.round(chance.lognormal(3, 1, 296), 2)
        measured[name] = np.concatenate([on_it, free, [grid[0], grid[-1], 0.0, grid[-1] + 1]])
    rated = np.ones(500, dtype=bool)
    found = scores(ranks(measured, policy.reference), rated, policy)["score"]  # type: ignore[arg-type]
    differences = 0
    exact_grids = {name: [Fraction(entry) for entry in grid] for name, grid in grids.items()}
    for place in range(500):
        rank = {name: exact_rank(Fraction(float(measured[name][place])), exact_grids[name]) for name in MEASURES}
        history = (rank["tenure_months"] + 100 - rank["recency_days"]) / 2
        exact = history / 4 + rank["orders_per_month"] / 4 + rank["annual_net"] / 2
        differences += abs(Fraction(float(found[place])) - exact) > Fraction(1, 10**9)
        grade = "A" if exact >= 70 else "B" if exact >= 40 else "C"
        differences += letter(float(found[place]), policy) != grade
    assert differences == 0


def letter(score: float, policy: Policy) -> str:
    from transforms.grades.grading import plain_grade

    return policy.grades[int(plain_grade(np.array([score]), policy)[0])].grade


def test_the_measures_of_random_customers_equal_decimals() -> None:
    chance = np.random.default_rng(3)
    rows = [(f"c{n:03}", f"2023-{1 + n % 12:02}-05", float(chance.integers(1, 99_999)) / 100) for n in range(40)]
    inputs = inputs_of(MARCH, orders(*rows))
    found = measures(inputs.window, MARCH)
    for place, (_, day, amount) in enumerate(rows):
        year, number, _ = (int(part) for part in day.split("-"))
        observed = min(12, MARCH.index - (year * 12 + number - 1) + 1)
        spread = max(observed, 3)
        net = Decimal(str(amount)) if Month(year, number) > MARCH - 12 else Decimal(0)
        assert found["annual_net"][place] == pytest.approx(float(net * 12 / spread), abs=1e-9)
        assert found["orders_per_month"][place] == pytest.approx((1 if net else 0) / spread)
