"""The indicators of what moved the company's figures, and the mean score that one of them is about.

Their values come from this month's and last month's figures (`transforms.indicators.splits`), not from one scope's rows.
"""

from __future__ import annotations

import numpy as np

from transforms.figures import Better, Unit
from transforms.indicators.declare import MONTH, MONTH_END, Part, indicator
from transforms.statistics.estimates import Estimate, mean_of, no_data

MEANS = {
    "csat_mean": "Satisfaction (mean)",
    "satisfaction_index": "Satisfaction index",
    "nps": "Net promoter score",
    "loyalty_index": "Loyalty index",
    "score_mean": "Mean score",
}
"""Figures that are a mean over what their n counts, with their names."""

TOTAL = "net_revenue"

_KINDS = {
    "mix": ("by mix of tiers", "the part of the change that comes from other shares of the tiers"),
    "rate": ("by change within tiers", "the part of the change that comes from other values within the tiers"),
    "size": ("by number of customers", "the part of the change that comes from more or fewer customers"),
    "outside": ("outside of tiers", "the change of what belongs to no customer"),
}


def part_name(name: str, kind: str) -> str:
    """The indicator of one part of a figure's change."""
    return f"{name}_by_{kind}"


@indicator(
    "score_mean",
    title="Mean score",
    unit=Unit.INDEX,
    better=Better.HIGHER,
    formula="mean grade score of the rated customers",
    window=MONTH_END,
    needs=("orders", "order_lines"),
    section="grades",
    serves=("S14",),
)
def score_mean(part: Part) -> Estimate:
    values = part.numbers("score")
    return mean_of(values[~np.isnan(values)], 0, 100, "mean over rated customers")


def _of_two_months(part: Part) -> Estimate:
    """No scope of one month alone tells it."""
    return no_data()


def _declare(name: str, title: str, unit: Unit, needs: tuple[str, ...], kinds: tuple[str, ...]) -> None:
    for kind in kinds:
        way, formula = _KINDS[kind]
        indicator(
            part_name(name, kind),
            title=f"{title} {way}",
            unit=unit,
            better=Better.NEITHER,
            formula=f"{formula} (Das Gupta over tiers; a tier’s own line is what it carries)",
            window=MONTH,
            needs=needs,
            section="movements",
            serves=("S14",),
            scopes=(),
        )(_of_two_months)


for _name, _title in MEANS.items():
    _needs = ("orders", "order_lines") if _name in ("loyalty_index", "score_mean") else ("surveys",)
    _declare(_name, _title, Unit.RATIO, _needs, ("mix", "rate"))
_declare(TOTAL, "Net revenue", Unit.MONEY, ("orders", "order_lines"), ("size", "mix", "rate", "outside"))
