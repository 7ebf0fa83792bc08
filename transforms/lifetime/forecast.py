"""One month's forecast: the model fitted on what was known at a month's end, and what it expects of each customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from transforms.lifetime import beta_geometric, lognormal, spend
from transforms.lifetime.beta_geometric import Fit, Leaving
from transforms.lifetime.fitting import NotFitted, Unfit
from transforms.lifetime.lognormal import LogSpendFit
from transforms.lifetime.spend import SpendFit
from transforms.lifetime.state import BaseState, weeks_between
from transforms.lifetime.value import MONTH_IN_WEEKS, discounted_purchases, monthly_rate
from transforms.money import UNITS, FloatArray

YEAR = 12
VALUE_MONTHS = 36
CENT = 0.01
PACKS = Leaving.AFTER_EVERY
"""The model of the packs (docs/decisions): it can doubt customers who never came back."""


@dataclass(frozen=True)
class Forecast:
    """What the models say of each customer of a state; estimates, all of them. NaN where a model is not fitted.

    p_alive       probability of not having left
    p_active      probability of at least one purchase day in the next twelve months
    orders        purchase days to be expected in them
    net           net revenue to be expected in them, currency units
    value         net revenue of the next 36 months, discounted at `discount` a year; NaN where no rate is assumed
    """

    state: BaseState
    purchases: Fit | NotFitted
    spend: SpendFit | LogSpendFit | NotFitted
    p_alive: FloatArray
    p_active: FloatArray
    orders: FloatArray
    net: FloatArray
    value: FloatArray
    discount: float | None


def forecast(state: BaseState, discount: float | None) -> Forecast:
    """Fit both models on a state and look a year ahead, and three where a yearly `discount` is assumed.

    Numbers are rounded where they no longer tell anything, so that another machine's last digit shows nowhere:
    probabilities to six decimals, purchases to four, money to cents.
    """
    seen, nothing = state.histories, np.full(len(state), np.nan)
    purchases = beta_geometric.fit(seen, PACKS)
    if isinstance(purchases, NotFitted) and purchases.why is Unfit.RUNAWAY:
        purchases = beta_geometric.fit(seen, PACKS, held=True)
    money, worth = _spend(state)
    if isinstance(purchases, NotFitted):
        return Forecast(state, purchases, money, nothing, nothing, nothing, nothing, nothing, discount)
    model, ahead = purchases.model, weeks_between(state.month, state.month + YEAR)
    expected = model.purchases_ahead(seen, ahead)
    value = nothing
    if discount is not None and not isinstance(money, NotFitted):
        value = worth * discounted_purchases(model, seen, VALUE_MONTHS, MONTH_IN_WEEKS, monthly_rate(discount))
    return Forecast(
        state,
        purchases,
        money,
        np.round(model.p_alive(seen), 6),
        np.round(model.p_active(seen, ahead), 6),
        np.round(expected, 4),
        np.round(expected * worth, 2),
        np.round(value, 2),
        discount,
    )


def _spend(state: BaseState) -> tuple[SpendFit | LogSpendFit | NotFitted, FloatArray]:
    """The model of spend and what it expects of a purchase day: Gamma-Gamma, or the log-normal where that has no mean to plan on.

    Both read all purchase days, the first one too: it is all that is known of customers without a repeat, and on real
    orders it ranks better than repeat spend alone (docs/decisions). What counts is what was kept: a customer who gave
    everything back is known to have kept nothing, which is a cent to a model that takes logarithms, and not "unknown".
    """
    days, mean = state.days.astype(np.float64), state.kept_spend
    known = np.maximum(mean, CENT)
    found = spend.fit(days, mean)
    if isinstance(found, SpendFit):
        return found, found.model.expected_spend(days, known)
    if found.why is not Unfit.NO_SPEND:
        other = lognormal.fit(days, mean, state.first_day_gross / UNITS, state.repeat_spend, found)
        if isinstance(other, LogSpendFit):
            return other, other.model.expected_spend(days, known)
    return found, np.full(len(state), np.nan)
