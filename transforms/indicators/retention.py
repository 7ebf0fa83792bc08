"""Who buys again and who stays, in customers and in money, against the twelve months before."""

from __future__ import annotations

from functools import wraps

import numpy as np

from transforms.figures import Better, Unit
from transforms.indicators.declare import ORDERS, YEAR_WINDOW, Compute, Part, indicator
from transforms.indicators.everybody import Everybody
from transforms.indicators.money import net_of
from transforms.statistics.estimates import Estimate, no_data, share_of
from transforms.statistics.resampling import bootstrap_ratio

TWO_YEARS = 24


def known_months(part: Part) -> int:
    """How many of the 24 months that a retention looks at are in the history."""
    first = part.inputs.first_month
    return TWO_YEARS if first is None else min(TWO_YEARS, part.inputs.month.index - first.index + 1)


def of_whole_years(compute: Compute) -> Compute:
    """An indicator that holds twelve months against the twelve before has no value until both are whole.

    Against half a year everybody seems to stay and every base to grow: 7.26 times the money of a year of two months.
    """

    @wraps(compute)
    def computed(part: Part) -> Estimate:
        held = known_months(part)
        if held == TWO_YEARS:
            return compute(part)
        return no_data(f"the earlier twelve months are known for {max(0, held - TWO_YEARS // 2)} only")

    return computed


@indicator(
    "repeat_purchase_rate",
    title="Repeat purchase rate",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="customers with at least two purchase days / customers with at least one, twelve months",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="retention",
    serves=("S95", "S96"),
)
def repeat_purchase_rate(part: Part) -> Estimate:
    days = part.integers("days_12m")
    return share_of(int((days >= 2).sum()), int((days >= 1).sum()), "12 months; Wilson interval")


def retention_counts(part: Part | Everybody) -> tuple[int, int]:
    before = part.integers("prior_orders") > 0
    return int((before & (part.integers("orders_12m") > 0)).sum()), int(before.sum())


@indicator(
    "retention_rate",
    title="Retention rate",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="customers with an order in the twelve months / customers with one in the twelve months before, of the latter",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="retention",
    serves=("S140",),
)
@of_whole_years
def retention_rate(part: Part) -> Estimate:
    return share_of(*retention_counts(part), "12 months against the 12 before; Wilson interval")


@indicator(
    "churn_rate",
    title="Churn rate",
    unit=Unit.SHARE,
    better=Better.LOWER,
    formula="1 - retention rate",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="retention",
    serves=("S140",),
)
@of_whole_years
def churn_rate(part: Part) -> Estimate:
    stayed, before = retention_counts(part)
    return share_of(before - stayed, before, "12 months against the 12 before; Wilson interval")


@indicator(
    "nrr",
    title="Net revenue retention",
    unit=Unit.RATIO,
    better=Better.HIGHER,
    formula="net of the twelve months / net of the twelve before, of the customers who ordered then",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="retention",
    serves=("S140",),
)
@of_whole_years
def nrr(part: Part) -> Estimate:
    cohort = part.integers("prior_orders") > 0
    return bootstrap_ratio(net_of(part, "12m")[cohort], net_of(part, "prior")[cohort], "12 months against the 12 before")


@indicator(
    "grr",
    title="Gross revenue retention",
    unit=Unit.RATIO,
    better=Better.HIGHER,
    formula="as net revenue retention, each customer counted with the lesser of the two nets",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="retention",
    serves=("S140",),
)
@of_whole_years
def grr(part: Part) -> Estimate:
    return part.once("grr", lambda: _gross_retention(part))


def _gross_retention(part: Part) -> Estimate:
    cohort = part.integers("prior_orders") > 0
    now, before = net_of(part, "12m")[cohort], net_of(part, "prior")[cohort]
    return bootstrap_ratio(np.minimum(now, before), before, "12 months against the 12 before")
