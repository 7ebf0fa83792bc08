"""Churn by stated definitions, worked by hand on one small company; replacement; survival of customers."""

from __future__ import annotations

import numpy as np
import pytest

from tests.transforms.builders import orders
from tests.transforms.indicators.test_summary import company_of, reviewed
from tests.transforms.parts import bare_part, company_part
from transforms.figures import Reason
from transforms.indicators.churn import churn_rate_model, following, share_after
from transforms.month import Month

SOLD = orders(
    ("back", "2021-01-10", 10),  # away for more than two years
    ("back", "2024-02-10", 10),
    ("gone", "2022-05-10", 300),
    ("kept", "2022-06-10", 100),
    ("kept", "2024-03-10", 50),
    ("quiet", "2022-07-10", 100),
    ("quiet", "2023-08-01", 200),  # bought in the twelve months, silent since August
    ("late", "2023-03-31", 100),  # silent for 366 days on 31 March 2024: lost that very day
    ("new", "2024-01-05", 80),
)


@pytest.fixture(scope="module")
def found():
    """The company's figures."""
    return company_of(reviewed(SOLD))


def test_three_definitions_of_churn_side_by_side(found):
    """Of gone, kept, quiet and late, who ordered from April 2022 to March 2023: two did not order since, three are silent, two lost."""
    assert found.loc[["churn_rate", "churn_rate_silent", "churn_rate_lost"], "value"].tolist() == [0.5, 0.75, 0.5]
    assert found.loc[["churn_rate", "churn_rate_silent", "churn_rate_lost"], "n"].tolist() == [4, 4, 4]
    assert found.loc["churn_rate_model", "reason"] == Reason.NOT_SUPPLIED
    assert "silent for 180 days" in found.loc["churn_rate_silent", "method"]


def test_a_longer_interval_of_ones_own_gives_more_time_before_one_is_lost():
    sold = orders(("slow", "2022-04-10", 10), ("slow", "2022-12-10", 10), ("once", "2022-12-10", 10))
    found = company_of(reviewed(sold))
    assert found.loc[["churn_rate", "churn_rate_lost"], "value"].tolist() == [1.0, 0.5]


def test_who_comes_back_is_neither_new_nor_kept(found):
    found = found["value"]
    assert found["customers_reactivated_12m"] == 1
    assert found["replacement_ratio_customers"] == 1 / 2  # new; gone and late
    assert found["replacement_ratio"] == pytest.approx(80 / 400)


def test_money_is_lost_by_leaving_and_by_buying_less(found):
    """Before: 300 + 100 + 100 + 100; kept buys 50 less, gone and late nothing, quiet more, which does not count."""
    assert found.loc["revenue_churn_rate", "value"] == pytest.approx(450 / 600)
    assert found.loc["revenue_left_rate", "value"] == pytest.approx(400 / 600)
    assert found.loc["grr", "value"] == pytest.approx(1 - 450 / 600)
    assert "bootstrap over customers" in found.loc["nrr", "method"]
    assert found.loc["nrr", "lower"] < found.loc["nrr", "value"] < found.loc["nrr", "upper"]


def test_what_a_model_expects_stands_beside_and_says_for_how_many():
    """Of three customers of the cohort two have a probability; who was not there before does not count."""
    found = churn_rate_model(bare_part(prior_orders=[1, 2, 1, 0], p_alive=[0.1, 0.9, None, 0.2]))
    assert found.value == pytest.approx(0.5)
    assert (found.n, found.method) == (2, "mean of 1 - P(alive); known for 2 of 3 customers")


def test_survival_ends_with_the_last_order_and_follows_no_silence_that_is_too_new_to_judge():
    """a is lost: it bought for 10 days. b can be judged up to 366 days before the end, 34 days after its first order. c is too new."""
    sold = orders(("a", "2020-01-01", 1), ("a", "2020-01-11", 1), ("b", "2023-02-25", 1), ("b", "2024-03-01", 1), ("c", "2023-12-22", 1))
    found = following(company_part(sold))
    assert (found.curve.times.tolist(), found.curve.share.tolist()) == ([10], [0.0])  # b's own interval is 370 days: not judged yet
    assert (found.customers, found.longest) == (1, 1551 - 365)
    assert share_after(found, 2).value == 0
    assert share_after(found, 5).reason is Reason.NO_DATA
    assert "followed for 3.2 years" in share_after(found, 5).method


def test_one_third_lost_a_year_does_not_leave_nobody_after_five_years():
    """Of 243 customers a third of those left goes each year: 81, 54, 36, 24, 16; 32 = 243 x (2/3)^5 are left, not zero (Q12)."""
    stayed = np.repeat(np.arange(6), (81, 54, 36, 24, 16, 32))
    part = bare_part(
        Month(2026, 3),
        first_order_on=["2016-03-10"] * 243,
        recency_days=3673 - 365 * stayed - 184,
        median_gap_days=[184.0] * 243,
        is_lost=[True] * 243,
    )
    found = share_after(following(part), 5)
    assert found.value == pytest.approx((2 / 3) ** 5)
    assert found.lower < found.value < found.upper
    assert found.n == 243


def test_without_an_earlier_year_nobody_can_have_left():
    found = company_of(reviewed(orders(("a", "2024-03-01", 5))))
    for name in ("churn_rate_silent", "churn_rate_lost", "revenue_churn_rate", "replacement_ratio", "customer_survival_5y"):
        assert found.loc[name, "reason"] == Reason.NO_DATA
