"""Why a score and a grade changed: parts that add up for any customer, month and policy, and name the right cause."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.transforms.builders import Company, orders
from transforms.freezing import freeze_reference
from transforms.grades.grading import NONE, held_grade, plain_grade
from transforms.inputs import History
from transforms.month import Month
from transforms.policy.rules import MEASURES, Grade, Hold, Reference, Weights, builtin
from transforms.scoring import no_history, score_customers
from transforms.statistics.ranks import frozen_grid, percent_rank
from transforms.why.grade import STEP_PARTS, change_of_grade
from transforms.why.score import PARTS, ScoreSide, change_of_score, scored_side, term_weights


def random_policy(random):
    """Any weights, cuts, hold rules, rule of who is rated, and reference distribution."""
    weights = random.dirichlet([1, 1, 1])
    cuts = np.sort(random.choice(np.arange(30, 70), size=2, replace=False))[::-1]
    grids = {
        "tenure_months": random.integers(0, 60, 300),
        "recency_days": random.integers(0, 400, 300),
        "orders_per_month": random.integers(0, 20, 300) / 12,
        "annual_net": random.lognormal(6, 1, 300),
        "net_12m": random.lognormal(6, 1, 300),
        "historic_net": random.lognormal(6, 1, 300),
    }
    return replace(
        builtin(),
        weights=Weights(weights[0], weights[1], 1 - weights[0] - weights[1]),
        grades=tuple(Grade(name, name.lower(), name, name, float(cut)) for name, cut in zip("ABC", (*cuts, 0), strict=True)),
        hold=Hold(float(random.integers(0, 8)), int(random.integers(1, 4))),
        unrated_months=int(random.integers(0, 8)),
        reference=Reference("2024-01", 300, {name: frozen_grid(values.astype(float)) for name, values in grids.items()}),
    )


def random_side(random, size, policy, absent=0.1):
    """Customers with any measures; some are not known at all."""
    net = np.round(random.lognormal(6, 1, size) - 100, 4)
    measured = {
        "tenure_months": random.integers(0, 60, size).astype(float),
        "recency_days": random.integers(0, 400, size).astype(float),
        "orders_per_month": random.integers(0, 20, size) / random.integers(3, 13, size),
        "annual_net": net,
        "net_12m": net,
        "historic_net": net,
    }
    gone = random.random(size) < absent
    return scored_side({name: np.where(gone, np.nan, values) for name, values in measured.items()}, policy)


def taken(side, rows):
    return ScoreSide(
        {name: values[rows] for name, values in side.measures.items()}, {n: v[rows] for n, v in side.scored.items()}, side.policy
    )


def added_up(changed, parts=PARTS, prefix="change"):
    return sum(changed[f"{prefix}_{name}"] for name in parts)


@pytest.mark.parametrize("seed", range(8))
def test_parts_add_up_for_every_customer_and_any_policies(seed):
    """16,000 customers over the seeds, with and without restated data, with one policy and with two."""
    random = np.random.default_rng(seed)
    one = random_policy(random)
    two = one if seed % 4 == 0 else random_policy(random)
    published, now = random_side(random, 2_000, one), random_side(random, 2_000, two)
    known = random_side(random, 2_000, one) if seed % 2 else None
    changed = change_of_score(published, known, now)
    real = np.nan_to_num(now.scored["score"]) - np.nan_to_num(published.scored["score"])
    assert np.abs(changed["change_score"] - real).max() < 1e-9
    assert np.abs(added_up(changed) - real).max() < 1e-9
    if known is None:
        assert not changed["change_restated"].any()
    if two is one:
        assert not changed["change_policy"].any()
    assert np.isfinite(np.stack(list(changed.values()))).all()

    grades, would_be, below = [], [], np.zeros(2_000, dtype=np.int64)
    for side in (published, now):
        before = random.integers(NONE, 3, 2_000)
        graded = held_grade(side.scored["score"], before, below, side.policy)
        grades.append(graded.grade)
        would_be.append(graded.would_be)
    steps = change_of_grade(published, known, now, tuple(grades), tuple(would_be))
    moved = ~np.isnan(steps["grade_steps"])
    both = (grades[0] != NONE) & (grades[1] != NONE)
    if known is not None:
        both &= ~np.isnan(known.scored["score"])
    assert (moved == (both & ((grades[0] != grades[1]) | (would_be[0] != would_be[1])))).all()
    assert moved.sum() > 100
    assert (steps["grade_steps"] == np.where(moved, grades[0] - grades[1], np.nan))[moved].all()
    assert np.abs(added_up(steps, STEP_PARTS, "steps") - steps["grade_steps"])[moved].max() < 1e-9
    if known is None:
        assert not steps["steps_restated"][moved].any()
    if two is one:
        assert not steps["steps_policy"][moved].any()


def test_the_same_inputs_under_the_same_policy_have_no_parts():
    random = np.random.default_rng(1)
    side = random_side(random, 500, random_policy(random))
    for known in (None, side):
        changed = change_of_score(side, known, side)
        assert not any(values.any() for values in changed.values())
    grade = plain_grade(side.scored["score"], side.policy)
    steps = change_of_grade(side, None, side, (grade, grade), (grade, grade))
    assert all(np.isnan(values).all() for values in steps.values())


@pytest.mark.parametrize("seed", range(4))
def test_a_pure_change_of_policy_is_policy_alone(seed):
    random = np.random.default_rng(seed)
    before = random_side(random, 500, random_policy(random))
    after = scored_side(before.measures, random_policy(random))
    changed = change_of_score(before, None, after)
    assert np.count_nonzero(changed["change_policy"]) > 300
    assert not any(changed[f"change_{name}"].any() for name in PARTS if name != "policy")
    grades = tuple(plain_grade(side.scored["score"], side.policy) for side in (before, after))
    steps = change_of_grade(before, None, after, grades, grades)
    assert np.nansum(np.abs(steps["steps_policy"])) > 20
    assert not any(np.nan_to_num(steps[f"steps_{name}"]).any() for name in STEP_PARTS if name != "policy")


@pytest.mark.parametrize("name", ["tenure", "recency", "orders", "net"])
def test_a_change_of_one_measure_is_that_measure_alone(name):
    random = np.random.default_rng(5)
    policy = replace(random_policy(random), unrated_months=0)
    before, other = random_side(random, 300, policy, absent=0), random_side(random, 300, policy, absent=0)
    measure = {"tenure": "tenure_months", "recency": "recency_days", "orders": "orders_per_month", "net": "annual_net"}[name]
    after = scored_side({**before.measures, measure: other.measures[measure]}, policy)
    changed = change_of_score(before, None, after)
    assert np.abs(changed[f"change_{name}"] - changed["change_score"]).max() < 1e-9
    assert not any(changed[f"change_{other}"].any() for other in PARTS if other != name)


def test_purely_restated_data_are_restated_alone():
    random = np.random.default_rng(6)
    policy = random_policy(random)
    published, known = random_side(random, 300, policy), random_side(random, 300, policy)
    changed = change_of_score(published, known, known)
    assert (changed["change_restated"] == changed["change_score"]).all()


def test_one_policy_split_the_long_way_gives_the_same_parts():
    """The split over measures and policy, and the short cut for an unchanged policy, are two ways to one answer."""
    random = np.random.default_rng(7)
    policy = replace(random_policy(random), unrated_months=0)
    same_rules = replace(policy, unrated_months=-1)
    before, after = random_side(random, 500, policy, absent=0), random_side(random, 500, policy, absent=0)
    short, long = change_of_score(before, None, after), change_of_score(before, None, replace(after, policy=same_rules))
    for name, values in short.items():
        assert long[name] == pytest.approx(values, abs=1e-9)


def test_a_score_that_appears_counts_whole_and_by_a_new_rule_as_policy():
    random = np.random.default_rng(8)
    strict = replace(random_policy(random), unrated_months=4)
    lax = replace(strict, unrated_months=3)
    young = {**{name: np.full(1, 5.0) for name in MEASURES}, "tenure_months": np.array([3.0])}
    older = {**young, "tenure_months": np.array([4.0])}
    by_time = change_of_score(scored_side(young, strict), None, scored_side(older, strict))
    assert by_time["change_appeared"] == by_time["change_score"] > 0
    by_rule = change_of_score(scored_side(young, strict), None, scored_side(young, lax))
    assert by_rule["change_policy"] == by_rule["change_score"] > 0
    vanished = change_of_score(scored_side(young, lax), None, scored_side(young, strict))
    assert vanished["change_policy"] == vanished["change_score"] < 0


# --- through the review ------------------------------------------------------------------

DECEMBER = Month(2023, 12)


def two_months(sold, after=None, second_policy=None):
    """The customers of December 2023 and of January 2024; `after` is what January's data say of the past."""
    first = Company(sold).inputs(DECEMBER)
    frozen = freeze_reference(first, builtin())
    then = score_customers(first, no_history(), frozen)
    policy = frozen if second_policy is None else second_policy(frozen)
    known = Company(sold if after is None else after)
    inputs = known.inputs(DECEMBER + 1)
    if after is not None:
        inputs = replace(inputs, before=known.inputs(DECEMBER).window)
    history = History(then, no_history().figures, policy=frozen)
    now = score_customers(inputs, history, policy)
    return then.set_index("customer_id"), now.set_index("customer_id"), policy


SOLD = [
    *(("a", f"2023-{month:02}-10", 40) for month in range(1, 13)),
    *(("b", f"2023-{month:02}-10", 30) for month in range(1, 7)),
    *(("c", f"2023-{month:02}-10", 20) for month in range(1, 4)),
    ("d", "2023-12-20", 5),
]


def test_by_hand_a_customer_who_orders_no_more():
    """Customer b, silent since June: January takes one order of 30 out of the year, and 31 days come on top."""
    before, now, policy = two_months(orders(*SOLD))
    row = now.loc["b"]
    grids, weights = policy.reference.grids, term_weights(policy)

    def rank(measure, value):
        return float(percent_rank(np.array([value]), grids[measure])[0])

    assert row["change_orders"] == pytest.approx(weights["orders"] * (rank("orders_per_month", 5 / 12) - rank("orders_per_month", 6 / 12)))
    assert row["change_net"] == pytest.approx(weights["net"] * (rank("annual_net", 150) - rank("annual_net", 180)))
    assert row["change_recency"] == pytest.approx(-weights["recency"] * (rank("recency_days", 235) - rank("recency_days", 204)))
    assert row["change_score"] == pytest.approx(row["score"] - before.loc["b", "score"])
    assert row["change_orders"] < 0
    assert row[["change_policy", "change_restated", "change_appeared"]].tolist() == [0, 0, 0]


def test_a_late_order_of_last_month_is_restated_and_not_this_month():
    """An order of November that came in January: last month's score rises by it, told as restated."""
    late = ("b", "2023-11-20", 90)
    before, plain, _ = two_months(orders(*SOLD))
    _, now, _ = two_months(orders(*SOLD), orders(*SOLD, late))
    assert now.loc["b", "change_restated"] > 0
    assert plain.loc["b", "change_restated"] == 0
    assert now.loc["a", [f"change_{name}" for name in PARTS]].tolist() == plain.loc["a", [f"change_{name}" for name in PARTS]].tolist()
    total = now.loc["b", [f"change_{name}" for name in PARTS]].sum()
    assert total == pytest.approx(now.loc["b", "score"] - before.loc["b", "score"], abs=1e-9)


def test_new_and_newly_rated_customers_appear():
    _, now, _ = two_months(orders(*SOLD, ("e", "2023-10-05", 50), ("f", "2024-01-05", 50)))
    assert now.loc["e", "tier"] == "c" or now.loc["e", "score"] > 0
    assert now.loc["e", "change_appeared"] == pytest.approx(now.loc["e", "score"])
    assert now.loc["f", ["change_score", "change_appeared"]].tolist() == [0, 0]


def test_without_a_last_month_nothing_is_explained():
    then, _, _ = two_months(orders(*SOLD))
    assert then[[f"change_{name}" for name in PARTS]].isna().all(axis=None)
    assert isinstance(then, pd.DataFrame)


def test_a_new_policy_is_told_apart_from_the_customers_own_moves():
    before, now, _ = two_months(orders(*SOLD), second_policy=lambda policy: replace(policy, weights=Weights(0.1, 0.1, 0.8)))
    _, plain, _ = two_months(orders(*SOLD))
    parts = [f"change_{name}" for name in PARTS]
    assert (now[parts].sum(axis=1) - now["change_score"]).abs().max() < 1e-9
    assert (now["change_score"] - (now["score"].fillna(0) - before["score"].fillna(0))).abs().max() < 1e-9
    assert now.loc["a", "change_policy"] != 0
    assert plain["change_policy"].eq(0).all()
