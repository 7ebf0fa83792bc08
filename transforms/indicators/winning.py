"""What new customers cost and bring against old ones: own costs, own quotes, own referrals.

None of the quoted ratios (one fifth, 50 % against 15 %, 60 %) is used here; where the company does not hold its
costs or quotes the answer is "not supplied".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.facts.matching import Lookup, locate
from transforms.figures import Better, Scope, Unit
from transforms.indicators.declare import YEAR_WINDOW, Part, indicator
from transforms.indicators.economics import kept_12m, net_of, won_12m
from transforms.money import UNITS, BoolArray
from transforms.statistics.estimates import Estimate, no_data, not_supplied, share_of
from transforms.tables.spellings import PRICE, REFERRAL, SERVICE, says

COSTS = ("costs",)
QUOTES = ("quotes",)


@dataclass(frozen=True)
class Spent:
    """Costs of a kind over twelve months, in currency units, and how many months have any."""

    amount: float
    months: int


def spent(part: Part, kind: str) -> Spent | None:
    """Costs of one kind over the twelve months that end with the month: the company's, or those booked to the tier.

    None where no cost of that kind is booked at all: not spending and not recording look alike.
    """
    costs, month = part.inputs.costs, part.inputs.month
    chosen = (costs["kind"].str.lower() == kind) & (costs["month"] > str(month - 12)) & (costs["month"] <= str(month))
    if part.scope is not Scope.COMPANY:
        chosen &= costs["tier"] == part.scope_value
    rows = costs.loc[chosen.fillna(False).to_numpy(dtype=bool)]
    return Spent(int(rows["amount"].sum()) / UNITS, int(rows["month"].nunique())) if len(rows) else None


def _per(part: Part, kind: str, number: int, whom: str) -> Estimate:
    cost = spent(part, kind)
    if cost is None:
        return not_supplied(f"not measured: no cost of the kind {kind} is booked")
    method = f"{kind} costs of {cost.months} of 12 months / {whom}"
    return Estimate(cost.amount / number, number, method=method) if number else no_data(method)


@indicator(
    "acquisition_cost_per_new",
    title="Cost of winning a customer",
    unit=Unit.MONEY,
    better=Better.LOWER,
    formula="costs of the kind acquisition / customers whose first order is in the twelve months",
    window=YEAR_WINDOW,
    needs=COSTS,
    section="value",
    serves=("S205", "S219", "Q01"),
)
def acquisition_cost_per_new(part: Part) -> Estimate:
    return _per(part, "acquisition", int(won_12m(part).sum()), "new customers")


@indicator(
    "retention_cost_per_kept",
    title="Cost of keeping a customer",
    unit=Unit.MONEY,
    better=Better.LOWER,
    formula="costs of the kind retention / customers who ordered in the twelve months and in the twelve before",
    window=YEAR_WINDOW,
    needs=COSTS,
    section="value",
    serves=("S205", "Q01"),
)
def retention_cost_per_kept(part: Part) -> Estimate:
    return _per(part, "retention", int(kept_12m(part).sum()), "kept customers")


@indicator(
    "win_to_keep_ratio",
    title="Winning against keeping, cost",
    unit=Unit.RATIO,
    better=Better.NEITHER,
    formula="cost of winning a customer / cost of keeping one, both from own costs",
    window=YEAR_WINDOW,
    needs=COSTS,
    section="value",
    serves=("S205", "Q01", "Q02", "Q03", "Q04"),
)
def win_to_keep_ratio(part: Part) -> Estimate:
    win, keep = acquisition_cost_per_new(part), retention_cost_per_kept(part)
    for side in (win, keep):
        if side.value is None:
            return Estimate(None, side.n, method=side.method, reason=side.reason)
    if not keep.value or win.value is None:
        return no_data("nothing was spent on keeping", keep.n or 0)
    return Estimate(win.value / keep.value, (win.n or 0) + (keep.n or 0), method=f"{win.n} won, {keep.n} kept")


@indicator(
    "service_cost_ratio",
    title="Service costs to net revenue",
    unit=Unit.RATIO,
    better=Better.LOWER,
    formula="costs of the kind service / net revenue, twelve months",
    window=YEAR_WINDOW,
    needs=COSTS,
    section="value",
    serves=("S21", "S211"),
)
def service_cost_ratio(part: Part) -> Estimate:
    cost, net = spent(part, "service"), (part.total("gross_12m") - part.total("refunds_12m")) / UNITS
    if cost is None:
        return not_supplied("not measured: no cost of the kind service is booked")
    return Estimate(cost.amount / net, len(part), method=f"{cost.months} of 12 months") if net > 0 else no_data("no net revenue", len(part))


def decided_quotes(part: Part) -> pd.DataFrame:
    """Quotes of the twelve months that were won or lost, of this scope, with `existing`: ordered before the day of the quote.

    The company's include people who never ordered; a tier's are its own customers'.
    """
    quotes = part.inputs.quotes
    decided = quotes.loc[quotes["result"].isin(["won", "lost"]).to_numpy(dtype=bool)].reset_index(drop=True)
    (places,), _ = locate(part["customer_id"].reset_index(drop=True), [decided["customer_id"].fillna("")])
    if part.scope is not Scope.COMPANY:
        inside = places < len(part)
        decided, places = decided.loc[inside].reset_index(drop=True), places[inside]
    first = part.days("first_order_on")
    known = places < len(part)
    day = decided["quoted_at"].dt.tz_convert(part.inputs.timezone).dt.tz_localize(None).to_numpy(dtype="datetime64[D]")
    existing = np.zeros(len(decided), dtype=bool)
    existing[known] = first[places[known]] < day[known]
    return decided.assign(existing=existing)


def _win_rate(part: Part, existing: bool) -> Estimate:
    quotes = decided_quotes(part)
    chosen = quotes.loc[(quotes["existing"] == existing).to_numpy(dtype=bool)]
    return share_of(int((chosen["result"] == "won").sum()), len(chosen), "won / decided quotes; Wilson interval")


@indicator(
    "win_rate_existing",
    title="Win rate, existing customers",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="quotes won / quotes decided, of customers who had ordered before the day of the quote",
    window=YEAR_WINDOW,
    needs=QUOTES,
    section="value",
    serves=("S206", "Q05"),
)
def win_rate_existing(part: Part) -> Estimate:
    return _win_rate(part, existing=True)


@indicator(
    "win_rate_new",
    title="Win rate, new customers",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="quotes won / quotes decided, of people who had not ordered before the day of the quote",
    window=YEAR_WINDOW,
    needs=QUOTES,
    section="value",
    serves=("S206", "Q05"),
)
def win_rate_new(part: Part) -> Estimate:
    return _win_rate(part, existing=False)


@indicator(
    "lost_on_price_share",
    title="Quotes lost on price",
    unit=Unit.SHARE,
    better=Better.LOWER,
    formula="quotes lost with the reason price / quotes lost with a known reason",
    window=YEAR_WINDOW,
    needs=QUOTES,
    section="value",
    serves=("S220",),
)
def lost_on_price_share(part: Part) -> Estimate:
    quotes = decided_quotes(part)
    lost = quotes.loc[((quotes["result"] == "lost") & quotes["reason"].notna()).to_numpy(dtype=bool)]
    return share_of(int(says(lost["reason"], PRICE).sum()), len(lost))


@indicator(
    "wins_above_rival_share",
    title="Won for service at a higher price",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="won with the reason service or reliability at a price above the competitor's / won with a known competitor's price",
    window=YEAR_WINDOW,
    needs=QUOTES,
    section="value",
    serves=("S216", "Q19"),
)
def wins_above_rival_share(part: Part) -> Estimate:
    quotes = decided_quotes(part)
    won = quotes.loc[((quotes["result"] == "won") & quotes["competitor_price"].notna()).to_numpy(dtype=bool)]
    for_service = says(won["reason"], SERVICE)
    return share_of(int((for_service & (won["amount"] > won["competitor_price"])).sum()), len(won))


@dataclass(frozen=True)
class Origins:
    """Where the new customers of twelve months come from: recommended, otherwise known, unknown."""

    referred: BoolArray
    known: BoolArray
    won: BoolArray


def origins(part: Part) -> Origins | None:
    """Each customer's origin as the customers table tells it; None where it tells neither source nor referrer of anybody."""
    customers = part.inputs.customers
    told = [name for name in ("referred_by", "source_channel") if name in customers and bool(customers[name].notna().any())]
    if not told:
        return None
    (places,), _ = locate(part["customer_id"].reset_index(drop=True), [customers["customer_id"]])
    lookup = Lookup.of(places, len(part))
    by = lookup.column(customers["referred_by"]).notna().to_numpy(dtype=bool) if "referred_by" in told else np.zeros(len(part), dtype=bool)
    source = lookup.column(customers["source_channel"]) if "source_channel" in told else pd.Series([None] * len(part), dtype="str")
    spoken = says(source, REFERRAL).to_numpy(dtype=bool)
    return Origins(by | spoken, by | source.notna().to_numpy(dtype=bool), won_12m(part))


@indicator(
    "referred_new_share",
    title="New customers by referral",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="new customers of the twelve months who were referred / those with a known source",
    window=YEAR_WINDOW,
    needs=("customers",),
    section="value",
    serves=("S208", "Q09"),
)
def referred_new_share(part: Part) -> Estimate:
    found = origins(part)
    if found is None:
        return not_supplied("the customers table tells no source and no referrer")
    known, new = int((found.won & found.known).sum()), int(found.won.sum())
    return share_of(int((found.won & found.referred).sum()), known, f"source unknown for {new - known} of {new}; Wilson interval")


@indicator(
    "referred_net_per_customer",
    title="Net per referred customer",
    unit=Unit.MONEY,
    better=Better.HIGHER,
    formula="twelve-month net of new customers who were referred / their number; beside it the cost of winning a customer",
    window=YEAR_WINDOW,
    needs=("customers",),
    section="value",
    serves=("S219",),
)
def referred_net_per_customer(part: Part) -> Estimate:
    found = origins(part)
    if found is None:
        return not_supplied("the customers table tells no source and no referrer")
    chosen = found.won & found.referred
    n = int(chosen.sum())
    return Estimate(float(net_of(part, "12m")[chosen].sum()) / n, n, method="mean over referred new customers") if n else no_data()
