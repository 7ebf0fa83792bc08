"""How customers buy: how far apart, and how many orders come of a quote."""

from __future__ import annotations

from transforms.figures import Better, Scope, Unit
from transforms.indicators.declare import ORDERS, YEAR_WINDOW, Part, indicator
from transforms.indicators.groups import known_median
from transforms.statistics.estimates import Estimate, no_data


@indicator(
    "gap_median_days",
    title="Median days between purchase days",
    unit=Unit.DAYS,
    better=Better.LOWER,
    formula="median over customers of their own median interval",
    window="whole history",
    needs=ORDERS,
    section="classes",
    serves=("S05", "S31"),
)
def gap_median_days(part: Part) -> Estimate:
    return known_median(part.numbers("median_gap_days"), "median of customers with two purchase days")


@indicator(
    "orders_per_opening",
    title="Orders per quote or enquiry",
    unit=Unit.RATIO,
    better=Better.HIGHER,
    formula="orders of twelve months / quotes of twelve months; of a tier: those of its customers",
    window=YEAR_WINDOW,
    needs=("quotes",),
    section="classes",
    serves=("S05",),
)
def orders_per_opening(part: Part) -> Estimate:
    rows = part.inputs.quotes
    quotes = len(rows) if part.scope is Scope.COMPANY else int(rows["customer_id"].isin(part["customer_id"]).sum())
    return Estimate(part.total("orders_12m") / quotes, quotes, method="orders / quotes") if quotes else no_data()
