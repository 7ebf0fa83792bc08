"""`keping deliver` and `keping resolve`: mail what is published and open, and decide what nobody could know."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from expectations.findings import holds
from flows.archive.locks import month_lock
from flows.archive.office import Office
from flows.delivery.ledger import Delivery, DeliveryState, Ledger, reason_of_later_revision
from flows.delivery.recipients import tier_of
from flows.delivery.report import DeliveryReport, open_lines, unread_lines
from flows.delivery.request import MailingRequest
from flows.delivery.sending import mail, recipient_rows
from flows.intake.pull import pull
from flows.machine.hooks import Hook, nowhere
from flows.machine.progress import Progress, silent
from flows.settings import Settings
from flows.warehouse.store import Warehouse
from transforms.errors import Exit, HeldError, UndeliveredError, UsageError
from transforms.month import Month
from transforms.policy.rules import Policy

Decision = Literal["sent", "resend"]
_KEY = re.compile(r"[0-9a-f]{6,64}")


@dataclass(frozen=True)
class MailOutcome:
    """What came of mailing a month, for people and for programs; `first` says what was decided before."""

    report: DeliveryReport
    first: tuple[str, ...] = ()

    @property
    def exit_code(self) -> Exit:
        return Exit.DONE if self.report.complete else Exit.UNDELIVERED

    def raise_if_bad(self) -> None:
        """Turn an unaccepted delivery into its error, so that a scheduler sees it fail."""
        if self.exit_code is Exit.UNDELIVERED:
            raise UndeliveredError("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """The outcome in at most ten lines."""
        report = self.report
        counts = ", ".join(f"{count} {state}" for state, count in report.counts.items() if count) or "nothing to send"
        lines = [*self.first, f"{report.month} r{report.revision}: {counts}" + (" (stopped before the end)" if report.stopped else "")]
        lines += open_lines(report.open, 6, report.month)
        lines += unread_lines(report.unread)
        if report.rejected:
            lines.append(f"Rejected ones are tried again by: keping deliver --month {report.month} --retry-failed")
        if report.deferred or report.waiting:
            lines.append(f"Deferred and waiting ones are tried again by: keping deliver --month {report.month}")
        return lines

    def as_dict(self) -> dict[str, Any]:
        """The outcome for programs."""
        return {
            "month": str(self.report.month),
            "revision": self.report.revision,
            "exit_code": int(self.exit_code),
            "deliveries": self.report.counts,
            "not_accepted": list(self.report.open),
            "packs_without_recipients": list(self.report.unaddressed),
            "stopped": self.report.stopped,
            "decided": list(self.first),
        }


def mail_month(
    settings: Settings,
    month: Month,
    *,
    tiers: Collection[str] = (),
    retry_rejected: bool = False,
    tell: Progress = silent,
    at: Hook = nowhere,
) -> MailOutcome:
    """Mail the newest published revision to those on today's list who have not got it.

    Reads the recipients anew and nothing else; a list that cannot be read or believed is an error, and
    nobody is mailed. `tiers` limits it to some packs (`company` is the company's).
    """
    with month_lock(settings, month) as lock, Office.open(settings, tell=tell) as office:
        warehouse = office.warehouse
        publication = warehouse.publication(month)
        if publication is None:
            raise UsageError(f"{month} is not published; nothing was mailed.\nPublish it first: keping run --month {month}")
        refuse_unknown(tiers, sorted({tier_of(pack.pack) for pack in warehouse.packs(month, publication.revision)}), month)
        asked = replace(_request(office, month, publication.revision), tiers=tiers, retry_rejected=retry_rejected)
        lock.confirm()
        return MailOutcome(mail(office, asked, policy_of(warehouse, month, publication.revision), at=at))


def resolve(settings: Settings, name: str, decision: Decision, *, tell: Progress = silent, at: Hook = nowhere) -> MailOutcome:
    """Decide one uncertain delivery, and what left in the same mail, named by its key or an unambiguous beginning of it.

    `sent`: it counts as accepted. `resend`: the same bytes are sent once more, now, if the recipient is
    still on the list. The decision is recorded as a step of the delivery, with its words.
    """
    with Office.open(settings) as office:
        month = Month.parse(_find_delivery(office.warehouse, name).month)
    with month_lock(settings, month) as lock, Office.open(settings, tell=tell) as office:
        warehouse = office.warehouse
        ledger = Ledger(warehouse)
        row = _uncertain(ledger, _find_delivery(warehouse, name))
        others = [f"{one.pack} ({one.locale})" for one in ledger.fellows([row.delivery_key]) if one.delivery_key != row.delivery_key]
        together = f", in one mail with {', '.join(others)}" if others else ""
        what = f"{row.delivery_key[:12]}, {row.pack} ({row.locale}) of {row.month} r{row.revision} to {row.address}{together}"
        if decision == "sent":
            for one in ledger.fellows([row.delivery_key]):
                ledger.take_as_sent(one.delivery_key, "resolved by hand: it had been sent")
            return MailOutcome(_report_of(ledger, row), (f"{what}: counted as accepted. It will not be sent again.",))
        newest = warehouse.publication(month)
        if newest is not None and newest.revision > row.revision:
            return MailOutcome(*_hold_earlier(ledger, row, newest.revision, what))
        asked = replace(_request(office, month, row.revision), only={row.delivery_key}, resend=True)
        lock.confirm()
        report = mail(office, asked, policy_of(warehouse, month, row.revision), at=at)
        digest, after = (row.message_digest or "")[:12], ledger.row(row.delivery_key)
        if after.attempt == row.attempt:
            return MailOutcome(report, (f"{what}: not sent again, it is {after.state.value} now ({after.reason}).",))
        return MailOutcome(report, (f"{what}: the same bytes again (sha256 {digest}, Message-ID {row.message_id}).",))


def _hold_earlier(ledger: Ledger, row: Delivery, newest: int, what: str) -> tuple[DeliveryReport, tuple[str, ...]]:
    """What was not sent of an old revision is not sent any more: its reader is to get the one that took its place."""
    for one in ledger.fellows([row.delivery_key]):
        ledger.offer_again(one.delivery_key, DeliveryState.UNKNOWN, "resolved by hand: it had not been sent")
        ledger.hold(one.delivery_key, reason_of_later_revision(newest))
    said = f"{what}: not sent again, r{newest} has taken its place. Mail that: keping deliver --month {row.month}"
    return _report_of(ledger, row), (said,)


def _request(office: Office, month: Month, revision: int) -> MailingRequest:
    """A mailing of a revision to those who are on their source's list now."""
    return MailingRequest(month, revision, recipients=todays_list(office, month), day=office.today)


def policy_of(warehouse: Warehouse, month: Month, revision: int) -> Policy:
    """The policy that a published revision was scored by."""
    publication = warehouse.publication(month, revision)
    policy = warehouse.policy(publication.policy_version) if publication else None
    if policy is None:
        raise UsageError(
            f"{month} r{revision}: the warehouse does not know its policy. Nothing was mailed.\nRun the month: keping run --month {month}"
        )
    return policy


def refuse_unknown(tiers: Collection[str], known: Sequence[str], month: Month) -> None:
    unknown = sorted(set(tiers) - set(known))
    if unknown:
        raise UsageError(f"{month} has no pack of tier {', '.join(unknown)}; published are {', '.join(known)}. Nothing was mailed.")


def todays_list(office: Office, month: Month) -> pd.DataFrame:
    """The recipients as their source has them now."""
    blocks = office.settings.tables.get("recipients")
    if not blocks:
        raise UsageError(
            f"{month} was to be mailed, but no recipients are configured. Nobody was mailed.\n"
            "Add a [[tables.recipients]] block (email, name, locale, tiers), then type the same command again."
        )
    alone = office.settings.model_copy(update={"tables": {"recipients": blocks}})
    pulled = pull(alone, month, month, now=office.clock(), progress=office.tell)
    grave = holds(pulled.findings)
    if grave:
        listed = "\n".join(f"- {finding.message}" for finding in grave[:6])
        raise HeldError(
            f"the list of recipients cannot be believed. Nobody was mailed.\n{listed}\nMend it, then type the same command again."
        )
    return recipient_rows(pulled)


def _find_delivery(warehouse: Warehouse, name: str) -> Delivery:
    beginning = name.strip().lower()
    found = Ledger(warehouse).find(beginning) if _KEY.fullmatch(beginning) else []
    if len(found) == 1:
        return found[0]
    if found:
        listed = "\n".join(f"- {row.delivery_key[:20]}: {row.pack} ({row.locale}) of {row.month} to {row.address}" for row in found[:6])
        raise UsageError(f"{len(found)} deliveries begin with {beginning}. Nothing was decided.\n{listed}\nGive more of the key.")
    raise UsageError(
        f"no delivery is called {name[:80]!r}. Nothing was decided.\n"
        "Give at least 6 letters of its key; `keping deliveries` lists the keys."
    )


def _uncertain(ledger: Ledger, row: Delivery) -> Delivery:
    """The delivery, if it may be decided: unknown, or left behind by a sender that is gone."""
    if row.state is DeliveryState.DOT_SENT:
        ledger.settle_abandoned(Month.parse(row.month), row.revision, relay_knows=False)
        row = ledger.row(row.delivery_key)
    if row.state is DeliveryState.DOT_SENT:
        raise UsageError(
            f"{row.delivery_key[:12]} is being sent by {row.owner} right now. Nothing was decided.\nWait until that has ended."
        )
    if row.state is not DeliveryState.UNKNOWN:
        why = f" ({row.reason or row.reply})" if row.reason or row.reply else ""
        raise UsageError(
            f"{row.delivery_key[:12]} to {row.address} is {row.state.value}{why}, not unknown. Nothing was decided.\n"
            f"What is open is sent by `keping deliver --month {row.month}`, what was rejected with --retry-failed."
        )
    return row


def _report_of(ledger: Ledger, row: Delivery) -> DeliveryReport:
    """The delivery, and what shares its mail, as the ledger has them now."""
    from flows.delivery.report import report

    return report(Month.parse(row.month), row.revision, {row.delivery_key: row}, ledger.fellows([row.delivery_key]), stopped=False)
