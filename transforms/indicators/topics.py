"""What separates the classes, which needs are named, and our share of markets that are stated from outside."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.classes.roles import UNKNOWN
from transforms.classes.topics import MARKET, METRIC, NEED, asked, markets, naming
from transforms.figures import Better, Label, Scope, Unit
from transforms.indicators.declare import MONTH, YEAR_WINDOW, Part, indicator
from transforms.indicators.economics import ORDERS
from transforms.money import UNITS, BoolArray, FloatArray, IntArray
from transforms.statistics.estimates import Estimate, no_data, share_of

GROUPS = (Scope.SEGMENT,)
SECTION = "classes"
LEAST = 3


def eta_squared(values: FloatArray, groups: pd.Series | IntArray) -> tuple[float | None, int]:
    """Share 0-1 of a metric's variance that lies between groups, and how many values it rests on.

    eta^2 = sum_g n_g (mean_g - mean)^2 / sum_i (v_i - mean)^2; None where nothing varies or one group is all there is.
    """
    known = ~np.isnan(values)
    values, codes = values[known], pd.factorize(groups[known])[0]
    n = len(values)
    if n < LEAST or codes.max(initial=0) == 0:
        return None, n
    mean = values.mean()
    total = float(((values - mean) ** 2).sum())
    if not total > 0:
        return None, n
    sizes = np.bincount(codes)
    means = np.bincount(codes, weights=values) / sizes
    return min(1.0, float((sizes * (means - mean) ** 2).sum()) / total), n


@indicator(
    "separation",
    title="What separates the value classes",
    unit=Unit.SHARE,
    better=Better.NEITHER,
    formula="eta squared: share of the metric's variance over customers that lies between the value classes (unrated left out)",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section=SECTION,
    serves=("S19",),
    scopes=GROUPS,
    families=(METRIC,),
)
def separation(part: Part) -> Estimate:
    metric = part.scope_value.partition("=")[2]
    rated = ~part.named("value_class", "unrated")
    found, n = eta_squared(part.numbers(metric)[rated], part.everybody.codes("value_class")[rated])
    return no_data("nothing varies, or there is one class only", n) if found is None else Estimate(found, n, method="eta squared")


@indicator(
    "need_share",
    title="Share who name the need",
    unit=Unit.SHARE,
    better=Better.NEITHER,
    formula="respondents who name the code / respondents asked about needs, pains, expectations or motives in the month",
    window=MONTH,
    needs=("surveys",),
    section=SECTION,
    serves=("S04", "S12"),
    survey=True,
    scopes=GROUPS,
    families=(NEED,),
)
def need_share(part: Part) -> Estimate:
    code = part.scope_value.partition("=")[2]
    named = naming(part.inputs.surveys)
    hits = named.loc[(named["item"] == code).to_numpy(dtype=bool), "customer_id"].nunique()
    return share_of(int(hits), int(asked(part.inputs.surveys)["customer_id"].nunique()), "share of respondents; Wilson interval")


@indicator(
    "needs_uncoded",
    title="Comments without a code",
    unit=Unit.COUNT,
    better=Better.LOWER,
    formula="answers about needs in the month that hold a comment and name no code (item `other`, or no score)",
    window=MONTH,
    needs=("surveys",),
    section=SECTION,
    serves=("S04",),
    scopes=(Scope.COMPANY,),
)
def needs_uncoded(part: Part) -> Estimate:
    rows = asked(part.inputs.surveys)
    if rows.empty or "comment" not in rows:
        return no_data("nobody was asked about needs")
    open_ended = rows["comment"].notna() & ((rows["item"] == "other") | rows["score"].isna())
    return Estimate(float(open_ended.sum()), len(rows), method="full count")


def _members(part: Part, entry: pd.Series) -> BoolArray:
    field, value = entry["field"], entry["field_value"]
    if pd.isna(field) or pd.isna(value):
        return np.ones(len(part.customers), dtype=bool)
    if field not in part.customers:
        return np.zeros(len(part.customers), dtype=bool)
    inside: BoolArray = (part.customers[str(field)].fillna(UNKNOWN) == value).to_numpy(dtype=bool)
    return inside


@indicator(
    "market_share",
    title="Our share of the stated market",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="net of twelve months of the market's customers / market size entered by hand (register `market`); never estimated",
    window=YEAR_WINDOW,
    needs=("registers",),
    section=SECTION,
    label=Label.EXTERNAL,
    serves=("S09",),
    scopes=GROUPS,
    families=(MARKET,),
)
def market_share(part: Part) -> Estimate:
    known = markets(part.inputs.registers)
    entry = known.loc[known["entry_id"] == part.scope_value.partition("=")[2]].iloc[0]
    chosen = _members(part, entry)
    own = int(part.customers.loc[chosen, "net_12m"].sum()) / UNITS
    share = own / float(entry["value"])
    told = f"size entered by hand, source: {entry['source'] if pd.notna(entry['source']) else 'not told'}"
    if not 0 <= share <= 1:
        return no_data(f"{told}; own revenue is not within the stated size", int(chosen.sum()))
    return Estimate(share, int(chosen.sum()), method=told)
