"""`keping waive`: one critical rule that one month may pass, by a named person, with a reason, until a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import insert, select

from expectations.engine import apply_severities
from expectations.findings import NEVER_WAIVED, Finding, Severity, can_be_waived
from flows.machine import clock
from flows.machine.people import who
from flows.settings import Settings
from flows.warehouse.release_schema import waivers
from flows.warehouse.store import Warehouse
from reports.mail.addresses import display_name
from transforms.errors import UsageError
from transforms.month import Month

LONGEST_DAYS = 92


@dataclass(frozen=True)
class Waiver:
    """One rule of one month that may be passed up to and including the day `until`."""

    rule: str
    month: str
    reason: str
    until: date
    author: str
    at: datetime

    def line(self, today: date) -> str:
        state = "in force" if today <= self.until else "expired"
        return f"waiver {self.rule} of {self.month} until {self.until} by {self.author} ({state}): {self.reason}"


def read_waivers(warehouse: Warehouse, month: Month | None = None) -> list[Waiver]:
    """Every waiver (of a month), oldest first."""
    query = select(waivers).order_by(waivers.c.waiver_id)
    if month is not None:
        query = query.where(waivers.c.month == str(month))
    with warehouse.reading() as connection:
        rows = connection.execute(query).all()
    return [Waiver(row.rule, row.month, row.reason, date.fromisoformat(row.until), row.author, row.at) for row in rows]


def with_waivers(findings: Iterable[Finding], known: Sequence[Waiver], today: date, months: Sequence[Month] = ()) -> tuple[Finding, ...]:
    """The findings with those that somebody has waived for their month marked so; they hold no longer and are printed.

    A finding about a whole pull belongs to the last of the reviewed `months`. What was waived of a month before them
    was waived when that month went out: it does not hold the later ones, also once the waiver has expired.
    """
    month = months[-1] if months else None
    past = {waiver for waiver in known if months and waiver.month < str(months[0])}
    valid = {(waiver.rule, waiver.month): waiver for waiver in known if today <= waiver.until or waiver in past}
    found = []
    for finding in findings:
        waiver = (
            valid.get((finding.rule, finding.month or str(month)))
            if finding.severity is Severity.CRITICAL and can_be_waived(finding)
            else None
        )
        found.append(finding if waiver is None else replace(finding, waived=(waiver.author, str(waiver.until), waiver.reason)))
    return tuple(found)


def weigh_findings(
    findings: Iterable[Finding], severities: Mapping[str, Severity], known: Sequence[Waiver], today: date, months: Sequence[Month]
) -> tuple[Finding, ...]:
    """What a gate judges, in a run as in a backfill: the findings by the configured severities, with what is waived marked so."""
    return with_waivers(apply_severities(findings, severities), known, today, months)


def waive(settings: Settings, rule: str, month: Month, reason: str, until: str) -> list[str]:
    """Record a waiver; a UsageError where it is for no rule, for nothing that can be waived, without a reason, or for too long."""
    today = clock.now().astimezone(settings.zone).date()
    last = _day(until, today)
    words = display_name(reason)
    if not words:
        raise UsageError("--reason is empty. Nothing was waived.\nSay why in a few words; the pack prints them.")
    table = rule.partition(".")[0]
    if rule.count(".") < 1 or table in NEVER_WAIVED or ".suite." in rule:
        raise UsageError(
            f"{rule[:80]!r} cannot be waived. Nothing was recorded.\n"
            "Waived can be what data broke (see `keping status` for the rule that holds a month); "
            "missing columns, broken checks, results that do not add up and leaks cannot."
        )
    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment, create=False) as warehouse:
        row = {"rule": rule, "month": str(month), "reason": words, "until": str(last), "author": who(), "at": clock.now()}
        with warehouse.writing() as connection:
            connection.execute(insert(waivers).values(row))
    return [
        f"{rule} of {month} is waived until {last} by {row['author']}: {words}",
        f"The packs will print it. Then: keping run --month {month}",
    ]


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"--until {text[:40]!r} is not a date. Nothing was waived.\nWrite it as 2026-11-30.") from error
    if day < today:
        raise UsageError(f"--until {day} has passed. Nothing was waived.")
    if (day - today).days > LONGEST_DAYS:
        raise UsageError(f"--until {day} is more than {LONGEST_DAYS} days away. Nothing was waived.\nA waiver is for a short while.")
    return day
