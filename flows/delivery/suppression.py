"""Who gets no mail: those who opted out, and addresses from which mail comes back. One person's word changes nobody else's mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, insert, select

from flows.delivery.ledger import DeliveryHold, Held
from flows.machine import clock
from flows.machine.people import who
from flows.settings import Settings
from flows.warehouse.release_schema import suppressions
from flows.warehouse.store import Warehouse
from reports.mail.addresses import address_of, display_name
from transforms.errors import UsageError

OPTED_OUT, BOUNCED, LIFTED = "opted_out", "bounced", "lifted"


@dataclass(frozen=True)
class Word:
    """One word about an address: why, by whom, since when."""

    reason: str
    who: str
    at: datetime


@dataclass(frozen=True)
class Suppression:
    """Why an address gets no mail: its person opted out, mail comes back from it, or both."""

    address: str
    opted_out: Word | None = None
    bounced: Word | None = None

    def holds(self, mandatory: bool) -> Held | None:
        """Why a delivery to this address is held; None where a person who must be told has only opted out."""
        if self.opted_out is not None and not mandatory:
            return Held(DeliveryHold.OPTED_OUT, f"suppressed: opted out on {self.opted_out.at:%Y-%m-%d} ({self.opted_out.reason})")
        if self.bounced is None:
            return None
        told = f"suppressed: mail comes back since {self.bounced.at:%Y-%m-%d} ({self.bounced.reason})"
        return Held(DeliveryHold.BOUNCED, f"{told}; mend the address, then: keping suppress {self.address} --lift")


def read_suppressions(warehouse: Warehouse) -> Mapping[str, Suppression]:
    """Every address that gets no mail now, by the address as compared."""
    with warehouse.reading() as connection:
        return read_suppressions_within(connection)


def read_suppressions_within(connection: Connection) -> Mapping[str, Suppression]:
    """The same, as a transaction sees it."""
    found: dict[str, Suppression] = {}
    for row in connection.execute(select(suppressions).order_by(suppressions.c.suppression_id)):
        known, word = found.get(row.address, Suppression(row.address)), Word(row.reason, row.who, row.at)
        if row.kind == LIFTED:
            found.pop(row.address, None)
        else:
            found[row.address] = replace(known, opted_out=word) if row.kind == OPTED_OUT else replace(known, bounced=word)
    return found


def record(connection: Connection, address: str, kind: str, reason: str) -> None:
    """Write down a word about one address; the newest counts."""
    row = {"address": address, "kind": kind, "reason": reason, "who": who(), "at": clock.now()}
    connection.execute(insert(suppressions).values(row))


def suppress(settings: Settings, address: str, reason: str, *, lift: bool) -> list[str]:
    """`keping suppress`: this address gets no mail from now on, or gets it again; nobody else's mail changes."""
    try:
        known = address_of(address).compared
    except ValueError as error:
        raise UsageError(f"{error}. Nothing was changed.") from error
    words = display_name(reason)
    if not words and not lift:
        raise UsageError("--reason is empty. Nothing was changed.\nSay why in a few words, for example: asked to be taken off.")
    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment, create=False) as warehouse:
        before = read_suppressions(warehouse).get(known)
        if lift:
            return _lift(warehouse, known, before, words)
        if before is not None and before.opted_out is not None:
            return [f"{known} is suppressed already since {before.opted_out.at:%Y-%m-%d} ({before.opted_out.reason}); nothing was changed."]
        with warehouse.writing() as connection:
            record(connection, known, OPTED_OUT, words)
    return [
        f"{known} gets no more mail ({words}); everybody else gets theirs as before.",
        "An opt-out does not count for what the list of recipients marks as mandatory.",
    ]


def _lift(warehouse: Warehouse, address: str, before: Suppression | None, words: str) -> list[str]:
    """Mail goes there again; of an address that is good again, its person's own wish stays."""
    if before is None:
        return [f"{address} is not suppressed; nothing was changed."]
    stays = before.opted_out if before.bounced is not None else None
    with warehouse.writing() as connection:
        record(connection, address, LIFTED, words or "lifted by hand")
        if stays is not None:
            record(connection, address, OPTED_OUT, stays.reason)
    if stays is not None:
        return [f"{address} counts as good again, but its person has opted out ({stays.reason}). To mail there again, lift once more."]
    return [f"{address} gets mail again."]
