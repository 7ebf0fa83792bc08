"""For a watchdog: whether a month is out in time, and if not, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flows.archive.office import Office
from flows.delivery.ledger import DeliveryHold, DeliveryState
from flows.settings import Settings
from transforms.month import Month

NEVER = "it is not published, and no run of it has ever begun; is the schedule on, and a worker running?"


@dataclass(frozen=True)
class Expectation:
    """A month that should be out, and what is missing; `due` is False while the deadline has not come."""

    month: Month
    missing: tuple[str, ...]
    due: bool
    revision: int | None

    @property
    def is_met(self) -> bool:
        return not self.missing or not self.due

    def lines(self) -> list[str]:
        if not self.missing:
            return [f"{self.month} is out: r{self.revision}, with all its packs; nothing is missing."]
        if not self.due:
            return [f"{self.month} is not out yet, and not due yet: {self.missing[0]}."]
        return [
            f"{self.month} is not as expected:",
            *(f"- {line}" for line in self.missing[:7]),
            f"Then: keping run --month {self.month} --send",
        ]

    def as_dict(self) -> dict[str, object]:
        return {"month": str(self.month), "met": self.is_met, "due": self.due, "revision": self.revision, "missing": list(self.missing)}


def check_expectation(office: Office, month: Month, by: datetime | None) -> Expectation:
    """Look whether `month` is published, whole, in time (`by`) and taken by everyone it was mailed to."""
    warehouse, now = office.warehouse, office.clock()
    publications = warehouse.publications(month)
    if not publications:
        return Expectation(month, (_unpublished_line(office, month, now),), by is None or now > by, None)
    first, newest = publications[0], publications[-1]
    missing: list[str] = []
    if by is not None and first.published_at > by:
        missing.append(f"it was published on {first.published_at:%Y-%m-%d %H:%M} UTC, after the deadline {by:%Y-%m-%d %H:%M} UTC")
    folder = office.archive.folder(month, newest.revision)
    missing += [
        f"{pack.file} is gone from {folder}" for pack in warehouse.packs(month, newest.revision) if not (folder / pack.file).is_file()
    ]
    waiting = [row for row in warehouse.deliveries(month, newest.revision) if _is_open(row)]
    missing += [f"{row['pack']} ({row['locale']}) to {row['recipient']}: {row['reason'] or row['state']}" for row in waiting[:5]]
    if len(waiting) > 5:
        missing.append(f"and {len(waiting) - 5} more deliveries that are not accepted")
    return Expectation(month, tuple(missing), True, newest.revision)


def _is_open(row: Mapping[str, Any]) -> bool:
    """Whether a delivery is not settled: not taken yet, or still to be approved by somebody."""
    if row["state"] == DeliveryState.HELD.value:
        return bool(row["hold"] == DeliveryHold.APPROVAL.value)
    return bool(row["state"] != DeliveryState.ACCEPTED.value)


def expectation_without_warehouse(settings: Settings, month: Month, by: datetime | None, now: datetime) -> Expectation:
    """What is missing of `month` where there is no warehouse yet."""
    return Expectation(month, (_not_ended_line(month, now, settings) or NEVER,), by is None or now > by, None)


def _not_ended_line(month: Month, now: datetime, settings: Settings) -> str:
    if month <= Month.last_complete(now, settings.company.timezone):
        return ""
    return f"it has not ended: it ends at {month.end(settings.company.timezone):%Y-%m-%d %H:%M} UTC"


def _unpublished_line(office: Office, month: Month, now: datetime) -> str:
    if unfinished := _not_ended_line(month, now, office.settings):
        return unfinished
    runs = [run for run in office.warehouse.status(200)["runs"] if run["month"] == str(month) and run["kind"] == "review"]
    if not runs:
        return NEVER
    message = str(runs[0]["message"] or "").split("\n", 1)[0]
    return f"it is not published; its last run ended as {runs[0]['outcome']}{': ' + message if message else ''}"
