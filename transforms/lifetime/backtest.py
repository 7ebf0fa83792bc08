"""How well a forecast did: order, the best tenth, size, and error against doing nothing clever."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from transforms.money import FloatArray

FEWEST = 30
"""Customers below which a forecast is not judged."""
DECILES = 10


@dataclass(frozen=True)
class Score:
    """One forecast of a number per customer against what came; None where it cannot be said.

    rank_correlation  Spearman, with its 95 % interval (Fisher's z with the factor 1.06)
    capture           share of all that came which the tenth with the highest forecasts brought
    ratio             forecast total / actual total
    mean_error        mean absolute error, in the unit of the number
    """

    n: int
    rank_correlation: float | None
    interval: tuple[float, float] | None
    capture: float | None
    ratio: float | None
    mean_error: float


def score(predicted: FloatArray, came: FloatArray) -> Score | None:
    """Judge a forecast; None below 30 customers."""
    n = len(came)
    if n < FEWEST:
        return None
    rank = rank_correlation(predicted, came)
    total = float(came.sum())
    return Score(
        n,
        rank,
        None if rank is None else _spearman_interval(rank, n),
        top_capture(predicted, came),
        float(predicted.sum()) / total if total > 0 else None,
        float(np.abs(predicted - came).mean()),
    )


def rank_correlation(one: FloatArray, other: FloatArray) -> float | None:
    """Spearman's rank correlation, ties at their mean rank; None where one of them does not vary."""
    x, y = (stats.rankdata(values) for values in (one, other))
    x, y = x - x.mean(), y - y.mean()
    spread = float((x * x).sum()) * float((y * y).sum())
    return float((x * y).sum()) / float(np.sqrt(spread)) if spread > 0 else None


def top_capture(predicted: FloatArray, came: FloatArray) -> float | None:
    """Share of the positive total that the tenth (rounded up) with the highest forecasts brought; ties share alike."""
    gains = np.maximum(came, 0.0)
    total = float(gains.sum())
    if total <= 0:
        return None
    count = -(-len(came) // DECILES)
    line = float(np.partition(predicted, len(predicted) - count)[len(predicted) - count])
    above, at = predicted > line, predicted == line
    return (float(gains[above].sum()) + (count - int(above.sum())) * float(gains[at].mean())) / total


@dataclass(frozen=True)
class Tenth:
    """A tenth of the customers by forecast: how many, and the means of forecast and of what came."""

    n: int
    predicted: float
    came: float


def calibration(predicted: FloatArray, came: FloatArray) -> tuple[Tenth, ...]:
    """The customers in ten parts from the lowest forecast to the highest; equal forecasts stay in one part."""
    if len(came) < FEWEST:
        return ()
    place = np.minimum((stats.rankdata(predicted, method="average") - 0.5) * DECILES / len(predicted), DECILES - 1).astype(np.int64)
    found = []
    for number in range(DECILES):
        chosen = place == number
        if chosen.any():
            found.append(Tenth(int(chosen.sum()), float(predicted[chosen].mean()), float(came[chosen].mean())))
    return tuple(found)


def _spearman_interval(rank: float, n: int) -> tuple[float, float]:
    """Fieller, Hartley & Pearson 1957: the variance of Fisher's z of a rank correlation is 1.06 / (n - 3)."""
    if abs(rank) >= 1:
        return rank, rank
    middle, half = np.arctanh(rank), 1.96 * np.sqrt(1.06 / (n - 3))
    return float(np.tanh(middle - half)), float(np.tanh(middle + half))
