"""Service and complaints of a month, from the help desk's tickets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.figures import Better, Label, Unit
from transforms.indicators.declare import MONTH, Part, indicator
from transforms.money import BoolArray, FloatArray
from transforms.month import Month
from transforms.statistics.estimates import Estimate, no_source, rate_of, share_of
from transforms.statistics.survival import median_of

TICKETS = ("tickets",)


def measured_tickets(tickets: pd.DataFrame, month: Month, timezone: str) -> pd.DataFrame:
    """What each ticket of a month's review contributes to its figures; one row per ticket, same order, no missing flags.

    opened_now, resolved_now, due_now   the event lies in the month
    is_open, is_complaint               at the month's end; by its type
    response_hours, resolution_hours    calendar hours to the event, or to the month's end where it is to come
    is_answered, is_resolved            whether the event has happened
    in_time                             solved by the due time, or in time in the help desk's own word where it has one
    reopened_count, transfers           as supplied, NaN where unknown
    """
    start, end = (pd.Timestamp(bound) for bound in month.bounds(timezone))

    never = pd.Series(pd.NaT, index=tickets.index, dtype="datetime64[us, UTC]")

    def instants(name: str) -> pd.Series:
        return tickets.get(name, never)

    def now(when: pd.Series) -> BoolArray:
        return ((when >= start) & (when < end)).to_numpy(dtype=bool)

    def hours(when: pd.Series) -> FloatArray:
        passed: FloatArray = (when.fillna(end) - opened).dt.total_seconds().to_numpy(dtype=np.float64) / 3600
        return np.maximum(passed, 0.0)

    def counts(name: str) -> FloatArray:
        return tickets[name].to_numpy(dtype=np.float64, na_value=np.nan) if name in tickets else np.full(len(tickets), np.nan)

    opened, answered, resolved, due = (instants(name) for name in ("opened_at", "first_response_at", "resolved_at", "sla_due_at"))
    in_time = (resolved <= due).to_numpy(dtype=bool)
    met = counts("sla_met")
    return pd.DataFrame(
        {
            "opened_now": now(opened),
            "resolved_now": now(resolved),
            "due_now": now(due),
            "is_open": resolved.isna().to_numpy(),
            "is_complaint": (tickets["type"] == "complaint").to_numpy(dtype=bool) if "type" in tickets else False,
            "response_hours": hours(answered),
            "is_answered": answered.notna().to_numpy(),
            "resolution_hours": hours(resolved),
            "is_resolved": resolved.notna().to_numpy(),
            "in_time": np.where(np.isnan(met), in_time, met == 1),
            "sla_met": met,
            "reopened_count": counts("reopened_count"),
            "transfers": counts("transfers"),
        },
        index=tickets.index,
    )


def _flags(part: Part, name: str) -> BoolArray:
    return part.once(f"ticket flags {name}", lambda: part.tickets[name].to_numpy(dtype=bool))


def _numbers(part: Part, name: str) -> FloatArray:
    return part.once(f"ticket numbers {name}", lambda: part.tickets[name].to_numpy(dtype=np.float64))


@indicator(
    "tickets_opened",
    title="Tickets opened",
    unit=Unit.COUNT,
    better=Better.NEITHER,
    formula="tickets opened in the month",
    window=MONTH,
    needs=TICKETS,
    section="service",
    serves=("S142",),
)
def tickets_opened(part: Part) -> Estimate:
    number = int(_flags(part, "opened_now").sum())
    return Estimate(float(number), number, method="full count")


@indicator(
    "tickets_open",
    title="Tickets still open",
    unit=Unit.COUNT,
    better=Better.LOWER,
    formula="tickets opened by the month's end and not resolved by then",
    window=MONTH,
    needs=TICKETS,
    section="service",
    serves=("S142",),
)
def tickets_open(part: Part) -> Estimate:
    if not part.tells("tickets", "resolved_at"):
        return no_source("tickets do not say when they were resolved")
    number = int(_flags(part, "is_open").sum())
    return Estimate(float(number), number, method="full count")


def _complaints(part: Part) -> int:
    return int((_flags(part, "opened_now") & _flags(part, "is_complaint")).sum())


@indicator(
    "complaints",
    title="Complaints",
    unit=Unit.COUNT,
    better=Better.LOWER,
    formula="tickets of type complaint opened in the month",
    window=MONTH,
    needs=TICKETS,
    section="service",
    serves=("S145",),
)
def complaints(part: Part) -> Estimate:
    if not part.tells("tickets", "type"):
        return no_source("tickets do not say which are complaints")
    number = _complaints(part)
    return Estimate(float(number), number, method="full count")


@indicator(
    "complaint_rate",
    title="Complaints per 1,000 orders",
    unit=Unit.PER_THOUSAND,
    better=Better.LOWER,
    formula="1,000 x complaints of the month / orders of the month",
    window=MONTH,
    needs=TICKETS,
    section="service",
    serves=("S145",),
)
def complaint_rate(part: Part) -> Estimate:
    if not part.tells("tickets", "type"):
        return no_source("tickets do not say which are complaints")
    return rate_of(_complaints(part), part.total("month_orders"), 1000, "per 1,000 orders of the month; exact Poisson interval, n = orders")


def _median_hours(part: Part, event: str, hours: str, done: str) -> Estimate:
    if not part.tells("tickets", event):
        return no_source(f"tickets do not say {event}")
    opened = _flags(part, "opened_now")
    return median_of(_numbers(part, hours)[opened], _flags(part, done)[opened])


@indicator(
    "first_response_hours_median",
    title="Median time to first response",
    unit=Unit.HOURS,
    better=Better.LOWER,
    formula="median calendar hours from opening to the first answer by a person, tickets opened in the month (Kaplan-Meier)",
    window=MONTH,
    needs=TICKETS,
    section="service",
    serves=("S144",),
)
def first_response_hours_median(part: Part) -> Estimate:
    return _median_hours(part, "first_response_at", "response_hours", "is_answered")


@indicator(
    "resolution_hours_median",
    title="Median time to resolution",
    unit=Unit.HOURS,
    better=Better.LOWER,
    formula="median calendar hours from opening to the last solution, tickets opened in the month (Kaplan-Meier)",
    window=MONTH,
    needs=TICKETS,
    section="service",
    serves=("S144",),
)
def resolution_hours_median(part: Part) -> Estimate:
    return _median_hours(part, "resolved_at", "resolution_hours", "is_resolved")


@indicator(
    "sla_attainment",
    title="Solved in the agreed time",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="tickets due in the month that were solved in time / tickets due in the month; open and past due is missed",
    window=MONTH,
    needs=TICKETS,
    section="service",
    serves=("S142",),
)
def sla_attainment(part: Part) -> Estimate:
    """A ticket's due time decides; where the help desk gives only its own word (`sla_met`), tickets resolved in the month."""
    if part.tells("tickets", "sla_due_at"):
        due = _flags(part, "due_now")
        return share_of(int(_flags(part, "in_time")[due].sum()), int(due.sum()), "tickets due in the month; Wilson interval")
    if part.tells("tickets", "sla_met", "resolved_at"):
        met = _numbers(part, "sla_met")
        told = _flags(part, "resolved_now") & ~np.isnan(met)
        method = "tickets resolved in the month, by the help desk's own word; Wilson interval"
        return share_of(int((met[told] == 1).sum()), int(told.sum()), method)
    return no_source("tickets do not say when they are due")


def _resolved_tickets(part: Part, *columns: str) -> FloatArray:
    """The columns of the tickets resolved in the month that tell all of them, one row per ticket."""
    rows = np.stack([_numbers(part, column)[_flags(part, "resolved_now")] for column in columns], axis=1)
    complete: FloatArray = rows[~np.isnan(rows).any(axis=1)]
    return complete


@indicator(
    "reopen_rate",
    title="Reopened tickets",
    unit=Unit.SHARE,
    better=Better.LOWER,
    formula="tickets resolved in the month that were opened again at least once / tickets resolved in the month",
    window=MONTH,
    needs=TICKETS,
    section="service",
    serves=("S142",),
)
def reopen_rate(part: Part) -> Estimate:
    if not part.tells("tickets", "reopened_count", "resolved_at"):
        return no_source("tickets do not say how often they were opened again")
    rows = _resolved_tickets(part, "reopened_count")
    return share_of(int((rows[:, 0] > 0).sum()), len(rows), "tickets resolved in the month; Wilson interval")


@indicator(
    "first_contact_resolution",
    title="Solved at the first contact",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="tickets resolved in the month, never opened again and never handed on / tickets resolved in the month",
    window=MONTH,
    needs=TICKETS,
    section="service",
    label=Label.ESTIMATE,
    serves=("S142",),
)
def first_contact_resolution(part: Part) -> Estimate:
    """An estimate: whether the customer came back with a new ticket is not looked at."""
    told = [name for name in ("reopened_count", "transfers") if part.tells("tickets", name)]
    if not told or not part.tells("tickets", "resolved_at"):
        return no_source("tickets say neither how often they were opened again nor how often they changed hands")
    rows = _resolved_tickets(part, *told)
    smooth = (rows == 0).all(axis=1)
    return share_of(int(smooth.sum()), len(rows), f"tickets resolved in the month, by {' and '.join(told)}; Wilson interval")
