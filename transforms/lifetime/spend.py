"""Gamma-Gamma: what a purchase of each customer is worth on average, pulled towards the company's mean.

Fader & Hardie 2013 (note 025), Colombo & Jiang 1999: money per purchase day is gamma within a customer and the
customers' means are inverse gamma. It assumes that how much is spent has nothing to do with how often: see
`independence`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from transforms.lifetime.fitting import NotFitted, Objective, Peak, Unfit, climb, to_six_digits
from transforms.lifetime.histories import Marginal
from transforms.money import BoolArray, FloatArray

FEWEST_REPEATERS = 50
STARTS = ((2.0, 2.0, 1.0), (6.0, 4.0, 0.5))
"""p, q, gamma; gamma in mean spends."""
PLAUSIBLE = 1.5
"""By how much the fitted mean may miss the observed one: where q is near 1 it is nearly infinite, and nobody should plan on it."""


@dataclass(frozen=True)
class Spend:
    """A fitted model: p and q are pure numbers, gamma is money."""

    p: float
    q: float
    gamma: float

    @property
    def mean(self) -> float:
        """What a purchase of a customer of whom nothing is known is worth: gamma p / (q - 1)."""
        return self.gamma * self.p / (self.q - 1)

    def expected_spend(self, repeats: FloatArray, mean_spend: FloatArray) -> FloatArray:
        """What a purchase of each customer will be worth on average.

            (1 - w) gamma p / (q - 1) + w zbar,   w = p x / (p x + q - 1)

        Without a repeat, or without a positive mean of repeat spend, it is the mean of all.
        """
        known = (repeats > 0) & (mean_spend > 0)
        trust = np.where(known, self.p * repeats / (self.p * repeats + self.q - 1), 0.0)
        spend: FloatArray = (1 - trust) * self.mean + trust * np.where(known, mean_spend, 0.0)
        return spend


@dataclass(frozen=True)
class SpendFit:
    """A fitted model: the customers behind it, those left out for want of positive spend, and the independence check."""

    model: Spend
    n: int
    left_out: int
    log_likelihood: float
    correlation: float
    search: Peak


def independence(repeats: FloatArray, mean_spend: FloatArray) -> float:
    """Correlation of number and mean value of repeats over the repeaters; the model takes it for 0. NaN where one does not vary."""
    x, z = repeats - repeats.mean(), mean_spend - mean_spend.mean()
    spread = float(np.sqrt((x * x).sum() * (z * z).sum()))
    return float((x * z).sum()) / spread if spread > 0 else float("nan")


def usable_spend(repeats: FloatArray, mean_spend: FloatArray) -> tuple[BoolArray, int]:
    """The repeaters with a positive mean of repeat spend, and how many repeaters have none."""
    usable: BoolArray = (repeats > 0) & (mean_spend > 0)
    return usable, int((repeats > 0).sum()) - int(usable.sum())


def fit(repeats: FloatArray, mean_spend: FloatArray) -> SpendFit | NotFitted:
    """The model that explains the repeat spend best, or why there is none; rows without a repeat are passed over.

    `mean_spend` is the mean of the repeat purchase days alone. A repeater whose mean is not positive cannot be
    part of the fit and is counted in `left_out`.
    """
    usable, left_out = usable_spend(repeats, mean_spend)
    n = int(usable.sum())
    if n < FEWEST_REPEATERS:
        return NotFitted(Unfit.NO_SPEND, n, f"{FEWEST_REPEATERS} are needed")
    x, z = repeats[usable], mean_spend[usable]
    scale = float(z.sum()) / n
    found = climb(_objective(x, z / scale), STARTS, n)
    if isinstance(found, NotFitted):
        return found
    p, q, gamma = (float(value) for value in to_six_digits(found.parameters * np.array([1.0, 1.0, scale])))
    if q <= 1:
        return NotFitted(Unfit.NO_MEAN, n, f"q = {q:g}")
    times = Spend(p, q, gamma).mean / scale
    if not 1 / PLAUSIBLE < times < PLAUSIBLE:
        return NotFitted(Unfit.DIVERGES, n, f"the fitted mean is {times:.3g} times the observed one")
    height = found.log_likelihood - n * float(np.log(scale))
    return SpendFit(Spend(p, q, gamma), n, left_out, height, independence(x, z), found)


def _objective(x: FloatArray, z: FloatArray) -> Objective:
    """Mean log likelihood and gradient in the logarithms of p, q, gamma.

    ln L = lnG(px+q) - lnG(px) - lnG(q) + q ln gamma + (px-1) ln z + px ln x - (px+q) ln(xz+gamma)
    """
    n = len(x)
    by_x = Marginal.of(x, np.ones(n))
    distinct, weights = by_x.values, by_x.customers
    total, log_z = x * z, np.log(z)
    paid = float((x * log_z).sum()) + float((weights * distinct * np.log(distinct)).sum())
    logs = float(log_z.sum())

    def objective(point: FloatArray) -> tuple[float, FloatArray]:
        p, q, gamma = np.exp(point)
        until = np.log(total + gamma)
        shape = p * distinct
        height = float((weights * (special.gammaln(shape + q) - special.gammaln(shape))).sum())
        height += n * float(q * np.log(gamma) - special.gammaln(q)) + p * paid - logs
        height -= float(((p * x + q) * until).sum())
        both = special.digamma(shape + q)
        in_p = float((weights * distinct * (both - special.digamma(shape))).sum()) + paid - float((x * until).sum())
        in_q = float((weights * both).sum()) + n * float(np.log(gamma) - special.digamma(q)) - float(until.sum())
        in_gamma = n * q / gamma - float(((p * x + q) / (total + gamma)).sum())
        return height / n, np.array([in_p * p, in_q * q, in_gamma * gamma]) / n

    return objective
