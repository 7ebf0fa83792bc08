"""The lifetime figures by a second way: plain loops, general optimisers and numeric integrals over raw orders.

Nothing here is shared with `transforms.lifetime`: likelihoods are the two outcomes (still there, gone) written out with beta and
gamma functions, expectations are integrals over the chance of leaving, areas compare every pair of customers.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

from tests.transforms.builders import ZONE
from transforms.money import FloatArray

Days = dict[datetime.date, float]
"""Gross of a customer by purchase day."""
MONTH_IN_WEEKS = 365.25 / 12 / 7


def by_customer(sold: pd.DataFrame) -> dict[str, Days]:
    """What each customer spent on each day, from raw orders."""
    found: dict[str, Days] = {}
    for who, when, units in zip(sold["customer_id"], sold["ordered_at"], sold["amount"], strict=True):
        days = found.setdefault(str(who), {})
        day = when.tz_convert(ZONE).date()
        days[day] = days.get(day, 0.0) + units / 10_000
    return found


def until(whole: dict[str, Days], last: datetime.date) -> dict[str, Days]:
    """The same as it was known at the end of a day; who had not come yet is not there."""
    seen = {who: {day: money for day, money in days.items() if day <= last} for who, days in whole.items()}
    return {who: days for who, days in sorted(seen.items()) if days}


def between(days: Days, after: datetime.date, last: datetime.date) -> float:
    """Money of the days after one day and up to another."""
    return sum(money for day, money in days.items() if after < day <= last)


@dataclass(frozen=True)
class Purchases:
    """MBG/NBD by the general optimiser of scipy: r, alpha (weeks), a, b, and the log likelihood there."""

    r: float
    alpha: float
    a: float
    b: float
    height: float

    def alive(self, x: float, last: float, age: float) -> float:
        """Chance of being still there: the likelihood of having stayed over that of both outcomes."""
        there, gone = outcomes(np.log([self.r, self.alpha, self.a, self.b]), np.array([x]), np.array([last]), np.array([age]))
        return float(1 / (1 + np.exp(gone - there))[0])

    def orders(self, x: int, last: float, age: float, ahead: FloatArray) -> FloatArray:
        """Purchases to be expected in stretches of time: (1 - e^(-rate p t)) / p, over gamma rates and beta chances p of leaving.

        The integral over the rates is known; that over the chances is a weighted sum of sixty nodes (Gauss and Jacobi).
        """
        nodes, weights = _nodes(self.a, self.b + x + 1)
        stays = (self.alpha + age) / (self.alpha + age + nodes[None, :] * ahead[:, None])
        bought = (1 - stays ** (self.r + x)) / nodes
        return self.alive(x, last, age) * (bought * weights).sum(axis=1)

    def active(self, x: float, last: float, age: float, ahead: float) -> float:
        """Chance of a purchase: still there, and a gamma rate that does not stay silent."""
        return self.alive(x, last, age) * (1 - ((self.alpha + age) / (self.alpha + age + ahead)) ** (self.r + x))


@cache
def _nodes(a: float, b: float) -> tuple[FloatArray, FloatArray]:
    """Nodes in 0-1 and weights, which add up to 1, of a beta distribution."""
    places, weights = special.roots_jacobi(60, b - 1, a - 1)
    return (1 + places) / 2, weights / weights.sum()


def outcomes(logs: FloatArray, x: FloatArray, last: FloatArray, age: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Log likelihoods of each history: stayed after all x + 1 purchases, or left after the last one."""
    r, alpha, a, b = np.exp(logs)
    rate = special.gammaln(r + x) - special.gammaln(r) + r * math.log(alpha)
    there = rate + special.betaln(a, b + x + 1) - special.betaln(a, b) - (r + x) * np.log(alpha + age)
    gone = rate + special.betaln(a + 1, b + x) - special.betaln(a, b) - (r + x) * np.log(alpha + last)
    return there, gone


def purchases(seen: Sequence[tuple[int, float, float]]) -> Purchases:
    """The parameters under which histories (repeats, recency, age in weeks) are likeliest."""
    x, last, age = (np.array(column, dtype=float) for column in zip(*seen, strict=True))
    best = _lowest(lambda logs: -float(np.logaddexp(*outcomes(logs, x, last, age)).sum()), np.log([1.0, 10.0, 1.0, 2.0]))
    r, alpha, a, b = np.exp(best.x).tolist()
    return Purchases(r, alpha, a, b, -best.fun)


def _lowest(height: Callable[[FloatArray], float], start: FloatArray) -> optimize.OptimizeResult:
    rough = optimize.minimize(height, start, method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-7, "fatol": 1e-9})
    return optimize.minimize(height, rough.x, method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-8, "fatol": 1e-10})


def spend(days: FloatArray, mean: FloatArray) -> tuple[float, float, float]:
    """Gamma-Gamma's p, q, gamma: days of gamma(p, v), v of gamma(q, gamma); the density of the mean as METHODS writes it."""

    def height(logs: FloatArray) -> float:
        p, q, gamma = np.exp(logs)
        shape = p * days
        found = special.gammaln(shape + q) - special.gammaln(shape) - special.gammaln(q) + q * math.log(gamma)
        found += (shape - 1) * np.log(mean) + shape * np.log(days) - (shape + q) * np.log(days * mean + gamma)
        return -float(found.sum())

    p, q, gamma = np.exp(_lowest(height, np.log([4.0, 3.0, float(mean.mean())])).x)
    return float(p), float(q), float(gamma)


@dataclass(frozen=True)
class Ahead:
    """A forecast at the end of a day, by customer: what a day of each will be worth, chance of being there, and the model behind it."""

    model: Purchases
    money: tuple[float, float, float]
    correlation: float
    spenders: int
    """Customers who kept something: of the others no spend is known."""
    worth: dict[str, float]
    histories: dict[str, tuple[int, float, float]]

    def alive(self, who: str) -> float:
        return self.model.alive(*self.histories[who])

    def orders(self, who: str, weeks: float) -> float:
        return float(self.model.orders(*self.histories[who], np.array([weeks]))[0])

    def net(self, who: str, weeks: float) -> float:
        return self.orders(who, weeks) * self.worth[who]

    def value(self, who: str, yearly: float) -> float:
        """Of 36 months, each month's purchases discounted at its end."""
        months = np.arange(1, 37)
        gains = np.diff(self.model.orders(*self.histories[who], np.arange(37) * MONTH_IN_WEEKS))
        return self.worth[who] * float((gains / (1 + yearly) ** (months / 12)).sum())


def look_ahead(seen: dict[str, Days], back: dict[str, Days], last: datetime.date) -> Ahead:
    """Both models on what was known at the end of a day."""
    histories = {who: (len(days) - 1, (max(days) - min(days)).days / 7, (last - min(days)).days / 7) for who, days in seen.items()}
    model = purchases(list(histories.values()))
    counts = np.array([len(days) for days in seen.values()], dtype=float)
    kept = [max(sum(days.values()) - between(back.get(who, {}), datetime.date.min, last), 0.0) for who, days in seen.items()]
    means = np.array(kept) / counts
    some = means > 0
    p, q, gamma = spend(counts[some], means[some])
    trust = p * counts / (p * counts + q - 1)
    worth = (1 - trust) * gamma * p / (q - 1) + trust * np.maximum(means, 0.01)
    correlation = float(np.corrcoef(counts[some], means[some])[0, 1])
    return Ahead(model, (p, q, gamma), correlation, int(some.sum()), dict(zip(seen, worth.tolist(), strict=True)), histories)


@dataclass(frozen=True)
class Judged:
    """A forecast against what came."""

    ratio: float
    rank: float
    interval: tuple[float, float]
    capture: float
    error: float


def judged(predicted: Sequence[float], came: Sequence[float]) -> Judged:
    n = len(came)
    rank = float(stats.spearmanr(predicted, came).statistic)
    half = 1.96 * math.sqrt(1.06 / (n - 3))
    best = sorted(range(n), key=lambda place: -predicted[place])[: math.ceil(n / 10)]
    capture = sum(max(came[place], 0.0) for place in best) / sum(max(value, 0.0) for value in came)
    error = sum(abs(one - other) for one, other in zip(predicted, came, strict=True)) / n
    ends = (math.tanh(math.atanh(rank) - half), math.tanh(math.atanh(rank) + half))
    return Judged(sum(predicted) / sum(came), rank, ends, capture, error)


@dataclass(frozen=True)
class Loss:
    """The loss model on the year that it had not seen."""

    n: int
    trained_on: int
    auc: float
    interval: tuple[float, float]
    rule_auc: float
    gain: float
    gain_interval: tuple[float, float]
    brier: float
    slope: float
    intercept: float


def features(
    whole: dict[str, Days], back: dict[str, Days], first: datetime.date, last: datetime.date, next_last: datetime.date
) -> tuple[list[str], FloatArray, FloatArray]:
    """Who ordered after `first` and up to `last`, their five features, and whether they ordered no more by `next_last`."""
    names, rows, lost = [], [], []
    for who, days in until(whole, last).items():
        year = [day for day in days if day > first]
        if not year:
            continue
        silence, tenure = (last - max(days)).days, (last - min(days)).days
        usual = (max(days) - min(days)).days / (len(days) - 1) if len(days) > 1 else max(tenure, 1)
        net = between(days, first, last) - between(back.get(who, {}), first, last)
        names.append(who)
        rows.append([math.log1p(v) for v in (silence, len(year), tenure, max(net, 0.0) / len(year), silence / max(usual, 1.0))])
        lost.append(not any(last < day <= next_last for day in whole[who]))
    return names, np.array(rows), np.array(lost)


def loss(whole: dict[str, Days], back: dict[str, Days], ends: Sequence[datetime.date], before: Ahead) -> Loss:
    """Learn on the year up to ends[1] and what came by ends[2], try on the year after; `before` is the forecast at ends[2]."""
    _, learnt, outcome = features(whole, back, ends[0], ends[1], ends[2])
    names, tried, came = features(whole, back, ends[1], ends[2], ends[3])
    mean, spread = learnt.mean(axis=0), learnt.std(axis=0)
    design, test = ((rows - mean) / spread for rows in (learnt, tried))

    def height(weights: FloatArray) -> float:
        odds = weights[0] + design @ weights[1:]
        return float(np.logaddexp(0, odds).sum() - odds[outcome].sum() + 0.5 * (weights[1:] ** 2).sum())

    weights = optimize.minimize(height, np.zeros(6), method="BFGS", options={"gtol": 1e-7}).x
    chance = special.expit(weights[0] + test @ weights[1:])
    year = (ends[3] - ends[2]).days / 7
    asleep = np.array([1 - before.model.active(*before.histories[who], year) for who in names])

    def pairs(ranking: FloatArray) -> FloatArray:
        gone, kept = ranking[came][:, None], ranking[~came][None, :]
        return cast(FloatArray, (gone > kept) + 0.5 * (gone == kept))

    def error(table: FloatArray) -> float:
        return math.sqrt(table.mean(axis=1).var(ddof=1) / table.shape[0] + table.mean(axis=0).var(ddof=1) / table.shape[1])

    own = pairs(chance)
    rules = [pairs(tried[:, 0]), pairs(asleep)]
    gains = [(float((own - rule).mean()), error(own - rule)) for rule in rules]
    gain, doubt = min(gains, key=lambda one: one[0] - 1.96 * one[1])
    odds = special.logit(chance)
    line = optimize.minimize(
        lambda w: float(np.logaddexp(0, w[0] + w[1] * odds).sum() - (w[0] + w[1] * odds)[came].sum()), np.array([0.0, 1.0]), method="BFGS"
    ).x
    auc, spread_of = float(own.mean()), error(own)
    return Loss(
        n=len(came),
        trained_on=len(outcome),
        auc=auc,
        interval=(auc - 1.96 * spread_of, min(1.0, auc + 1.96 * spread_of)),
        rule_auc=max(float(rule.mean()) for rule in rules),
        gain=gain,
        gain_interval=(gain - 1.96 * doubt, gain + 1.96 * doubt),
        brier=float(((chance - came) ** 2).mean()),
        slope=float(line[1]),
        intercept=float(line[0]),
    )


Found = tuple[float, int, float | None, float | None]
"""Value, n, and the ends of the interval."""


def figures(sold: pd.DataFrame, given: pd.DataFrame, ends: Sequence[datetime.date], tiers: dict[str, str]) -> dict[tuple[str, str], Found]:
    """Every lifetime figure of the company (empty tier) and its tiers; `ends` are the last days of 36, 24, 12 and 0 months ago."""
    whole, back = by_customer(sold), by_customer(given)
    now, then = (look_ahead(until(whole, end), back, end) for end in (ends[3], ends[2]))
    net = {who: between(days, ends[2], ends[3]) - between(back.get(who, {}), ends[2], ends[3]) for who, days in whole.items()}
    before = {who: between(whole[who], ends[1], ends[2]) - between(back.get(who, {}), ends[1], ends[2]) for who in then.worth}
    found: dict[tuple[str, str], Found] = {}
    for tier in ("", *sorted(set(tiers.values()))):
        people = [who for who in now.worth if tier in ("", tiers[who])]
        n = len(people)
        found["expected_orders_12m", tier] = (sum(now.orders(who, 365 / 7) for who in people), n, None, None)
        found["expected_net_12m", tier] = (sum(now.net(who, 365 / 7) for who in people), n, None, None)
        found["lifetime_value_36m", tier] = (sum(now.value(who, 0.1) for who in people), n, None, None)
        active = [who for who in people if any(ends[2] < day <= ends[3] for day in whole[who])]
        gone = [who for who in active if now.alive(who) < 0.5]
        found["share_likely_gone", tier] = (len(gone) / len(active), len(active), *_wilson(len(gone), len(active)))
        found["net_likely_gone", tier] = (sum(net[who] for who in gone), len(gone), None, None)
        old = [who for who in people if who in then.worth]
        if len(old) >= 30:
            # a forecast is told in cents, and below a cent customers are alike
            came, predicted = [net[who] for who in old], [round(then.net(who, (ends[3] - ends[2]).days / 7), 2) for who in old]
            own, naive = judged(predicted, came), judged([before[who] for who in old], came)
            found["forecast_net_ratio", tier] = (own.ratio, len(old), None, None)
            found["forecast_rank_correlation", tier] = (own.rank, len(old), *own.interval)
            found["forecast_rank_correlation_naive", tier] = (naive.rank, len(old), None, None)
            found["forecast_top_decile_capture", tier] = (own.capture, len(old), None, None)
            found["forecast_error_ratio", tier] = (own.error / naive.error, len(old), None, None)
    model, (p, q, gamma), n = now.model, now.money, len(now.worth)
    told = {"r": model.r, "alpha": model.alpha, "a": model.a, "b": model.b, "log_likelihood": model.height}
    found |= {(f"model_{name}", ""): (value, n, None, None) for name, value in told.items()}
    told = {"p": p, "q": q, "gamma": gamma, "correlation": now.correlation}
    found |= {(f"spend_{name}", ""): (value, now.spenders, None, None) for name, value in told.items()}
    trial = loss(whole, back, ends, then)
    found["loss_model_auc", ""] = (trial.auc, trial.n, *trial.interval)
    found["loss_rule_auc", ""] = (trial.rule_auc, trial.n, None, None)
    found["loss_model_gain", ""] = (trial.gain, trial.n, *trial.gain_interval)
    told = {"brier": trial.brier, "slope": trial.slope, "intercept": trial.intercept}
    return found | {(f"loss_model_{name}", ""): (value, trial.n, None, None) for name, value in told.items()}


def _wilson(hits: int, n: int) -> tuple[float, float]:
    """The two shares that the counted one is 1.959964 of their own errors away from."""

    def off(share: float) -> float:
        return (hits / n - share) ** 2 - 1.959964**2 * share * (1 - share) / n

    lower = 0.0 if hits == 0 else optimize.brentq(off, 1e-12, hits / n)
    return lower, 1.0 if hits == n else optimize.brentq(off, hits / n, 1 - 1e-12)
