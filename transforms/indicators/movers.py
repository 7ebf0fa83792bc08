"""The indicators of what moved the company's figures, and the mean score that one of them is about.

Their values come from this month's and last month's figures (`transforms.indicators.splits`), not from one scope's rows.
"""

from __future__ import annotations

import numpy as np

from transforms.figures import Better, Unit
from transforms.indicators.declare import MONTH, MONTH_END, Part, indicator
from transforms.statistics.estimates import Estimate, mean_of, no_data

MEANS = {
    "csat_mean": ("Satisfaction (mean)", "满意度均值"),
    "satisfaction_index": ("Satisfaction index", "满意度指数"),
    "nps": ("Net promoter score", "净推荐值"),
    "loyalty_index": ("Loyalty index", "忠诚度指数"),
    "score_mean": ("Mean score", "平均评分"),
}
"""Figures that are a mean over what their n counts, with their names."""

TOTAL = "net_revenue"

_KINDS = {
    "mix": ("by mix of tiers", "各等级构成的影响", "the part of the change that comes from other shares of the tiers"),
    "rate": ("by change within tiers", "等级内变化的影响", "the part of the change that comes from other values within the tiers"),
    "size": ("by number of customers", "客户数量的影响", "the part of the change that comes from more or fewer customers"),
    "outside": ("outside of tiers", "等级之外的变化", "the change of what belongs to no customer"),
}


def part_name(name: str, kind: str) -> str:
    """The indicator of one part of a figure's change."""
    return f"{name}_by_{kind}"


@indicator(
    "score_mean",
    en="Mean score",
    zh="平均评分",
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


def _declare(name: str, en: str, zh: str, unit: Unit, needs: tuple[str, ...], kinds: tuple[str, ...]) -> None:
    for kind in kinds:
        title_en, title_zh, formula = _KINDS[kind]
        indicator(
            part_name(name, kind),
            en=f"{en} {title_en}",
            zh=f"{zh}：{title_zh}",
            unit=unit,
            better=Better.NEITHER,
            formula=f"{formula} (Das Gupta over tiers; a tier’s own line is what it carries)",
            window=MONTH,
            needs=needs,
            section="movements",
            serves=("S14",),
            scopes=(),
        )(_of_two_months)


for _name, (_en, _zh) in MEANS.items():
    _needs = ("orders", "order_lines") if _name in ("loyalty_index", "score_mean") else ("surveys",)
    _declare(_name, _en, _zh, Unit.RATIO, _needs, ("mix", "rate"))
_declare(TOTAL, "Net revenue", "净收入", Unit.MONEY, ("orders", "order_lines"), ("size", "mix", "rate", "outside"))
