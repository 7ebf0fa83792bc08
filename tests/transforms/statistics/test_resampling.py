"""Bootstrap intervals: repeatable, near the known answer, and no narrower for being dealt into groups."""

from __future__ import annotations

import math

import numpy as np
import pytest

from transforms.figures import Reason
from transforms.statistics.resampling import DRAWS, GROUPS, MANY, bootstrap_ratio


def test_the_same_customers_and_seed_give_the_same_interval():
    above, below = np.arange(40.0) ** 1.3, np.arange(40.0) + 5
    first, again, other = (bootstrap_ratio(above, below, "", seed) for seed in (1, 1, 2))
    assert first == again
    assert first.value == other.value
    assert (first.lower, first.upper) != (other.lower, other.upper)


@pytest.mark.parametrize("customers", [40, 3 * GROUPS])
def test_the_order_of_the_customers_does_not_matter(customers):
    """A forgotten person goes on under another name, so sorts elsewhere; the figures stay."""
    random = np.random.default_rng(8)
    above, below = random.lognormal(3, 1, (2, customers))
    mixed = random.permutation(customers)
    assert bootstrap_ratio(above[mixed], below[mixed], "") == bootstrap_ratio(above, below, "")


def test_two_customers_can_be_drawn_in_three_ways():
    """(a, a), (a, b) twice as often, (b, b): the middle 95 % reach from the one customer's ratio to the other's."""
    found = bootstrap_ratio(np.array([0.0, 3.0]), np.array([2.0, 2.0]), "net")
    assert (found.value, found.lower, found.upper, found.n) == (0.75, 0.0, 1.5, 2)
    assert found.method == "net; bootstrap over customers"


def test_net_and_gross_revenue_retention_of_the_published_case():
    """Start 200,000; churn 6,000; contraction 4,000; expansion 20,000: 105.0 % and 95.0 %."""
    before = np.array([6_000.0, 10_000, 80_000, 104_000])
    after = np.array([0.0, 6_000, 100_000, 104_000])
    assert bootstrap_ratio(after, before, "").value == pytest.approx(1.05, abs=1e-12)
    assert bootstrap_ratio(np.minimum(after, before), before, "").value == pytest.approx(0.95, abs=1e-12)


def linearised(above, below):
    """Half the width of the interval by Cochran 1977, section 2.11: 1.96 sqrt(n / (n - 1) sum (y - R x)^2) / sum x."""
    ratio, n = sum(above) / sum(below), len(below)
    square = sum((y - ratio * x) ** 2 for x, y in zip(below, above, strict=True))
    return 1.959964 * math.sqrt(n / (n - 1) * square) / sum(below)


@pytest.mark.parametrize("customers", [GROUPS - 100, 20 * GROUPS, MANY])
def test_it_agrees_with_the_linearised_interval_where_there_are_many(customers):
    random = np.random.default_rng(3)
    before = random.lognormal(5, 0.6, customers)
    now = before * random.choice([0.0, 0.8, 1.3], customers)
    drawn = bootstrap_ratio(now, before, "")
    assert drawn.upper - drawn.lower == pytest.approx(2 * linearised(now, before), rel=0.15)


def test_the_interval_holds_the_true_ratio_about_as_often_as_it_says():
    """Of 200 samples of a known company 95 % less two standard errors, 92 %, must hold its ratio, 1."""
    random = np.random.default_rng(5)
    held = 0
    for _ in range(200):
        before = random.exponential(100, 80)
        found = bootstrap_ratio(before * random.choice([0.5, 1.5], 80), before, "")
        held += found.lower <= 1 <= found.upper
    assert held / 200 > 0.95 - 2 * math.sqrt(0.95 * 0.05 / 200)


def test_little_is_not_made_to_look_certain():
    assert bootstrap_ratio(np.array([]), np.array([]), "").reason is Reason.NO_DATA
    assert bootstrap_ratio(np.array([1.0]), np.array([0.0]), "").reason is Reason.NO_DATA
    alone = bootstrap_ratio(np.array([1.0]), np.array([2.0]), "")
    assert (alone.value, alone.lower, alone.upper) == (0.5, None, None)
    alike = bootstrap_ratio(np.array([1.0, 1.0]), np.array([2.0, 2.0]), "")
    assert (alike.value, alike.lower, alike.upper) == (0.5, None, None)


def test_draws_without_anything_below_are_left_out():
    """Three of four customers had nothing before: some draws have nothing to divide by."""
    found = bootstrap_ratio(np.array([4.0, 0.0, 0.0, 0.0]), np.array([2.0, 0.0, 0.0, 0.0]), "")
    assert (found.value, found.lower) == (2.0, None)
    assert DRAWS >= 1_000
