"""What separates the value classes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.classes.topics import METRIC
from transforms.figures import Better, Unit
from transforms.indicators.declare import GROUPS, ORDERS, YEAR_WINDOW, Part, indicator
from transforms.money import FloatArray, IntArray
from transforms.statistics.estimates import Estimate, no_data

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
    section="classes",
    serves=("S19",),
    scopes=GROUPS,
    families=(METRIC,),
)
def separation(part: Part) -> Estimate:
    metric = part.scope_value.partition("=")[2]
    rated = ~part.holds_word("value_class", "unrated")
    found, n = eta_squared(part.numbers(metric)[rated], part.everybody.codes("value_class")[rated])
    return no_data("nothing varies, or there is one class only", n) if found is None else Estimate(found, n, method="eta squared")
