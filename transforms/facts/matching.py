"""Finding customers by id in one pass, whatever their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.money import BoolArray, FloatArray, IntArray


def locate(known: pd.Series, others: Sequence[pd.Series]) -> tuple[list[IntArray], pd.Series]:
    """Where every id of `others` stands in `known`, and the ids that it does not hold.

    `known` must not repeat an id. Ids that are not in it are numbered on from `len(known)`
    in the order of the second result, which holds each of them once, in the order met.
    """
    if not any(len(other) for other in others):
        return [np.empty(0, dtype=np.int64) for _ in others], pd.Series([], dtype="str")
    numbers, distinct = pd.factorize(pd.concat([known, *others], ignore_index=True).astype("str"))
    if len(known) and numbers[len(known) - 1] != len(known) - 1:
        raise ValueError("ids repeat where each must stand once")
    found: list[IntArray] = []
    start = len(known)
    for other in others:
        found.append(numbers[start : start + len(other)].astype(np.int64))
        start += len(other)
    return found, pd.Series(distinct[len(known) :], dtype="str")


def insert_sorted(known: pd.Series, strangers: pd.Series) -> tuple[pd.Series, IntArray]:
    """Sorted `known` with `strangers` put in, sorted, and the new place of each id: first the known ones, then the strangers."""
    everyone = pd.concat([known, strangers], ignore_index=True).astype("str")
    if strangers.empty:
        return everyone, np.arange(len(known), dtype=np.int64)
    order = everyone.argsort(kind="stable").to_numpy()
    places = np.empty(len(everyone), dtype=np.int64)
    places[order] = np.arange(len(everyone))
    return everyone.take(order).reset_index(drop=True), places


@dataclass(frozen=True)
class Lookup:
    """For every row of one frame the row of another that speaks of the same customer; -1 where none does."""

    rows: IntArray

    @classmethod
    def of(cls, places: IntArray, size: int) -> Lookup:
        """From the places (`locate`) of the other frame's ids in a frame of `size` rows."""
        rows = np.full(size, -1, dtype=np.int64)
        inside = places < size
        rows[places[inside]] = np.flatnonzero(inside)
        return cls(rows)

    @property
    def is_known(self) -> BoolArray:
        """Whether the other frame knows the customer."""
        known: BoolArray = self.rows >= 0
        return known

    def column(self, values: pd.Series) -> pd.Series:
        """The other frame's column, missing where it does not know the customer."""
        return pd.Series(values.array.take(self.rows, allow_fill=True))

    def numbers(self, values: pd.Series) -> FloatArray:
        """A numeric column as floats, NaN where missing."""
        found = np.full(len(self.rows), np.nan)
        found[self.is_known] = values.to_numpy(dtype=np.float64, na_value=np.nan)[self.rows[self.is_known]]
        return found

    def counts(self, values: pd.Series) -> IntArray:
        """A column of counts, 0 where missing or unknown."""
        return np.nan_to_num(self.numbers(values)).astype(np.int64)

    def flags(self, values: pd.Series) -> BoolArray:
        """A column of yes and no, no where missing or unknown."""
        found = np.zeros(len(self.rows), dtype=bool)
        found[self.is_known] = values.astype("boolean").fillna(False).to_numpy(dtype=bool)[self.rows[self.is_known]]
        return found
