"""Strategies, actions and answers to feedback: what was planned, what was done, what customers were told."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.classes.groupings import ATTRIBUTE, CLASS, GROUP
from transforms.classes.registers import entries, missing_cells
from transforms.facts.matching import locate
from transforms.figures import Better, Label, Scope, Unit
from transforms.indicators.declare import MONTH, MONTH_END, YEAR_WINDOW, Part, indicator
from transforms.indicators.economics import ORDERS
from transforms.money import FloatArray, IntArray
from transforms.month import Month
from transforms.statistics.estimates import Estimate, no_data, not_supplied, share_of

SECTION = "classes"
COMPANY, BOTH, GROUPS = (Scope.COMPANY,), (Scope.COMPANY, Scope.TIER), (Scope.SEGMENT,)
FEEDBACK = ("complaint", "suggestion", "request")
ACKNOWLEDGED_DAYS = 2
"""Days within which feedback without a due time must be taken up."""


def _count(number: int, n: int | None = None) -> Estimate:
    return Estimate(float(number), number if n is None else n, method="full count")


@indicator(
    "strategy_cells_missing",
    title="Class cells without a strategy",
    unit=Unit.COUNT,
    better=Better.LOWER,
    formula="of the nine cells of behaviour class and value class those without an entry in force in the register `strategy`",
    window=MONTH_END,
    needs=("registers",),
    section=SECTION,
    serves=("S11", "S37"),
    scopes=COMPANY,
)
def strategy_cells_missing(part: Part) -> Estimate:
    return _count(len(missing_cells(part.inputs.registers, part.inputs.month)), 9)


def _actions(part: Part) -> pd.DataFrame:
    rows = entries(part.inputs.registers, "action")
    if part.scope is not Scope.TIER:
        return rows
    of_tier = (rows["tier"] == part.scope_value).to_numpy(dtype=bool, na_value=False)
    return rows.loc[of_tier | rows["customer_id"].isin(part["customer_id"]).to_numpy(dtype=bool)]


def _in_month(days: pd.Series, month: Month) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    inside = (days >= pd.Timestamp(month.first_day)) & (days <= pd.Timestamp(month.last_day))
    return inside.to_numpy(dtype=bool, na_value=False)


@indicator(
    "actions_due",
    title="Actions due in the month",
    unit=Unit.COUNT,
    better=Better.NEITHER,
    formula="entries of the register `action` due in the month",
    window=MONTH,
    needs=("registers",),
    section=SECTION,
    serves=("S20",),
    label=Label.MANUAL,
    scopes=BOTH,
)
def actions_due(part: Part) -> Estimate:
    return _count(int(_in_month(_actions(part)["due_on"], part.inputs.month).sum()))


@indicator(
    "actions_done",
    title="Actions done in the month",
    unit=Unit.COUNT,
    better=Better.HIGHER,
    formula="entries of the register `action` closed in the month",
    window=MONTH,
    needs=("registers",),
    section=SECTION,
    serves=("S20",),
    label=Label.MANUAL,
    scopes=BOTH,
)
def actions_done(part: Part) -> Estimate:
    return _count(int(_in_month(_actions(part)["closed_on"], part.inputs.month).sum()))


@indicator(
    "actions_overdue",
    title="Actions overdue",
    unit=Unit.COUNT,
    better=Better.LOWER,
    formula="entries of the register `action` due by the month's end and not closed",
    window=MONTH_END,
    needs=("registers",),
    section=SECTION,
    serves=("S20",),
    label=Label.MANUAL,
    scopes=BOTH,
)
def actions_overdue(part: Part) -> Estimate:
    rows = _actions(part)
    late = (rows["due_on"] <= pd.Timestamp(part.inputs.month.last_day)) & rows["closed_on"].isna()
    return _count(int(late.to_numpy(dtype=bool, na_value=False).sum()))


@indicator(
    "actions_effect",
    title="Treated less untreated customers who ordered",
    unit=Unit.POINTS,
    better=Better.HIGHER,
    formula="share who ordered in the month of customers with an action closed in the three months before, less the share of the others "
    "with the same mix of value classes, in percentage points; not causal: who is treated was not drawn by lot",
    window=MONTH,
    needs=("registers",),
    section=SECTION,
    serves=("S20",),
    label=Label.ESTIMATE,
    scopes=COMPANY,
)
def actions_effect(part: Part) -> Estimate:
    rows, month = _actions(part), part.inputs.month
    recent = (rows["closed_on"] >= pd.Timestamp((month - 3).first_day)) & (rows["closed_on"] < pd.Timestamp(month.first_day))
    treated = part["customer_id"].isin(rows.loc[recent.to_numpy(dtype=bool, na_value=False), "customer_id"]).to_numpy(dtype=bool)
    ordered, classes = part.integers("month_orders") > 0, part["value_class"]
    n, difference = 0, 0.0
    for name in sorted(set(classes[treated])):
        own, other = treated & (classes == name).to_numpy(), ~treated & (classes == name).to_numpy()
        if other.any():
            n += int(own.sum())
            difference += own.sum() * (ordered[own].mean() - ordered[other].mean())
    if n < part.inputs.rules.min_n:
        return Estimate(None, n, method="fewer treated customers than may be compared", reason=no_data().reason)
    return Estimate(100 * difference / n, n, method="standardised by value class; not causal")


def _feedback(part: Part) -> pd.DataFrame:
    """Complaints, suggestions and requests opened in the month, in the scope."""
    rows = _opened(part)
    return rows.loc[rows["type"].isin(FEEDBACK).to_numpy(dtype=bool)]


def _opened(part: Part) -> pd.DataFrame:
    """Tickets of the scope's customers opened in the month; of the company also those of people who never ordered."""
    rows, start = part.inputs.tickets, pd.Timestamp(part.inputs.month.start(part.inputs.timezone))
    chosen = (rows["opened_at"] >= start).to_numpy(dtype=bool, na_value=False)
    if part.chosen is not None:
        chosen = chosen & rows["customer_id"].isin(part["customer_id"]).to_numpy(dtype=bool)
    return rows.loc[chosen]


def _told(part: Part, rows: pd.DataFrame) -> pd.DataFrame:
    """The first contact of ours about each ticket."""
    contacts = part.inputs.contacts
    ours = contacts.loc[((contacts["direction"] == "out") & contacts["ticket_id"].notna()).to_numpy(dtype=bool, na_value=False)]
    pairs = rows[["ticket_id", "opened_at", "resolved_at", "sla_due_at"]].merge(
        ours[["ticket_id", "contacted_at"]], on="ticket_id", how="left", validate="one_to_many"
    )
    return pairs.loc[pairs["contacted_at"].isna() | (pairs["contacted_at"] >= pairs["opened_at"])]


@indicator(
    "feedback_acknowledged",
    title="Feedback taken up in time",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="complaints, suggestions and requests of the month with a contact of ours about the ticket before it was due (within two days "
    "where it has no due time) / all of them",
    window=MONTH,
    needs=("contacts",),
    section=SECTION,
    serves=("S08",),
    scopes=BOTH,
)
def feedback_acknowledged(part: Part) -> Estimate:
    rows = _feedback(part)
    told = _told(part, rows)
    due = told["sla_due_at"].fillna(told["opened_at"] + pd.Timedelta(days=ACKNOWLEDGED_DAYS))
    in_time = told.loc[(told["contacted_at"] <= due).to_numpy(dtype=bool, na_value=False), "ticket_id"].nunique()
    return share_of(int(in_time), len(rows))


@indicator(
    "feedback_closed_loop",
    title="Feedback whose outcome was told",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="solved complaints, suggestions and requests of the month with a contact of ours about the ticket after the solution / solved",
    window=MONTH,
    needs=("contacts",),
    section=SECTION,
    serves=("S08",),
    scopes=BOTH,
)
def feedback_closed_loop(part: Part) -> Estimate:
    rows = _feedback(part)
    solved = rows.loc[rows["resolved_at"].notna()]
    told = _told(part, solved)
    closed = told.loc[(told["contacted_at"] >= told["resolved_at"]).to_numpy(dtype=bool, na_value=False), "ticket_id"].nunique()
    return share_of(int(closed), len(solved))


@indicator(
    "feedback_first_update_hours",
    title="Median hours to the first update",
    unit=Unit.HOURS,
    better=Better.LOWER,
    formula="median hours from the ticket to our first contact about it, of the feedback of the month that had one",
    window=MONTH,
    needs=("contacts",),
    section=SECTION,
    serves=("S08",),
    scopes=BOTH,
)
def feedback_first_update_hours(part: Part) -> Estimate:
    told = _told(part, _feedback(part)).dropna(subset=["contacted_at"])
    first = told.groupby("ticket_id", sort=True).agg(opened=("opened_at", "min"), told=("contacted_at", "min"))
    hours = (first["told"] - first["opened"]).dt.total_seconds().to_numpy(dtype=np.float64) / 3600
    return Estimate(float(np.median(hours)), len(hours), method="median of those with an update") if len(hours) else no_data()


@indicator(
    "feedback_adopted",
    title="Feedback that led to an improvement",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="complaints, suggestions and requests of the month that an entry of the register `improvement` names (field ticket_id) / all",
    window=MONTH,
    needs=("registers",),
    section=SECTION,
    serves=("S08",),
    scopes=BOTH,
)
def feedback_adopted(part: Part) -> Estimate:
    rows, improvements = _feedback(part), entries(part.inputs.registers, "improvement")
    named = improvements.loc[(improvements["field"] == "ticket_id").to_numpy(dtype=bool, na_value=False), "field_value"]
    return share_of(int(rows["ticket_id"].isin(named).sum()), len(rows))


@indicator(
    "group_contacts",
    title="Contacts per customer (12 months)",
    unit=Unit.RATIO,
    better=Better.NEITHER,
    formula="contacts of twelve months with the class's customers / customers",
    window=YEAR_WINDOW,
    needs=("contacts",),
    section=SECTION,
    serves=("S13", "S34", "S36"),
    scopes=GROUPS,
    families=(CLASS, GROUP, ATTRIBUTE),
)
def group_contacts(part: Part) -> Estimate:
    return Estimate(float(np.nansum(part.numbers("contacts_12m"))) / len(part), len(part), method="mean") if len(part) else no_data()


@indicator(
    "group_visits",
    title="Visits per customer (12 months)",
    unit=Unit.RATIO,
    better=Better.NEITHER,
    formula="contacts of twelve months by the method visit with the class's customers / customers",
    window=YEAR_WINDOW,
    needs=("contacts",),
    section=SECTION,
    serves=("S13",),
    scopes=GROUPS,
    families=(CLASS,),
)
def group_visits(part: Part) -> Estimate:
    return Estimate(float(np.nansum(part.numbers("visits_12m"))) / len(part), len(part), method="mean") if len(part) else no_data()


@indicator(
    "group_discount_share",
    title="Discount given (12 months)",
    unit=Unit.SHARE,
    better=Better.NEITHER,
    formula="discount of twelve months / (gross + discount), of the class's customers",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section=SECTION,
    serves=("S13",),
    scopes=GROUPS,
    families=(CLASS,),
)
def group_discount_share(part: Part) -> Estimate:
    if "discount_12m" not in part.inputs.window:
        return not_supplied("no order tells its discount")
    given, gross = float(part.numbers("discount_12m").sum()), float(part.numbers("gross_12m").sum())
    whole = given + gross
    return Estimate(given / whole, len(part), method="discount / (gross + discount)") if whole > 0 and given >= 0 else no_data(n=len(part))


@indicator(
    "group_first_response_hours",
    title="Median hours to the first response",
    unit=Unit.HOURS,
    better=Better.LOWER,
    formula="median hours from ticket to first answer, of the class's tickets opened in the month that were answered",
    window=MONTH,
    needs=("tickets",),
    section=SECTION,
    serves=("S13",),
    scopes=GROUPS,
    families=(CLASS,),
)
def group_first_response_hours(part: Part) -> Estimate:
    if "first_response_at" not in part.inputs.tickets:
        return not_supplied("tickets tell no first response")
    whose, after = part.everybody.once("first responses", lambda: _first_responses(part))
    hours = after[part.members()[whose]]
    return Estimate(float(np.median(hours)), len(hours), method="median of those answered") if len(hours) else no_data()


def _first_responses(part: Part) -> tuple[IntArray, FloatArray]:
    """Of every answered ticket opened in the month by a customer: the customer's row, and the hours to the answer."""
    start = pd.Timestamp(part.inputs.month.start(part.inputs.timezone))
    rows = part.inputs.tickets[["customer_id", "opened_at", "first_response_at"]].dropna()
    rows = rows.loc[(rows["opened_at"] >= start).to_numpy(dtype=bool)]
    (places,), _ = locate(part.customers["customer_id"], [rows["customer_id"]])
    hours = (rows["first_response_at"] - rows["opened_at"]).dt.total_seconds().to_numpy(dtype=np.float64) / 3600
    known = places < len(part.everybody)
    return places[known], hours[known]
