"""What would bring a lost grade back: named by measure and amount, and true when the customer is scored anew with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.transforms.why.test_explain import random_policy
from transforms.grades.grading import held_grade, plain_grade
from transforms.money import UNITS
from transforms.policy.rules import Weights
from transforms.why.restoring import MEASURES, least, restoring
from transforms.why.score import kept_measures, scored_side


def fallen(random, size, policy):
    """Customers graded by their score, who all had the best grade last month."""
    first = random.integers(1, 13, size)
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{number:05}" for number in range(size)],
            "tenure_months": random.integers(8, 60, size),
            "observed_months": first,
            "recency_days": random.integers(0, 400, size),
            "orders_12m": random.integers(0, 20, size),
            "net_12m": pd.array((random.lognormal(6, 1, size) * UNITS).astype(np.int64), dtype="Int64"),
        }
    )
    return rescored(frame, policy).assign(previous_grade="A")


def rescored(frame, policy, previous=None):
    """The frame with score and grade: by the cuts alone, or with the hold rules after `previous` grade numbers."""
    score = scored_side({**kept_measures(frame), "net_12m": np.zeros(len(frame)), "historic_net": np.zeros(len(frame))}, policy).scored[
        "score"
    ]
    number = plain_grade(score, policy)
    if previous is not None:
        number = held_grade(score, previous, np.zeros(len(frame), dtype=np.int64), policy).grade
    return frame.assign(score=score, grade=[policy.grades[place].grade for place in number])


def moved(frame, name, amount):
    """The customers with that much more (orders, net) or less (silence)."""
    amount = np.nan_to_num(amount).astype(np.int64)
    match name:
        case "orders":
            return frame.assign(orders_12m=frame["orders_12m"] + amount)
        case "net":
            return frame.assign(net_12m=frame["net_12m"] + amount * UNITS)
        case _:
            return frame.assign(recency_days=frame["recency_days"] - amount)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", MEASURES)
def test_scored_anew_with_it_the_grade_is_back_and_with_one_less_it_is_not(seed, name):
    random = np.random.default_rng(seed)
    policy = random_policy(random)
    people = fallen(random, 300, policy)
    found = restoring(people, policy)
    assert set(found["customer_id"]) == set(people.loc[people["grade"] != "A", "customer_id"])
    rows = people[people["grade"] != "A"].reset_index(drop=True)
    now = np.array(["ABC".index(grade) for grade in rows["grade"]])
    amount = found[f"restore_{name}"].to_numpy()
    possible = ~np.isnan(amount)
    back = rescored(moved(rows, name, amount), policy, now)["grade"] == "A"
    short = rescored(moved(rows, name, np.maximum(amount - 1, 0)), policy, now)["grade"] == "A"
    assert (back == possible).all()
    assert not short.any()


def test_the_measure_that_changes_least_against_what_it_is_is_named():
    random = np.random.default_rng(1)
    policy = replace(random_policy(random), weights=Weights(0.34, 0.33, 0.33))
    people = fallen(random, 200, policy)
    found = restoring(people, policy).merge(people, on="customer_id", validate="one_to_one")
    named = found[found["restore_measure"] != ""]
    assert set(named["restore_measure"]) == set(MEASURES)
    sizes = pd.DataFrame(
        {
            "orders": named["restore_orders"] / named["orders_12m"],
            "net": named["restore_net"] / (named["net_12m"].astype(float) / UNITS),
            "recency": named["restore_recency"] / named["recency_days"],
        }
    )
    for place, name in named["restore_measure"].items():
        assert sizes.loc[place, name] == sizes.loc[place].min()
        assert named.loc[place, "restore_amount"] == named.loc[place, f"restore_{name}"]


def test_nothing_is_promised_where_no_single_measure_is_enough():
    policy = random_policy(np.random.default_rng(2))
    hard = replace(policy, grades=(replace(policy.grades[0], cut=99.9), *policy.grades[1:]), hold=replace(policy.hold, band=0.0))
    people = fallen(np.random.default_rng(2), 50, hard).assign(tenure_months=8)
    people = rescored(people, hard).assign(previous_grade="A")
    found = restoring(people, hard)
    assert found["restore_measure"].eq("").all()
    assert found["restore_amount"].isna().all()


def test_who_did_not_fall_has_no_row():
    policy = random_policy(np.random.default_rng(3))
    people = fallen(np.random.default_rng(3), 50, policy)
    assert restoring(people.assign(previous_grade=people["grade"]), policy).empty
    assert restoring(people.assign(previous_grade="unrated"), policy).empty


def test_the_least_amount_by_hand():
    assert least(lambda amount: amount >= 7, np.array([100, 7, 6, 0])).tolist() == pytest.approx([7, 7, np.nan, np.nan], nan_ok=True)
