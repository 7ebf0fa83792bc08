"""Mailing what is published to those who are on the list today."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd

from flows.archive.office import Office
from flows.delivery.delivering import DeliveryReport, configured_backoff, deliver
from flows.delivery.ledger import Ledger
from flows.delivery.recipients import Recipient, recipients_on, segments_in
from flows.delivery.request import MailingRequest
from flows.delivery.stopping import stopping_gently
from flows.delivery.words import words_of
from flows.machine.hooks import Hook, nowhere
from flows.snapshots.store import UNDATED, Pulled, undated_rows
from flows.warehouse.records import Publication
from transforms.classes.segments import Segment
from transforms.errors import HeldError, UsageError
from transforms.policy.rules import Policy


def mail(office: Office, request: MailingRequest, policy: Policy, *, at: Hook = nowhere) -> DeliveryReport:
    """Mail what is published and not yet accepted; `deliver` says how. A later revision goes to who was on the list before.

    Asked to stop by a signal, it finishes the message under way.
    """
    publication = office.warehouse.publication(request.month, request.revision)
    words = {} if publication is None else words_of(office, publication, policy)
    if publication is not None and request.also_on is None:
        request = replace(request, also_on=last_out(office, publication))
    with stopping_gently() as asked:
        backoff = replace(configured_backoff(office.settings), sleep=asked.sleep)
        return deliver(office, request, words=words, backoff=backoff, at=at, stop=asked)


def last_out(office: Office, publication: Publication) -> date | None:
    """The business day on which an earlier revision last went out: a later one goes to who was on the list then, too.

    Whoever got an earlier revision was on the list by that day. None where none ever went out: today's list decides alone.
    """
    at = Ledger(office.warehouse).last_out(publication.month, publication.revision)
    return None if at is None else at.astimezone(office.settings.zone).date()


def readers(office: Office, pulled: Pulled, policy: Policy) -> list[Recipient]:
    """Today's recipients; a HeldError names every row that cannot be believed, a UsageError says that there is no list."""
    return recipients_on(recipient_rows(pulled), office.today, tiers=policy.tiers, locales=office.settings.company.locales)


def printed_segments(pulled: Pulled, customers: pd.DataFrame, policy: Policy, day: date) -> tuple[Segment, ...]:
    """The parts of tiers that get packs of their own: somebody on the list is limited to them, and some customer passes the filter."""
    listed = pulled.snapshots.get("recipients", {}).get(UNDATED)
    wanted = segments_in(undated_rows(listed, "recipients"), day, tiers=policy.tiers) if listed is not None else ()
    return tuple(one for one in wanted if one.filter.passes(customers["customer_id"], customers).any())


def recipient_rows(pulled: Pulled) -> pd.DataFrame:
    """The list of recipients as it was pulled; a HeldError where rows of it were refused: nobody is left out in silence."""
    recipients = pulled.snapshots.get("recipients", {}).get(UNDATED)
    if recipients is None:
        raise UsageError(
            f"{pulled.last} was to be mailed, but no recipients are configured. Nobody was mailed.\n"
            "Add a [[tables.recipients]] block (email, name, locale, tiers), then run the same command again."
        )
    refused = pulled.quarantine[pulled.quarantine["table"] == "recipients"]
    if len(refused):
        lines = [f"- {place}: {rule}" for place, rule in zip(refused["place"], refused["rule"], strict=True)]
        listed = "\n".join(lines[:5]) + (f"\n- and {len(lines) - 5} more" if len(lines) > 5 else "")
        raise HeldError(
            f"recipients: {len(refused)} row(s) cannot be read, so somebody would get nothing. Nobody was mailed.\n"
            f"{listed}\nMend the rows, then run the same command again; without --send the month is published and not mailed."
        )
    return undated_rows(recipients, "recipients")
