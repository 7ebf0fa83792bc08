"""Purchase histories as the models read them: repeats, the time of the last one, and the age."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from transforms.money import FloatArray, IntArray

WEEK = 7
"""Days in the models' unit of time."""


@dataclass(frozen=True)
class Histories:
    """One purchase history per row, all times in one unit and counted from the customer's first purchase day.

    repeats  purchase days after the first one (x); purchases of one day are one
    recency  time of the last purchase day (t_x); 0 without a repeat
    age      time until the end of the observation (T)
    customers  how many customers have this history; all 1 unless the rows are grouped
    """

    repeats: FloatArray
    recency: FloatArray
    age: FloatArray
    customers: FloatArray

    @classmethod
    def of(cls, repeats: FloatArray, recency: FloatArray, age: FloatArray) -> Histories:
        """One row per customer."""
        size = len(repeats)
        return cls(
            np.asarray(repeats, np.float64), np.asarray(recency, np.float64), np.asarray(age, np.float64), np.ones(size, dtype=np.float64)
        )

    @classmethod
    def from_days(cls, purchase_days: IntArray, first_day: IntArray, last_day: IntArray, end_day: int, unit: int = WEEK) -> Histories:
        """From the number of purchase days, the first and the last of them, and the last day observed (days since 1970).

        Days are whole, so equal histories are equal to the last bit and can be grouped.
        """
        return cls.of((purchase_days - 1).astype(np.float64), (last_day - first_day) / unit, (end_day - first_day) / unit)

    def __len__(self) -> int:
        return len(self.repeats)

    @property
    def total(self) -> float:
        """Customers in all rows."""
        return float(self.customers.sum())

    def group_equal(self) -> Histories:
        """The same customers with equal histories in one row: any sum over customers stays what it was."""
        repeats, x = np.unique(self.repeats, return_inverse=True)
        recency, t = np.unique(self.recency, return_inverse=True)
        age, until = np.unique(self.age, return_inverse=True)
        codes, numbers = np.unique((x * len(recency) + t) * len(age) + until, return_inverse=True)
        rest, until = np.divmod(codes, len(age))
        x, t = np.divmod(rest, len(recency))
        return Histories(repeats[x], recency[t], age[until], _sum_by_place(numbers, self.customers, len(codes)))

    def in_time_unit(self, factor: float) -> Histories:
        """The same histories with time in another unit."""
        return Histories(self.repeats, self.recency * factor, self.age * factor, self.customers)

    @cached_property
    def by_repeats(self) -> Marginal:
        return Marginal.of(self.repeats, self.customers)

    @cached_property
    def by_recency(self) -> Marginal:
        return Marginal.of(self.recency, self.customers)

    @cached_property
    def by_age(self) -> Marginal:
        return Marginal.of(self.age, self.customers)

    @cached_property
    def standing(self) -> RepeatsAndAge:
        """The distinct pairs of repeats and age, on which what comes next depends while the customer is there."""
        codes, place = np.unique(self.by_repeats.place * len(self.by_age.values) + self.by_age.place, return_inverse=True)
        repeats, age = np.divmod(codes, max(1, len(self.by_age.values)))
        return RepeatsAndAge(self.by_repeats.values[repeats], self.by_age.values[age], place.astype(np.int64))

    @cached_property
    def repeats_by_age(self) -> FloatArray:
        """Repeats of all customers of each distinct age."""
        return _sum_by_place(self.by_age.place, self.customers * self.repeats, len(self.by_age.values))


@dataclass(frozen=True)
class Marginal:
    """The distinct values of a column, where each row's value stands among them, and the customers that have it."""

    values: FloatArray
    place: IntArray
    customers: FloatArray

    @classmethod
    def of(cls, column: FloatArray, customers: FloatArray) -> Marginal:
        values, place = np.unique(column, return_inverse=True)
        return cls(values, place.astype(np.int64), _sum_by_place(place.astype(np.int64), customers, len(values)))


@dataclass(frozen=True)
class RepeatsAndAge:
    """Distinct pairs of repeats and age, and where each history stands among them."""

    repeats: FloatArray
    age: FloatArray
    place: IntArray


def _sum_by_place(place: IntArray, weights: FloatArray, size: int) -> FloatArray:
    return np.bincount(place, weights=weights, minlength=size).astype(np.float64)
