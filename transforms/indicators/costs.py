"""What winning, keeping and serving customers costs, from own costs alone: none of the quoted ratios is used."""

from __future__ import annotations

from dataclasses import dataclass

from transforms.figures import Better, Scope, Unit
from transforms.indicators.customers import kept_12m, won_12m
from transforms.indicators.declare import YEAR_WINDOW, Part, indicator
from transforms.money import UNITS
from transforms.statistics.estimates import Estimate, no_data, no_source

COSTS = ("costs",)


@dataclass(frozen=True)
class Costs:
    """Costs of a kind over twelve months, in currency units, and how many months have any."""

    amount: float
    months: int


def costs_of_kind(part: Part, kind: str) -> Costs | None:
    """Costs of one kind over the twelve months that end with the month: the company's, or those booked to the tier.

    None where no cost of that kind is booked at all: not spending and not recording look alike.
    """
    costs, month = part.inputs.costs, part.inputs.month
    chosen = (costs["kind"].str.lower() == kind) & (costs["month"] > str(month - 12)) & (costs["month"] <= str(month))
    if part.scope is not Scope.COMPANY:
        chosen &= costs["tier"] == part.scope_value
    rows = costs.loc[chosen.to_numpy(dtype=bool)]
    return Costs(int(rows["amount"].sum()) / UNITS, int(rows["month"].nunique())) if len(rows) else None


def _per(part: Part, kind: str, number: int, whom: str) -> Estimate:
    cost = costs_of_kind(part, kind)
    if cost is None:
        return no_source(f"not measured: no cost of the kind {kind} is booked")
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
    cost, net = costs_of_kind(part, "service"), (part.total("gross_12m") - part.total("refunds_12m")) / UNITS
    if cost is None:
        return no_source("not measured: no cost of the kind service is booked")
    return Estimate(cost.amount / net, len(part), method=f"{cost.months} of 12 months") if net > 0 else no_data("no net revenue", len(part))
