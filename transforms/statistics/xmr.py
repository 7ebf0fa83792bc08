"""Natural limits of the XmR chart (Wheeler, Making Sense of Data); `transforms.statistics.judging` judges by them."""

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
    centre, mean_range = _mean(series), mean_moving_range(series)
    return Limits(centre, mean_range, centre - factor * mean_range, centre + factor * mean_range, range_factor * mean_range)


def mean_moving_range(series: FloatArray) -> FloatArray:
    """Mean distance of neighbouring months; NaN where no two are known."""
    return _mean(np.abs(np.diff(series, axis=-1)))


def _mean(values: FloatArray) -> FloatArray:
    counts = (~np.isnan(values)).sum(axis=-1)
    total = np.where(np.isnan(values), 0.0, values).sum(axis=-1)
    return np.where(counts > 0, total / np.maximum(counts, 1), np.nan)
