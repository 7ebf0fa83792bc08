"""Pareto/NBD: purchases at random until the customer leaves, at a moment that nobody sees.

Schmittlein, Morrison & Colombo 1987 (Management Science 33:1); formulas as in Fader & Hardie, note 008. Purchase
rates are gamma (r, alpha), rates of leaving gamma (s, beta). It serves as second opinion beside the beta-geometric
models, which are quicker to fit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from transforms.lifetime.beta_geometric import FEWEST_CUSTOMERS, FEWEST_REPEATERS
from transforms.lifetime.fitting import NotFitted, Objective, Peak, Unfit, climb, to_six_digits
from transforms.lifetime.histories import Histories
from transforms.money import FloatArray

STARTS = ((0.7, 0.4, 0.7, 0.4), (2.0, 2.0, 1.0, 2.0))
"""r, alpha, s, beta; alpha and beta in mean ages."""
STEP = 1e-5
NEAR_ONE = 1e-9


@dataclass(frozen=True)
class Pareto:
    """A fitted model: r and alpha of the purchase rates, s and beta of the rates of leaving; alpha and beta in units of time."""

    r: float
    alpha: float
    s: float
    beta: float

    def p_alive(self, seen: Histories) -> FloatArray:
        """Probability that each customer has not left.

        1 / (1 + s / (r+s+x) * (alpha+T)^(r+x) * (beta+T)^s * A0)
        """
        r, alpha, s, beta = self.r, self.alpha, self.s, self.beta
        odds = _log_difference(seen.repeats, seen.recency, seen.age, self) + np.log(s) - np.log(r + s + seen.repeats)
        alive: FloatArray = special.expit(-(odds + (r + seen.repeats) * np.log(alpha + seen.age) + s * np.log(beta + seen.age)))
        return alive

    def expected_purchases(self, ahead: FloatArray | float) -> FloatArray:
        """Purchases of a new customer in the first `ahead` units of time, the first one not counted.

        r beta / (alpha (s - 1)) * [1 - (beta / (beta + t))^(s - 1)]
        """
        return self.r * self.beta / self.alpha * self._lasting(self.beta, np.asarray(ahead, dtype=np.float64))

    def purchases_ahead(self, seen: Histories, ahead: float) -> FloatArray:
        """Purchases to be expected of each customer in the next `ahead` units of time."""
        until = self.beta + seen.age
        return self.p_alive(seen) * (self.r + seen.repeats) * until / (self.alpha + seen.age) * self._lasting(until, ahead)

    def log_likelihood(self, seen: Histories) -> float:
        """Log likelihood of histories, all customers together."""
        return seen.total * _height(seen, self)

    def _lasting(self, until: FloatArray | float, ahead: FloatArray | float) -> FloatArray:
        """[1 - (until / (until + ahead))^(s-1)] / (s - 1), with its limit at s = 1."""
        shrink = np.log(until) - np.log(until + ahead)
        if abs(self.s - 1) < NEAR_ONE:
            return -np.asarray(shrink)
        return np.asarray(-np.expm1((self.s - 1) * shrink) / (self.s - 1))


@dataclass(frozen=True)
class ParetoFit:
    """A fitted model with the customers behind it, its log likelihood in the histories' own unit, and the search."""

    model: Pareto
    n: int
    log_likelihood: float
    search: Peak


def fit(seen: Histories) -> ParetoFit | NotFitted:
    """The model that explains the histories best (maximum likelihood), or why there is none."""
    n = round(seen.total)
    repeaters = round(float(seen.customers[seen.repeats > 0].sum()))
    if n < FEWEST_CUSTOMERS:
        return NotFitted(Unfit.TOO_FEW_CUSTOMERS, n, f"{FEWEST_CUSTOMERS} are needed")
    if repeaters < FEWEST_REPEATERS:
        return NotFitted(Unfit.NO_REPEATS, n, f"{repeaters} did, {FEWEST_REPEATERS} are needed")
    scale = float((seen.customers * seen.age).sum()) / n
    found = climb(_objective(seen.group_equal().in_time_unit(1 / scale)), STARTS, n)
    if isinstance(found, NotFitted):
        return found
    r, alpha, s, beta = (float(value) for value in to_six_digits(found.parameters * np.array([1.0, scale, 1.0, scale])))
    repeats = float((seen.customers * seen.repeats).sum())
    return ParetoFit(Pareto(r, alpha, s, beta), n, found.log_likelihood - repeats * float(np.log(scale)), found)


def _height(seen: Histories, model: Pareto) -> float:
    """Mean log likelihood.

    L = G(r+x) alpha^r beta^s / G(r) * [ (alpha+T)^-(r+x) (beta+T)^-s + s / (r+s+x) * A0 ]
    """
    r, alpha, s, beta, x = model.r, model.alpha, model.s, model.beta, seen.repeats
    fixed = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    stayed = -(r + x) * np.log(alpha + seen.age) - s * np.log(beta + seen.age)
    left = np.log(s) - np.log(r + s + x) + _log_difference(x, seen.recency, seen.age, model)
    return float((seen.customers * (fixed + np.logaddexp(stayed, left))).sum()) / seen.total


def _objective(seen: Histories) -> Objective:
    """Mean log likelihood with a gradient of central differences: derivatives of 2F1 in its parameters have no closed form."""

    def at(point: FloatArray) -> float:
        r, alpha, s, beta = (float(value) for value in np.exp(point))
        return _height(seen, Pareto(r, alpha, s, beta))

    def objective(point: FloatArray) -> tuple[float, FloatArray]:
        steps = np.eye(len(point)) * STEP
        slope = np.array([(at(point + step) - at(point - step)) / (2 * STEP) for step in steps])
        return at(point), slope

    return objective


def _log_difference(x: FloatArray, recency: FloatArray, age: FloatArray, model: Pareto) -> FloatArray:
    """Logarithm of A0 = F(t_x) - F(T); minus infinity where the last purchase was at the very end.

    Worked in logarithms, as A0 itself underflows above about 130 purchases.
    """
    early, late = _log_f(x, recency, model), _log_f(x, age, model)
    with np.errstate(divide="ignore"):
        missed: FloatArray = early + np.log(-np.expm1(np.minimum(late - early, 0.0)))
    return missed


def _log_f(x: FloatArray, time: FloatArray, model: Pareto) -> FloatArray:
    """ln of 2F1(r+s+x, q; r+s+x+1; |alpha-beta| / (m+t)) / (m+t)^(r+s+x), m the larger of alpha and beta.

    By Euler 2F1(c-1, q; c; z) = (1-z)^(1-q) 2F1(1, c-q; c; z), which neither over- nor underflows.
    """
    r, alpha, s, beta = model.r, model.alpha, model.s, model.beta
    end = max(alpha, beta) + time
    z = abs(alpha - beta) / end
    q = np.full_like(x, s + 1) if alpha >= beta else r + x
    c = r + s + x + 1
    value: FloatArray = (1 - q) * np.log1p(-z) + np.log(_fraction(c - q, c, z)) - (c - 1) * np.log(end)
    return value


def _fraction(b: FloatArray, c: FloatArray, z: FloatArray) -> FloatArray:
    """2F1(1, b; c; z) for 0 <= z < 1 by Gauss's continued fraction (DLMF 15.7), evaluated by Lentz's method.

    scipy's hyp2f1 returns NaN here from about x = 170 on.
    """
    tiny = 1e-300
    value, up, down = np.full_like(z, tiny), np.full_like(z, tiny), np.zeros_like(z)
    for step in range(4000):
        half, odd = divmod(step, 2)
        if step == 0:
            part = np.ones_like(z)
        elif odd:
            part = -z * (b + half) * (c - 1 + half) / ((c + step - 2) * (c + step - 1))
        else:
            part = -z * half * (c - b - 1 + half) / ((c + step - 2) * (c + step - 1))
        down = 1 / (1 + part * down)
        up = 1 + part / up
        value = value * up * down
        if step and np.abs(up * down - 1).max() < 1e-15:
            break
    return value
