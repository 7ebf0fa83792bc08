"""What a run was asked for, and which month that means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flows.settings import Settings
from transforms.errors import UsageError
from transforms.month import Month


@dataclass(frozen=True)
class RunRequest:
    """One `keping run`: the month, the tiers whose packs are wanted, and whether anything is mailed or kept."""

    month: Month
    tiers: tuple[str, ...] = ()
    """Empty: all tiers and the company."""
    send: bool = False
    dry_run: bool = False


def month_asked(text: str | None, scheduled_at: datetime, settings: Settings) -> Month:
    """The month a run reviews: the one that was named, else the last complete one at its scheduled time.

    A month that has not ended, lies before the history, or is none at all is refused with the reason.
    """
    zone = settings.company.timezone
    newest = Month.last_complete(scheduled_at, zone)
    if text is None:
        return newest
    try:
        month = Month.parse(text)
    except ValueError as error:
        raise UsageError(f"{error}. Nothing was run.") from error
    if month > newest:
        raise UsageError(
            f"{month} has not ended yet: it ends at {month.end(zone):%Y-%m-%d %H:%M} UTC (midnight in {zone}). Nothing was run.\n"
            f"The last complete month is {newest}: `keping run --month {newest}`."
        )
    first = settings.company.first_month
    if first is not None and month < first:
        raise UsageError(f"{month} lies before company.history_from = {first}. Nothing was run.")
    return month
