"""The months of a pull, and which of them an instant belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from transforms.month import Month, months

UNKNOWN = -1
"""Code of a row whose month cannot be known."""

OUTSIDE = -2
"""Code of a row that lies before or after the stretch that is asked for."""

UNDATED_TABLES = frozenset({"customers", "recipients", "fx_rates", "identities", "costs", "plans", "campaigns", "registers"})
"""Tables that have one snapshot for all time."""

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Calendar:
    """The months from `first` to `last` in the business time zone; a month's code is its `Month.index`."""

    first: Month
    last: Month
    timezone: str

    @cached_property
    def bounds(self) -> list[datetime]:
        """Start of each month and end of the last one, in UTC."""
        return [month.start(self.timezone) for month in months(self.first, self.last + 1)]

    @cached_property
    def _edges(self) -> npt.NDArray[np.int64]:
        return np.array([int(bound.timestamp()) * 1_000_000 for bound in self.bounds], dtype=np.int64)

    def codes(self, instants: pd.Series) -> Codes:
        """The month of each instant: its index, OUTSIDE, or UNKNOWN where there is none."""
        known = instants.notna().to_numpy(dtype=bool)
        micros = instants.astype("datetime64[us, UTC]").astype("int64").to_numpy()
        place = np.searchsorted(self._edges, micros, side="right") - 1
        inside = (place >= 0) & (place < len(self._edges) - 1)
        codes = np.where(inside, place + self.first.index, OUTSIDE).astype(np.int64)
        codes[~known] = UNKNOWN
        return codes


def name_of(code: int) -> str:
    """A month code as `YYYY-MM`; empty where the month is unknown."""
    return str(Month.from_index(code)) if code >= 0 else ""
