"""How much of the money hangs on few customers, and on silent ones."""

from __future__ import annotations

import numpy as np

from transforms.figures import Better, Unit
from transforms.indicators.declare import ORDERS, YEAR_WINDOW, Part, indicator
from transforms.money import UNITS
from transforms.statistics.estimates import Estimate, no_data


@indicator(
    "top20_share",
    title="Share of the top 20% of customers",
    unit=Unit.SHARE,
    better=Better.NEITHER,
    formula="twelve-month net of the 20% of active customers (rounded up) with most of it / that of all active customers; 1 at most",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="money",
    serves=("S38",),
)
def top20_share(part: Part) -> Estimate:
    active = part.integers("orders_12m") > 0
    units = (part.integers("gross_12m") - part.integers("refunds_12m"))[active]
    count, method = len(units), "12 months; full count"
    if int(units.sum()) <= 0:
        return no_data(method, count)
    top = -(-count // 5)
    best = np.partition(units, count - top)[count - top :]
    return Estimate(min(1.0, int(best.sum()) / int(units.sum())), count, method=method)


@indicator(
    "revenue_at_risk",
    title="Revenue at risk",
    unit=Unit.MONEY,
    better=Better.LOWER,
    formula="twelve-month net of active customers without an order for at least 180 days (policy: warn_days)",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="money",
    serves=("S140",),
)
def revenue_at_risk(part: Part) -> Estimate:
    silent = (part.integers("orders_12m") > 0) & (part.integers("recency_days") >= part.policy.warn_days)
    units = int((part.integers("gross_12m") - part.integers("refunds_12m"))[silent].sum())
    return Estimate(units / UNITS, int(silent.sum()), method=f"full count; n = customers silent for {part.policy.warn_days} days or more")
