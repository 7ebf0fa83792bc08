"""The month's orders and money, and the twelve months'."""

from __future__ import annotations

from transforms.figures import Better, Unit
from transforms.indicators.declare import MONEY_SCOPES, MONTH, ORDERS, YEAR_WINDOW, Part, indicator
from transforms.money import UNITS, FloatArray
from transforms.statistics.estimates import Estimate, count_of, no_data, no_source, share_of


def net_of(part: Part, ending: str) -> FloatArray:
    """Net of `12m` or `prior`, in currency units, one number per customer."""
    gross, refunds = ("gross_12m", "refunds_12m") if ending == "12m" else ("prior_gross", "prior_refunds")
    return (part.integers(gross) - part.integers(refunds)) / UNITS


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
    return count_of(part.total("month_orders"))


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
    "discounted_orders_share",
    title="Orders with a discount",
    unit=Unit.SHARE,
    better=Better.LOWER,
    formula="orders of the month with a discount / orders of the month",
    window=MONTH,
    needs=ORDERS,
    section="value",
)
def discounted_orders_share(part: Part) -> Estimate:
    if "month_discounted_orders" not in part.inputs.window:
        return no_source("no order tells a discount")
    return share_of(part.total("month_discounted_orders"), part.total("month_orders"), "orders of the month; Wilson interval")
