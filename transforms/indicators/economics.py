"""Customers and money of a month: how many, how much, and who stays."""

from __future__ import annotations

import numpy as np

from transforms.figures import Better, Scope, Unit
from transforms.indicators.declare import MONEY_SCOPES, MONTH, MONTH_END, YEAR_WINDOW, Part, indicator
from transforms.money import UNITS, BoolArray, FloatArray
from transforms.statistics.estimates import Estimate, no_data, share_of
from transforms.statistics.resampling import bootstrap_ratio

ORDERS = ("orders", "order_lines")


def _count(number: int, method: str = "full count") -> Estimate:
    return Estimate(float(number), number, method=method)


def net_of(part: Part, ending: str) -> FloatArray:
    """Net of `12m` or `prior`, in currency units, one number per customer."""
    gross, refunds = ("gross_12m", "refunds_12m") if ending == "12m" else ("prior_gross", "prior_refunds")
    return (part.integers(gross) - part.integers(refunds)) / UNITS


def compared(part: Part, method: str) -> str:
    """The method, with a warning where the twelve months before are not all in the history."""
    first = part.inputs.first_month
    held = 24 if first is None else min(24, part.inputs.month.index - first.index + 1)
    return method if held == 24 else f"{method}; the earlier twelve months are known for {max(0, held - 12)} only"


@indicator(
    "customers_base",
    title="Customers",
    unit=Unit.COUNT,
    better=Better.HIGHER,
    formula="customers with at least one order ever by the month's end; cancelled orders do not count",
    window=MONTH_END,
    needs=ORDERS,
    section="customers",
    serves=("S26",),
)
def customers_base(part: Part) -> Estimate:
    return _count(len(part))


@indicator(
    "customers_current",
    title="Customers not lost",
    unit=Unit.COUNT,
    better=Better.HIGHER,
    formula="customers of the base that are not lost at the month's end",
    window=MONTH_END,
    needs=ORDERS,
    section="customers",
    serves=("S140",),
)
def customers_current(part: Part) -> Estimate:
    return _count(int((~part.flags("is_lost")).sum()))


@indicator(
    "customers_active_12m",
    title="Active customers (12 months)",
    unit=Unit.COUNT,
    better=Better.HIGHER,
    formula="customers with at least one order in the twelve months that end with the month",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="customers",
    serves=("S95",),
)
def customers_active_12m(part: Part) -> Estimate:
    return _count(int((part.integers("orders_12m") > 0).sum()))


@indicator(
    "customers_new",
    title="New customers",
    unit=Unit.COUNT,
    better=Better.HIGHER,
    formula="customers whose first order ever is in the month",
    window=MONTH,
    needs=ORDERS,
    section="customers",
    serves=("S54",),
)
def customers_new(part: Part) -> Estimate:
    return _count(int(part.flags("is_new").sum()))


@indicator(
    "customers_lost",
    title="Lost customers",
    unit=Unit.COUNT,
    better=Better.LOWER,
    formula="customers who in the month passed max(365 days, 3 x own median interval) without an order, or whose contract ended",
    window=MONTH,
    needs=ORDERS,
    section="customers",
    serves=("S140",),
)
def customers_lost(part: Part) -> Estimate:
    return _count(int((part.flags("is_lost") & ~part.flags("was_lost")).sum()))


@indicator(
    "orders",
    title="Orders",
    unit=Unit.COUNT,
    better=Better.HIGHER,
    formula="orders placed in the month, not cancelled, amount not negative",
    window=MONTH,
    needs=ORDERS,
    section="money",
    serves=("S27",),
    scopes=MONEY_SCOPES,
)
def orders(part: Part) -> Estimate:
    return _count(part.total("month_orders"))


def _money(part: Part, units: int) -> Estimate:
    return Estimate(units / UNITS, part.total("month_orders"), method="full count; n = orders")


@indicator(
    "gross_revenue",
    title="Gross revenue",
    unit=Unit.MONEY,
    better=Better.HIGHER,
    formula="sum of the month's order amounts",
    window=MONTH,
    needs=ORDERS,
    section="money",
    serves=("S23",),
    scopes=MONEY_SCOPES,
)
def gross_revenue(part: Part) -> Estimate:
    return _money(part, part.total("month_gross"))


@indicator(
    "refunds",
    title="Refunds",
    unit=Unit.MONEY,
    better=Better.LOWER,
    formula="money given back in the month, also for older orders",
    window=MONTH,
    needs=ORDERS,
    section="money",
    serves=("S23",),
    scopes=MONEY_SCOPES,
)
def refunds(part: Part) -> Estimate:
    return _money(part, part.total("month_refunds"))


@indicator(
    "net_revenue",
    title="Net revenue",
    unit=Unit.MONEY,
    better=Better.HIGHER,
    formula="gross revenue - refunds",
    window=MONTH,
    needs=ORDERS,
    section="money",
    serves=("S23",),
    scopes=MONEY_SCOPES,
)
def net_revenue(part: Part) -> Estimate:
    return _money(part, part.total("month_gross") - part.total("month_refunds"))


@indicator(
    "net_revenue_12m",
    title="Net revenue (12 months)",
    unit=Unit.MONEY,
    better=Better.HIGHER,
    formula="gross revenue - refunds of the twelve months that end with the month",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="money",
    serves=("S23",),
    scopes=MONEY_SCOPES,
)
def net_revenue_12m(part: Part) -> Estimate:
    units = part.total("gross_12m") - part.total("refunds_12m")
    return Estimate(units / UNITS, part.total("orders_12m"), method="full count; n = orders")


@indicator(
    "average_order_value",
    title="Average order value",
    unit=Unit.MONEY,
    better=Better.HIGHER,
    formula="gross revenue / orders",
    window=MONTH,
    needs=ORDERS,
    section="money",
    serves=("S27",),
    scopes=MONEY_SCOPES,
)
def average_order_value(part: Part) -> Estimate:
    number = part.total("month_orders")
    method = "gross revenue of the month / its orders"
    return no_data(method) if number == 0 else Estimate(part.total("month_gross") / UNITS / number, number, method=method)


@indicator(
    "repeat_purchase_rate",
    title="Repeat purchase rate",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="customers with at least two purchase days / customers with at least one, twelve months",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="retention",
    serves=("S95", "S96"),
)
def repeat_purchase_rate(part: Part) -> Estimate:
    days = part.integers("days_12m")
    return share_of(int((days >= 2).sum()), int((days >= 1).sum()), "12 months; Wilson interval")


def won_12m(part: Part) -> BoolArray:
    """Customers whose first order ever is in the twelve months."""
    won: BoolArray = (part.integers("orders_12m") > 0) & (part.integers("orders_12m") == part.integers("total_orders"))
    return won


def kept_12m(part: Part) -> BoolArray:
    """Customers with an order in the twelve months and in the twelve before."""
    kept: BoolArray = (part.integers("orders_12m") > 0) & (part.integers("prior_orders") > 0)
    return kept


def retained(part: Part) -> tuple[int, int]:
    before = part.integers("prior_orders") > 0
    return int((before & (part.integers("orders_12m") > 0)).sum()), int(before.sum())


@indicator(
    "retention_rate",
    title="Retention rate",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="customers with an order in the twelve months / customers with one in the twelve months before, of the latter",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="retention",
    serves=("S140",),
)
def retention_rate(part: Part) -> Estimate:
    return share_of(*retained(part), compared(part, "12 months against the 12 before; Wilson interval"))


@indicator(
    "churn_rate",
    title="Churn rate",
    unit=Unit.SHARE,
    better=Better.LOWER,
    formula="1 - retention rate",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="retention",
    serves=("S140",),
)
def churn_rate(part: Part) -> Estimate:
    stayed, before = retained(part)
    return share_of(before - stayed, before, compared(part, "12 months against the 12 before; Wilson interval"))


@indicator(
    "nrr",
    title="Net revenue retention",
    unit=Unit.RATIO,
    better=Better.HIGHER,
    formula="net of the twelve months / net of the twelve before, of the customers who ordered then",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="retention",
    serves=("S140",),
)
def nrr(part: Part) -> Estimate:
    cohort = part.integers("prior_orders") > 0
    return bootstrap_ratio(net_of(part, "12m")[cohort], net_of(part, "prior")[cohort], compared(part, "12 months against the 12 before"))


@indicator(
    "grr",
    title="Gross revenue retention",
    unit=Unit.RATIO,
    better=Better.HIGHER,
    formula="as net revenue retention, each customer counted with the lesser of the two nets",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="retention",
    serves=("S140",),
)
def grr(part: Part) -> Estimate:
    return part.once("grr", lambda: _gross_retention(part))


def _gross_retention(part: Part) -> Estimate:
    cohort = part.integers("prior_orders") > 0
    now, before = net_of(part, "12m")[cohort], net_of(part, "prior")[cohort]
    return bootstrap_ratio(np.minimum(now, before), before, compared(part, "12 months against the 12 before"))


@indicator(
    "top20_share",
    title="Share of the top 20 % of customers",
    unit=Unit.SHARE,
    better=Better.NEITHER,
    formula="twelve-month net of the 20 % of active customers (rounded up) with most of it / that of all active customers; 1 at most",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="money",
    serves=("S38",),
)
def top20_share(part: Part) -> Estimate:
    active = part.integers("orders_12m") > 0
    units = (part.integers("gross_12m") - part.integers("refunds_12m"))[active]
    count, method = len(units), "12 months; full count"
    if count == 0 or int(units.sum()) <= 0:
        return no_data(method, count)
    top = -(-count // 5)
    best = np.partition(units, count - top)[count - top :]
    return Estimate(min(1.0, int(best.sum()) / int(units.sum())), count, method=method)


@indicator(
    "revenue_at_risk",
    title="Revenue at risk",
    unit=Unit.MONEY,
    better=Better.LOWER,
    formula="twelve-month net of active customers without an order for at least 180 days (policy: warn_days)",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="money",
    serves=("S140",),
    scopes=(Scope.COMPANY, Scope.TIER),
)
def revenue_at_risk(part: Part) -> Estimate:
    silent = (part.integers("orders_12m") > 0) & (part.integers("recency_days") >= part.policy.warn_days)
    units = int((part.integers("gross_12m") - part.integers("refunds_12m"))[silent].sum())
    return Estimate(units / UNITS, int(silent.sum()), method=f"full count; n = customers silent for {part.policy.warn_days} days or more")
