"""Figures of the classes: size, money, features and satisfaction of every group, and what the whole base leans on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.classes.groupings import ATTRIBUTE, CLASS, CROSS, GROUP, PROFILE
from transforms.classes.portfolio import gini
from transforms.classes.roles import UNKNOWN
from transforms.classes.value import LOST, MODEL, SILENCE
from transforms.figures import Better, Label, Scope, Unit
from transforms.indicators.declare import MONTH_END, YEAR_WINDOW, Part, indicator
from transforms.indicators.economics import ORDERS
from transforms.lifetime.forecast import PACKS
from transforms.money import UNITS, FloatArray
from transforms.statistics.estimates import Estimate, mean_of, net_promoter, no_data, not_supplied, share_of

GROUPS = (Scope.SEGMENT,)
COMPANY = (Scope.COMPANY,)
BOTH = (Scope.COMPANY, Scope.TIER)
EVERYWHERE = (Scope.COMPANY, Scope.TIER, Scope.SEGMENT)
SOURCES = (GROUP,)
CLASSES = (CLASS, GROUP)
SIZED = (CLASS, GROUP, ATTRIBUTE)
ALL = (CLASS, GROUP, ATTRIBUTE, CROSS)
SECTION = "classes"
BELOW_ZERO, ABOVE_ALL = "the group's value is below 0", "the group has more than all together: others are below 0"
"""Why a group has no share of value although it has a value."""
SERVED = ("S01", "S03", "S11", "S17", "S18", "S25", "S32", "S33", "S34", "S35")


def _value(part: Part) -> FloatArray:
    return part.numbers("current_value") / UNITS


def _all_values(part: Part) -> FloatArray:
    return part.everybody.numbers("current_value") / UNITS


def _median(values: FloatArray, what: str) -> Estimate:
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
    section=SECTION,
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
    section=SECTION,
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
    section=SECTION,
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
    section=SECTION,
    serves=SERVED,
    scopes=GROUPS,
    families=SIZED,
)
def group_value_share(part: Part) -> Estimate:
    total = part.everybody.once("current value of all", lambda: float(np.nansum(_all_values(part))))
    own = float(np.nansum(_value(part)))
    if not total > 0:
        return no_data("the base has no positive value to share out", len(part))
    if not 0 <= own <= total:
        return no_data(BELOW_ZERO if own < 0 else ABOVE_ALL, len(part))
    return Estimate(own / total, len(part), method=f"value is {part.value_basis}")


@indicator(
    "group_tenure_median",
    title="Median months with us",
    unit=Unit.RATIO,
    better=Better.NEITHER,
    formula="median of whole months since the first order",
    window=MONTH_END,
    needs=ORDERS,
    section=SECTION,
    serves=("S17",),
    scopes=GROUPS,
    families=CLASSES,
)
def group_tenure_median(part: Part) -> Estimate:
    return _median(part.numbers("tenure_months"), "median")


@indicator(
    "group_orders_median",
    title="Median orders (12 months)",
    unit=Unit.RATIO,
    better=Better.NEITHER,
    formula="median of orders of twelve months per customer",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section=SECTION,
    serves=("S17",),
    scopes=GROUPS,
    families=CLASSES,
)
def group_orders_median(part: Part) -> Estimate:
    return _median(part.numbers("orders_12m"), "median")


@indicator(
    "group_basket_median",
    title="Median average order",
    unit=Unit.MONEY,
    better=Better.NEITHER,
    formula="median over customers of gross of twelve months / orders",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section=SECTION,
    serves=("S03",),
    scopes=GROUPS,
    families=CLASSES,
)
def group_basket_median(part: Part) -> Estimate:
    orders = part.numbers("orders_12m")
    with np.errstate(invalid="ignore", divide="ignore"):
        return _median(np.where(orders > 0, part.numbers("gross_12m") / orders / UNITS, np.nan), "median of customers with an order")


@indicator(
    "group_satisfaction",
    title="Mean satisfaction index of the group",
    unit=Unit.INDEX,
    better=Better.HIGHER,
    formula="mean satisfaction index of the group's customers who answered in twelve months",
    window=YEAR_WINDOW,
    needs=("surveys",),
    section=SECTION,
    serves=("S01", "S17", "S35"),
    survey=True,
    scopes=GROUPS,
    families=SIZED,
)
def group_satisfaction(part: Part) -> Estimate:
    answered = (part.integers("satisfaction_n") > 0) & ~np.isnan(part.numbers("satisfaction_index"))
    return mean_of(part.numbers("satisfaction_index")[answered], 0.0, 100.0, "mean of customers who answered")


@indicator(
    "group_nps",
    title="NPS of the group (12 months)",
    unit=Unit.POINTS,
    better=Better.HIGHER,
    formula="promoters less detractors of each customer's last answer in twelve months",
    window=YEAR_WINDOW,
    needs=("surveys",),
    section=SECTION,
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
    section=SECTION,
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
    section=SECTION,
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
    section=SECTION,
    serves=("S35",),
    scopes=GROUPS,
    families=SOURCES,
)
def group_high_share(part: Part) -> Estimate:
    return share_of(int(part.named("value_class", "high").sum()), int((~part.named("value_class", "unrated")).sum()))


@indicator(
    "group_acquisition_cost",
    title="Acquisition cost per new customer",
    unit=Unit.MONEY,
    better=Better.LOWER,
    formula="cost of the source's campaigns begun in twelve months / its customers whose first order is in them",
    window=YEAR_WINDOW,
    needs=("campaigns",),
    section=SECTION,
    serves=("S35",),
    scopes=GROUPS,
    families=SOURCES,
)
def group_acquisition_cost(part: Part) -> Estimate:
    dimension, _, source = part.scope_value.partition("=")
    campaigns, start = part.inputs.campaigns, (part.inputs.month - 11).first_day
    if dimension != "source_channel":
        return not_supplied("campaigns name a source, no other class")
    begun = (campaigns["starts_on"] >= pd.Timestamp(start)).to_numpy(dtype=bool)
    own = campaigns.loc[(campaigns["source_channel"] == source).to_numpy(dtype=bool, na_value=False) & begun]
    if own.empty or own["amount"].isna().all():
        return not_supplied("no campaign of this source tells its cost")
    first = part.days("first_order_on") >= np.datetime64(start, "D")
    if not first.any():
        return no_data("no new customer of this source in twelve months")
    return Estimate(int(own["amount"].sum()) / UNITS / int(first.sum()), int(first.sum()), method="campaign cost / new customers")


@indicator(
    "gini",
    title="Gini coefficient of value",
    unit=Unit.SHARE,
    better=Better.NEITHER,
    formula="Gini coefficient of the current value of the customers active in twelve months; negative values count as 0",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section=SECTION,
    serves=("S25",),
    scopes=BOTH,
)
def value_gini(part: Part) -> Estimate:
    active = part.integers("orders_12m") > 0
    found = gini(np.nan_to_num(_value(part)[active]))
    return no_data(n=int(active.sum())) if found is None else Estimate(found, int(active.sum()), method=f"value is {part.value_basis}")


def _top(part: Part, count: int) -> Estimate:
    values = np.maximum(0.0, np.nan_to_num(_value(part)))
    total = values.sum()
    if not total > 0:
        return no_data(n=len(values))
    return Estimate(float(np.sort(values)[::-1][:count].sum() / total), len(values), method=f"value is {part.value_basis}")


def _dependency(count: int, words: str) -> None:
    @indicator(
        f"top{count}_customers_share",
        title=f"Value share of the largest {words}",
        unit=Unit.SHARE,
        better=Better.LOWER,
        formula=f"current value of the {words} with the most / that of all; negative values count as 0",
        window=YEAR_WINDOW,
        needs=ORDERS,
        section=SECTION,
        serves=("S38",),
        scopes=COMPANY,
    )
    def dependency(part: Part) -> Estimate:
        return _top(part, count)


_dependency(1, "customer")
_dependency(5, "five customers")
_dependency(10, "ten customers")


@indicator(
    "core_customers",
    title="Core customers",
    unit=Unit.COUNT,
    better=Better.NEITHER,
    formula="smallest set of customers that gives the policy's share of current value, and those named strategic by hand",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section=SECTION,
    serves=("S38",),
    scopes=BOTH,
)
def core(part: Part) -> Estimate:
    number = int(part.flags("is_core").sum())
    share = part.policy.classes.core_share
    return Estimate(float(number), len(part), method=f"{share:.0%} of {part.value_basis}; {int(part.flags('is_strategic').sum())} by hand")


def _stacked(column: str, title: str, row: str) -> None:
    @indicator(
        column,
        title=title,
        unit=Unit.MONEY,
        better=Better.HIGHER,
        formula=f"sum of the customers' {column.replace('_', ' ')}; the three values are never added up",
        window=YEAR_WINDOW,
        needs=ORDERS,
        section=SECTION,
        serves=(row,),
        scopes=(Scope.COMPANY, Scope.TIER),
    )
    def summed(part: Part) -> Estimate:
        return Estimate(int(part.integers(column).sum()) / UNITS, len(part), method=f"value is {part.value_basis}")


_stacked("historic_value", "Historic value (before the last 12 months)", "S22")
_stacked("current_value", "Current value (12 months)", "S23")


@indicator(
    "potential_value",
    title="Potential value (estimate)",
    unit=Unit.MONEY,
    better=Better.HIGHER,
    formula="sum of each customer's gap to the peers' P75 x p_active (P(alive) of the model, by silence where none is fitted), "
    "and open quotes x win rate x margin rate",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section=SECTION,
    label=Label.ESTIMATE,
    serves=("S24",),
)
def potential_value(part: Part) -> Estimate:
    by = {source: int(part.named("p_active_from", source).sum()) for source in (MODEL, SILENCE, LOST)}
    said = f"value is {part.value_basis}; p_active by P(alive) of {PACKS}: {by[MODEL]}, by silence: {by[SILENCE]}, lost: {by[LOST]}"
    return Estimate(int(part.integers("potential_value").sum()) / UNITS, len(part), method=said)


def _unknown_share(name: str, column: str, title: str, row: str) -> None:
    @indicator(
        name,
        title=title,
        unit=Unit.SHARE,
        better=Better.LOWER,
        formula=f"customers of the base whose {column.replace('_', ' ')} is unknown / all",
        window=MONTH_END,
        needs=("customers",),
        section=SECTION,
        serves=(row,),
        scopes=BOTH,
    )
    def unknown(part: Part) -> Estimate:
        return share_of(int(part.named(column, UNKNOWN).sum()), len(part))


_unknown_share("unknown_role_share", "role", "Customers of unknown role", "S01")
_unknown_share("unknown_industry_share", "industry", "Customers of unknown industry", "S18")
_unknown_share("unknown_source_share", "source_channel", "Customers of unknown source", "S35")


@indicator(
    "file_completeness",
    title="Completeness of customer files",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="mean share of the policy's file fields that are filled, over the customers of the base",
    window=MONTH_END,
    needs=("customers",),
    section=SECTION,
    serves=("S39",),
    scopes=BOTH,
)
def file_completeness(part: Part) -> Estimate:
    filled = part.numbers("completeness")
    return Estimate(float(filled.mean()), len(filled), method="mean over customers") if len(filled) else no_data()


@indicator(
    "gap_median_days",
    title="Median days between purchase days",
    unit=Unit.DAYS,
    better=Better.LOWER,
    formula="median over customers of their own median interval",
    window="whole history",
    needs=ORDERS,
    section=SECTION,
    serves=("S05", "S31"),
    scopes=BOTH,
)
def gap_median_days(part: Part) -> Estimate:
    return _median(part.numbers("median_gap_days"), "median of customers with two purchase days")


@indicator(
    "orders_per_opening",
    title="Orders per quote or enquiry",
    unit=Unit.RATIO,
    better=Better.HIGHER,
    formula="orders of twelve months / quotes of twelve months; of a tier: those of its customers",
    window=YEAR_WINDOW,
    needs=("quotes",),
    section=SECTION,
    serves=("S05",),
    scopes=BOTH,
)
def orders_per_opening(part: Part) -> Estimate:
    rows = part.inputs.quotes
    quotes = len(rows) if part.scope is Scope.COMPANY else int(rows["customer_id"].isin(part["customer_id"]).sum())
    return Estimate(part.total("orders_12m") / quotes, quotes, method="orders / quotes") if quotes else no_data()
