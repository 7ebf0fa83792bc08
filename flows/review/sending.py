"""Mailing what a run published."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flows.archive.revisions import Archive
from flows.delivery.sending import mail, recipient_rows
from flows.machine.hooks import Hook, nowhere
from flows.review.outcome import RunOutcome
from flows.settings import Settings
from flows.snapshots.store import Pulled
from flows.warehouse.store import Warehouse
from transforms.policy.rules import Policy


def send(
    warehouse: Warehouse,
    archive: Archive,
    settings: Settings,
    outcome: RunOutcome,
    pulled: Pulled,
    policy: Policy,
    also_on: date | None = None,
    at: Hook = nowhere,
) -> RunOutcome:
    """Mail the published revision to today's recipients (who must be on the list `also_on`); the ledger says what came of it."""
    report = mail(warehouse, archive, settings, outcome.month, outcome.revision, recipient_rows(pulled), policy, also_on=also_on, at=at)
    counts = {state: count for state, count in report.counts.items() if count}
    outbox = settings.outbox_path if settings.delivery.transport == "outbox" else None
    return replace(outcome, deliveries=counts, undelivered=report.open, unread=report.unread, outbox=outbox)
