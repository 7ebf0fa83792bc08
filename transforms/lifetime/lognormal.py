"""Spend where Gamma-Gamma has no mean: the same idea on logarithms, which heavy tails do not break.

A customer's level is log-normal over customers, and the mean of a customer's purchase days scatters around it:

    level ~ N(mu, tau^2),   ln mean | level ~ N(level, sigma^2 / days)

the normal-normal model of empirical Bayes (Efron & Morris 1975) with each customer's own precision.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from transforms.lifetime.fitting import NotFitted, Unfit, to_six_digits
from transforms.lifetime.spend import FEWEST_REPEATERS, independence
from transforms.money import FloatArray

LEAST_SHARE = 0.05
"""Least part of the spread of means that is put down to customers rather than to chance."""


@dataclass(frozen=True)
class LogSpend:
    """A fitted model; `correction` makes the expectations add up to what the purchase days brought."""

    mu: float
    tau: float
    sigma: float
    correction: float = 1.0

    @property
    def mean(self) -> float:
        """What a purchase day of a customer of whom nothing is known is worth."""
        return self.correction * float(np.exp(self.mu + self.tau**2 / 2))

    def expected_spend(self, days: FloatArray, mean_spend: FloatArray) -> FloatArray:
        """What a purchase day of each customer will be worth on average, from all days so far and their mean.

        correction x exp((1 - w) mu + w ln mean + (1 - w) tau^2 / 2),   w = tau^2 / (tau^2 + sigma^2 / days)
        """
        known = (days > 0) & (mean_spend > 0)
        trust = np.where(known, self.tau**2 / (self.tau**2 + self.sigma**2 / np.where(known, days, 1.0)), 0.0)
        level = (1 - trust) * self.mu + trust * np.log(np.where(known, mean_spend, 1.0))
        spend: FloatArray = self.correction * np.exp(level + (1 - trust) * self.tau**2 / 2)
        return spend


@dataclass(frozen=True)
class LogSpendFit:
    """A fitted model: the customers behind it, the independence check, and why Gamma-Gamma was not taken."""

    model: LogSpend
    n: int
    left_out: int
    correlation: float
    instead: NotFitted


def fit(days: FloatArray, mean_spend: FloatArray, first: FloatArray, rest: FloatArray, instead: NotFitted) -> LogSpendFit | NotFitted:
    """The model by moments, or why there is none.

    `days` and `mean_spend` are of all purchase days, `first` is the spend of the first one and `rest` the mean of the
    others. First and rest of one customer differ by chance alone: sigma^2 is the variance of
    (ln first - ln rest) / sqrt(1 + 1 / x); tau^2 is what that leaves of the variance of ln mean.
    """
    usable = mean_spend > 0
    paired = usable & (days > 1) & (first > 0) & (rest > 0)
    n = int(paired.sum())
    if n < FEWEST_REPEATERS:
        return NotFitted(Unfit.NO_SPEND, n, f"{FEWEST_REPEATERS} are needed")
    apart = np.log(first[paired] / rest[paired]) / np.sqrt(1 + 1 / (days[paired] - 1))
    noise = float(np.square(apart - apart.mean()).sum()) / (n - 1)
    logs, own = np.log(mean_spend[usable]), days[usable]
    spread = float(np.square(logs - logs.mean()).sum()) / (len(logs) - 1)
    if spread <= 0:
        return instead
    between = max(spread - noise * float((1 / own).mean()), LEAST_SHARE * spread)
    mu, tau, sigma = (float(value) for value in to_six_digits(np.array([logs.mean(), np.sqrt(between), np.sqrt(noise)])))
    plain = LogSpend(mu, tau, sigma)
    money = mean_spend[usable]
    correction = float((own * money).sum()) / float((own * plain.expected_spend(own, money)).sum())
    model = LogSpend(mu, tau, sigma, float(to_six_digits(np.array([correction]))[0]))
    return LogSpendFit(model, len(logs), int((~usable).sum()), independence(days[paired] - 1, rest[paired]), instead)
