"""What is known of every customer at one month's end, as the models read it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.lifetime.histories import Histories
from transforms.money import UNITS, FloatArray, IntArray
from transforms.month import Month


@dataclass(frozen=True)
class BaseState:
    """The base at the end of a month, one entry per customer in the order of its frame; money in ten-thousandths."""

    month: Month
    customer_id: pd.Series
    first_day: IntArray
    last_day: IntArray
    days: IntArray
    """Purchase days ever."""
    gross: IntArray
    refunds: IntArray
    first_day_gross: IntArray

    @classmethod
    def of(cls, customers: pd.DataFrame, month: Month) -> BaseState:
        """From a window's customers (`transforms.facts.window`)."""
        return cls(
            month,
            customers["customer_id"],
            _days(customers["first_order_on"]),
            _days(customers["last_order_on"]),
            *(customers[name].to_numpy(dtype=np.int64) for name in ("total_days", "total_gross", "total_refunds", "first_day_gross")),
        )

    def __len__(self) -> int:
        return len(self.customer_id)

    @property
    def end_day(self) -> int:
        return last_day_of(self.month)

    @property
    def histories(self) -> Histories:
        """Repeats, recency and age in weeks."""
        return Histories.from_days(self.days, self.first_day, self.last_day, self.end_day)

    @property
    def repeat_spend(self) -> FloatArray:
        """Mean gross of a repeat purchase day in currency units; 0 without a repeat."""
        repeats = np.maximum(self.days - 1, 1)
        return (self.gross - self.first_day_gross) * (self.days > 1) / repeats / UNITS

    @property
    def kept_spend(self) -> FloatArray:
        """Mean of a purchase day after refunds in currency units; 0 where more was given back than bought."""
        kept: FloatArray = np.maximum(self.gross - self.refunds, 0) / np.maximum(self.days, 1) / UNITS
        return kept


def last_day_of(month: Month) -> int:
    """The last day of a month in days since 1970."""
    return int(np.datetime64(month.last_day, "D").astype(np.int64))


def weeks_between(month: Month, later: Month) -> float:
    """From the end of one month to the end of another, in weeks."""
    return (last_day_of(later) - last_day_of(month)) / 7


def _days(column: pd.Series) -> IntArray:
    return column.to_numpy(dtype="datetime64[D]").astype(np.int64)
