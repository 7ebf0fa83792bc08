"""One revision being mailed: each delivery frozen, claimed, sent and recorded, as far as it can go today."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from flows.archive.office import Office
from flows.delivery.backoff import Backoff
from flows.delivery.ledger import REMOVED, SENDABLE, WAITING, Claim, ClaimLostError, Delivery, DeliveryState, Ledger, PlannedDelivery
from flows.delivery.report import DeliveryReport, report
from flows.delivery.request import MailingRequest
from flows.delivery.transports import Envelope, FrozenMessages, Reply, Transport
from flows.machine.files import machine_trouble
from flows.machine.hooks import Hook
from flows.warehouse.records import Pack, Publication
from transforms.errors import MachineError, UnreachableError
from transforms.month import Month

if TYPE_CHECKING:
    from reports.mail.message import Letter

RECORDING_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds for which a ledger that went away between a message and its record is waited for, beside its own tries."""


@dataclass(frozen=True)
class PackWords:
    """What a pack's message says: the pack's title, and up to five headline figures as (title, printed value)."""

    title: str
    headlines: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Letterhead:
    """What all messages of one revision have in common: who writes, for which company, why it is restated (empty: it is not), and when."""

    sender: str
    company: str
    restated: str
    known_at: datetime
    published_at: datetime


def letterhead(office: Office, publication: Publication) -> Letterhead:
    """The letterhead of a published revision."""
    restated = publication.reason if publication.revision > 0 else ""
    return Letterhead(office.settings.delivery.sender, office.warehouse.company, restated, publication.known_at, publication.published_at)


@dataclass(frozen=True)
class Mailing:
    """One revision being mailed."""

    office: Office
    publication: Publication
    words: Mapping[tuple[str, str], PackWords]
    transport: Transport
    backoff: Backoff
    at: Hook
    stop: Callable[[], bool]

    def carry_out(self, packs: Sequence[Pack], planned: Sequence[PlannedDelivery], request: MailingRequest) -> DeliveryReport:
        """Mail what is planned of these packs; what the ledger knows beyond the plan is held."""
        ledger, only = Ledger(self.office.warehouse), request.only
        month, revision = self.publication.month, self.publication.revision
        asked = {(pack.pack, pack.locale): pack for pack in packs}
        before = {row.delivery_key: row for row in ledger.rows(month, revision)}
        ledger.settle_abandoned(month, revision, relay_knows=self.transport.drops_repeats)
        ledger.hold_earlier(month, revision)
        # Decided only now that nothing refuses the mailing, and before what must be held is.
        for key in only if request.resend else ():
            ledger.offer_again(key, DeliveryState.UNKNOWN, "resolved by hand: send the same bytes again")
        ledger.plan(planned)
        wanted = {entry.key for entry in planned}
        for row in ledger.rows(month, revision):
            if (row.pack, row.locale) in asked and row.delivery_key not in wanted and row.state in WAITING:
                ledger.hold(row.delivery_key, REMOVED)
        tried = [entry for entry in planned if not only or entry.key in only]
        if request.retry_rejected:
            for entry in tried:
                # What is larger than may be mailed by now would be refused for ever: it is built again, zipped or by reference.
                if not (self._too_large(ledger.row(entry.key)) and ledger.build_anew(entry.key, "offered again by hand, built smaller")):
                    ledger.offer_again(entry.key, DeliveryState.REJECTED, "offered again by hand")
        self.at("planned")
        stopped = self._rounds(ledger, tried, asked)
        after = [row for row in ledger.rows(month, revision) if (row.pack, row.locale) in asked and (not only or row.delivery_key in only)]
        return report(month, revision, before, after, stopped)

    def _rounds(self, ledger: Ledger, planned: Sequence[PlannedDelivery], packs: Mapping[tuple[str, str], Pack]) -> bool:
        """Try everything once, then what was not taken for now again, as often as the back-off allows; True where it was stopped.

        The least tried go first, so that one message a relay always chokes on keeps no other waiting.
        """
        for pause in self.backoff.pauses():
            rows = {entry.key: ledger.row(entry.key) for entry in planned}
            left = sorted((entry for entry in planned if rows[entry.key].state in WAITING), key=lambda entry: rows[entry.key].attempt)
            if pause and left and not self.stop():
                self.backoff.sleep(pause)
            for entry in left:
                if self.stop():
                    return True
                stops = self._one(ledger, entry, packs[entry.pack, entry.locale])
                if stops == "sending":
                    return True
                if stops == "round":
                    break
        return False

    def _one(self, ledger: Ledger, entry: PlannedDelivery, pack: Pack) -> str:
        """Bring one delivery as far as it can go now; says how far trouble with it reaches (`Reply.stops`)."""
        row = ledger.row(entry.key)
        untried = row.state is DeliveryState.BUILT and row.attempt == 0
        if row.state is DeliveryState.PLANNED or (untried and not self._frozen_messages.has(row.message_digest or "")):
            self._freeze(ledger, entry, pack)
            row = ledger.row(entry.key)
        claim = ledger.claim(entry.key) if row.state in SENDABLE else None
        if claim is None:
            return ""
        self.at("claimed")
        return self._attempt(ledger, claim, ledger.row(entry.key))

    def _too_large(self, row: Delivery) -> bool:
        """Whether the frozen bytes are more than `delivery.largest_mail_mb` says today."""
        digest = row.message_digest or ""
        frozen = row.state is DeliveryState.REJECTED and self._frozen_messages.has(digest)
        return frozen and len(self._frozen_messages.read(digest)) > largest_bytes(self.office.settings.delivery.largest_mail_mb)

    def _freeze(self, ledger: Ledger, entry: PlannedDelivery, pack: Pack) -> None:
        """Build the message once and keep its bytes; from here on they are the delivery."""
        from reports.mail.message import message_id

        message = fitting(self._letter(entry, pack), self.office.settings.delivery.largest_mail_mb)
        digest = self._frozen_messages.keep(message)
        self.at("message_written")
        ledger.freeze(entry.key, digest, message_id(entry.key, self.office.settings.delivery.sender))
        self.at("built")

    def _attempt(self, ledger: Ledger, claim: Claim, row: Delivery) -> str:
        """One attempt under a claim; what the ledger could not record was not sent. Returns what its reply stops."""
        progress = {"state": DeliveryState.CLAIMED}

        def before_dot() -> None:
            self.at("before_dot")
            _refuse_other(row, ledger.row(claim.key))
            ledger.before_dot(claim)
            progress["state"] = DeliveryState.DOT_SENT
            self.at("dot_committed")

        try:
            message = self._check_message(row)
            reply = self.transport.send(message, self._envelope(row), before_dot)
            self.at("sent")
            self._record(ledger, claim, progress["state"], reply)
            self.at("recorded")
            return reply.stops
        except ClaimLostError:
            # Another process has taken the delivery over; what came of it stands in the ledger.
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

    def _check_message(self, row: Delivery) -> bytes:
        """The frozen bytes, read as the recipient's program would: exactly the published pack, to exactly this person."""
        message = self._frozen_messages.read(row.message_digest or "")
        refuse_other_mail(message, row.pack, row.locale, row.pack_digest, row.recipient)
        return message

    def _letter(self, entry: PlannedDelivery, pack: Pack) -> Letter:
        publication, words = self.publication, self.words.get((entry.pack, entry.locale)) or PackWords(entry.pack)
        path = self.office.archive.folder(pack.month, pack.revision) / pack.file
        with machine_trouble(path, "reading a published pack"):
            pdf = path.read_bytes()
        return letter_of(entry, pack, pdf, words, letterhead(self.office, publication))

    def _envelope(self, row: Delivery) -> Envelope:
        label = f"{row.pack} {row.locale} r{row.revision} {row.recipient}"
        return Envelope(row.delivery_key, Month.parse(row.month), self.office.settings.delivery.sender, row.address, label)

    @property
    def _frozen_messages(self) -> FrozenMessages:
        return FrozenMessages(self.office.settings.outbox_path)


def largest_bytes(largest_mail_mb: float) -> int:
    return int(largest_mail_mb * 1_000_000)


def fitting(letter: Letter, largest_mail_mb: float) -> bytes:
    """The message with the pack attached; where it would be too large, in a ZIP file; where that is, by its place in the archive."""
    from reports.mail.message import FORMS, build_message

    for form in FORMS:
        message = build_message(replace(letter, form=form))
        if len(message) <= largest_bytes(largest_mail_mb):
            break
    return message


def refuse_other_mail(message: bytes, pack: str, locale: str, digest: str, recipient: str) -> None:
    """A MachineError unless a finished message carries exactly the pack of that sha256, to exactly that address."""
    from reports.mail.message import HEADERS, attached_pdfs, envelope_of, header_names, names_pack

    as_meant = (
        (attached_pdfs(message) or [digest] * names_pack(message, digest)) == [digest]
        and [address.lower() for address in envelope_of(message)] == [recipient]
        and header_names(message) == sorted(HEADERS)
    )
    if not as_meant:
        raise MachineError(
            f"the frozen message {hashlib.sha256(message).hexdigest()[:12]} does not carry {pack} ({locale}) to its recipient.\n"
            "It was not sent. This must not happen: keep the outbox folder and report it."
        )


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


def letter_of(
    entry: PlannedDelivery,
    pack: Pack,
    pdf: bytes,
    words: PackWords,
    head: Letterhead,
) -> Letter:
    """All that the message of one delivery is made of."""
    from reports.mail.message import Letter

    return Letter(
        key=entry.key,
        sender=head.sender,
        address=entry.address.written,
        name=entry.name,
        company=head.company,
        month=entry.month,
        revision=entry.revision,
        restated=head.restated,
        title=words.title,
        locale=entry.locale,
        known_at=head.known_at,
        published_at=head.published_at,
        file_name=f"{entry.month}-r{entry.revision}-{pack.file}",
        pdf=pdf,
        headlines=tuple(words.headlines),
        place=f"{entry.month}/r{entry.revision}/{pack.file}",
    )
