"""Every customer's gaps between purchase days, kept sorted so that exact medians cost nothing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from transforms.facts.orders import first_day
from transforms.money import FloatArray, IntArray

GapArray = npt.NDArray[np.uint16]
"""Days between one purchase day and the next, customer after customer, sorted within each."""


def new_gaps(purchase_days: IntArray, month_start: int, last_before: IntArray) -> tuple[IntArray, IntArray]:
    """The gaps that end in a month, as (row of the customer, days), sorted by row and days.

    `purchase_days` are bit masks; `month_start` is the month's first day and `last_before` each
    customer's last purchase day before it, both in days since 1970, with -1 for none.
    """
    bits = np.unpackbits(purchase_days.astype("<u4").view(np.uint8).reshape(-1, 4), axis=1, bitorder="little")
    row, day = np.nonzero(bits)
    first = np.ones(len(row), dtype=bool)
    first[1:] = row[1:] != row[:-1]
    gap = np.empty(len(row), dtype=np.int64)
    gap[1:] = day[1:] - day[:-1]
    earlier = last_before[row[first]]
    gap[first] = np.where(earlier < 0, 0, month_start + first_day(purchase_days)[row[first]] - 1 - earlier)
    real = gap > 0
    row, gap = row[real].astype(np.int64), np.minimum(gap[real], np.iinfo(np.uint16).max)
    order = np.argsort(row * 65536 + gap, kind="stable")
    return row[order], gap[order]


def with_gaps(gaps: GapArray, counts: IntArray, customer: IntArray, days: IntArray) -> tuple[GapArray, IntArray]:
    """Put new gaps (sorted by customer and days) into their places; the new gaps and counts.

    `counts` says how many of `gaps` belong to each customer, in order. The place is found by
    halving within the customer's own stretch, so the cost is that of the new gaps.
    """
    ends = np.cumsum(counts)
    low, high = (ends - counts)[customer], ends[customer]
    while (searching := low < high).any():
        middle = (low + high) // 2
        at_most = np.zeros(len(low), dtype=bool)
        at_most[searching] = gaps[middle[searching]] <= days[searching]
        low = np.where(searching & at_most, middle + 1, low)
        high = np.where(searching & ~at_most, middle, high)
    added = np.bincount(customer, minlength=len(counts)).astype(np.int64)
    return np.insert(gaps, low, days.astype(np.uint16)), counts + added


def median_gaps(gaps: GapArray, counts: IntArray) -> FloatArray:
    """Each customer's median number of days between purchase days; NaN before the second purchase day."""
    starts = np.cumsum(counts) - counts
    known = counts > 0
    median = np.full(len(counts), np.nan)
    low = gaps[starts[known] + (counts[known] - 1) // 2].astype(np.float64)
    high = gaps[starts[known] + counts[known] // 2].astype(np.float64)
    median[known] = (low + high) / 2
    return median


def gap_spread(gaps: GapArray, counts: IntArray) -> FloatArray:
    """Each customer's coefficient of variation of the gaps (standard deviation of the population over the mean); NaN below two gaps."""
    several = counts > 1
    spread = np.full(len(counts), np.nan)
    if several.any():
        ends = np.cumsum(counts)
        whole = np.concatenate([[0], np.cumsum(gaps, dtype=np.int64)])
        squares = np.concatenate([[0], np.cumsum(np.square(gaps, dtype=np.int64))])
        start, end, size = (ends - counts)[several], ends[several], counts[several]
        mean = (whole[end] - whole[start]) / size
        variance = np.maximum(0.0, (squares[end] - squares[start]) / size - mean * mean)
        spread[several] = np.sqrt(variance) / mean
    return spread
