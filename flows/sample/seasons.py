"""The sample company's days: how busy each one is, and moments drawn from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

from transforms.month import Month, months

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Moments = npt.NDArray[np.datetime64]
"""Local wall-clock seconds (`datetime64[s]`); the sources turn them into what they keep."""

HORIZON_HOURS = 6
"""The sources were read six hours into the month after the newest: a little has happened by then."""

_SPRING_FESTIVAL = {
    2019: (2, 5), 2020: (1, 25), 2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17),
    2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3), 2031: (1, 23), 2032: (2, 11), 2033: (1, 31), 2034: (2, 19),
}  # fmt: skip


def spring_festival(year: int) -> date:
    """The first day of the lunar year."""
    return date(year, *_SPRING_FESTIVAL.get(year, (2, 5)))


@dataclass(frozen=True)
class Season:
    """Every day of the sample's months with its weight; 1 is an ordinary weekday of the first month."""

    first: Month
    until: Month
    days: Moments
    month_of_day: Ints
    weight: Floats

    @property
    def months(self) -> int:
        return self.until.index - self.first.index + 1

    @property
    def horizon(self) -> np.datetime64:
        """The moment the sources were read at; later things are not known."""
        return self.start(self.months) + np.timedelta64(HORIZON_HOURS, "h")

    def month(self, index: int) -> Month:
        """The calendar month at a place (0 = first; months - 1 = newest)."""
        return self.first + index

    def start(self, index: int) -> np.datetime64:
        """Local midnight at which a month begins."""
        return np.datetime64(self.month(index).first_day, "s")

    def at(self, index: int, day: int, hour: float = 10.5) -> np.datetime64:
        """A moment on a day of a month; days past the month's end become its last day."""
        last = self.month(index).last_day.day
        return self.start(index) + np.timedelta64(min(day, last) - 1, "D") + np.timedelta64(round(hour * 3600), "s")

    def intensity(self) -> Floats:
        """How busy each month is; about 1 on average for a year without growth."""
        return np.bincount(self.month_of_day, weights=self.weight, minlength=self.months) / 30.0

    def place(self, moments: Moments) -> Ints:
        """The month's place of each moment; `months` for what lies after the newest month."""
        return np.searchsorted(self._ends, moments, side="right").astype(np.int64)

    @cached_property
    def _ends(self) -> Moments:
        """The moment at which each month ends."""
        return np.array([self.start(index) for index in range(1, self.months + 1)])

    @cached_property
    def days_until(self) -> Ints:
        """Days from the first month's start to the end of each month."""
        return (self._ends - self.start(0)).astype("timedelta64[D]").astype(np.int64)

    def draw(self, places: Ints, rng: np.random.Generator) -> Moments:
        """One moment for each month place, busy days first, in shop hours (07:00 to 22:59)."""
        edges = np.concatenate([[0.0], np.cumsum(self.weight)])
        begins = np.searchsorted(self.month_of_day, places, side="left")
        ends = np.searchsorted(self.month_of_day, places, side="right")
        depth = edges[begins] + rng.random(len(places)) * (edges[ends] - edges[begins]) * (1 - 1e-9)
        day = np.clip(np.searchsorted(edges, depth, side="right") - 1, begins, ends - 1)
        seconds = np.clip(rng.normal(14.0, 3.6, len(places)), 7.0, 22.9) * 3600
        moments: Moments = self.days[day].astype("datetime64[s]") + np.rint(seconds).astype("timedelta64[s]")
        return moments


def season(until: Month, count: int) -> Season:
    """The `count` months that end with `until`: quiet Spring Festival, busy November, slow growth."""
    first = until - (count - 1)
    days = np.arange(np.datetime64(first.first_day), np.datetime64((until + 1).first_day))
    place = np.concatenate([np.full(month.last_day.day, number) for number, month in enumerate(months(first, until))])
    weekday = (days.astype(np.int64) + 3) % 7
    weight = np.where(weekday >= 5, 0.7, 1.12) * (1 + 0.006 * place)
    number = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day_of_month = (days - days.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    weight = weight * np.where(number == 11, np.where(day_of_month <= 12, 1.9, 1.25), 1.0)
    for year in range(first.year, until.year + 1):
        new_year = np.datetime64(spring_festival(year))
        away = (days - new_year).astype(np.int64)
        weight = weight * np.where((away >= -4) & (away <= 9), 0.18, np.where((away >= -16) & (away < -4), 1.15, 1.0))
    return Season(first, until, days, place.astype(np.int64), weight)
