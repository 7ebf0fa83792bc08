"""Ranks read from a frozen grid: near to the exact mid-rank, never by row order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.statistics.ranks import STEPS, frozen_grid, percent_rank


def exact_mid_ranks(values):
    """Share below plus half the share equal, in percent, by its definition."""
    below = [sum(other < value for other in values) for value in values]
    equal = [sum(other == value for other in values) for value in values]
    return 100 * (np.array(below) + np.array(equal) / 2) / len(values)


def test_four_customers_by_hand():
    """Two share the middle: ranks 12.5, 50, 50, 87.5, within one step of the grid."""
    values = np.array([1.0, 2, 2, 9])
    ranks = percent_rank(values, frozen_grid(values))
    assert ranks == pytest.approx([12.5, 50, 50, 87.5], abs=0.1)
    assert ranks[1] == ranks[2]


def test_outside_the_distribution_it_is_nought_or_hundred():
    grid = frozen_grid(np.array([1.0, 2, 3]))
    assert percent_rank(np.array([0.9, -5, 3.1, np.inf]), grid).tolist() == [0, 0, 100, 100]


def test_missing_stays_missing_and_is_left_out_of_the_grid():
    grid = frozen_grid(np.array([np.nan, 1.0, 2]))
    assert np.isnan(percent_rank(np.array([np.nan]), grid))[0]
    assert set(grid) == {1.0, 2.0}
    with pytest.raises(ValueError, match="at least one value"):
        frozen_grid(np.array([np.nan]))


numbers = st.lists(st.integers(0, 50).map(float), min_size=1, max_size=300)


@settings(max_examples=60, deadline=None)
@given(numbers)
def test_a_rank_differs_from_the_exact_mid_rank_by_one_step_at_most(values):
    frozen = np.array(values)
    assert np.abs(percent_rank(frozen, frozen_grid(frozen)) - exact_mid_ranks(values)).max() <= 100 / STEPS + 1e-9


def test_a_large_smooth_distribution_keeps_to_one_step_too():
    values = np.random.default_rng(5).lognormal(3, 1, 20_000)
    order = values.argsort().argsort()
    assert np.abs(percent_rank(values, frozen_grid(values)) - 100 * (order + 0.5) / len(values)).max() <= 0.1


@settings(max_examples=60, deadline=None)
@given(numbers, st.lists(st.floats(-5, 60), min_size=2, max_size=50))
def test_more_never_ranks_lower_and_all_ranks_are_0_to_100(frozen, asked):
    ranks = percent_rank(np.sort(np.array(asked)), frozen_grid(np.array(frozen)))
    assert (np.diff(ranks) >= 0).all()
    assert ranks.min() >= 0
    assert ranks.max() <= 100


def test_the_grid_has_1001_values_that_occur():
    values = np.array([5.0, 7, 7, 8])
    grid = frozen_grid(values)
    assert len(grid) == 1001
    assert (grid[0], grid[250], grid[251], grid[-1]) == (5, 5, 7, 8)
