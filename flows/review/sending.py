"""Mailing what a run published."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flows.archive.office import Office
from flows.delivery.request import MailingRequest
from flows.delivery.sending import mail, recipient_rows
from flows.machine.hooks import Hook, nowhere
from flows.review.outcome import RunOutcome
from flows.snapshots.store import Pulled
from transforms.policy.rules import Policy


def send(
    office: Office,
    outcome: RunOutcome,
    pulled: Pulled,
    policy: Policy,
    also_on: date | None = None,
    at: Hook = nowhere,
) -> RunOutcome:
    """Mail the published revision to today's recipients (who must be on the list `also_on`); the ledger says what came of it."""
    asked = MailingRequest(outcome.month, outcome.revision, recipients=recipient_rows(pulled), day=office.today, also_on=also_on)
    report = mail(office, asked, policy, at=at)
    counts = {state: count for state, count in report.counts.items() if count}
    outbox = office.settings.outbox_path if office.settings.delivery.transport == "outbox" else None
    return replace(outcome, deliveries=counts, undelivered=report.open, unread=report.unread, outbox=outbox)
