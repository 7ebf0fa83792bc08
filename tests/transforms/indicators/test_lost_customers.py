"""The cost of a lost customer by hand, word of mouth only where the company gives its digits, the retention scenario."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.builders import orders
from tests.transforms.parts import bare_part, company_part
from transforms.figures import Reason
from transforms.indicators.lost_customers import (
    lost_customer_cost,
    lost_customers_of,
    present_value,
    retention_plus_5_value,
    scenarios,
    scenarios_of,
    word_of_mouth,
    years_to_stay,
)
from transforms.policy.assumptions import in_force
from transforms.policy.reading import policy_from_mapping

SOLD = orders(
    ("smith", "2023-02-19", 70),
    ("smith", "2023-03-05", 70),  # 14 days and one interval of 14: 140 in four weeks; lost on 5 March 2024
    ("once", "2023-03-20", 500),  # lost too; a single order has no weekly spend of its own
    ("kept", "2022-06-01", 52),
    ("kept", "2023-05-31", 52),
    ("left", "2022-06-01", 10),
    ("long", "2023-01-01", 10),
    ("long", "2024-03-30", 90),
)


@pytest.fixture(scope="module")
def part():
    return company_part(SOLD)


def test_a_lost_customer_costs_the_weekly_spend_times_the_years_left(part):
    """Of kept, left, long, once and smith two bought again: churn 0.6, years left 1 + .4 + .16 + .064 + .0256."""
    found = lost_customers_of(part)
    assert found.years == pytest.approx(1.6496)
    rows = found.rows.set_index("customer_id")
    assert rows["own"].to_dict() == {"smith": True, "once": False}
    assert rows.loc["smith", "weekly"] == 35
    assert rows.loc["smith", "direct"] == pytest.approx(35 * 365.25 / 7 * 1.6496)
    assert found.total == pytest.approx(rows["direct"].sum())


def test_a_single_order_is_told_with_the_median_of_the_others(part):
    """kept 104 in 728 days, long 100 in 908, smith 140 in 28: the middle one is kept's, 1.00 a week."""
    rows = lost_customers_of(part).rows.set_index("customer_id")
    assert rows.loc["once", "weekly"] == pytest.approx(104 / 728 * 7)


def test_the_figure_says_how_it_was_estimated(part):
    found = lost_customer_cost(part)
    assert found.n == 2
    assert found.method == "1.65 years left; weekly spend measured for 1 of 2, else the company's median"


def test_nobody_lost_costs_nothing_and_no_earlier_year_is_no_data():
    nobody = {"total_gross": [0], "total_refunds": [0], "first_order_on": ["2023-01-01"], "last_order_on": ["2023-01-01"]}
    known = {**nobody, "median_gap_days": [None], "customer_id": ["a"], "orders_12m": [0], "prior_orders": [0], "was_lost": [False]}
    found = lost_customer_cost(bare_part(**known, is_lost=[False]))
    assert (found.value, found.n) == (0, 0)
    assert lost_customer_cost(bare_part(**known, is_lost=[True])).reason is Reason.NO_DATA


def test_word_of_mouth_stays_away_until_the_company_fills_in_the_lost_digits():
    assert word_of_mouth(1000, in_force(())) is None
    told = policy_from_mapping(plain(assumptions={"wom_told": 8, "wom_told_each": {"value": 3, "source": "own survey"}}), "test")
    found = word_of_mouth(1000, in_force(told.assumptions))
    assert (found.influenced, found.lost_others, found.extra) == (16, 4, 4000)  # 8 x 0.5 x (1 + 3); a quarter of it
    off = policy_from_mapping(plain(assumptions={"wom_told": 8, "wom_told_each": 3, "wom_lost": False}), "test")
    assert word_of_mouth(1000, in_force(off.assumptions)) is None


def test_a_retention_scenario_by_hand():
    """r = 0.8, d = 0, two years: 100 x (1 + .8 + .64) = 244; five points more: 100 x (1 + .85 + .7225) = 257.25."""
    found = {line.points: line for line in scenarios(100, 0.8, 0.0, 2)}
    assert found[0].value == pytest.approx(244)
    assert found[5].value == pytest.approx(257.25)
    assert found[5].change == pytest.approx(257.25 / 244 - 1)
    assert sorted(found) == [-5, -1, 0, 1, 5]


def test_a_rate_that_cannot_be_is_left_out():
    assert [line.points for line in scenarios(100, 0.97, 0.1, 5)] == [-5, -1, 0, 1]
    assert scenarios(0, 0.9, 0.1, 5) == []


@given(st.floats(0.06, 0.94), st.floats(0, 0.5), st.integers(1, 20), st.floats(1, 1e6))
def test_more_retention_is_never_worth_less_and_money_does_not_move_the_share(rate, discount, horizon, net):
    found = scenarios(net, rate, discount, horizon)
    assert [line.change for line in found] == sorted(line.change for line in found)
    other = scenarios(1, rate, discount, horizon)
    assert [line.change for line in found] == pytest.approx([line.change for line in other], abs=1e-9)


@given(st.floats(0, 1), st.integers(1, 20))
def test_years_left_lie_between_one_and_the_horizon(churn, horizon):
    assert 1 <= years_to_stay(churn, horizon) <= horizon
    assert years_to_stay(churn, horizon) == pytest.approx(present_value(1, 1 - churn, 0, horizon - 1))


def plain(**more):
    grades = [
        {"grade": grade, "tier": grade.lower(), "name_en": grade, "name_zh": "级", "cut": cut} for grade, cut in (("A", 50), ("B", 0))
    ]
    return {"version": "v", "effective_from": "2024-01", "author": "x", "reason": "y", "grades": grades, **more}


def test_the_scenario_uses_the_policys_own_rate_and_horizon(part):
    policy = policy_from_mapping(plain(economics={"discount_rate": 0.0, "horizon_years": 2}), "test")
    own = replace(part, policy=policy)
    assert {line.points: line.value for line in scenarios_of(own)}[0] == pytest.approx(71 * (1 + 0.4 + 0.16))
    assert retention_plus_5_value(own).value == pytest.approx((1 + 0.45 + 0.45**2) / 1.56 - 1)
