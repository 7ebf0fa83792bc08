"""Retention by contract: shares that stay, and the shifted beta-geometric model behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from transforms.lifetime.fitting import NotFitted, Objective, Peak, Unfit, climb, to_six_digits
from transforms.money import FloatArray, IntArray

FEWEST_CUSTOMERS = 50
FEWEST_PERIODS = 3
STARTS = ((1.0, 1.0), (0.5, 4.0))


def retention_rates(survivors: FloatArray) -> FloatArray:
    """Share of those still there at the start of each period who are there at its end, from the survivors at each turn.

    `survivors` counts (or shares) at 0, 1, 2, ... periods; NaN once nobody is left.
    """
    before, after = survivors[:-1], survivors[1:]
    rates: FloatArray = np.divide(after, before, out=np.full(len(after), np.nan), where=before > 0)
    return rates


@dataclass(frozen=True)
class ShiftedBetaGeometric:
    """Customers who leave at the end of a period, each with a probability of their own: beta(alpha, beta).

    Fader & Hardie 2007 (Journal of Interactive Marketing 21:76). Retention rises with age although nobody changes:
    those who leave easily have left.
    """

    alpha: float
    beta: float

    def leaving(self, period: IntArray) -> FloatArray:
        """Probability of leaving in period 1, 2, ...: B(alpha + 1, beta + t - 1) / B(alpha, beta)."""
        odds: FloatArray = np.exp(special.betaln(self.alpha + 1, self.beta + period - 1) - special.betaln(self.alpha, self.beta))
        return odds

    def surviving(self, period: IntArray) -> FloatArray:
        """Probability of still being there after t periods: B(alpha, beta + t) / B(alpha, beta)."""
        share: FloatArray = np.exp(special.betaln(self.alpha, self.beta + period) - special.betaln(self.alpha, self.beta))
        return share

    def retention(self, period: IntArray) -> FloatArray:
        """Share of the survivors who stay through period t: (beta + t - 1) / (alpha + beta + t - 1)."""
        return (self.beta + period - 1) / (self.alpha + self.beta + period - 1)


@dataclass(frozen=True)
class RetentionFit:
    model: ShiftedBetaGeometric
    n: int
    log_likelihood: float
    search: Peak


def fit(survivors: IntArray) -> RetentionFit | NotFitted:
    """The model behind one cohort's survivors at 0, 1, 2, ... periods; the last are censored."""
    counts = np.asarray(survivors, dtype=np.int64)
    if (np.diff(counts) > 0).any() or (counts < 0).any():
        raise ValueError("survivors can only become fewer")
    n, periods = int(counts[0]) if len(counts) else 0, np.arange(1, max(1, len(counts)))
    if n < FEWEST_CUSTOMERS:
        return NotFitted(Unfit.TOO_FEW_CUSTOMERS, n, f"{FEWEST_CUSTOMERS} are needed")
    if len(counts) <= FEWEST_PERIODS:
        return NotFitted(Unfit.DIVERGES, n, f"{FEWEST_PERIODS} periods are needed")
    left, stayed = -np.diff(counts), int(counts[-1])

    def objective(point: FloatArray) -> tuple[float, FloatArray]:
        alpha, beta = np.exp(point)
        until = len(periods)
        height = float((left * special.betaln(alpha + 1, beta + periods - 1)).sum())
        height += stayed * float(special.betaln(alpha, beta + until)) - n * float(special.betaln(alpha, beta))
        psi = special.digamma
        ends = psi(alpha + beta + periods)
        start = n * psi(alpha + beta)
        in_alpha = float((left * (psi(alpha + 1) - ends)).sum()) + stayed * (psi(alpha) - psi(alpha + beta + until))
        in_beta = float((left * (psi(beta + periods - 1) - ends)).sum()) + stayed * (psi(beta + until) - psi(alpha + beta + until))
        slope = np.array([(in_alpha - n * psi(alpha) + start) * alpha, (in_beta - n * psi(beta) + start) * beta])
        return height / n, slope / n

    chosen: Objective = objective
    found = climb(chosen, STARTS, n)
    if isinstance(found, NotFitted):
        return found
    alpha, beta = (float(value) for value in to_six_digits(found.parameters))
    return RetentionFit(ShiftedBetaGeometric(alpha, beta), n, found.log_likelihood, found)
