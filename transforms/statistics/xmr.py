"""Signal or noise: the XmR chart (Wheeler, Making Sense of Data)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from transforms.money import FloatArray

WHEELER = 2.66
RANGE_LIMIT = 3.268
NIST = 3 / 1.128
"""The same factor unrounded, as the NIST handbook has it."""

ENOUGH = 12
"""Points before limits are taken as settled."""


@dataclass(frozen=True)
class Limits:
    """Centre and natural limits of one or many series (the last axis is time)."""

    centre: FloatArray
    mean_range: FloatArray
    lower: FloatArray
    upper: FloatArray
    range_upper: FloatArray


def limits(series: FloatArray, factor: float = WHEELER, range_factor: float = RANGE_LIMIT) -> Limits:
    """Centre -+ factor x mean moving range; a missing month (NaN) takes its two moving ranges with it."""
    ranges = np.abs(np.diff(series, axis=-1))
    centre, mean_range = _mean(series), _mean(ranges)
    return Limits(centre, mean_range, centre - factor * mean_range, centre + factor * mean_range, range_factor * mean_range)


def signals(history: FloatArray, newest: FloatArray) -> list[str]:
    """Rule 1 for many series at once: is the newest point outside the limits of the points before it?

    One row of `history` per series, time from left to right. "above", "below", or "" for a point within
    or on the limits, without a value, or with fewer than twelve points before it.
    """
    found = limits(history)
    enough = (~np.isnan(history)).sum(axis=-1) >= ENOUGH
    with np.errstate(invalid="ignore"):
        slack = 1e-9 * np.maximum(1.0, np.abs(found.centre))
        above, below = newest > found.upper + slack, newest < found.lower - slack
    return ["above" if up else "below" if down else "" for up, down in zip(above & enough, below & enough, strict=True)]


def _mean(values: FloatArray) -> FloatArray:
    counts = (~np.isnan(values)).sum(axis=-1)
    total = np.where(np.isnan(values), 0.0, values).sum(axis=-1)
    return np.where(counts > 0, total / np.maximum(counts, 1), np.nan)
