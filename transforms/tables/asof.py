"""As-of masking: what had not happened yet by a month's end is unknown to that month."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from transforms.month import Month
from transforms.tables.contract import Kind, TableSpec


def mask_later(frame: pd.DataFrame, table: TableSpec, end: datetime) -> pd.DataFrame:
    """The rows as they were known just before `end`.

    Every instant at or after `end` is blanked, and with it what could only be known then: an order's
    refund and its status `returned` (back to `completed`; `cancelled` stays, since nobody dates it);
    a ticket's outcome (sla_met, reopened_count, compensation) while it was not resolved yet; a quote's result
    while it was not decided, a contact's while it was not answered. A masked
    resolution says nothing about `sla_due_at`, which is blanked by its own date alone.
    """
    later = {
        column.name: (frame[column.name] >= end).fillna(value=False)
        for column in table.columns
        if column.kind is Kind.INSTANT and column.name in frame
    }
    blank = {name: frame[name].mask(mask) for name, mask in later.items() if mask.any()}
    if table.name == "orders" and "refunded_at" in blank:
        unknown = later["refunded_at"]
        if "refund_amount" in frame:
            blank["refund_amount"] = frame["refund_amount"].mask(unknown)
        blank["status"] = frame["status"].mask(unknown & (frame["status"] == "returned"), "completed")
    if table.name == "tickets" and "resolved_at" in blank:
        for name in ("sla_met", "reopened_count", "compensation"):
            if name in frame:
                blank[name] = frame[name].mask(later["resolved_at"])
    if table.name == "quotes" and "decided_at" in blank:
        for name in ("result", "reason"):
            if name in frame:
                blank[name] = frame[name].mask(later["decided_at"])
    if table.name == "contacts" and "answered_at" in blank and "result" in frame:
        blank["result"] = frame["result"].mask(later["answered_at"])
    return frame.assign(**blank)


def entries_as_of(registers: pd.DataFrame, month: Month) -> pd.DataFrame:
    """Register entries as they stood at a month's end; sorted by register and entry.

    Entries opened later are left out; of those closed later the closing is taken out, with the status and
    the outcome, which only it could tell. Due days lie ahead and stay.
    """
    if registers.empty:
        return registers
    end = pd.Timestamp(month.last_day)
    known = registers.loc[~(registers["opened_on"] > end).to_numpy(dtype=bool)]
    later = (known["closed_on"] > end).to_numpy(dtype=bool)
    blanked = {name: known[name].mask(later) for name in ("closed_on", "status", "outcome") if name in known}
    return known.assign(**blanked).sort_values(["register", "entry_id"], kind="stable", ignore_index=True)


def campaigns_as_of(campaigns: pd.DataFrame, month: Month) -> pd.DataFrame:
    """Campaigns that had begun by a month's end; sorted by start and id."""
    if campaigns.empty:
        return campaigns
    begun = campaigns.loc[(campaigns["starts_on"] <= pd.Timestamp(month.last_day)).to_numpy(dtype=bool)]
    return begun.sort_values(["starts_on", "campaign_id"], kind="stable", ignore_index=True)


def costs_as_of(costs: pd.DataFrame, month: Month, months: int) -> pd.DataFrame:
    """The costs of the `months` months that end with `month`; sorted by month, kind and tier."""
    if costs.empty:
        return costs
    chosen = (costs["month"] <= str(month)) & (costs["month"] > str(month - months))
    return costs.loc[chosen.to_numpy(dtype=bool)].sort_values(["month", "kind", "tier"], kind="stable", ignore_index=True)
