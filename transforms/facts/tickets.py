"""Tickets as facts: what each customer asked in a month, and how open tickets stand at its end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from transforms.month import Month
from transforms.tables.nothing import no_rows_of

EVENTS = ("first_response_at", "resolved_at")
"""Instants that have not happened yet when they lie at or after the month's end."""


def no_tickets() -> pd.DataFrame:
    """The empty frame of ticket facts."""
    return no_rows_of({"customer_id": "str", "tickets": "int64", "complaints": "int64", "last_opened_at": "datetime64[us, UTC]"})


def ticket_facts(tickets: pd.DataFrame, month: Month, timezone: str) -> pd.DataFrame:
    """Tickets that each customer opened in a month; one row per customer, sorted, additive but for last_opened_at.

    `complaints` counts tickets whose type says so. Tickets without a customer belong to no row, and neither do
    those of other months, which a month's snapshot also holds when something happened to them in it.
    """
    known = tickets.loc[tickets["customer_id"].notna() & opened_in(tickets, month, timezone)]
    if known.empty:
        return no_tickets()
    complaint = (known["type"] == "complaint").fillna(False) if "type" in known else pd.Series(False, index=known.index)
    return _by_customer(known.assign(tickets=1, complaints=complaint.astype("int64"), last_opened_at=known["opened_at"]))


def opened_in(tickets: pd.DataFrame, month: Month, timezone: str) -> pd.Series:
    """Which tickets were opened in the month."""
    start, end = (pd.Timestamp(bound) for bound in month.bounds(timezone))
    return (tickets["opened_at"] >= start) & (tickets["opened_at"] < end)


def ticket_window(months: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Ticket facts of several months added up; one row per customer, sorted."""
    filled = [facts for facts in months if len(facts)]
    return _by_customer(pd.concat(filled, ignore_index=True)) if filled else no_tickets()


def newest(older: pd.DataFrame, newer: pd.DataFrame) -> pd.DataFrame:
    """Tickets of two times, each once, as the newer rows have it; both are canonical."""
    kept = older.loc[~older["ticket_id"].isin(newer["ticket_id"])]
    if kept.empty or newer.empty:
        return kept if newer.empty else newer
    return pd.concat([kept, newer], ignore_index=True)


def tickets_of_month(tickets: pd.DataFrame, month: Month, timezone: str) -> pd.DataFrame:
    """The tickets that a month's review speaks of, as they stood at its end; sorted by ticket_id.

    These are the tickets opened in the month, those from before that were still open when it began,
    and those due in it. An answer or solution at or after the end has not happened yet: it is taken
    out, and with it what only the help desk's later word could tell (`sla_met`, `reopened_count` of
    tickets that were still open).
    """
    start, end = (pd.Timestamp(bound) for bound in month.bounds(timezone))
    due = tickets["sla_due_at"] if "sla_due_at" in tickets else pd.Series(pd.NaT, index=tickets.index, dtype="datetime64[us, UTC]")
    opened = tickets["opened_at"]
    resolved = tickets["resolved_at"] if "resolved_at" in tickets else pd.Series(pd.NaT, index=tickets.index, dtype="datetime64[us, UTC]")
    concerned = (opened < end) & ((opened >= start) | resolved.isna() | (resolved >= start) | ((due >= start) & (due < end)))
    seen = tickets.loc[concerned.to_numpy(dtype=bool)]
    masked = {name: seen[name].where(seen[name] < end) for name in EVENTS if name in seen}
    if "resolved_at" in masked:
        undone = (seen["resolved_at"].notna() & masked["resolved_at"].isna()).to_numpy(dtype=bool)
        masked |= {name: seen[name].mask(undone) for name in ("sla_met", "reopened_count") if name in seen}
    return seen.assign(**masked).sort_values("ticket_id", kind="stable", ignore_index=True)


def waiting(tickets: pd.DataFrame, month: Month, timezone: str) -> pd.DataFrame:
    """Of the tickets opened by a month's end, those that a later month must know of, unmasked; sorted by ticket_id."""
    end = pd.Timestamp(month.end(timezone))
    later = np.zeros(len(tickets), dtype=bool)
    if "resolved_at" in tickets:
        later |= ~(tickets["resolved_at"] < end).to_numpy(dtype=bool)
    if "sla_due_at" in tickets:
        later |= (tickets["sla_due_at"] >= end).to_numpy(dtype=bool)
    return tickets.loc[later].sort_values("ticket_id", kind="stable", ignore_index=True)


def _by_customer(rows: pd.DataFrame) -> pd.DataFrame:
    summed = rows.groupby("customer_id", sort=True).agg(
        tickets=("tickets", "sum"), complaints=("complaints", "sum"), last_opened_at=("last_opened_at", "max")
    )
    return summed.reset_index()
