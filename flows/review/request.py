"""What a run was asked for, and which month that means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flows.settings import Settings
from transforms.errors import UsageError
from transforms.month import Month
from transforms.tables.canonical import EARLIEST


@dataclass(frozen=True)
class RunRequest:
    """One `keping run`: the month, the tiers whose packs are wanted, and whether anything is mailed or kept."""

    month: Month
    tiers: tuple[str, ...] = ()
    """Empty: all tiers and the company."""
    send: bool = False
    dry_run: bool = False
    once: bool = False
    """A month whose packs are all out is not reviewed anew, only mailed to whom it has not reached: a schedule may fire twice."""


def month_to_review(text: str | None, scheduled_at: datetime, settings: Settings) -> Month:
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
    oldest = Month(EARLIEST.year, EARLIEST.month)
    if month < oldest:
        raise UsageError(f"{month} lies before {oldest}, the first month that rows are read of. Nothing was run.")
    first = settings.company.first_month
    if first is not None and month < first:
        raise UsageError(f"{month} lies before company.history_from = {first}. Nothing was run.")
    return month


LONGEST = 120
"""Months that one backfill may span."""


@dataclass(frozen=True)
class BackfillRequest:
    """One `keping backfill`: the months from `first` to `last`, why, and whether changes are published and mailed."""

    first: Month
    last: Month
    reason: str
    promote: bool = False
    send: bool = False


def check_backfill(first: str, last: str, reason: str, now: datetime, settings: Settings, *, promote: bool, send: bool) -> BackfillRequest:
    """A backfill that can be carried out; a UsageError says what is wrong with the one that was asked for."""
    begin, end = month_to_review(first, now, settings), month_to_review(last, now, settings)
    if begin > end:
        raise UsageError(f"{begin} lies after {end}: the first month comes first. Nothing was run.\nkeping backfill {end} {begin} ...")
    span = end.index - begin.index + 1
    if span > LONGEST:
        raise UsageError(f"{begin} to {end} are {span} months; one backfill takes at most {LONGEST}. Nothing was run.\nSplit the range.")
    flat = " ".join(reason.split())
    if not flat:
        raise UsageError("--reason is empty. Nothing was run.\nSay why in a few words; each month that is published anew carries them.")
    if send and not promote:
        raise UsageError("--send mails what --promote publishes; give both. Nothing was run.")
    return BackfillRequest(begin, end, flat[:300], promote, send)
