"""Stretches of days without a row where rows are usual."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from transforms.money import FloatArray, IntArray
from transforms.month import Month

EXPECTED_ROWS = 7.0
"""Rows that a silent stretch of days should have had before it is called a gap.

With rows that arrive independently, as many as this fail to come by chance less than once in a thousand times.
"""
MIN_WEEKS = 6
"""Weeks of days to learn from before silence can be judged."""


@dataclass(frozen=True)
class Silence:
    """First and last day without a row, and how many rows they usually have together."""

    first: date
    last: date
    expected: float

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def silences(counts: pd.Series, month: Month, first: Month, closed: Collection[date] = ()) -> list[Silence]:
    """Silent stretches of `month` that chance does not explain.

    `counts` are rows by local day (datetime index; days without rows may be left out) from `first` to `month`; each
    weekday's usual number is its mean over all these days but the stretch itself. Nothing is expected on a `closed` day.
    """
    calendar = pd.date_range(first.first_day, month.last_day, freq="D")
    if len(calendar) < 7 * MIN_WEEKS:
        return []
    every = counts.reindex(calendar, fill_value=0).to_numpy(dtype="float64")
    weekday = calendar.day_of_week.to_numpy()
    start = (month.first_day - first.first_day).days
    found: list[Silence] = []
    place = start
    while place < len(every):
        if every[place]:
            place += 1
            continue
        end = place
        while end + 1 < len(every) and not every[end + 1]:
            end += 1
        expected = sum(
            _usual(every, weekday, int(weekday[day]), place, end) for day in range(place, end + 1) if calendar[day].date() not in closed
        )
        if expected >= EXPECTED_ROWS:
            begin = month.first_day + timedelta(days=place - start)
            found.append(Silence(begin, begin + timedelta(days=end - place), expected))
        place = end + 1
    return found


def _usual(every: FloatArray, weekday: IntArray, day: int, first: int, last: int) -> float:
    """The mean of a weekday outside of the stretch from `first` to `last`; 0 where there is no such day."""
    same = weekday == day
    same[first : last + 1] = False
    return float(every[same].mean()) if same.any() else 0.0
