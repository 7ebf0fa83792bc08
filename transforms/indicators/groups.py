"""Figures of every class and crossing of classes: size, money, features and satisfaction."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.classes.groupings import ATTRIBUTE, CLASS, CROSS, GROUP, PROFILE
from transforms.figures import Better, Detail, Unit
from transforms.indicators.customer_value import current_values, current_values_of_all
from transforms.indicators.declare import GROUPS, MONTH_END, ORDERS, YEAR_WINDOW, Part, indicator
from transforms.money import UNITS, FloatArray
from transforms.statistics.estimates import Estimate, mean_of, net_promoter, no_data, no_source, share_of

SOURCES = (GROUP,)
CLASSES = (CLASS, GROUP)
SIZED = (CLASS, GROUP, ATTRIBUTE)
ALL = (CLASS, GROUP, ATTRIBUTE, CROSS)
NO_SHARE = {
    Detail.BELOW_ZERO: "the group's value is below 0",
    Detail.ABOVE_ALL: "the group has more than all together: others are below 0",
}
"""Why a group has no share of value although it has a value."""
SERVED = ("S01", "S03", "S11", "S17", "S18", "S25", "S32", "S33", "S34", "S35")


def known_median(values: FloatArray, what: str) -> Estimate:
    known = values[~np.isnan(values)]
    return Estimate(float(np.median(known)), len(known), method=what) if len(known) else no_data(what)


@indicator(
    "group_customers",
    title="Customers of the group",
    unit=Unit.COUNT,
    better=Better.NEITHER,
    formula="customers of the base in the class, or in the crossing of two classes; a dimension's classes add up to the base",
    window=MONTH_END,
    needs=ORDERS,
    section="classes",
    serves=(*SERVED, "S16"),
    scopes=GROUPS,
    families=(*ALL, PROFILE),
)
def group_customers(part: Part) -> Estimate:
    return Estimate(float(len(part)), len(part), method="full count")


@indicator(
    "group_customer_share",
    title="Share of customers",
    unit=Unit.SHARE,
    better=Better.NEITHER,
    formula="customers of the group / customers of the base",
    window=MONTH_END,
    needs=ORDERS,
    section="classes",
    serves=SERVED,
    scopes=GROUPS,
    families=SIZED,
)
def group_customer_share(part: Part) -> Estimate:
    return Estimate(len(part) / len(part.customers), len(part), method="full count") if len(part.customers) else no_data()


@indicator(
    "group_net_12m",
    title="Net revenue of the group (12 months)",
    unit=Unit.MONEY,
    better=Better.NEITHER,
    formula="net of twelve months of the group's customers",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="classes",
    serves=SERVED,
    scopes=GROUPS,
    families=ALL,
)
def group_net_12m(part: Part) -> Estimate:
    return Estimate(int(part.integers("net_12m").sum()) / UNITS, len(part), method="full count")


@indicator(
    "group_value_share",
    title="Share of current value",
    unit=Unit.SHARE,
    better=Better.NEITHER,
    formula="current value (margin, else net revenue, of twelve months) of the group / of the base",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="classes",
    serves=SERVED,
    scopes=GROUPS,
    families=SIZED,
)
def group_value_share(part: Part) -> Estimate:
    total = part.everybody.once("current value of all", lambda: float(np.nansum(current_values_of_all(part))))
    own = float(np.nansum(current_values(part)))
    if not total > 0:
        return no_data("the base has no positive value to share out", len(part))
    if not 0 <= own <= total:
        why = Detail.BELOW_ZERO if own < 0 else Detail.ABOVE_ALL
        return no_data(NO_SHARE[why], len(part), why)
    return Estimate(own / total, len(part), method=f"value is {part.value_basis}")


@indicator(
    "group_tenure_median",
    title="Median months with us",
    unit=Unit.RATIO,
    better=Better.NEITHER,
    formula="median of whole months since the first order",
    window=MONTH_END,
    needs=ORDERS,
    section="classes",
    serves=("S17",),
    scopes=GROUPS,
    families=CLASSES,
)
def group_tenure_median(part: Part) -> Estimate:
    return known_median(part.numbers("tenure_months"), "median")


@indicator(
    "group_orders_median",
    title="Median orders (12 months)",
    unit=Unit.RATIO,
    better=Better.NEITHER,
    formula="median of orders of twelve months per customer",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="classes",
    serves=("S17",),
    scopes=GROUPS,
    families=CLASSES,
)
def group_orders_median(part: Part) -> Estimate:
    return known_median(part.numbers("orders_12m"), "median")


@indicator(
    "group_basket_median",
    title="Median average order",
    unit=Unit.MONEY,
    better=Better.NEITHER,
    formula="median over customers of gross of twelve months / orders",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="classes",
    serves=("S03",),
    scopes=GROUPS,
    families=CLASSES,
)
def group_basket_median(part: Part) -> Estimate:
    orders = part.numbers("orders_12m")
    with np.errstate(invalid="ignore", divide="ignore"):
        return known_median(part.numbers("gross_12m") / orders / UNITS, "median of customers with an order")


@indicator(
    "group_satisfaction",
    title="Mean satisfaction index of the group",
    unit=Unit.INDEX,
    better=Better.HIGHER,
    formula="mean satisfaction index of the group's customers who answered in twelve months",
    window=YEAR_WINDOW,
    needs=("surveys",),
    section="classes",
    serves=("S01", "S17", "S35"),
    survey=True,
    scopes=GROUPS,
    families=SIZED,
)
def group_satisfaction(part: Part) -> Estimate:
    answered = ~np.isnan(part.numbers("satisfaction_index"))
    return mean_of(part.numbers("satisfaction_index")[answered], 0.0, 100.0, "mean of customers who answered")


@indicator(
    "group_nps",
    title="NPS of the group (12 months)",
    unit=Unit.POINTS,
    better=Better.HIGHER,
    formula="promoters less detractors of each customer's last answer in twelve months",
    window=YEAR_WINDOW,
    needs=("surveys",),
    section="classes",
    serves=("S01", "S17"),
    survey=True,
    scopes=GROUPS,
    families=CLASSES,
)
def group_nps(part: Part) -> Estimate:
    scores = part.numbers("nps_score")
    known = scores[~np.isnan(scores)]
    return net_promoter(int((known <= 6).sum()), int(((known > 6) & (known < 9)).sum()), int((known >= 9).sum()))


@indicator(
    "group_retention",
    title="Retention of the group",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="of the group's customers with an order in the twelve months before the last twelve, those with one in the last twelve",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="classes",
    serves=("S35",),
    scopes=GROUPS,
    families=CLASSES,
)
def group_retention(part: Part) -> Estimate:
    before = part.integers("prior_orders") > 0
    return share_of(int((before & (part.integers("orders_12m") > 0)).sum()), int(before.sum()))


@indicator(
    "group_new",
    title="New customers of the group",
    unit=Unit.COUNT,
    better=Better.HIGHER,
    formula="customers of the group whose first order is in the month; by source: the first touch that the customers table tells",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="classes",
    serves=("S35",),
    scopes=GROUPS,
    families=SOURCES,
)
def group_new(part: Part) -> Estimate:
    return Estimate(float(part.flags("is_new").sum()), len(part), method="full count")


@indicator(
    "group_high_share",
    title="High-value share of the group",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="customers of value class high / rated customers of the group",
    window=MONTH_END,
    needs=ORDERS,
    section="classes",
    serves=("S35",),
    scopes=GROUPS,
    families=SOURCES,
)
def group_high_share(part: Part) -> Estimate:
    return share_of(int(part.holds_word("value_class", "high").sum()), int((~part.holds_word("value_class", "unrated")).sum()))


@indicator(
    "group_acquisition_cost",
    title="Acquisition cost per new customer",
    unit=Unit.MONEY,
    better=Better.LOWER,
    formula="cost of the source's campaigns begun in twelve months / its customers whose first order is in them",
    window=YEAR_WINDOW,
    needs=("campaigns",),
    section="classes",
    serves=("S35",),
    scopes=GROUPS,
    families=SOURCES,
)
def group_acquisition_cost(part: Part) -> Estimate:
    dimension, _, source = part.scope_value.partition("=")
    campaigns, start = part.inputs.campaigns, (part.inputs.month - 11).first_day
    if dimension != "source_channel":
        return no_source("campaigns name a source, no other class")
    begun = (campaigns["starts_on"] >= pd.Timestamp(start)).to_numpy(dtype=bool)
    own = campaigns.loc[(campaigns["source_channel"] == source).to_numpy(dtype=bool, na_value=False) & begun]
    if own["amount"].isna().all():
        return no_source("no campaign of this source tells its cost")
    first = part.days("first_order_on") >= np.datetime64(start, "D")
    if not first.any():
        return no_data("no new customer of this source in twelve months")
    return Estimate(int(own["amount"].sum()) / UNITS / int(first.sum()), int(first.sum()), method="campaign cost / new customers")
