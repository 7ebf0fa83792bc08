"""Shares, means, NPS and rates: published numbers, hand-worked cases, and properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.figures import Reason
from transforms.statistics.estimates import (
    mean_of,
    net_promoter,
    net_promoter_error,
    newcombe,
    no_data,
    poisson,
    rate_of,
    share_of,
    wilson,
)


@pytest.mark.parametrize(("hits", "n", "lower", "upper"), [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605)])
def test_wilson_agrees_with_newcombe_1998_table_one(hits, n, lower, upper):
    assert wilson(hits, n) == pytest.approx((lower, upper), abs=5e-5)


@pytest.mark.parametrize(
    ("first", "second", "lower", "upper"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
    ],
)
def test_differences_of_shares_agree_with_newcombe_1998_table_two(first, second, lower, upper):
    assert newcombe(*first, *second) == pytest.approx((lower, upper), abs=5e-5)


def test_poisson_limits_are_garwoods():
    assert poisson(0) == pytest.approx((0, 3.689), abs=1e-3)
    assert poisson(1) == pytest.approx((0.0253, 5.572), abs=1e-3)


def test_nps_and_its_standard_error_agree_with_published_cases():
    """One detractor, two passives, three promoters: 1/3 and 0.304; one of each end: 0.707; whuber's 324 answers: 4.1 points."""
    assert net_promoter(1, 2, 3).value == pytest.approx(100 / 3)
    assert net_promoter_error(1, 2, 3) == pytest.approx(math.sqrt(5 / 9 / 6))
    assert net_promoter_error(1, 2, 3) == pytest.approx(0.304, abs=1e-3)
    assert net_promoter_error(1, 0, 1) == pytest.approx(0.707, abs=1e-3)
    assert 100 * net_promoter_error(54, 108, 162) == pytest.approx(4.1, abs=0.05)


def test_the_nps_interval_is_the_adjusted_walds():
    found = net_promoter(54, 108, 162)
    assert found.value == pytest.approx(33.333, abs=1e-3)
    assert (found.lower, found.upper) == pytest.approx((24.95, 41.11), abs=0.01)


@pytest.mark.parametrize("counts", [(0, 0, 1), (0, 0, 50), (1, 0, 0), (0, 3, 0)])
def test_unanimous_answers_are_not_shown_as_certainty(counts):
    found = net_promoter(*counts)
    assert net_promoter_error(*counts) == 0
    assert found.upper - found.lower > 1
    assert -100 <= found.lower <= found.value <= found.upper <= 100


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_one_more_promoter_never_lowers_the_nps(detractors, passives, promoters):
    before, after = net_promoter(detractors, passives, promoters), net_promoter(detractors, passives, promoters + 1)
    assert before.value is None or after.value >= before.value
    assert after.lower <= after.value <= after.upper


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_lies_in_its_interval_and_the_interval_has_a_width(share):
    hits, n = share
    found = share_of(hits, n)
    assert 0 <= found.lower <= found.value <= found.upper <= 1
    assert found.upper > found.lower
    assert found.n == n


def test_nothing_divided_by_nothing_is_no_data():
    for found in (share_of(0, 0), rate_of(3, 0, 1000, ""), net_promoter(0, 0, 0), mean_of(np.array([]), 1, 5), no_data()):
        assert (found.value, found.reason, found.n) == (None, Reason.NO_DATA, 0)


def test_a_rate_carries_poissons_limits_over_its_exposure():
    found = rate_of(0, 500, 1000, "")
    assert (found.value, found.lower, found.n) == (0, 0, 500)
    assert found.upper == pytest.approx(3.689 * 2, abs=2e-3)


def test_a_mean_by_hand():
    """4, 5, 3, 4: mean 4, sd 0.8165, t(3) = 3.1824: half width 1.2992; kept within the scale of 1-5."""
    found = mean_of(np.array([4.0, 5, 3, 4]), 1, 5)
    assert found.value == 4
    assert found.lower == pytest.approx(4 - 1.2992, abs=1e-4)
    assert found.upper == 5


@pytest.mark.parametrize("answers", [[4.0], [5.0, 5.0, 5.0], [1.0, 1.0]])
def test_a_mean_of_like_answers_still_has_an_interval(answers):
    found = mean_of(np.array(answers), 1, 5)
    assert 1 <= found.lower <= found.value <= found.upper <= 5
    assert found.upper - found.lower > 0.5
