"""What the models expect of the customers: purchases, money, lifetime value, and who is likely gone."""

from __future__ import annotations

import numpy as np

from transforms.figures import Better, Label, Reason, Unit
from transforms.indicators.declare import MONTH_END, ORDERS, YEAR_WINDOW, Part, indicator
from transforms.lifetime.fitting import NotFitted, Unfit
from transforms.lifetime.forecast import PACKS, VALUE_MONTHS
from transforms.lifetime.lognormal import LogSpendFit
from transforms.lifetime.spend import SpendFit
from transforms.money import UNITS, BoolArray, FloatArray
from transforms.statistics.estimates import Estimate, no_data, share_of

GONE_BELOW = 0.5
"""Probability of still being there below which a customer counts as likely gone."""
_SCARCE = (Unfit.TOO_FEW_CUSTOMERS, Unfit.NO_REPEATS, Unfit.NO_SPEND)


def is_likely_gone(p_alive: FloatArray, orders_12m: FloatArray) -> BoolArray:
    """Who ordered in the twelve months and is nevertheless likelier gone than not."""
    with np.errstate(invalid="ignore"):
        gone: BoolArray = (orders_12m > 0) & (p_alive < GONE_BELOW)
    return gone


def without_fit(found: NotFitted) -> Estimate:
    reason = Reason.TOO_FEW if found.why in _SCARCE else Reason.NO_DATA
    return Estimate(None, found.n, method=f"not fitted: {found.why}", reason=reason)


def missing_expectation(part: Part, money: bool = False) -> Estimate | None:
    """Why there is no expectation, or None where there is one."""
    if part.outlook is None:
        return no_data("no model was asked for")
    for found in (part.outlook.now.purchases, *([part.outlook.now.spend] if money else [])):
        if isinstance(found, NotFitted):
            return without_fit(found)
    return None


@indicator(
    "expected_orders_12m",
    title="Expected purchase days (next 12 months)",
    unit=Unit.COUNT,
    better=Better.HIGHER,
    formula="purchase days that the purchase model expects of the customers in the next twelve months; orders of one day are one",
    window=MONTH_END,
    needs=ORDERS,
    section="lifetime",
    label=Label.ESTIMATE,
    serves=("S15",),
)
def expected_orders_12m(part: Part) -> Estimate:
    missing = missing_expectation(part)
    return missing or Estimate(float(np.nansum(part.numbers("expected_orders_12m"))), len(part), method=f"{PACKS}; n = customers")


def _spend_model(part: Part) -> str:
    return "" if part.outlook is None else SPEND_MODELS.get(type(part.outlook.now.spend), "")


def _total(part: Part, column: str, method: str) -> Estimate:
    missing = missing_expectation(part, money=True)
    return missing or Estimate(float(np.nansum(part.numbers(column))) / UNITS, len(part), method=f"{method}; n = customers")


@indicator(
    "expected_net_12m",
    title="Expected net revenue (next 12 months)",
    unit=Unit.MONEY,
    better=Better.HIGHER,
    formula="sum over customers of expected purchase days x expected spend of a day x net as a share of gross",
    window=MONTH_END,
    needs=ORDERS,
    section="lifetime",
    label=Label.ESTIMATE,
    serves=("S10", "S15"),
)
def expected_net_12m(part: Part) -> Estimate:
    return _total(part, "expected_net_12m", f"{PACKS} and {_spend_model(part)}; present customers alone")


@indicator(
    "lifetime_value_36m",
    title="Lifetime value (36 months)",
    unit=Unit.MONEY,
    better=Better.HIGHER,
    formula="net revenue expected in the next 36 months, each month's discounted at the rate that the policy assumes",
    window=MONTH_END,
    needs=ORDERS,
    section="lifetime",
    label=Label.ESTIMATE,
    serves=("S10",),
)
def lifetime_value_36m(part: Part) -> Estimate:
    rate = None if part.outlook is None else part.outlook.now.discount
    if rate is None:
        return no_data("no discount rate is assumed")
    return _total(part, "value_36m", f"{PACKS} and {_spend_model(part)}; {VALUE_MONTHS} months; assumed discount {rate:.1%} a year")


@indicator(
    "share_likely_gone",
    title="Active customers who are likely gone",
    unit=Unit.SHARE,
    better=Better.LOWER,
    formula="of the customers with an order in twelve months those whose probability of still being there is below one half",
    window=MONTH_END,
    needs=ORDERS,
    section="lifetime",
    label=Label.ESTIMATE,
    serves=("S24",),
)
def share_likely_gone(part: Part) -> Estimate:
    missing = missing_expectation(part)
    if missing:
        return missing
    orders = part.numbers("orders_12m")
    gone = is_likely_gone(part.numbers("p_alive"), orders)
    return share_of(int(gone.sum()), int((orders > 0).sum()), f"{PACKS}, P(alive) < 0.5; Wilson interval of the count, not of the model")


@indicator(
    "net_likely_gone",
    title="Twelve-month net of those likely gone",
    unit=Unit.MONEY,
    better=Better.LOWER,
    formula="net of the twelve months of customers whose probability of still being there is below one half",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="lifetime",
    label=Label.ESTIMATE,
    serves=("S24",),
)
def net_likely_gone(part: Part) -> Estimate:
    missing = missing_expectation(part)
    if missing:
        return missing
    gone = is_likely_gone(part.numbers("p_alive"), part.numbers("orders_12m"))
    units = int(part.integers("net_12m")[gone].sum())
    return Estimate(units / UNITS, int(gone.sum()), method=f"{PACKS}, P(alive) < 0.5; n = customers likely gone")


SPEND_MODELS = {SpendFit: "Gamma-Gamma", LogSpendFit: "log-normal, as Gamma-Gamma has no mean to plan on"}
