"""Service and complaints of a month, from the help desk's tickets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.catalogue import MONTH, Part, indicator
from transforms.figures import Better, Label, Unit
from transforms.money import BoolArray
from transforms.statistics import Estimate, not_supplied, rate_of, share_of
from transforms.survival import median_of

TICKETS = ("tickets",)


def _bounds(part: Part) -> tuple[pd.Timestamp, pd.Timestamp]:
    start, end = part.inputs.month.bounds(part.inputs.timezone)
    return pd.Timestamp(start), pd.Timestamp(end)


def _in_month(part: Part, instants: pd.Series) -> BoolArray:
    start, end = _bounds(part)
    return ((instants >= start) & (instants < end)).fillna(False).to_numpy(dtype=bool)


def _opened(part: Part) -> pd.DataFrame:
    return part.tickets.loc[_in_month(part, part.tickets["opened_at"])]


@indicator(
    "tickets_opened",
    en="Tickets opened",
    zh="新增工单数",
    unit=Unit.COUNT,
    better=Better.NEITHER,
    formula="tickets opened in the month",
    window=MONTH,
    needs=TICKETS,
    section="service",
    serves=("S142",),
)
def tickets_opened(part: Part) -> Estimate:
    number = len(_opened(part))
    return Estimate(float(number), number, method="full count")


@indicator(
    "tickets_open",
    en="Tickets still open",
    zh="未结工单数",
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
        return not_supplied("tickets do not say when they were resolved")
    number = int(part.tickets["resolved_at"].isna().sum())
    return Estimate(float(number), number, method="full count")


def _complaints(part: Part) -> int:
    return int((_opened(part)["type"] == "complaint").fillna(False).sum())


@indicator(
    "complaints",
    en="Complaints",
    zh="投诉数",
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
        return not_supplied("tickets do not say which are complaints")
    number = _complaints(part)
    return Estimate(float(number), number, method="full count")


@indicator(
    "complaint_rate",
    en="Complaints per 1,000 orders",
    zh="千单投诉率",
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
        return not_supplied("tickets do not say which are complaints")
    return rate_of(_complaints(part), part.total("month_orders"), 1000, "per 1,000 orders of the month; exact Poisson interval, n = orders")


def _median_hours(part: Part, event: str) -> Estimate:
    if not part.tells("tickets", event):
        return not_supplied(f"tickets do not say {event}")
    opened = _opened(part)
    done = opened[event].notna().to_numpy(dtype=bool)
    until = opened[event].where(opened[event].notna(), _bounds(part)[1])
    hours = ((until - opened["opened_at"]) / pd.Timedelta(hours=1)).to_numpy(dtype=np.float64)
    return median_of(np.maximum(hours, 0.0), done)


@indicator(
    "first_response_hours_median",
    en="Median time to first response",
    zh="首次响应时间中位数",
    unit=Unit.HOURS,
    better=Better.LOWER,
    formula="median calendar hours from opening to the first answer by a person, tickets opened in the month (Kaplan-Meier)",
    window=MONTH,
    needs=TICKETS,
    section="service",
    serves=("S144",),
)
def first_response_hours_median(part: Part) -> Estimate:
    return _median_hours(part, "first_response_at")


@indicator(
    "resolution_hours_median",
    en="Median time to resolution",
    zh="解决时间中位数",
    unit=Unit.HOURS,
    better=Better.LOWER,
    formula="median calendar hours from opening to the last solution, tickets opened in the month (Kaplan-Meier)",
    window=MONTH,
    needs=TICKETS,
    section="service",
    serves=("S144",),
)
def resolution_hours_median(part: Part) -> Estimate:
    return _median_hours(part, "resolved_at")


@indicator(
    "sla_attainment",
    en="Solved in the agreed time",
    zh="按时解决率",
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
    tickets, says = part.tickets, part.tells("tickets", "sla_met")
    if part.tells("tickets", "sla_due_at"):
        due = tickets.loc[_in_month(part, tickets["sla_due_at"])]
        met = (due["resolved_at"] <= due["sla_due_at"]).fillna(False)
        if says:
            met = due["sla_met"].astype("boolean").fillna(met)
        return share_of(int(met.sum()), len(due), "tickets due in the month; Wilson interval")
    if says:
        told = tickets.loc[_in_month(part, tickets["resolved_at"]) & tickets["sla_met"].notna().to_numpy(dtype=bool)]
        return share_of(int(told["sla_met"].astype("boolean").sum()), len(told), "tickets resolved in the month, by the help desk's own word; Wilson interval")
    return not_supplied("tickets do not say when they are due")


def _resolved(part: Part, *columns: str) -> pd.DataFrame:
    rows = part.tickets.loc[_in_month(part, part.tickets["resolved_at"])]
    return rows.loc[rows[list(columns)].notna().all(axis=1)]


@indicator(
    "reopen_rate",
    en="Reopened tickets",
    zh="工单重开率",
    unit=Unit.SHARE,
    better=Better.LOWER,
    formula="tickets resolved in the month that were opened again at least once / tickets resolved in the month",
    window=MONTH,
    needs=TICKETS,
    section="service",
    serves=("S142",),
)
def reopen_rate(part: Part) -> Estimate:
    if not (part.tells("tickets", "reopened_count") and part.tells("tickets", "resolved_at")):
        return not_supplied("tickets do not say how often they were opened again")
    rows = _resolved(part, "reopened_count")
    return share_of(int((rows["reopened_count"] > 0).sum()), len(rows), "tickets resolved in the month; Wilson interval")


@indicator(
    "first_contact_resolution",
    en="Solved at the first contact",
    zh="一次解决率",
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
        return not_supplied("tickets say neither how often they were opened again nor how often they changed hands")
    rows = _resolved(part, *told)
    smooth = (rows[told] == 0).all(axis=1)
    return share_of(int(smooth.sum()), len(rows), f"tickets resolved in the month, by {' and '.join(told)}; Wilson interval")
