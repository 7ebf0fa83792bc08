"""As-of masking: what had not happened yet by a month's end is unknown to that month."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from transforms.tables import Kind, Table


def masked(frame: pd.DataFrame, table: Table, end: datetime) -> pd.DataFrame:
    """The rows as they were known just before `end`.

    Every instant at or after `end` is blanked, and with it what could only be known then: an order's
    refund and its status `returned` (back to `completed`; `cancelled` stays, since nobody dates it);
    a ticket's outcome (sla_met, reopened_count, compensation) while it was not resolved yet. A masked
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
    return frame.assign(**blank)
