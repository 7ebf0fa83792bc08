"""What became of complaints, suggestions and requests, and whether customers were told."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.classes.registers import entries
from transforms.figures import Better, Unit
from transforms.indicators.declare import MONTH, Part, indicator
from transforms.statistics.estimates import Estimate, no_data, share_of

FEEDBACK = ("complaint", "suggestion", "request")
ACKNOWLEDGED_DAYS = 2
"""Days within which feedback without a due time must be taken up."""


def _feedback(part: Part) -> pd.DataFrame:
    """Complaints, suggestions and requests opened in the month, in the scope."""
    rows = _tickets_opened(part)
    return rows.loc[rows["type"].isin(FEEDBACK).to_numpy(dtype=bool)]


def _tickets_opened(part: Part) -> pd.DataFrame:
    """Tickets of the scope's customers opened in the month; of the company also those of people who never ordered."""
    rows, start = part.inputs.tickets, pd.Timestamp(part.inputs.month.start(part.inputs.timezone))
    chosen = (rows["opened_at"] >= start).to_numpy(dtype=bool)
    if part.chosen is not None:
        chosen = chosen & rows["customer_id"].isin(part["customer_id"]).to_numpy(dtype=bool)
    return rows.loc[chosen]


def _with_contacts(part: Part, rows: pd.DataFrame) -> pd.DataFrame:
    """The first contact of ours about each ticket."""
    contacts = part.inputs.contacts
    ours = contacts.loc[((contacts["direction"] == "out") & contacts["ticket_id"].notna()).to_numpy(dtype=bool)]
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
    section="classes",
    serves=("S08",),
)
def feedback_acknowledged(part: Part) -> Estimate:
    rows = _feedback(part)
    told = _with_contacts(part, rows)
    due = told["sla_due_at"].fillna(told["opened_at"] + pd.Timedelta(days=ACKNOWLEDGED_DAYS))
    in_time = told.loc[(told["contacted_at"] <= due).to_numpy(dtype=bool), "ticket_id"].nunique()
    return share_of(int(in_time), len(rows))


@indicator(
    "feedback_closed_loop",
    title="Feedback whose outcome was told",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="solved complaints, suggestions and requests of the month with a contact of ours about the ticket after the solution / solved",
    window=MONTH,
    needs=("contacts",),
    section="classes",
    serves=("S08",),
)
def feedback_closed_loop(part: Part) -> Estimate:
    rows = _feedback(part)
    solved = rows.loc[rows["resolved_at"].notna()]
    told = _with_contacts(part, solved)
    closed = told.loc[(told["contacted_at"] >= told["resolved_at"]).to_numpy(dtype=bool), "ticket_id"].nunique()
    return share_of(int(closed), len(solved))


@indicator(
    "feedback_first_update_hours",
    title="Median hours to the first update",
    unit=Unit.HOURS,
    better=Better.LOWER,
    formula="median hours from the ticket to our first contact about it, of the feedback of the month that had one",
    window=MONTH,
    needs=("contacts",),
    section="classes",
    serves=("S08",),
)
def feedback_first_update_hours(part: Part) -> Estimate:
    told = _with_contacts(part, _feedback(part)).dropna(subset=["contacted_at"])
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
    section="classes",
    serves=("S08",),
)
def feedback_adopted(part: Part) -> Estimate:
    rows, improvements = _feedback(part), entries(part.inputs.registers, "improvement")
    named = improvements.loc[(improvements["field"] == "ticket_id").to_numpy(dtype=bool), "field_value"]
    return share_of(int(rows["ticket_id"].isin(named).sum()), len(rows))
