"""`keping deliver --test-send`: a month's packs as mails to one named address; no reader gets one, and no delivery is touched."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from flows.archive.locks import month_lock
from flows.archive.office import Office
from flows.delivery.delivering import configured_transport, published_packs
from flows.delivery.ledger import DeliveryState, PlannedDelivery
from flows.delivery.letters import Writer, letterhead, refuse_other_mail, shelf_of
from flows.delivery.month import policy_of, refuse_unknown
from flows.delivery.recipients import tier_of
from flows.delivery.stopping import stopping_gently
from flows.delivery.suppression import read_suppressions
from flows.delivery.transports import Envelope, Outbox, Reply, Transport
from flows.delivery.words import words_of
from flows.machine.people import who
from flows.settings import Settings
from flows.warehouse.records import Pack, Publication
from flows.warehouse.release_schema import test_sends
from flows.warehouse.store import Warehouse
from flows.warehouse.whereabouts import refuse_copy
from reports.mail.addresses import Address, address_of
from transforms.errors import Exit, UsageError
from transforms.month import Month

FOLDER = "test"
"""Below the outbox: mails that were written for a test and are no reader's."""


@dataclass(frozen=True)
class TrialOutcome:
    """What the other side said of each test mail: (pack, language, outcome, its words)."""

    month: Month
    revision: int
    address: str
    mails: tuple[tuple[str, str, str, str], ...]
    stopped: bool = False

    @property
    def exit_code(self) -> Exit:
        taken = all(outcome == DeliveryState.ACCEPTED for _, _, outcome, _ in self.mails)
        return Exit.DONE if taken and not self.stopped else Exit.UNDELIVERED

    def lines(self) -> list[str]:
        """At most ten lines; the last says that this was a test."""
        taken = [mail for mail in self.mails if mail[2] == DeliveryState.ACCEPTED]
        others = [mail for mail in self.mails if mail[2] != DeliveryState.ACCEPTED]
        lines = [
            f"{self.month} r{self.revision}: {len(taken)} test mail(s) to {self.address}" + (" (stopped before the end)" * self.stopped)
        ]
        lines += [f"  not accepted: {pack} ({locale}): {outcome}, {words}" for pack, locale, outcome, words in others[:5]]
        if len(others) > 5:
            lines.append(f"  and {len(others) - 5} more")
        lines.append(f"No reader got anything, and nothing counts as delivered. To the readers: keping deliver --month {self.month}")
        return lines

    def as_dict(self) -> dict[str, Any]:
        return {
            "month": str(self.month),
            "revision": self.revision,
            "exit_code": int(self.exit_code),
            "test": True,
            "address": self.address,
            "mails": [{"pack": pack, "locale": locale, "outcome": outcome, "reply": words} for pack, locale, outcome, words in self.mails],
            "stopped": self.stopped,
        }


def mail_trial(settings: Settings, month: Month, address: str, *, tiers: Collection[str] = ()) -> TrialOutcome:
    """Mail every pack of the newest published revision once to an address of `delivery.test_addresses` (or the owner's).

    The mails are those that readers would get, with the published bytes attached and a subject that says that they are a
    test. They have names of their own, so that nothing of the ledger of deliveries is read or written; each is
    recorded in `test_sends`. Packs that wait for approval are sent too: looking at them first is what a test is for.
    Every call sends anew, and what is not taken is not tried again.

    A UsageError for an address that is not allowed or gets no mail, an unpublished month or an unknown tier; a copied
    warehouse mails nothing, and no pack leaves whose bytes are not the published ones.
    """
    chosen = _check_test_address(settings, address)
    with month_lock(settings, month) as lock, Office.open(settings) as office:
        warehouse = office.warehouse
        publication, packs = published_packs(office, month)
        refuse_unknown(tiers, sorted({tier_of(pack.pack) for pack in packs}), month)
        word = read_suppressions(warehouse).get(chosen.compared)
        if word is not None:
            raise UsageError(f"{chosen.written} gets no mail ({word.holds(mandatory=False)}). Nothing was mailed.")
        if settings.delivery.transport == "smtp":
            refuse_copy(warehouse)
        policy = policy_of(warehouse, month, publication.revision)
        words = words_of(office, publication, policy)
        lock.confirm()
        asked = {(pack.pack, pack.locale): pack for pack in packs if not tiers or tier_of(pack.pack) in tiers}
        largest = settings.delivery.largest_mail_mb
        writer = Writer(letterhead(office, publication), shelf_of(office, publication), asked, words, largest)
        return _Trial(office, publication, chosen, writer, _transport(settings)).carry_out(list(asked.values()))


def trials_of(warehouse: Warehouse, month: Month | None = None) -> list[dict[str, Any]]:
    """Every test mail that was sent, oldest first; of one month or of all."""
    query = select(test_sends).order_by(test_sends.c.test_id)
    with warehouse.reading() as connection:
        rows = connection.execute(query if month is None else query.where(test_sends.c.month == str(month)))
        return [dict(row._mapping) for row in rows]


def _check_test_address(settings: Settings, address: str) -> Address:
    """The address, if the configuration names it; whoever gets a test mail sees whole packs."""
    try:
        chosen = address_of(address)
    except ValueError as error:
        raise UsageError(f"--test-send: {error}. Nothing was mailed.") from error
    owner = [settings.delivery.owner] if settings.delivery.owner else []
    named = [address_of(one) for one in [*settings.delivery.test_addresses, *owner]]
    if chosen.compared not in {one.compared for one in named}:
        known = f"those named now: {', '.join(one.written for one in named)}" if named else "none is named now"
        raise UsageError(
            f"--test-send: {chosen.written} is not a test address ({known}). Nothing was mailed.\n"
            "A test mail holds a whole pack, so it goes only to delivery.test_addresses and delivery.owner: add it to keping.toml."
        )
    return chosen


def _transport(settings: Settings) -> Transport:
    """The configured way out; into a folder of its own where that is the outbox, beside what readers get."""
    return configured_transport(settings) if settings.delivery.transport == "smtp" else Outbox(settings.outbox_path / FOLDER)


@dataclass(frozen=True)
class _Trial:
    """One revision, mailed to one address for a look."""

    office: Office
    publication: Publication
    address: Address
    writer: Writer
    transport: Transport

    def carry_out(self, packs: Collection[Pack]) -> TrialOutcome:
        mails: list[tuple[str, str, str, str]] = []
        stops = ""
        with stopping_gently() as asked:
            for pack in packs:
                if stops or asked():
                    break
                reply = self._one(pack)
                mails.append((pack.pack, pack.locale, reply.outcome, reply.text))
                stops = reply.stops
        found = (self.publication.month, self.publication.revision, self.address.written)
        return TrialOutcome(*found, tuple(mails), stopped=len(mails) < len(packs))

    def _one(self, pack: Pack) -> Reply:
        """Send one pack; what is recorded before the message is complete stays, whatever comes after."""
        from reports.mail.message import message_id

        key, sender = self._key(pack), self.office.settings.delivery.sender
        entry = PlannedDelivery(key, pack.month, pack.revision, pack.pack, pack.locale, self.address, "", pack.digest)
        (mail,) = self.writer.mails([entry], test=True)
        refuse_other_mail(mail.message, [pack], self.writer.shelf, self.address.compared)
        envelope = Envelope(key, pack.month, sender, self.address.written, f"test {pack.pack} {pack.locale} r{pack.revision}")
        row = {
            "delivery_key": key,
            "month": str(pack.month),
            "revision": pack.revision,
            "pack": pack.pack,
            "locale": pack.locale,
            "address": self.address.written,
            "pack_digest": pack.digest,
            "message_id": message_id(key, sender),
            "who": who(),
        }
        reply = self.transport.send(mail.message, envelope, lambda: self._record(row, "dot_sent", ""))
        self._record(row, reply.outcome, reply.text)
        return reply

    def _key(self, pack: Pack) -> str:
        """A name that no delivery has and no other test mail: the moment and the number of earlier ones are part of it."""
        warehouse = self.office.warehouse
        named = (str(pack.month), str(pack.revision), pack.pack, pack.locale, self.address.compared)
        parts = ("test send", warehouse.company, *named, str(len(trials_of(warehouse, pack.month))), self.office.clock().isoformat())
        return hashlib.sha256("|".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

    def _record(self, row: Mapping[str, Any], outcome: str, reply: str) -> None:
        with self.office.warehouse.writing() as connection:
            connection.execute(insert(test_sends).values({**row, "outcome": outcome, "reply": reply, "at": self.office.clock()}))
