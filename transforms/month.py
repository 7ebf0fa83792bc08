"""Calendar months in a business time zone: half-open, and a partition of time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_FORM = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, order=True)
class Month:
    """One calendar month; compares, subtracts and prints as `2026-10`."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (1 <= self.number <= 12 and 1 <= self.year <= 9998):
            raise ValueError(f"no such month: {self.year:04d}-{self.number:02d}")

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read `YYYY-MM`; anything else is a ValueError that says the form."""
        found = _FORM.fullmatch(text.strip())
        if not found:
            raise ValueError(f"{text!r} is not a month; write it as YYYY-MM, for example 2026-10")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, instant: datetime, timezone: str) -> Month:
        """The month that holds an aware instant in the business time zone."""
        if instant.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        local = instant.astimezone(ZoneInfo(timezone))
        month = cls(local.year, local.month)
        # A clock that is set back over midnight on the 1st shows the old month again:
        # the boundary, not the wall clock, decides.
        return month + 1 if instant >= (month + 1).start(timezone) else month

    @classmethod
    def last_complete(cls, instant: datetime, timezone: str) -> Month:
        """The newest month that had ended at `instant`."""
        return cls.of(instant, timezone) - 1

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    def __add__(self, months: int) -> Month:
        return Month.from_index(self.index + months)

    def __sub__(self, months: int) -> Month:
        return Month.from_index(self.index - months)

    @property
    def index(self) -> int:
        """Months since year 0: differences are month counts."""
        return self.year * 12 + self.number - 1

    @classmethod
    def from_index(cls, index: int) -> Month:
        return cls(index // 12, index % 12 + 1)

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        return (self + 1).first_day - timedelta(days=1)

    def start(self, timezone: str) -> datetime:
        """The first instant (UTC) whose local date is the 1st or later."""
        return _first_instant(self.first_day, timezone)

    def end(self, timezone: str) -> datetime:
        """The first instant (UTC) that no longer belongs to the month."""
        return (self + 1).start(timezone)

    def bounds(self, timezone: str) -> tuple[datetime, datetime]:
        """Half-open `[start, end)` in UTC."""
        return self.start(timezone), self.end(timezone)


def months(first: Month, last: Month) -> Iterator[Month]:
    """Every month from `first` to `last`, both included, oldest first."""
    for index in range(first.index, last.index + 1):
        yield Month.from_index(index)


@lru_cache(maxsize=4096)
def _first_instant(day: date, timezone: str) -> datetime:
    """The first UTC instant at which the wall clock shows `day` 00:00 or later for good.

    Midnight may be skipped (the day then begins when the clock jumps) or shown twice
    (the day begins at its first showing; where the clock falls from midnight back into
    the day before, at the second).
    """
    zone = ZoneInfo(timezone)
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    early = midnight.astimezone(UTC)
    wall = early.astimezone(zone).replace(tzinfo=None)
    if wall == midnight.replace(tzinfo=None):
        return early
    # Midnight does not exist: find the jump by halving, to the second.
    low, high = early - timedelta(days=2), early + timedelta(days=2)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).date() >= day:
            high = middle
        else:
            low = middle
    return high


def day_starts(month: Month, timezone: str) -> tuple[datetime, ...]:
    """The first instant (UTC) of every local day of a month, and of the day after: one more than it has days."""
    days = (month.last_day - month.first_day).days + 1
    return tuple(_first_instant(month.first_day + timedelta(days=number), timezone) for number in range(days + 1))
