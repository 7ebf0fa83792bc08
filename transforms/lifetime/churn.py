"""Who will not order for a year: one small documented model, and whether it is worth showing.

A logistic regression on five features that anybody can check. It learns from the customers of 24 months ago and
what they did in the year after, and is tried on those of 12 months ago and the year since, which it has never seen.
It is shown only if it ranks customers better than both rules of thumb (days of silence, and the purchase model's own
chance) beyond chance. No grade depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from transforms.facts.matching import Lookup, locate
from transforms.lifetime import logistic
from transforms.lifetime.state import BaseState
from transforms.money import UNITS, BoolArray, FloatArray, IntArray

FEATURES = ("silence", "purchase_days", "tenure", "spend", "overdue")
"""In the order of `features`."""
FEWEST, FEWEST_OF_EACH = 200, 30
MONTHS_BEFORE = 6
"""Months of history needed before the first customers that the model learns from."""


@dataclass(frozen=True)
class ActiveCustomers:
    """The customers with an order in the twelve months before a month's end, as rows of its state, and their features."""

    rows: IntArray
    features: FloatArray


@dataclass(frozen=True)
class ChurnTest:
    """How the model did on the year that it had not seen, and the probabilities where it may be shown.

    n, lost             customers of the test, and those of them who did not order
    model, rule         areas under the curve with interval; `rule_name` is the better rule of thumb
    gain                difference of the areas, paired, with its interval
    brier, base_brier   the model's, and that of saying the training year's share to everybody
    intercept, slope    of calibration: 0 and 1 are perfect
    odds_ratios         of being lost, per standard deviation of each feature
    probability         of each customer of the reviewed month; NaN for those without an order in twelve months,
                        and for everybody where the model does not beat the rules
    """

    n: int
    lost: int
    trained_on: int
    auc: float
    interval: tuple[float, float]
    rule_name: str
    rule_auc: float
    gain: float
    gain_interval: tuple[float, float]
    brier: float
    base_brier: float
    intercept: float
    slope: float
    odds_ratios: Mapping[str, float]
    probability: FloatArray

    @property
    def beats_rules(self) -> bool:
        """Whether it beats the rules beyond chance."""
        return self.gain_interval[0] > 0 and self.brier < self.base_brier


def standing(state: BaseState, year_before: BaseState | None) -> ActiveCustomers:
    """Features of the customers who ordered in the twelve months before the state's end.

    silence        ln(1 + days since the last order)
    purchase_days  ln(1 + purchase days in the twelve months)
    tenure         ln(1 + days since the first order)
    spend          ln(1 + net per purchase day in the twelve months), 0 where that is negative
    overdue        ln(1 + days of silence / mean days between purchase days so far)
    """
    earlier = _earlier(state, year_before)
    days = state.days - earlier["days"]
    rows = np.flatnonzero(days > 0)
    days, silence, tenure = days[rows], (state.end_day - state.last_day)[rows], (state.end_day - state.first_day)[rows]
    net = (state.gross - state.refunds)[rows] - earlier["net"][rows]
    gaps = np.maximum(state.days[rows] - 1, 1)
    usual = np.where(state.days[rows] > 1, (state.last_day - state.first_day)[rows] / gaps, np.maximum(tenure, 1))
    spend = np.maximum(net, 0) / UNITS / days
    return ActiveCustomers(
        rows, np.column_stack([np.log1p(values) for values in (silence, days, tenure, spend, silence / np.maximum(usual, 1.0))])
    )


def churn_test(now: BaseState, earlier: Mapping[int, BaseState], rule: FloatArray | None) -> ChurnTest | None:
    """Learn on 24 months ago, try on 12 months ago, and say what it means for now; None where there are too few customers.

    `earlier` holds the states of 12, 24 and (where there is one) 36 months ago; `rule` is the purchase model's chance
    of no order, fitted 12 months ago, one per customer of that state.
    """
    past, tried = standing(earlier[24], earlier.get(36)), standing(earlier[12], earlier[24])
    learnt, outcome = _bought_nothing(earlier[24], earlier[12])[past.rows], _bought_nothing(earlier[12], now)[tried.rows]
    if not (_enough(learnt) and _enough(outcome)):
        return None
    model = logistic.fit(past.features, learnt)
    chance = model.probability(tried.features)
    rules = {"silence": tried.features[:, 0]} | ({} if rule is None else {"purchase model": rule[tried.rows]})
    compared = {name: logistic.areas(chance, ranking, outcome) for name, ranking in rules.items()}
    best = max(compared, key=lambda name: compared[name].second)
    weakest = min(compared.values(), key=lambda one: one.gain_interval[0])
    intercept, slope = logistic.calibration_line(chance, outcome)
    share = float(learnt.mean())
    found = ChurnTest(
        n=len(outcome),
        lost=int(outcome.sum()),
        trained_on=len(learnt),
        auc=compared[best].first,
        interval=compared[best].first_interval,
        rule_name=best,
        rule_auc=compared[best].second,
        gain=weakest.gain,
        gain_interval=weakest.gain_interval,
        brier=logistic.brier(chance, outcome),
        base_brier=logistic.brier(np.full(len(outcome), share), outcome),
        intercept=intercept,
        slope=slope,
        odds_ratios={name: float(np.exp(weight)) for name, weight in zip(FEATURES, model.weights, strict=True)},
        probability=np.full(len(now), np.nan),
    )
    if found.beats_rules:
        today = standing(now, earlier[12])
        found.probability[today.rows] = np.round(model.probability(today.features), 4)
    return found


def _enough(outcome: BoolArray) -> bool:
    lost = int(outcome.sum())
    return len(outcome) >= FEWEST and min(lost, len(outcome) - lost) >= FEWEST_OF_EACH


def _bought_nothing(state: BaseState, year_after: BaseState) -> BoolArray:
    """Who of a state had no purchase day in the twelve months after."""
    (places,), _ = locate(state.customer_id, [year_after.customer_id])
    later = Lookup.of(places, len(state))
    days = np.where(later.is_known, year_after.days[later.rows], state.days)
    lost: BoolArray = days <= state.days
    return lost


def _earlier(state: BaseState, before: BaseState | None) -> dict[str, IntArray]:
    """Purchase days and net of the state's customers a year before it; 0 where they were not there yet."""
    nothing = np.zeros(len(state), dtype=np.int64)
    if before is None or not len(before):
        return {"days": nothing, "net": nothing}
    (places,), _ = locate(state.customer_id, [before.customer_id])
    there = Lookup.of(places, len(state))
    return {
        "days": np.where(there.is_known, before.days[there.rows], 0).astype(np.int64),
        "net": np.where(there.is_known, (before.gross - before.refunds)[there.rows], 0).astype(np.int64),
    }
