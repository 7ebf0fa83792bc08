"""`keping bounces`: mail that came back, read from delivery status notifications (RFC 3464), each once."""

from __future__ import annotations

import hashlib
import mailbox
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from flows.delivery.owner import tell_owner
from flows.delivery.suppression import BOUNCED, LIFTED, read_suppressions, read_suppressions_within, record
from flows.machine import clock
from flows.machine.files import machine_trouble
from flows.settings import Settings
from flows.warehouse.ledger_schema import deliveries
from flows.warehouse.release_schema import bounces, suppressions
from flows.warehouse.store import Warehouse
from reports.mail.addresses import address_of
from reports.mail.headers import flat
from transforms.errors import UnreachableError
from transforms.month import Month

LARGEST = 25_000_000
"""Bytes of one report; what is larger is not read."""
SOFT = ("5.2.2", "5.2.3", "5.3.4", "5.7.")
"""Permanent failures that say nothing against the address: mailbox full, message too large, refused by a policy."""


@dataclass(frozen=True)
class Bounce:
    """One recipient of one notification: hard (the address is no good) or soft (not now, or not this mail)."""

    address: str
    kind: str
    status: str
    diagnostic: str
    message_id: str
    report: str


@dataclass
class BounceOutcome:
    """What came of reading a place: counts, and the addresses that are suppressed from now on."""

    read: int = 0
    hard: int = 0
    soft: int = 0
    known: int = 0
    foreign: int = 0
    other: int = 0
    unreadable: int = 0
    too_large: list[str] = field(default_factory=list)
    suppressed: list[str] = field(default_factory=list)
    months: set[str] = field(default_factory=set)

    def lines(self) -> list[str]:
        parts = [f"{self.hard} hard", f"{self.soft} soft", f"{self.known} read before", f"{self.foreign} not about our mail"]
        parts += [f"{self.other} without a report of failure"] * bool(self.other)
        lines = [f"{self.read} message(s) read: {', '.join(parts)}" + (f", {self.unreadable} unreadable" if self.unreadable else "")]
        if self.too_large:
            more = f" and {len(self.too_large) - 1} more" if len(self.too_large) > 1 else ""
            lines.append(f"  not read, larger than {LARGEST / 1_000_000:g} MB: {self.too_large[0]}{more}")
        lines += [f"  suppressed: {address}" for address in self.suppressed[:6]]
        if len(self.suppressed) > 6:
            lines.append(f"  and {len(self.suppressed) - 6} more")
        if self.suppressed:
            lines.append("They get no mail until: keping suppress ADDRESS --lift")
        return lines

    def as_dict(self) -> dict[str, object]:
        names = ("read", "hard", "soft", "known", "foreign", "other", "unreadable", "suppressed")
        return {name: getattr(self, name) for name in names}


def read_bounces(settings: Settings, place: Path) -> BounceOutcome:
    """Read a folder or file of notifications and record those about our own mail, each once.

    A notification counts only if it returns the Message-ID of a delivery to that very address: nobody is silenced by
    a forged report. After `delivery.suppress_after` hard ones since the address was last good it is suppressed, and
    the owner is told; soft ones are counted apart.
    """
    outcome = BounceOutcome()
    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment, create=False) as warehouse:
        for message in _messages(place, outcome):
            outcome.read += 1
            found = list(bounces_in(message))
            outcome.other += not found
            for bounce in found:
                with warehouse.writing() as connection:
                    _take(connection, bounce, settings.delivery.suppress_after, outcome)
        if outcome.suppressed:
            _tell(settings, warehouse, outcome)
    return outcome


def bounces_in(message: bytes) -> Iterator[Bounce]:
    """Every recipient that a notification reports as failed or delayed; nothing for any other mail."""
    # The same report lies in an mbox with other line ends than in a file of its own.
    report = hashlib.sha256(message.replace(b"\r\n", b"\n").rstrip(b"\n")).hexdigest()
    parsed = BytesParser(policy=compat32).parsebytes(message)
    if parsed.get_content_type() != "multipart/report":
        return
    returned = _returned_id(parsed)
    for part in parsed.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        for block in (one for one in blocks if isinstance(one, Message)) if isinstance(blocks, list) else ():
            action = _field(block, "Action").lower()
            if action not in ("failed", "delayed"):
                continue
            status = _field(block, "Status").split(" ")[0][:20]
            for address in dict.fromkeys(filter(None, (_address(block, "Original-Recipient"), _address(block, "Final-Recipient")))):
                hard = action == "failed" and status.startswith("5") and not status.startswith(SOFT)
                yield Bounce(address, "hard" if hard else "soft", status, _field(block, "Diagnostic-Code")[:200], returned, report)


def _messages(place: Path, outcome: BounceOutcome) -> Iterator[bytes]:
    """Every message of a place, byte for byte as it lies there: mail that comes back keeps no rule of encoding."""
    if not place.exists():
        raise UnreachableError(f"{place} is not there. No bounce was read.\nGive a folder of messages, one message, or an mbox file.")
    files = sorted(path for path in place.rglob("*") if path.is_file() and not path.is_symlink()) if place.is_dir() else [place]
    for path in files:
        with machine_trouble(path, "reading a bounce"):
            for message in _messages_in(path):
                if message is None or len(message) > LARGEST:
                    outcome.unreadable += 1
                    outcome.too_large.append(str(path))
                else:
                    yield message


def _messages_in(path: Path) -> Iterator[bytes | None]:
    """The messages of one file; None for one that is too large to be looked at."""
    with path.open("rb") as file:
        is_mbox = file.read(5) == b"From "
    if is_mbox:
        box = mailbox.mbox(path, create=False)
        yield from (box.get_bytes(key) for key in box.iterkeys())
    else:
        yield path.read_bytes() if path.stat().st_size <= LARGEST else None


def _take(connection: Connection, bounce: Bounce, suppress_after: int, outcome: BounceOutcome) -> None:
    """Record one bounce, and suppress its address where it is the last straw."""
    own = connection.execute(
        select(deliveries.c.month).where(deliveries.c.message_id == bounce.message_id, deliveries.c.recipient == bounce.address)
    ).scalar()
    if not bounce.message_id or own is None:
        outcome.foreign += 1
        return
    row = {
        "address": bounce.address,
        "kind": bounce.kind,
        "status": bounce.status,
        "diagnostic": bounce.diagnostic,
        "message_id": bounce.message_id,
        "report_digest": bounce.report,
        "at": clock.now(),
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(bounces).values(row).on_conflict_do_nothing(index_elements=["address", "report_digest"])
    if connection.execute(new.returning(bounces.c.bounce_id)).first() is None:
        outcome.known += 1
        return
    if bounce.kind == "soft":
        outcome.soft += 1
        return
    outcome.hard += 1
    outcome.months.add(str(own))
    known = read_suppressions_within(connection).get(bounce.address)
    if _hard_ones(connection, bounce.address) >= suppress_after and (known is None or known.bounced is None):
        record(connection, bounce.address, BOUNCED, f"{bounce.status} {bounce.diagnostic}".strip()[:160])
        outcome.suppressed.append(bounce.address)


def _hard_ones(connection: Connection, address: str) -> int:
    """Hard bounces since the address was last declared good."""
    good = connection.execute(
        select(func.max(suppressions.c.at)).where(suppressions.c.address == address, suppressions.c.kind == LIFTED)
    ).scalar()
    query = select(func.count()).select_from(bounces).where(bounces.c.address == address, bounces.c.kind == "hard")
    return int(connection.execute(query if good is None else query.where(bounces.c.at > good)).scalar_one())


def _tell(settings: Settings, warehouse: Warehouse, outcome: BounceOutcome) -> None:
    words = read_suppressions(warehouse)
    lines = [f"{len(outcome.suppressed)} address(es) get no more mail, because it comes back:"]
    told = [(address, words[address].bounced) for address in outcome.suppressed[:6] if address in words]
    lines += [f"- {address}: {word.reason}" for address, word in told if word is not None]
    lines.append("Correct the list of recipients; an address that is good again: keping suppress ADDRESS --lift")
    tell_owner(settings, Month.parse(max(outcome.months)), lines, "has bounces")


def _returned_id(parsed: Message) -> str:
    """The Message-ID of the mail that came back."""
    for part in parsed.walk():
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                return _field(inner[0], "Message-ID")
        if part.get_content_type() == "text/rfc822-headers":
            text = part.get_payload(decode=True)
            return _field(BytesParser(policy=compat32).parsebytes(text if isinstance(text, bytes) else b"", headersonly=True), "Message-ID")
    return ""


def _address(block: Message, name: str) -> str:
    """The address of a field such as `rfc822; boss@x.test`, as compared; empty where it is none."""
    kind, _, text = _field(block, name).partition(";")
    try:
        return address_of(text.strip().strip("<>")).compared if kind.strip().lower() in ("rfc822", "utf-8") else ""
    except ValueError:
        return ""


def _field(block: Message, name: str) -> str:
    return flat(str(block.get(name, "")))[:998].strip()
