"""What the base leans on: how unequal value is, the largest customers, the core."""

from __future__ import annotations

import numpy as np

from transforms.classes.portfolio import gini
from transforms.figures import Better, Unit
from transforms.indicators.customer_value import current_values
from transforms.indicators.declare import COMPANY_ONLY, ORDERS, YEAR_WINDOW, Part, indicator
from transforms.statistics.estimates import Estimate, no_data


@indicator(
    "gini",
    title="Gini coefficient of value",
    unit=Unit.SHARE,
    better=Better.NEITHER,
    formula="Gini coefficient of the current value of the customers active in twelve months; negative values count as 0",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="classes",
    serves=("S25",),
)
def value_gini(part: Part) -> Estimate:
    active = part.integers("orders_12m") > 0
    found = gini(np.nan_to_num(current_values(part)[active]))
    return no_data(n=int(active.sum())) if found is None else Estimate(found, int(active.sum()), method=f"value is {part.value_basis}")


def _top(part: Part, count: int) -> Estimate:
    values = np.maximum(0.0, np.nan_to_num(current_values(part)))
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
        section="classes",
        serves=("S38",),
        scopes=COMPANY_ONLY,
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
    section="classes",
    serves=("S38",),
)
def core(part: Part) -> Estimate:
    number = int(part.flags("is_core").sum())
    share = part.policy.classes.core_share
    return Estimate(float(number), len(part), method=f"{share:.0%} of {part.value_basis}; {int(part.flags('is_strategic').sum())} by hand")
