"""The worked examples of docs/method/economics.md, run; each number they state is on the page."""

from __future__ import annotations

import numpy as np
import pytest

from tests.places import CHECKOUT
from tests.transforms.parts import bare_part
from transforms.indicators.churn import churn_rate_silent
from transforms.indicators.information import risk_ratio
from transforms.indicators.lost_customers import WEEKS_A_YEAR, scenarios, weekly_net, word_of_mouth, years_to_stay
from transforms.policy.assumptions import QUOTED, Assumption
from transforms.statistics.resampling import bootstrap_ratio

PAGE = (CHECKOUT / "docs" / "method" / "economics.md").read_text(encoding="utf-8")


def stated(*numbers: str) -> None:
    for number in numbers:
        assert number in PAGE


def test_who_stays() -> None:
    found = churn_rate_silent(bare_part(prior_orders=[1, 1, 1, 1], recency_days=[10, 240, 400, 500]))
    assert found.value == 3 / 4
    stated("silent 3/4")


def test_what_became_of_their_money() -> None:
    before, after = np.array([6_000.0, 10_000, 184_000]), np.array([0.0, 6_000, 204_000])
    assert bootstrap_ratio(after, before, "").value == pytest.approx(1.05)
    assert bootstrap_ratio(np.minimum(after, before), before, "").value == pytest.approx(0.95)
    stated("NRR 1.05, GRR 0.95")


def test_how_long_they_keep_buying() -> None:
    assert f"{(2 / 3) ** 5:.1%}" == "13.2%"
    stated("13.2 %")


def test_what_it_costs_to_lose_one() -> None:
    part = bare_part(
        total_gross=[1_400_000], total_refunds=[0], first_order_on=["2024-01-01"], last_order_on=["2024-01-15"], median_gap_days=[14.0]
    )
    (weekly,) = weekly_net(part, np.array([0]))
    years = years_to_stay(0.6, 5)
    assert (weekly, years) == (35, pytest.approx(1.6496))
    assert round(weekly * WEEKS_A_YEAR * years) == 3_013
    stated("35 a week", "1.6496", "3,013")


def test_word_of_mouth() -> None:
    told = {key: Assumption(key, value, "x") for key, value in (("wom_told", 8.0), ("wom_told_each", 3.0))}
    found = word_of_mouth(1.0, {**QUOTED, **told})
    assert found is not None
    assert found.lost_others == 4
    stated("four others are lost")


def test_what_more_retention_would_be_worth() -> None:
    by = {line.points: line for line in scenarios(100, 0.8, 0.0, 2)}
    assert (by[0].value, by[5].value) == (pytest.approx(244), pytest.approx(257.25))
    assert f"{by[5].change:.1%}" == "5.4%"
    stated("244", "257.25", "+5.4 %")


def test_satisfied_against_dissatisfied() -> None:
    found = risk_ratio(15, 20, 5, 20, "")
    assert [f"{number:.2f}" for number in (found.value, found.lower, found.upper)] == ["3.00", "1.35", "6.68"]
    stated("ratio 3, 1.35 to 6.68")
