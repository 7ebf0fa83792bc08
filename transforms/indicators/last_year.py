"""What a figure was in the same month of last year, where the two can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from transforms.figures import SCALE, Indicator, Scale, scale_of
from transforms.indicators.comparable import Comparability, Gap
from transforms.month import Month

YEAR = 12

Key = tuple[str, str, str]
"""Scope, scope value, indicator."""


class Absent(StrEnum):
    """Why no figure of last year stands beside this one, where its month itself could be compared."""

    OTHER_SCALE = "other_scale"
    """Asked on another scale than now."""
    NO_VALUE = "no_value"
    """The month was not reviewed, or had no such value."""


@dataclass(frozen=True)
class LastYear:
    """The values of twelve months before `month`, by scope, scope value and indicator; `comparable` says which of them count."""

    month: Month
    values: Mapping[Key, tuple[float, Scale | None]]
    comparable: Comparability | None

    @classmethod
    def of_history(cls, history: pd.DataFrame, month: Month, comparable: Comparability | None) -> LastYear:
        """From the figures of earlier months (`History.figures`)."""
        if history.empty:
            return cls(month, {}, comparable)
        then = (history["month"].astype("str") == str(month - YEAR)).to_numpy(dtype=bool)
        rows = history.loc[then & history["value"].notna().to_numpy(dtype=bool)]
        scales = [rows[name] if name in rows else [None] * len(rows) for name in SCALE]
        told = zip(rows["scope"], rows["scope_value"].fillna(""), rows["indicator"], rows["value"], *scales, strict=True)
        found = {(str(scope), str(place), str(name)): (float(value), scale_of(low, high)) for scope, place, name, value, low, high in told}
        return cls(month, found, comparable)

    def lacks_days(self, words: Indicator) -> bool:
        """Whether days of this month are missing at the source of a figure."""
        return self.comparable is not None and self.comparable.gap(words, self.month) is Gap.INCOMPLETE

    def value(self, key: Key, words: Indicator, scale: Scale | None) -> float | Gap | Absent:
        """Last year's value of a figure that is on `scale` now, or why there is none to compare with."""
        for one in (self.month - YEAR, self.month):
            gap = None if self.comparable is None else self.comparable.gap(words, one)
            if gap is not None:
                return gap
        found = self.values.get(key)
        if found is None:
            return Absent.NO_VALUE
        return found[0] if scale is None or found[1] == scale else Absent.OTHER_SCALE
