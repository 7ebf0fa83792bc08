"""Every reason to act, by hand: where it begins, what number says it, and who has none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.transforms.actions.rows import MONTH, customers, policy, signs
from transforms.actions.reasons import find_reasons
from transforms.policy.acting import Occasion


def reasons(row: dict[str, Any] | None = None, **seen: Any) -> dict[str, float]:
    """The reasons that one customer has, each with its number."""
    found = find_reasons(customers(row or {}), signs(**seen), MONTH, policy())
    return {reason.value: one.measure[0] for reason, one in found.items() if one.holds[0]}


def test_a_calm_customer_gives_no_reason():
    assert reasons() == {}


FELL = {"grade_steps": -1.0, "steps_recency": -0.4, "steps_orders": -0.6, "steps_net": 0.0, "steps_hold": 0.0, "change_score": -6.5}


@pytest.mark.parametrize(
    ("reason", "row", "seen", "measure"),
    [
        # The line to lost was crossed in the month.
        ("lost", {"is_lost": True, "recency_days": 370, "net_12m": 0}, {}, 370),
        # October ends on the 31st; the contract 60 days later.
        ("contract", {}, {"contract_end": "2026-12-30"}, 60),
        ("complaint", {}, {"complaints_open": 2}, 2),
        ("complaint_late", {}, {"complaints_late": 1}, 1),
        ("silent", {"recency_days": 180}, {}, 180),
        ("unhappy_quiet", {"satisfaction_index": 49.9}, {}, 49.9),
        ("unhappy", {"satisfaction_index": 49.9, "tickets_12m": 1}, {}, 49.9),
        # A quarter of 48 given back.
        ("refund", {}, {"refunds": 12 * 10_000}, 12),
        ("demoted", FELL, {}, 6.5),
        ("satisfaction_fell", {}, {"answered": True, "index_before": 90.0}, 10),
        # 50 in the first month rank at 50 among the year's nets 0 to 100.
        ("new_valuable", {"is_new": True, "month_net": 50 * 10_000, "grade": "unrated", "rule_grade": "unrated"}, {}, 50),
        ("near_cut", {"score": 71.99}, {}, 1.99),
    ],
)
def test_each_reason_begins_at_its_bound(reason: str, row: dict[str, Any], seen: dict[str, Any], measure: float) -> None:
    assert reasons(row, **seen) == {reason: pytest.approx(measure)}


@pytest.mark.parametrize(
    ("row", "seen"),
    [
        ({"is_lost": True, "was_lost": True, "recency_days": 500}, {"complaints_open": 1}),
        ({}, {"contract_end": "2026-12-31"}),
        ({}, {"contract_end": "2026-10-31"}),
        ({"recency_days": 179}, {}),
        ({"recency_days": 180, "net_12m": 0}, {}),
        ({"satisfaction_index": 50.0}, {}),
        ({"satisfaction_index": float("nan")}, {}),
        ({}, {"refunds": 12 * 10_000 - 1}),
        ({}, {"answered": True, "index_before": 89.99}),
        ({}, {"answered": False, "index_before": 95.0}),
        ({"is_new": True, "month_net": 49 * 10_000}, {}),
        ({"score": 72.0}, {}),
        ({"score": 69.9}, {}),
        # The last grade has no cut to fall below.
        ({"grade": "C", "rule_grade": "C", "score": 1.0}, {}),
    ],
)
def test_short_of_its_bound_nothing_is_a_reason(row: dict[str, Any], seen: dict[str, Any]) -> None:
    assert reasons(row, **seen) == {}


def test_where_tickets_are_not_supplied_nobody_is_said_to_have_had_none():
    assert set(reasons({"satisfaction_index": 10.0}, asks_tickets=False)) == {"unhappy"}


@pytest.mark.parametrize(
    "steps",
    [
        {"steps_orders": -0.4, "steps_recency": 0.0},  # the rest came from the policy or from restated data
        {"grade_steps": 1.0, "steps_orders": 1.0, "steps_recency": 0.0},
        {"rule_grade": "B"},  # the grade is set by hand
    ],
)
def test_a_fall_that_is_not_the_customers_own_doing_is_no_reason(steps: dict[str, Any]) -> None:
    assert reasons({**FELL, **steps}) == {}


def test_a_fall_whose_patience_ran_out_is_by_behaviour():
    assert "demoted" in reasons({**FELL, "steps_recency": 0.0, "steps_orders": 0.0, "steps_hold": -1.0})


def test_one_order_more_is_counted_at_the_customers_own_mean_size():
    """Ranks are values: tenure 100, silence 5, 120 orders in 12 months are 10 a month, net 99; B rises to A at 70 + 2.

    now   0.3 * (100 + 95) / 2 + 0.3 * 10         + 0.4 * 99                = 71.85
    then  0.3 * (100 + 95) / 2 + 0.3 * (121 / 12) + 0.4 * (99 + 99 / 120)   = 72.205
    """
    near = {"grade": "B", "rule_grade": "B", "tenure_months": 100, "orders_12m": 120, "net_12m": 99 * 10_000, "score": 71.85}
    assert reasons(near) == {"one_order": pytest.approx(72.205, abs=0.05)}
    # From 70.85 (tenure 93.3) one such order leads to 71.2 only.
    assert reasons({**near, "tenure_months": 93, "score": 70.8}) == {}
    assert reasons({**near, "recency_days": 180}) == {"silent": 180}, "who is silent is asked why, and offered no grade"
    assert reasons({**near, "rule_grade": "C"}) == {}, "a grade set by hand is moved by no order"
    assert reasons({**near, "grade": "A", "rule_grade": "A", "score": 90.0}) == {}, "nothing is above the best"


@pytest.mark.parametrize("who", [{"role": "employee"}, {"role": "stockholder"}, {"customer_id": "erased-0123456789abcdef"}])
def test_own_people_and_forgotten_persons_have_no_reason(who: dict[str, Any]) -> None:
    row = {"satisfaction_index": 10.0, "recency_days": 200, **who}
    assert reasons(row, complaints_open=1, contract_end="2026-11-15") == {}


def test_every_reason_has_a_play_in_both_languages():
    acting = policy().acting
    for reason in Occasion:
        play = acting.play(reason)
        assert play.words("en") != play.words("zh_CN") and play.words("fr") == play.words("en")
        assert acting.play_words(play.play, "zh_CN") == play.words("zh_CN")
        assert acting.team_name(play.team, "zh_CN") != play.team
