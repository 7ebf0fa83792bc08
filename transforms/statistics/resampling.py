"""Intervals by drawing customers again: for ratios of sums, where a few large customers carry much of the money."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from transforms.money import FloatArray, IntArray
from transforms.statistics.estimates import CONFIDENCE, Estimate, Z, no_data

DRAWS = 1_000
GROUPS = 500
"""More customers than this are dealt at random into so many groups, which are then drawn as one."""
MANY = 20_000
"""From so many customers on sums are as good as normal: the interval is the linearised one, which needs no draws."""
SEED = 1979
"""The year of the method; any number does, as long as it stays."""


def bootstrap_ratio(above: FloatArray, below: FloatArray, method: str, seed: int = SEED) -> Estimate:
    """Ratio of two sums over the same customers, with the percentile bootstrap interval over customers (Efron 1979).

    R = sum(above) / sum(below). Customers are drawn with replacement `DRAWS` times, R is taken of each draw, and
    the interval is what the middle 95 % of them span, stretched to hold R itself. More than `GROUPS` customers are
    first dealt at random into that many groups: their sums vary as much as the customers' own do, and the cost no
    longer grows with the company. The same rows, in whatever order, and the same seed give the same interval.

    From `MANY` customers on the interval is the linearised one (Cochran 1977, section 2.11), which the bootstrap's
    tends to:  SE = sqrt(n / (n - 1) * sum (y - R x)^2) / sum x.

    One customer gives no interval; a sum below that is not positive gives no value.
    """
    n = len(below)
    if n >= MANY:
        return _linear_interval(above, below, method)
    order = np.argsort(below + above / 1.618033988749895)  # by value: renamed customers are added up and dealt as before
    tops, bottoms = above[order].astype(np.float64), below[order].astype(np.float64)
    base = float(bottoms.sum())
    if n == 0 or base <= 0:
        return no_data(method, n)
    ratio = float(tops.sum()) / base
    if n == 1:
        return Estimate(ratio, n, method=method)
    dealt, drawn = _draws(n, seed)
    if dealt is not None:
        tops, bottoms = _sums_by_group(dealt, tops), _sums_by_group(dealt, bottoms)
    over, under = tops.take(drawn).sum(axis=1), bottoms.take(drawn).sum(axis=1)
    ratios = over[under > 0] / under[under > 0]
    tail = (1 - CONFIDENCE) / 2
    lower, upper = np.quantile(ratios, [tail, 1 - tail])
    if lower == upper:
        return Estimate(ratio, n, method=method)
    return Estimate(ratio, n, min(ratio, float(lower)), max(ratio, float(upper)), method=f"{method}; bootstrap over customers")


@lru_cache(maxsize=8)
def _draws(n: int, seed: int) -> tuple[IntArray | None, IntArray]:
    """Who is dealt into which group (None: nobody needs to be), and who is drawn each time; alike for all ratios of `n` customers.

    A scope's ratios are of the same customers, so they are drawn once for all of them.
    """
    random = np.random.default_rng(seed)
    dealt = random.integers(0, GROUPS, n) if n > GROUPS else None
    size = min(n, GROUPS)
    return dealt, random.integers(0, size, (DRAWS, size))


def _sums_by_group(dealt: IntArray, amounts: FloatArray) -> FloatArray:
    return np.bincount(dealt, weights=amounts, minlength=GROUPS).astype(np.float64)


def _linear_interval(above: FloatArray, below: FloatArray, method: str) -> Estimate:
    n, base = len(below), float(below.sum())
    if base <= 0:
        return no_data(method, n)
    ratio = float(above.sum()) / base
    error = math.sqrt(n / (n - 1) * float(np.square(above - ratio * below).sum())) / base
    return Estimate(ratio, n, ratio - Z * error, ratio + Z * error, method=f"{method}; linearised interval")
