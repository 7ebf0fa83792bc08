"""Everybody's columns as arrays: made once a month, looked at by every scope."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numpy as np
import pandas as pd

from transforms.money import BoolArray, FloatArray, IntArray

Found = TypeVar("Found")


class Everybody:
    """The scored customers and their window, row by row the same people.

    A month has some fifty scopes and as many figures of each; turning a column into an array costs more than adding
    it up, so it is done once, here, and scopes take their rows of the array. Arrays are shared and cannot be written to.
    """

    def __init__(self, customers: pd.DataFrame, window: pd.DataFrame) -> None:
        self.customers = customers
        self._window = window
        self._kept: dict[tuple[str, ...], object] = {}

    def __len__(self) -> int:
        return len(self.customers)

    def column(self, name: str) -> pd.Series:
        """A column of the scored customers, else of their window."""
        return (self.customers if name in self.customers else self._window)[name]

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Which columns were asked for so far, in that order."""
        return tuple(dict.fromkeys(key[1] for key in self._kept if key[0] != "once"))

    def numbers(self, name: str) -> FloatArray:
        """A column as floats, NaN where missing."""
        return self._make_once(("numbers", name), lambda: self.column(name).to_numpy(dtype=np.float64, na_value=np.nan))

    def integers(self, name: str) -> IntArray:
        """A column that is never missing, as whole numbers."""
        return self._make_once(("integers", name), lambda: self.column(name).to_numpy(dtype=np.int64))

    def flags(self, name: str) -> BoolArray:
        """A column of yes and no."""
        return self._make_once(("flags", name), lambda: self.column(name).to_numpy(dtype=bool))

    def days(self, name: str) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
        """A column of days, NaT where missing."""
        return self._make_once(("days", name), lambda: self.column(name).to_numpy(dtype="datetime64[D]"))

    def holds_word(self, name: str, word: str) -> BoolArray:
        """Whose text column holds this word; not those of whom it is missing."""
        return self._make_once(("named", name, word), lambda: (self.column(name) == word).fillna(False).to_numpy(dtype=bool))

    def codes(self, name: str) -> IntArray:
        """A text column as numbers, alike where the words are; -1 where missing."""
        return self._make_once(("codes", name), lambda: pd.factorize(self.column(name))[0].astype(np.int64))

    def once(self, name: str, compute: Callable[[], Found]) -> Found:
        """What several scopes share, computed for the first of them."""
        key = ("once", name)
        if key not in self._kept:
            self._kept[key] = compute()
        return cast(Found, self._kept[key])

    def _make_once(self, key: tuple[str, ...], make: Callable[[], np.ndarray]) -> np.ndarray:
        found = self._kept.get(key)
        if found is None:
            found = make().view()
            found.flags.writeable = False
            self._kept[key] = found
        return cast(np.ndarray, found)
