"""Money as whole ten-thousandths, so that sums are exact in any order and on any machine."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

UNITS = 10_000
"""Units per unit of currency: money columns are integers (`Int64` where a value may be missing)."""

LIMIT = 9_000_000_000_000_000_000 // UNITS
"""Largest amount that fits, in currency units; larger ones are refused on the way in."""


def to_units(amount: Decimal | float | int | str) -> int:
    """One amount in currency units as ten-thousandths, rounded half to even."""
    exact = Decimal(str(amount)) * UNITS
    return int(exact.to_integral_value(rounding=ROUND_HALF_EVEN))


def to_amount(units: pd.Series) -> pd.Series:
    """Ten-thousandths as float currency units, for display and ratios; missing stays missing."""
    return units.astype("Float64").astype("float64") / UNITS


def amount(units: int) -> float:
    """One value of ten-thousandths in currency units."""
    return units / UNITS


def product_units(quantity: FloatArray, price_units: IntArray) -> IntArray:
    """quantity x unit price in ten-thousandths; exact for whole quantities, else half to even."""
    whole = np.rint(quantity)
    exact: IntArray = whole.astype(np.int64) * price_units
    rounded: IntArray = np.rint(quantity * price_units).astype(np.int64)
    return np.where(whole == quantity, exact, rounded)
