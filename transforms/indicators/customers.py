"""How many customers there are, who came and who was lost."""

from __future__ import annotations

from transforms.figures import Better, Unit
from transforms.indicators.declare import MONTH, MONTH_END, ORDERS, YEAR_WINDOW, Part, indicator
from transforms.money import BoolArray
from transforms.statistics.estimates import Estimate, count_of


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
    return count_of(len(part))


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
    return count_of(int((~part.flags("is_lost")).sum()))


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
    return count_of(int((part.integers("orders_12m") > 0).sum()))


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
    return count_of(int(part.flags("is_new").sum()))


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
    return count_of(int((part.flags("is_lost") & ~part.flags("was_lost")).sum()))


def won_12m(part: Part) -> BoolArray:
    """Customers whose first order ever is in the twelve months."""
    won: BoolArray = part.integers("orders_12m") == part.integers("total_orders")
    return won


def kept_12m(part: Part) -> BoolArray:
    """Customers with an order in the twelve months and in the twelve before."""
    kept: BoolArray = (part.integers("orders_12m") > 0) & (part.integers("prior_orders") > 0)
    return kept
