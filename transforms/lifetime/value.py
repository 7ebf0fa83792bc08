"""What the future is worth today: discounted lifetime value."""

from __future__ import annotations

import numpy as np

from transforms.lifetime.beta_geometric import BetaGeometric
from transforms.lifetime.histories import Histories
from transforms.lifetime.pareto import Pareto
from transforms.money import FloatArray

MONTH_IN_WEEKS = 365.25 / 12 / 7
"""A month in the unit of weekly models, 4.348: a period must be in the model's own unit (see `lifetime_value`)."""


def discounted_purchases(model: BetaGeometric | Pareto, seen: Histories, periods: int, period: float, rate: float) -> FloatArray:
    """Purchases to be expected of each customer over `periods` periods, each period's discounted at its end.

        sum over k = 1..H of (E[Y(k)] - E[Y(k-1)]) / (1 + d)^k

    `period` is the length of one period in the unit of the model and the histories, `rate` the discount of one
    period. A month of a weekly model is 4.345 weeks and not 30: with 30 the sum covers 30 weeks a period,
    a fault that published examples of a known library have.
    """
    if periods < 1 or period <= 0 or rate <= -1:
        raise ValueError(f"{periods} periods of {period} units at {rate} cannot be discounted")
    total, before = np.zeros(len(seen)), np.zeros(len(seen))
    for number in range(1, periods + 1):
        until = model.purchases_ahead(seen, number * period)
        total += (until - before) / (1 + rate) ** number
        before = until
    return total


def lifetime_value(
    model: BetaGeometric | Pareto, seen: Histories, spend: FloatArray, periods: int, period: float, rate: float
) -> FloatArray:
    """Discounted value of each customer's expected purchases, in the money of `spend` (what one purchase will be worth)."""
    return spend * discounted_purchases(model, seen, periods, period, rate)


def margin_multiple(retention: float, discount: float, *, at_once: bool = False) -> float:
    """By how much one period's margin is multiplied where customers stay by contract (Gupta & Lehmann 2003).

    r / (1 + i - r), the first margin a period from now; one more where the first is paid `at_once`.
    """
    if not (0 <= retention <= 1 and discount > -1) or retention >= 1 + discount:
        raise ValueError(f"a retention of {retention} at a discount of {discount} has no finite value")
    return retention / (1 + discount - retention) + at_once


def monthly_rate(yearly: float) -> float:
    """The rate of a month that makes `yearly` in twelve."""
    return float((1 + yearly) ** (1 / 12) - 1)
