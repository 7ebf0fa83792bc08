"""Logistic regression and how well probabilities do, without threads in the sums: the same bytes on any number of cores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from transforms.money import BoolArray, FloatArray

RIDGE = 1.0
"""Penalty on each standardised weight: as one imaginary customer's worth of doubt; keeps weights finite where a feature splits all."""
STEPS = 50


@dataclass(frozen=True)
class Logistic:
    """A fitted regression on standardised features: means, spreads, weights per standard deviation, and the intercept."""

    means: FloatArray
    spreads: FloatArray
    weights: FloatArray
    intercept: float

    def probability(self, features: FloatArray) -> FloatArray:
        """Of each row (customers x features)."""
        standard = (features - self.means) / self.spreads
        answer: FloatArray = special.expit(self.intercept + (standard * self.weights).sum(axis=1))
        return answer


def fit(features: FloatArray, outcome: BoolArray, ridge: float = RIDGE) -> Logistic:
    """Penalised maximum likelihood by iteratively reweighted least squares; the intercept is not penalised."""
    means, spreads = features.mean(axis=0), features.std(axis=0)
    spreads = np.where(spreads > 0, spreads, 1.0)
    design = np.column_stack([np.ones(len(features)), (features - means) / spreads])
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 0.0
    weights, y = np.zeros(design.shape[1]), outcome.astype(np.float64)
    for _ in range(STEPS):
        p = special.expit((design * weights).sum(axis=1))
        slope = (design * (y - p)[:, None]).sum(axis=0) - penalty * weights
        trust = np.maximum(p * (1 - p), 1e-9)
        step = np.linalg.solve(_cross_product(design, trust) + np.diag(penalty), slope)
        weights = weights + step * min(1.0, 4.0 / max(float(np.abs(step).max()), 1e-12))
        if float(np.abs(step).max()) < 1e-9:
            break
    return Logistic(means, spreads, weights[1:], float(weights[0]))


def _cross_product(design: FloatArray, trust: FloatArray) -> FloatArray:
    """design' W design, entry by entry: a matrix product's rounding depends on the number of threads."""
    size = design.shape[1]
    product = np.empty((size, size))
    for row in range(size):
        for column in range(row, size):
            product[row, column] = product[column, row] = float((trust * design[:, row] * design[:, column]).sum())
    return product


@dataclass(frozen=True)
class Compared:
    """Two rankings' areas under the curve on the same customers, and the difference with its 95 % interval."""

    first: float
    first_interval: tuple[float, float]
    second: float
    gain: float
    gain_interval: tuple[float, float]


def areas(first: FloatArray, second: FloatArray, outcome: BoolArray) -> Compared:
    """Areas under the ROC curve, paired (DeLong, DeLong & Clarke-Pearson 1988); both outcomes must occur at least twice.

    The area is the chance that a customer with the outcome is ranked above one without it, ties counting half.
    """
    lost, kept = outcome, ~outcome
    m, n = int(lost.sum()), int(kept.sum())
    placed = [_placements(ranking, lost) for ranking in (first, second)]
    values = [float(above.mean()) for above, _ in placed]
    over = np.array([above for above, _ in placed]) - np.array(values)[:, None]
    under = np.array([below for _, below in placed]) - np.array(values)[:, None]

    def covariance(one: int, other: int) -> float:
        return float((over[one] * over[other]).sum()) / (m - 1) / m + float((under[one] * under[other]).sum()) / (n - 1) / n

    spread = np.sqrt(max(covariance(0, 0) + covariance(1, 1) - 2 * covariance(0, 1), 0.0))
    gain, own = values[0] - values[1], np.sqrt(max(covariance(0, 0), 0.0))
    return Compared(
        values[0],
        (max(0.0, values[0] - 1.96 * own), min(1.0, values[0] + 1.96 * own)),
        values[1],
        gain,
        (gain - 1.96 * spread, gain + 1.96 * spread),
    )


def _placements(ranking: FloatArray, lost: BoolArray) -> tuple[FloatArray, FloatArray]:
    """For each lost customer the share of kept ones ranked below; for each kept one the share of lost ones ranked above."""
    all_ranks = stats.rankdata(ranking)
    above = (all_ranks[lost] - stats.rankdata(ranking[lost])) / int((~lost).sum())
    below = 1 - (all_ranks[~lost] - stats.rankdata(ranking[~lost])) / int(lost.sum())
    return above, below


def brier(probability: FloatArray, outcome: BoolArray) -> float:
    """Mean squared distance of probability and outcome; 0 is perfect."""
    return float(np.square(probability - outcome).mean())


def calibration_line(probability: FloatArray, outcome: BoolArray) -> tuple[float, float]:
    """Intercept and slope of the outcome's log odds on the forecast's: 0 and 1 where it is calibrated (Cox 1958)."""
    odds = special.logit(np.clip(probability, 1e-6, 1 - 1e-6))
    line = fit(odds[:, None], outcome, ridge=1e-6)  # next to nothing, but enough where all forecasts are alike
    slope = float(line.weights[0] / line.spreads[0])
    return float(line.intercept - slope * line.means[0]), slope
