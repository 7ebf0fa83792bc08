"""BG/NBD and MBG/NBD: purchases at random, each followed by a chance of leaving for good.

Every customer buys at a rate of their own (gamma: r, alpha) and leaves after a purchase with a probability of
their own (beta: a, b). In the BG/NBD (Fader, Hardie & Lee 2005, Marketing Science 24:275) nobody leaves before
the first repeat; in the MBG/NBD (Batislam, Denizel & Filiztekin 2007) the first purchase counts as well, so
somebody who never came back may be gone. With k = 0 for the one and k = 1 for the other they share all formulas.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import special

from transforms.lifetime.fitting import NotFitted, Objective, Peak, Unfit, climb, to_six_digits
from transforms.lifetime.histories import Histories
from transforms.money import FloatArray

FEWEST_CUSTOMERS = 200
FEWEST_REPEATERS = 50
STARTS = ((0.7, 0.7, 0.8, 2.0), (2.0, 2.0, 0.3, 0.6))
"""r, alpha (in mean ages), a, b."""
MOST_TERMS = 100_000
NEAR_ONE = 1e-5
PRIOR_SPREAD = 1.5
"""Of a parameter's logarithm, where a prior holds it: within a factor of 20 of the first start, with 95 %."""


class Leaving(StrEnum):
    """After which purchases customers may leave."""

    AFTER_REPEATS = "BG/NBD"
    AFTER_EVERY = "MBG/NBD"

    @property
    def shift(self) -> int:
        return int(self is Leaving.AFTER_EVERY)


@dataclass(frozen=True)
class BetaGeometric:
    """A fitted model: r and alpha of the purchase rates (alpha in units of time), a and b of the chances of leaving."""

    leaving: Leaving
    r: float
    alpha: float
    a: float
    b: float

    def p_alive(self, seen: Histories) -> FloatArray:
        """Probability that each customer has not left, given the history.

            1 / (1 + a / (b + x + k - 1) * ((alpha + T) / (alpha + t_x))^(r + x))

        In the BG/NBD it is 1 without a repeat, by construction and not by evidence: say "no repeat yet" there.
        """
        with np.errstate(divide="ignore"):
            odds = self._log_odds(seen.repeats, np.log(self.alpha + seen.age) - np.log(self.alpha + seen.recency))
        alive: FloatArray = special.expit(-odds)
        return alive

    def p_active(self, seen: Histories, ahead: float) -> FloatArray:
        """Probability of at least one purchase in the next `ahead` units of time."""
        stays = self.alpha + seen.age
        active: FloatArray = self.p_alive(seen) * -np.expm1((self.r + seen.repeats) * (np.log(stays) - np.log(stays + ahead)))
        return active

    def expected_purchases(self, ahead: FloatArray | float) -> FloatArray:
        """Purchases that a new customer makes on average in the first `ahead` units of time, the first one not counted."""
        nobody = np.zeros(1)
        alive = self.b / (self.a + self.b) if self.leaving is Leaving.AFTER_EVERY else 1.0
        return alive * self._purchases(nobody, nobody, np.atleast_1d(np.asarray(ahead, dtype=np.float64)))

    def purchases_ahead(self, seen: Histories, ahead: float) -> FloatArray:
        """Purchases to be expected of each customer in the next `ahead` units of time.

            P(alive) * (a + B - 1) / (a - 1) * [1 - (1 - z)^(r+x) 2F1(r + x, B; a + B - 1; z)],
            B = b + x + k,  z = ahead / (alpha + T + ahead)

        Computed in Euler's form, (1 - z)^(a-1) 2F1(a + B - 1 - r - x, a - 1; a + B - 1; z), which neither
        over- nor underflows however many purchases there were.
        """
        standing = seen.standing
        return self.p_alive(seen) * self._purchases(standing.repeats, standing.age, ahead)[standing.place]

    def chance_of(self, repeats: FloatArray, ahead: float) -> FloatArray:
        """Probability that a new customer makes exactly this many further purchases in `ahead` units of time."""
        x = np.asarray(repeats, dtype=np.float64)
        k, a, b, r = self.leaving.shift, self.a, self.b, self.r
        z = ahead / (self.alpha + ahead)
        counts = special.gammaln(r + x) - special.gammaln(r) - special.gammaln(x + 1) + r * np.log1p(-z) + special.xlogy(x, z)
        stayed = special.betaln(a, b + x + k) - special.betaln(a, b)
        can_leave = x + k > 0
        left = special.betaln(a + 1, b + np.where(can_leave, x + k - 1, 0)) - special.betaln(a, b)
        at_least = np.where(x > 0, special.betainc(np.maximum(x, 1), r, z), 1.0)
        chance: FloatArray = np.exp(stayed + counts) + np.where(can_leave, np.exp(left) * at_least, 0.0)
        return chance

    def log_likelihood(self, seen: Histories) -> float:
        """Log likelihood of histories, all customers together."""
        return seen.total * _objective(seen, self.leaving)(np.log([self.r, self.alpha, self.a, self.b]))[0]

    def in_unit(self, factor: float) -> BetaGeometric:
        """The same model with time in another unit: `factor` new units are one old one."""
        return BetaGeometric(self.leaving, self.r, self.alpha * factor, self.a, self.b)

    def _log_odds(self, repeats: FloatArray, silence: FloatArray) -> FloatArray:
        """Log odds of having left; minus infinity where nobody can have."""
        k = self.leaving.shift
        can_leave = repeats + k > 0
        chance = np.log(self.a) - np.log(np.where(can_leave, self.b + repeats + k - 1, 1.0))
        return np.where(can_leave, chance + (self.r + repeats) * silence, -np.inf)

    def _purchases(self, repeats: FloatArray, age: FloatArray, ahead: FloatArray | float) -> FloatArray:
        """Purchases to be expected of those who have not left."""
        a = self.a if abs(self.a - 1) > NEAR_ONE else 1 + NEAR_ONE  # at a = 1 the formula is 0/0; its limit is smooth
        shifted = a + self.b + self.leaving.shift - 1
        top = shifted + repeats
        top = np.where(np.abs(top) > NEAR_ONE, top, NEAR_ONE)
        z = ahead / (self.alpha + age + ahead)
        rest = np.exp((a - 1) * np.log1p(-z)) * _gauss(shifted - self.r, a - 1, top, z)
        purchases: FloatArray = np.maximum(top / (a - 1) * (1 - rest), 0.0)
        return purchases


def _gauss(one: FloatArray | float, two: float, below: FloatArray, z: FloatArray) -> FloatArray:
    """Gauss's 2F1(one, two; below; z) for 0 <= z < 1.

    Of whole-numbered parameters far below `below` scipy has no value beyond z = 0.9 (it says infinity); there the series is
    summed, whose terms fall fast from the start.
    """
    found: FloatArray = np.atleast_1d(special.hyp2f1(one, two, below, z))
    lacking = ~np.isfinite(found)
    if not lacking.any():
        return found
    a, c, x = (np.broadcast_to(values, found.shape)[lacking].astype(np.float64) for values in (one, below, z))
    term, total = np.ones(len(a)), np.zeros(len(a))
    for place in range(MOST_TERMS):
        total += term
        term = term * (a + place) * (two + place) / ((c + place) * (place + 1)) * x
        if not (np.abs(term) > np.finfo(np.float64).eps * np.abs(total)).any():
            break
    found[lacking] = total
    return found


def fit(seen: Histories, leaving: Leaving, *, held: bool = False) -> Fit | NotFitted:
    """The model that explains the histories best (maximum likelihood), or why there is none.

    Equal histories are grouped first, which leaves the likelihood as it is. Time is measured in mean ages
    while searching, so the unit makes no difference. With `held` a weak prior (normal on the logarithms, around the
    first start) stands against parameters that run away: it weighs as much as a customer or two.
    """
    n = round(seen.total)
    repeaters = round(float(seen.customers[seen.repeats > 0].sum()))
    if n < FEWEST_CUSTOMERS:
        return NotFitted(Unfit.TOO_FEW_CUSTOMERS, n, f"{FEWEST_CUSTOMERS} are needed")
    if repeaters < FEWEST_REPEATERS:
        return NotFitted(Unfit.NO_REPEATS, n, f"{repeaters} did, {FEWEST_REPEATERS} are needed")
    scale = float((seen.customers * seen.age).sum()) / n
    grouped = seen.group_equal().in_time_unit(1 / scale)
    likelihood = _objective(grouped, leaving)
    found = climb(_with_prior(likelihood, n) if held else likelihood, STARTS, n)
    if isinstance(found, NotFitted):
        return found
    height = n * likelihood(np.log(found.parameters))[0]
    r, alpha, a, b = (float(value) for value in to_six_digits(found.parameters * np.array([1.0, scale, 1.0, 1.0])))
    repeats = float((seen.customers * seen.repeats).sum())
    return Fit(BetaGeometric(leaving, r, alpha, a, b), n, height - repeats * float(np.log(scale)), found, held)


@dataclass(frozen=True)
class Fit:
    """A fitted model with the customers behind it, its log likelihood in the histories' own unit, the search, and
    whether a prior had to hold the parameters."""

    model: BetaGeometric
    n: int
    log_likelihood: float
    search: Peak
    held: bool = False


def _with_prior(likelihood: Objective, n: int) -> Objective:
    """The likelihood with the weak prior on top."""
    centre = np.log(STARTS[0])

    def objective(point: FloatArray) -> tuple[float, FloatArray]:
        height, slope = likelihood(point)
        off = (point - centre) / PRIOR_SPREAD
        return height - 0.5 * float((off * off).sum()) / n, slope - off / PRIOR_SPREAD / n

    return objective


def _objective(seen: Histories, leaving: Leaving) -> Objective:
    """Mean log likelihood and its gradient in the logarithms of r, alpha, a, b.

        ln L = lnG(r+x) - lnG(r) + r ln alpha - (r+x) ln(alpha+T)
               + lnG(a+b) + lnG(b+x+k) - lnG(b) - lnG(a+b+x+k) + ln(1 + odds of having left)

    (Hardie, note 027: sums of logarithms, so large x do no harm). Gamma functions are taken once per distinct x,
    logarithms once per distinct time.
    """
    k, n = leaving.shift, seen.total
    by_x, by_t, by_age = seen.by_repeats, seen.by_recency, seen.by_age
    x, weights = by_x.values, by_x.customers
    can_leave = seen.repeats + k > 0
    customers = np.where(can_leave, seen.customers, 0.0)
    repeats_by_age = seen.repeats_by_age

    def objective(point: FloatArray) -> tuple[float, FloatArray]:
        r, alpha, a, b = np.exp(point)
        log_age, log_recency = np.log(alpha + by_age.values), np.log(alpha + by_t.values)
        silence = log_age[by_age.place] - log_recency[by_t.place]
        leave = np.log(a) - np.log(np.where(x + k > 0, b + x + k - 1, 1.0))
        odds = leave[by_x.place] + (r + seen.repeats) * silence
        odds[~can_leave] = -np.inf
        left = customers * special.expit(odds)
        purchases = r + seen.repeats

        height = float((weights * (special.gammaln(r + x) - special.gammaln(r))).sum())
        height += float((weights * (special.gammaln(b + x + k) - special.gammaln(a + b + x + k))).sum())
        height += n * float(special.gammaln(a + b) - special.gammaln(b) + r * np.log(alpha))
        height -= float(((r * by_age.customers + repeats_by_age) * log_age).sum())
        height += float((customers * np.logaddexp(0.0, odds)).sum())

        ages, recencies = 1 / (alpha + by_age.values), 1 / (alpha + by_t.values)
        in_r = float((weights * (special.digamma(r + x) - special.digamma(r))).sum()) + n * np.log(alpha)
        in_r += float((left * silence).sum()) - float((by_age.customers * log_age).sum())
        in_alpha = n * r / alpha - float(((r * by_age.customers + repeats_by_age) * ages).sum())
        in_alpha += float((left * purchases * (ages[by_age.place] - recencies[by_t.place])).sum())
        both = n * special.digamma(a + b) - float((weights * special.digamma(a + b + x + k)).sum())
        in_a = both + float(left.sum()) / a
        in_b = both + float((weights * special.digamma(b + x + k)).sum()) - n * special.digamma(b)
        in_b -= float((left / np.where(can_leave, b + seen.repeats + k - 1, 1.0)).sum())
        slope = np.array([in_r * r, in_alpha * alpha, in_a * a, in_b * b])
        return height / n, slope / n

    return objective
