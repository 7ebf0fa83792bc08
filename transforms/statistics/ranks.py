"""Percentile ranks against a frozen distribution, so that a rank changes because the customer changed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from transforms.money import FloatArray

STEPS = 1000
"""A grid has one entry per tenth of a percent, both ends included: 1,001 in all."""


DECIMALS = 10


def round_scores(values: FloatArray) -> FloatArray:
    """Scores and cuts to ten decimals, so that what the rules make equal is equal: 70, never 69.99999999999999.

    Tenths and thirds are not exact in binary, and a sum of them may miss its own value by a few parts in 10^16. A score
    that stands on a cut would then miss a grade that it has earned.
    """
    return np.round(values, DECIMALS)


def frozen_grid(values: FloatArray) -> tuple[float, ...]:
    """The distribution of `values` as 1,001 of them: entry i is the smallest that at least i/1000 of all do not exceed.

    Missing values are left out. Every entry is a value that occurs, so a value shared by many customers
    fills as many entries as its share of them.
    """
    known = np.sort(values[~np.isnan(values)])
    if not len(known):
        raise ValueError("a distribution needs at least one value")
    steps = np.arange(STEPS + 1)
    places = np.maximum(0, -(-steps * len(known) // STEPS) - 1)
    return tuple(known[places].tolist())


def percent_rank(values: FloatArray, grid: Sequence[float]) -> FloatArray:
    """Rank 0-100 of each value in a frozen distribution; missing stays missing.

    A value that stands in the grid gets the middle of the entries that it fills: the mid-rank, so that
    equal customers rank equally and nobody is ranked by the order of rows. A value between two entries
    is placed between them in proportion. Below the first is 0, above the last is 100. The rank differs
    from the exact mid-rank in the frozen customers by at most 0.1, one step of the grid.
    """
    entries = np.asarray(grid, dtype=np.float64)
    middle_of_run = (np.searchsorted(entries, entries, side="left") + np.searchsorted(entries, entries, side="right") - 1) / 2
    left = np.searchsorted(entries, values, side="left")
    at, before = np.minimum(left, STEPS), np.maximum(left - 1, 0)
    above, below = entries[at], entries[before]
    width = np.where(above > below, above - below, 1.0)
    between = np.clip(left - 1 + (values - below) / width, 0, STEPS)
    place = np.where(above == values, middle_of_run[at], between)
    return np.where(np.isnan(values), np.nan, place * (100 / STEPS))
