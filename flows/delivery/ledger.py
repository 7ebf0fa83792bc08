"""The ledger of deliveries: at most one mail per month, revision, pack, language and recipient.

A mail may carry several packs of one person. Its deliveries have the same frozen bytes and take each step of an attempt together:
all of them, or none.

    planned -> built (frozen bytes) -> claimed (fence, attempt, owner)
    claimed -> dot_sent      committed before the final dot is written
    claimed -> deferred      not taken for now: again later, the same bytes
    claimed -> rejected      refused for good
    dot_sent -> accepted | deferred | rejected | unknown
    planned, built, deferred <-> held   with a reason
    built, deferred -> planned          their mail must not leave as it is, and has not
    unknown  -> accepted | deferred     as a person decides
    rejected -> deferred | planned      as a person decides; planned: to be built smaller

Every step is one UPDATE that names the state and fence it comes from, and one row in
`delivery_events`; who comes late changes nothing. Nothing is sent without a committed claim.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from flows.machine import clock, owners
from flows.warehouse.ledger_schema import deliveries, delivery_events
from flows.warehouse.store import Warehouse
from reports.mail.addresses import Address
from transforms.month import Month

LOST_AFTER = "the sender was lost after the final dot"
LEASE = timedelta(minutes=30)
"""After this long a claim counts as abandoned although its owner, on another machine, cannot be asked."""


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PLANNED = "planned"
    BUILT = "built"
    CLAIMED = "claimed"
    DOT_SENT = "dot_sent"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    HELD = "held"


class DeliveryHold(StrEnum):
    """What kind of reason keeps a delivery back; the reason's words are for people alone."""

    APPROVAL = "approval"
    """Somebody has to approve it."""
    OPTED_OUT = "opted_out"
    BOUNCED = "bounced"
    REMOVED = "removed"
    """The person is no longer on the list of recipients."""
    SUPERSEDED = "superseded"
    """A later revision has taken its place."""
    UNFIT = "unfit"
    """There is nothing fit for this person: what the list asks for cannot be told or made."""


@dataclass(frozen=True)
class Held:
    """Why a delivery must not leave: the kind of reason, and its words."""

    kind: DeliveryHold
    why: str

    def __str__(self) -> str:
        return self.why


REMOVED = Held(DeliveryHold.REMOVED, "no longer on the list of recipients")
SENDABLE = (DeliveryState.BUILT, DeliveryState.DEFERRED)
WAITING = (DeliveryState.PLANNED, DeliveryState.BUILT, DeliveryState.DEFERRED)


@dataclass(frozen=True)
class PlannedDelivery:
    """One delivery as it should be: which pack, to whom; `held` says why it must not be sent."""

    key: str
    month: Month
    revision: int
    pack: str
    locale: str
    address: Address
    name: str
    pack_digest: str
    held: Held | None = None
    mandatory: bool = False
    """A person who must be told, and cannot opt out."""
    opted_out: bool = False
    formats: frozenset[str] = frozenset()
    """What the person asks for; empty: as the company has it."""
    manages: frozenset[str] = frozenset()
    """The names under which the person may stand as an account manager."""

    @property
    def waits(self) -> bool:
        """Whether it is held for somebody's approval alone."""
        return self.held is not None and self.held.kind is DeliveryHold.APPROVAL


@dataclass(frozen=True)
class Delivery:
    """One row of the ledger."""

    delivery_key: str
    month: str
    revision: int
    pack: str
    locale: str
    recipient: str
    address: str
    name: str
    pack_digest: str
    state: DeliveryState
    reason: str
    fence: int
    attempt: int
    owner: str
    message_digest: str | None
    message_id: str | None
    reply: str
    relay_id: str
    planned_at: datetime
    changed_at: datetime
    hold: DeliveryHold | None = None


@dataclass(frozen=True)
class Claim:
    """The right to try the deliveries of one mail once; it is lost as soon as the fence of one of them has grown."""

    fences: Mapping[str, int]
    """By the deliveries' keys."""
    owner: str

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.fences)


@dataclass(frozen=True)
class FrozenMail:
    """The bytes of a mail and the deliveries that leave with it."""

    keys: tuple[str, ...]
    message_digest: str
    message_id: str


class ClaimLostError(Exception):
    """Somebody else has taken a delivery of the mail over; we must not send."""


class _OvertakenError(Exception):
    """A row is not where it should be: nothing of the change is kept."""


def reason_of_later_revision(revision: int) -> Held:
    """Why a delivery is held that had not left when a later revision was mailed."""
    return Held(DeliveryHold.SUPERSEDED, f"r{revision} has taken its place")


def delivery_key(company: str, month: Month, revision: int, pack: str, locale: str, recipient: str) -> str:
    """The identity of a delivery: the same key is never sent twice."""
    return hashlib.sha256(
        "|".join([company, str(month), str(revision), pack, locale, recipient]).encode("utf-8", "surrogatepass")
    ).hexdigest()


class Ledger:
    """The deliveries in a warehouse; `owner` names this process."""

    def __init__(self, warehouse: Warehouse, owner: str | None = None) -> None:
        self._warehouse = warehouse
        self.owner = owner or owners.this_process()

    def plan(self, planned: Iterable[PlannedDelivery]) -> None:
        """Write down every delivery that is to be, in one transaction; known ones keep their state.

        A delivery with a reason to hold is held, with the reason of today; one whose reason is gone is taken up again.
        """
        now = clock.now()
        with self._warehouse.writing() as connection:
            for entry in planned:
                self._plan_one(connection, entry, now)

    def _plan_one(self, connection: Connection, entry: PlannedDelivery, now: datetime) -> None:
        state = DeliveryState.HELD if entry.held else DeliveryState.PLANNED
        row = {
            "delivery_key": entry.key,
            "month": str(entry.month),
            "revision": entry.revision,
            "pack": entry.pack,
            "locale": entry.locale,
            "recipient": entry.address.compared,
            "address": entry.address.written,
            "name": entry.name,
            "pack_digest": entry.pack_digest,
            "state": state.value,
            "reason": entry.held.why if entry.held else "",
            "hold": entry.held.kind.value if entry.held else None,
            "fence": 0,
            "attempt": 0,
            "owner": "",
            "reply": "",
            "relay_id": "",
            "planned_at": now,
            "changed_at": now,
        }
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        new = dialect.insert(deliveries).values(row).on_conflict_do_nothing(index_elements=["delivery_key"])
        if connection.execute(new.returning(deliveries.c.delivery_key)).first() is not None:
            _write_event(connection, entry.key, ("", state), (0, 0), self.owner, entry.held.why if entry.held else "", now)
            return
        known = _row(connection, entry.key)
        if entry.held and (
            known.state in WAITING or (known.state is DeliveryState.HELD and (known.hold, known.reason) != astuple(entry.held))
        ):
            self._hold(connection, known, entry.held)
        elif not entry.held and known.state is DeliveryState.HELD:
            self._move(
                connection, known, DeliveryState.BUILT if known.message_digest else DeliveryState.PLANNED, reason="", note="no longer held"
            )

    def hold(self, key: str, held: Held) -> bool:
        """Keep a delivery back, if it has not begun; False where it has."""
        with self._warehouse.writing() as connection:
            known = _row(connection, key)
            return known.state in WAITING and self._hold(connection, known, held)

    def offer_again(self, key: str, seen: DeliveryState, reason: str) -> bool:
        """Set a rejected or unknown delivery free for another attempt with the same bytes, as a person decided; False where it moved on."""
        return self._decide(key, seen, DeliveryState.DEFERRED, reason)

    def build_anew(self, key: str, reason: str) -> bool:
        """Set a rejected delivery free to be built again, as a person decided; False where it moved on, or may once have been taken."""
        with self._warehouse.writing() as connection:
            known = _row(connection, key)
            sure = known.state is DeliveryState.REJECTED and not self._was_uncertain(connection, key)
            return sure and self._build_anew(connection, known, reason)

    def take_as_sent(self, key: str, reason: str) -> bool:
        """Count an unknown delivery as accepted, as a person found out; False where it moved on."""
        return self._decide(key, DeliveryState.UNKNOWN, DeliveryState.ACCEPTED, reason)

    def _decide(self, key: str, seen: DeliveryState, after: DeliveryState, reason: str) -> bool:
        with self._warehouse.writing() as connection:
            known = _row(connection, key)
            return known.state is seen and self._move(connection, known, after, reason=reason, note=reason)

    def freeze(self, *mails: FrozenMail) -> bool:
        """Record the bytes of mails that were never tried: every attempt sends these; False, and nothing is, where one was tried before."""
        try:
            with self._warehouse.writing() as connection:
                for mail in mails:
                    for key in mail.keys:
                        self._freeze_one(connection, key, mail)
        except _OvertakenError:
            return False
        return True

    def _freeze_one(self, connection: Connection, key: str, mail: FrozenMail) -> None:
        known, digest = _row(connection, key), mail.message_digest
        untried = known.state is DeliveryState.PLANNED or (known.state is DeliveryState.BUILT and known.attempt == 0)
        if not untried or not self._move(
            connection, known, DeliveryState.BUILT, note=digest, message_digest=digest, message_id=mail.message_id
        ):
            raise _OvertakenError(key)

    def take_apart(self, key: str, reason: str) -> bool:
        """Set a delivery free to be built anew, as its mail must not leave as it is; False where it moved on, or may have left."""
        with self._warehouse.writing() as connection:
            known = _row(connection, key)
            sure = known.state in WAITING and not self._was_uncertain(connection, key)
            return sure and self._build_anew(connection, known, reason)

    def _build_anew(self, connection: Connection, known: Delivery, reason: str) -> bool:
        return self._move(connection, known, DeliveryState.PLANNED, reason=reason, note=reason, message_digest=None, message_id=None)

    def claim(self, *keys: str) -> Claim | None:
        """Take the right to try a mail, which is exactly these deliveries; None where one of them is not free, or more belong to it."""
        fences: dict[str, int] = {}
        try:
            with self._warehouse.writing() as connection:
                rows = [_row(connection, key) for key in keys]
                if not rows or {row.delivery_key for row in _fellows(connection, rows[0])} != set(keys):
                    return None
                for known in rows:
                    fences[known.delivery_key] = known.fence + 1
                    if known.state not in SENDABLE or not self._move(
                        connection, known, DeliveryState.CLAIMED, fence=known.fence + 1, attempt=known.attempt + 1, owner=self.owner
                    ):
                        raise _OvertakenError(known.delivery_key)
        except _OvertakenError:
            return None
        return Claim(fences, self.owner)

    def fellows(self, keys: Iterable[str]) -> list[Delivery]:
        """The deliveries that share a mail with one of these, themselves among them."""
        with self._warehouse.reading() as connection:
            found = {one.delivery_key: one for key in keys for one in _fellows(connection, _row(connection, key))}
        return list(found.values())

    def may_have_left(self, key: str) -> bool:
        """Whether nobody could tell, at least once, if the relay had taken a delivery's mail."""
        with self._warehouse.reading() as connection:
            return self._was_uncertain(connection, key)

    def _was_uncertain(self, connection: Connection, key: str) -> bool:
        events = delivery_events.c
        query = select(events.event_id).where(events.delivery_key == key, events.state_after == DeliveryState.UNKNOWN.value)
        return connection.execute(query.limit(1)).first() is not None

    def before_dot(self, claim: Claim) -> None:
        """Commit that the message is about to be complete; ClaimLostError if the delivery is no longer ours."""
        self._of_claim(claim, DeliveryState.CLAIMED, DeliveryState.DOT_SENT)

    def close(
        self, claim: Claim, before: DeliveryState, after: DeliveryState, *, reply: str = "", relay_id: str = "", reason: str = ""
    ) -> None:
        """Record what came of an attempt; ClaimLostError if the delivery is no longer ours."""
        self._of_claim(claim, before, after, reply=reply, relay_id=relay_id, reason=reason)

    def settle_abandoned(self, month: Month, revision: int, *, relay_knows: bool) -> list[Delivery]:
        """Judge deliveries whose sender is gone: before the final dot they are free again, after it they are unknown.

        `relay_knows`: the transport itself drops a second copy, so unknown ones may be offered again as they are.
        Returns what was judged.
        """
        judged = []
        for row in self.rows(month, revision):
            verdict = self._verdict(row, relay_knows)
            if verdict is None:
                continue
            with self._warehouse.writing() as connection:
                if self._judge(connection, row, *verdict):
                    judged.append(row)
        return judged

    def _judge(self, connection: Connection, row: Delivery, after: DeliveryState, note: str) -> bool:
        """That nobody could tell stays written down, also where the transport makes up for it."""
        if row.state is DeliveryState.DOT_SENT and after is DeliveryState.DEFERRED:
            if not self._move(connection, row, DeliveryState.UNKNOWN, reason=LOST_AFTER, note=LOST_AFTER):
                return False
            row = _row(connection, row.delivery_key)
        return self._move(connection, row, after, reason=note, note=note)

    def _verdict(self, row: Delivery, relay_knows: bool) -> tuple[DeliveryState, str] | None:
        lost = row.state in (DeliveryState.CLAIMED, DeliveryState.DOT_SENT) and self._is_abandoned(row)
        if lost and row.state is DeliveryState.CLAIMED:
            return DeliveryState.DEFERRED, "the sender was lost before the final dot"
        if relay_knows and (lost or row.state is DeliveryState.UNKNOWN):
            return DeliveryState.DEFERRED, "offered again: the transport drops a second copy"
        return (DeliveryState.UNKNOWN, LOST_AFTER) if lost else None

    def rows(self, month: Month, revision: int) -> list[Delivery]:
        """The deliveries of a revision, by pack, language and recipient."""
        query = select(deliveries).where(deliveries.c.month == str(month), deliveries.c.revision == revision)
        with self._warehouse.reading() as connection:
            found = [_delivery(row._mapping) for row in connection.execute(query)]
        return sorted(found, key=lambda row: (row.pack, row.locale, row.recipient))

    def hold_earlier(self, month: Month, revision: int) -> None:
        """Keep back what has not left of earlier revisions: this one has taken their place."""
        columns = deliveries.c
        query = select(columns.delivery_key).where(
            columns.month == str(month), columns.revision < revision, columns.state.in_([state.value for state in WAITING])
        )
        with self._warehouse.reading() as connection:
            keys = connection.execute(query).scalars().all()
        for key in keys:
            self.hold(key, reason_of_later_revision(revision))

    def last_out(self, month: Month, before: int) -> datetime | None:
        """When something of a revision before that one was last sent to anybody; None where nothing ever was."""
        events, columns = delivery_events.c, deliveries.c
        query = (
            select(func.max(events.at))
            .join(deliveries, columns.delivery_key == events.delivery_key)
            .where(columns.month == str(month), columns.revision < before, events.state_after == DeliveryState.DOT_SENT.value)
        )
        with self._warehouse.reading() as connection:
            return connection.execute(query).scalar()

    def row(self, key: str) -> Delivery:
        """One delivery."""
        with self._warehouse.reading() as connection:
            return _row(connection, key)

    def find(self, beginning: str) -> list[Delivery]:
        """The deliveries whose key begins so."""
        query = select(deliveries).where(deliveries.c.delivery_key.startswith(beginning, autoescape=True))
        with self._warehouse.reading() as connection:
            found = [_delivery(row._mapping) for row in connection.execute(query)]
        return sorted(found, key=lambda row: row.delivery_key)

    def events(self, key: str) -> list[dict[str, Any]]:
        """Every step a delivery took, oldest first."""
        query = select(delivery_events).where(delivery_events.c.delivery_key == key).order_by(delivery_events.c.event_id)
        with self._warehouse.reading() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    def _of_claim(self, claim: Claim, before: DeliveryState, after: DeliveryState, **values: Any) -> None:
        """One step of all deliveries of a mail, or of none."""
        with self._warehouse.writing() as connection:
            for key, fence in claim.fences.items():
                self._of_claimed(connection, (key, fence), before, after, values)

    def _of_claimed(
        self, connection: Connection, claimed: tuple[str, int], before: DeliveryState, after: DeliveryState, values: Mapping[str, Any]
    ) -> None:
        key, fence = claimed
        # Once more where another process judged us lost between our look and our step.
        for _ in range(2):
            known = _row(connection, key)
            # Judged lost by another process while we still waited for the reply: we are the one who saw it.
            returned = before is DeliveryState.DOT_SENT and known.state is DeliveryState.UNKNOWN
            if (known.state is not before and not returned) or known.fence != fence:
                raise ClaimLostError(f"{key}: {known.state} with fence {known.fence}, not {before} with {fence}")
            if self._move(connection, known, after, note=values.get("reply", ""), **values):
                return
        raise ClaimLostError(key)

    def _is_abandoned(self, row: Delivery) -> bool:
        if row.owner == self.owner:
            return True
        alive = owners.is_alive(row.owner)
        return not alive if alive is not None else clock.now() - row.changed_at > LEASE

    def _hold(self, connection: Connection, known: Delivery, held: Held) -> bool:
        return self._move(connection, known, DeliveryState.HELD, reason=held.why, hold=held.kind.value, note=held.why)

    def _move(self, connection: Connection, known: Delivery, after: DeliveryState, *, note: str = "", **values: Any) -> bool:
        """One step of one delivery, if it is still where it was seen; False where another process was first."""
        now = clock.now()
        moved = connection.execute(
            update(deliveries)
            .where(
                deliveries.c.delivery_key == known.delivery_key, deliveries.c.state == known.state.value, deliveries.c.fence == known.fence
            )
            .values(**{"hold": None, **values}, state=after.value, changed_at=now)
        ).rowcount
        if moved:
            fence, attempt = values.get("fence", known.fence), values.get("attempt", known.attempt)
            _write_event(connection, known.delivery_key, (known.state, after), (fence, attempt), self.owner, note, now)
        return bool(moved)


def _row(connection: Connection, key: str) -> Delivery:
    return _delivery(connection.execute(select(deliveries).where(deliveries.c.delivery_key == key)).one()._mapping)


def _fellows(connection: Connection, row: Delivery) -> list[Delivery]:
    """The deliveries whose mail is the same, the row's own among them."""
    if row.message_digest is None:
        return [row]
    columns = deliveries.c
    query = select(deliveries).where(
        columns.month == row.month,
        columns.revision == row.revision,
        columns.recipient == row.recipient,
        columns.message_digest == row.message_digest,
    )
    return [_delivery(one._mapping) for one in connection.execute(query)]


def _delivery(values: Mapping[Any, Any]) -> Delivery:
    return Delivery(**{**values, "state": DeliveryState(values["state"]), "hold": DeliveryHold(values["hold"]) if values["hold"] else None})


def _write_event(
    connection: Connection, key: str, states: tuple[str, DeliveryState], numbers: tuple[int, int], owner: str, note: str, now: datetime
) -> None:
    """Write down one step of a delivery: from which state into which, under which fence and as which attempt."""
    (before, after), (fence, attempt) = states, numbers
    row = {
        "delivery_key": key,
        "at": now,
        "state_before": str(before),
        "state_after": after.value,
        "fence": fence,
        "attempt": attempt,
        "owner": owner,
        "note": note,
    }
    connection.execute(insert(delivery_events).values(row))
