"""How well a score told apart the customers who stayed and those who left: AUC, precision and recall, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, rankdata

from transforms.money import BoolArray, FloatArray
from transforms.statistics.estimates import Z, wilson


@dataclass(frozen=True)
class Interval:
    """A number with its 95 % interval; all three None where the data do not allow it."""

    value: float | None
    lower: float | None = None
    upper: float | None = None
    n: int = 0


@dataclass(frozen=True)
class Separation:
    """One card's power to tell kept from lost customers.

    auc        probability that a kept customer scored higher than a lost one, ties counted half
    precision  share of the worst grade's customers who were lost
    recall     share of the lost customers who stood in the worst grade
    """

    auc: Interval
    precision: Interval
    recall: Interval


@dataclass(frozen=True)
class Contest:
    """Two cards on the same customers; `difference` is of the second AUC less the first, paired."""

    kept: int
    lost: int
    first: Separation
    second: Separation
    difference: Interval
    p_value: float | None


def contest(kept: BoolArray, scores: tuple[FloatArray, FloatArray], worst: tuple[BoolArray, BoolArray]) -> Contest:
    """Hold two cards against what became of the same customers.

    AUC and its covariance after DeLong, DeLong & Clarke-Pearson 1988 (Biometrics 44:837), by midranks
    (Sun & Xu 2014); shares with Wilson intervals. With fewer than two kept or two lost there is no AUC.
    """
    stayed, left = int(kept.sum()), int((~kept).sum())
    aucs, covariance = delong(kept, scores)
    parts = []
    for place in (0, 1):
        area = Interval(None, n=len(kept))
        if aucs is not None and covariance is not None:
            reach = Z * float(np.sqrt(max(covariance[place, place], 0.0)))
            area = Interval(float(aucs[place]), max(0.0, float(aucs[place]) - reach), min(1.0, float(aucs[place]) + reach), len(kept))
        named = worst[place]
        caught = int((named & ~kept).sum())
        parts.append(Separation(area, _share(caught, int(named.sum())), _share(caught, left)))
    difference, p_value = Interval(None, n=len(kept)), None
    if aucs is not None and covariance is not None:
        gain = float(aucs[1] - aucs[0])
        spread = float(np.sqrt(max(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1], 0.0)))
        difference = Interval(gain, gain - Z * spread, gain + Z * spread, len(kept))
        p_value = float(2 * norm.sf(abs(gain) / spread)) if spread > 0 else (1.0 if gain == 0 else None)
    return Contest(stayed, left, parts[0], parts[1], difference, p_value)


def delong(kept: BoolArray, scores: Sequence[FloatArray]) -> tuple[FloatArray | None, FloatArray | None]:
    """The AUC of each score and their covariance matrix; None, None with fewer than two on either side."""
    stayed, left = int(kept.sum()), int((~kept).sum())
    if stayed < 2 or left < 2:
        return None, None
    areas, of_kept, of_lost = [], [], []
    for score in scores:
        above, below = score[kept], score[~kept]
        everyone = rankdata(np.concatenate([above, below]))
        of_kept.append((everyone[:stayed] - rankdata(above)) / left)
        of_lost.append(1 - (everyone[stayed:] - rankdata(below)) / stayed)
        areas.append(float(of_kept[-1].mean()))
    covariance = np.atleast_2d(np.cov(np.array(of_kept))) / stayed + np.atleast_2d(np.cov(np.array(of_lost))) / left
    return np.array(areas), covariance


def _share(part: int, whole: int) -> Interval:
    if not whole:
        return Interval(None, n=0)
    lower, upper = wilson(part, whole)
    return Interval(part / whole, lower, upper, whole)
