"""One revision being mailed: each mail built, frozen, claimed, sent and recorded, as far as it can go today."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from flows.archive.office import Office
from flows.delivery.backoff import Backoff
from flows.delivery.bundles import Bundle, bundles, kept_together
from flows.delivery.ledger import REMOVED, WAITING, Claim, ClaimLostError, Delivery, DeliveryState, Ledger, PlannedDelivery
from flows.delivery.letters import PackKey, Shelf, Writer, largest_bytes, letterhead, refuse_other_mail, shelf_of
from flows.delivery.report import DeliveryReport, report
from flows.delivery.request import MailingRequest
from flows.delivery.transports import Envelope, FrozenMessages, Reply, Transport
from flows.machine.hooks import Hook
from flows.warehouse.records import Pack, Publication
from reports.mail.letter import PackWords
from transforms.errors import MachineError, UnreachableError
from transforms.month import Month

RECORDING_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds for which a ledger that went away between a message and its record is waited for, beside its own tries."""


@dataclass(frozen=True)
class Mailing:
    """One revision being mailed; `packs` are those that are asked for."""

    office: Office
    publication: Publication
    packs: Mapping[PackKey, Pack]
    words: Mapping[PackKey, PackWords]
    transport: Transport
    backoff: Backoff
    at: Hook
    stop: Callable[[], bool]

    def carry_out(self, planned: Sequence[PlannedDelivery], request: MailingRequest) -> DeliveryReport:
        """Mail what is planned; what the ledger knows beyond the plan is held."""
        ledger = Ledger(self.office.warehouse)
        month, revision = self.publication.month, self.publication.revision
        before = {row.delivery_key: row for row in ledger.rows(month, revision)}
        only = {row.delivery_key for row in ledger.fellows(request.only)}
        ledger.settle_abandoned(month, revision, relay_knows=self.transport.drops_repeats)
        ledger.hold_earlier(month, revision)
        # Decided only now that nothing refuses the mailing, and before what must be held is.
        for key in only if request.resend else ():
            ledger.offer_again(key, DeliveryState.UNKNOWN, "resolved by hand: send the same bytes again")
        planned = kept_together(ledger, planned, ledger.rows(month, revision))
        ledger.plan(planned)
        wanted = {entry.key for entry in planned}
        for row in ledger.rows(month, revision):
            if (row.pack, row.locale) in self.packs and row.delivery_key not in wanted and row.state in WAITING:
                ledger.hold(row.delivery_key, REMOVED)
        tried = [entry for entry in planned if not only or entry.key in only]
        if request.retry_rejected:
            for entry in tried:
                # What is larger than may be mailed by now would be refused for ever: it is built again, in less room.
                if not (self._too_large(ledger.row(entry.key)) and ledger.build_anew(entry.key, "offered again by hand, built smaller")):
                    ledger.offer_again(entry.key, DeliveryState.REJECTED, "offered again by hand")
        self.at("planned")
        stopped = self._rounds(ledger, tried)
        after = [
            row for row in ledger.rows(month, revision) if (row.pack, row.locale) in self.packs and (not only or row.delivery_key in only)
        ]
        return report(month, revision, before, after, stopped)

    def _rounds(self, ledger: Ledger, planned: Sequence[PlannedDelivery]) -> bool:
        """Try everything once, then what was not taken for now again, as often as the back-off allows; True where it was stopped."""
        for pause in self.backoff.pauses():
            rows = {entry.key: ledger.row(entry.key) for entry in planned}
            left = [entry for entry in planned if rows[entry.key].state in WAITING]
            if pause and left and not self.stop():
                self.backoff.sleep(pause)
            for bundle in bundles(ledger, left, rows, self._is_current):
                stops = self._one(ledger, bundle)
                if stops == "sending":
                    return True
                if stops == "round":
                    break
        return False

    def _one(self, ledger: Ledger, bundle: Bundle) -> str:
        """Bring what goes to one person as far as it can go now; says how far trouble with it reaches (`Reply.stops`)."""
        if self.stop():
            return "sending"
        for number, keys in enumerate([bundle.keys] if bundle.is_frozen else self._freeze(ledger, bundle)):
            if number and self.stop():
                return "sending"
            claim = ledger.claim(*keys)
            if claim is None:
                continue
            self.at("claimed")
            stops = self._attempt(ledger, claim, [ledger.row(key) for key in claim.keys])
            if stops:
                return stops
        return ""

    def _is_current(self, digest: str) -> bool:
        """Whether the frozen bytes are there, and say of themselves that they are of today."""
        from reports.mail.message import date_of

        if not self._frozen_messages.has(digest):
            return False
        written = date_of(self._frozen_messages.read(digest))
        return written.astimezone(self.office.settings.zone).date() == self.office.today

    def _too_large(self, row: Delivery) -> bool:
        """Whether the frozen bytes are more than `delivery.largest_mail_mb` says today."""
        digest = row.message_digest or ""
        frozen = row.state is DeliveryState.REJECTED and self._frozen_messages.has(digest)
        return frozen and len(self._frozen_messages.read(digest)) > largest_bytes(self.office.settings.delivery.largest_mail_mb)

    def _freeze(self, ledger: Ledger, bundle: Bundle) -> list[tuple[str, ...]]:
        """Build the mails once and keep their bytes, which are the deliveries from here on; returns what leaves in which."""
        mails = []
        for mail in self._writer.mails(bundle.entries):
            digest = self._frozen_messages.keep(mail.message)
            self.at("message_written")
            mails.append(mail.frozen_mail(digest, self.office.settings.delivery.sender))
        if not ledger.freeze(*mails):
            return []  # another process is at it
        self.at("built")
        return [mail.keys for mail in mails]

    def _attempt(self, ledger: Ledger, claim: Claim, rows: Sequence[Delivery]) -> str:
        """One attempt under a claim; what the ledger could not record was not sent. Returns what its reply stops."""
        progress = {"state": DeliveryState.CLAIMED}

        def before_dot() -> None:
            self.at("before_dot")
            for row in rows:
                _refuse_other(row, ledger.row(row.delivery_key))
            ledger.before_dot(claim)
            progress["state"] = DeliveryState.DOT_SENT
            self.at("dot_committed")

        try:
            message = self._check_message(rows)
            reply = self.transport.send(message, self._envelope(rows), before_dot)
            self.at("sent")
            self._record(ledger, claim, progress["state"], reply)
            self.at("recorded")
            return reply.stops
        except ClaimLostError:
            # Another process has taken the mail over; what came of it stands in the ledger.
            return ""
        except MachineError as error:
            # Not taken for now; a transport that drops repeats may be offered it again even after the dot.
            uncertain = progress["state"] is DeliveryState.DOT_SENT and not self.transport.drops_repeats
            after = DeliveryState.UNKNOWN if uncertain else DeliveryState.DEFERRED
            ledger.close(claim, progress["state"], after, reason=str(error).split("\n", 1)[0])
            raise

    def _record(self, ledger: Ledger, claim: Claim, state: DeliveryState, reply: Reply) -> None:
        """Record what came of an attempt; a ledger that is away for a moment is waited for, lest the answer be lost."""
        for pause in RECORDING_PAUSES:
            try:
                return self._close(ledger, claim, state, reply)
            except UnreachableError:
                self.backoff.sleep(pause)
        return self._close(ledger, claim, state, reply)

    def _close(self, ledger: Ledger, claim: Claim, state: DeliveryState, reply: Reply) -> None:
        after = DeliveryState(reply.outcome)
        if after is DeliveryState.UNKNOWN and state is DeliveryState.CLAIMED:
            # The dot was never sent: certainly not taken.
            after = DeliveryState.DEFERRED
        if after is DeliveryState.ACCEPTED and state is DeliveryState.CLAIMED:
            raise AssertionError("a transport accepted a message without asking before the final dot")
        ledger.close(claim, state, after, reply=reply.text, relay_id=reply.relay_id)

    def _check_message(self, rows: Sequence[Delivery]) -> bytes:
        """The frozen bytes, read as the recipient's program would: exactly the published packs, to exactly this person."""
        message = self._frozen_messages.read(rows[0].message_digest or "")
        packs = [self.packs[row.pack, row.locale] for row in rows]
        if [pack.digest for pack in packs] != [row.pack_digest for row in rows]:
            raise MachineError("the ledger means other packs than those that are published. Nothing was sent.\nReport it.")
        refuse_other_mail(message, packs, self._writer.shelf, rows[0].recipient)
        return message

    def _envelope(self, rows: Sequence[Delivery]) -> Envelope:
        first = rows[0]
        what = first.pack if len(rows) == 1 else f"{len(rows)} packs"
        label = f"{what} {first.locale} r{first.revision} {first.recipient}"
        return Envelope(first.delivery_key, Month.parse(first.month), self.office.settings.delivery.sender, first.address, label)

    @cached_property
    def _writer(self) -> Writer:
        office = self.office
        shelf: Shelf = shelf_of(office, self.publication)
        return Writer(letterhead(office, self.publication), shelf, self.packs, self.words, office.settings.delivery.largest_mail_mb)

    @property
    def _frozen_messages(self) -> FrozenMessages:
        return FrozenMessages(self.office.settings.outbox_path)


def _refuse_other(row: Delivery, now: Delivery) -> None:
    """Right before the dot: tier, person and bytes must still be those that the message was checked against."""
    if (row.pack, row.recipient, row.address, row.pack_digest, row.message_digest) != (
        now.pack,
        now.recipient,
        now.address,
        now.pack_digest,
        now.message_digest,
    ):
        raise MachineError(
            f"the delivery {row.delivery_key[:12]} of {row.pack} is no longer what the ledger says. It was not sent.\n"
            "This must not happen: keep the warehouse as it is and report it."
        )
