"""What a delivery waits for before it may leave: an address that is good, an approval, a look at a jump."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd
from sqlalchemy import func, insert, select

from flows.archive.office import Office
from flows.delivery.figures import read_published_figures
from flows.delivery.ledger import DeliveryHold, DeliveryState, Held, PlannedDelivery
from flows.delivery.recipients import COMPANY, tier_of
from flows.delivery.suppression import read_suppressions
from flows.machine.people import who
from flows.policies.frozen import read_written_policies
from flows.settings import Settings
from flows.warehouse.ledger_schema import deliveries
from flows.warehouse.records import Publication
from flows.warehouse.release_schema import approvals
from flows.warehouse.store import Warehouse
from reports.formats import finite
from transforms.errors import UsageError
from transforms.figures import Scope
from transforms.indicators.all import CATALOGUE
from transforms.month import Month

PackKey = tuple[str, str]
"""Pack and language."""


@dataclass(frozen=True)
class Approval:
    """One pack that somebody released: these bytes, to this list."""

    pack: str
    locale: str
    digest: str
    list_digest: str
    reasons: str
    who: str
    at: datetime


@dataclass(frozen=True)
class Waiting:
    """One pack that waits: why its content does, and why its list of readers does."""

    key: PackKey
    digest: str
    list_digest: str
    content: tuple[str, ...]
    readers: tuple[str, ...]

    def open_reasons(self, known: Sequence[Approval]) -> tuple[str, ...]:
        """The reasons that no approval of these very bytes, and of this very list, has taken away."""
        own = [one for one in known if (one.pack, one.locale, one.digest) == (*self.key, self.digest)]
        content = () if own else self.content
        readers = () if any(one.list_digest == self.list_digest for one in own) else self.readers
        return (*content, *readers)


def hold_back(office: Office, publication: Publication, planned: Sequence[PlannedDelivery]) -> tuple[PlannedDelivery, ...]:
    """The planned deliveries, those that must not leave yet with the reason: the address first, then what waits for approval."""
    waiting = waits(office, publication, planned)
    return _hold(office.warehouse, planned, waiting, read_approvals(office.warehouse, publication))


def hold_back_if_published(
    office: Office, month: Month, revision: int, figures: pd.DataFrame, planned: Sequence[PlannedDelivery]
) -> tuple[PlannedDelivery, ...]:
    """The same for a revision that is only rehearsed: its figures as they would be published, and nothing approved yet."""
    refuse_unknown_names(office)
    waiting = _waits(office, month, revision, _jumps(office.settings, lambda: figures), planned)
    return _hold(office.warehouse, planned, waiting, ())


def _hold(
    warehouse: Warehouse, planned: Iterable[PlannedDelivery], waiting: Iterable[Waiting], known: Sequence[Approval]
) -> tuple[PlannedDelivery, ...]:
    silent = read_suppressions(warehouse)
    reasons = {one.key: one.open_reasons(known) for one in waiting}
    found = []
    for entry in planned:
        word = silent.get(entry.address.compared)
        held = (
            entry.held
            or (word.holds(entry.mandatory) if word else None)
            or (_OPTED_OUT if entry.opted_out and not entry.mandatory else None)
        )
        left = reasons.get((entry.pack, entry.locale), ())
        if not held and left:
            release = f"Release: keping approve --month {entry.month} --tier {tier_of(entry.pack)}"
            held = Held(DeliveryHold.APPROVAL, f"waits for approval: {'; '.join(left)}. {release}")
        found.append(replace(entry, held=held))
    return tuple(found)


_OPTED_OUT = Held(DeliveryHold.OPTED_OUT, "suppressed: opted out (the list of recipients says so)")


def waits(office: Office, publication: Publication, planned: Iterable[PlannedDelivery]) -> list[Waiting]:
    """What each planned pack has to be approved for, whether it has been or not."""
    refuse_unknown_names(office)
    return _waits(office, publication.month, publication.revision, figure_jumps(office, publication), planned)


def _waits(office: Office, month: Month, revision: int, jumps: tuple[str, ...], planned: Iterable[PlannedDelivery]) -> list[Waiting]:
    entries = [entry for entry in planned if not entry.held]
    crowd = recipient_jump(office, month, revision, entries)
    found = []
    for key in sorted({(entry.pack, entry.locale) for entry in entries}):
        own = [entry for entry in entries if (entry.pack, entry.locale) == key]
        asked = ("approval is asked for",) if office.settings.delivery.asks_approval(tier_of(key[0])) else ()
        found.append(Waiting(key, own[0].pack_digest, _list_digest(own), (*asked, *jumps), crowd))
    return found


def refuse_unknown_names(office: Office) -> None:
    """A UsageError where `delivery.approval` or `delivery.figures_jump` name what there is not: packs would leave unseen."""
    settings = office.settings
    unknown = sorted(set(settings.delivery.figures_jump) - set(CATALOGUE))
    if unknown:
        raise UsageError(
            f"delivery.figures_jump: no indicator is called {', '.join(repr(word[:40]) for word in unknown)}; see docs/indicators.md. "
            "Nothing was mailed."
        )
    asked = settings.delivery.approval
    if isinstance(asked, bool):
        return
    policies = [
        *(one.policy for one in office.warehouse.recorded_policies().values()),
        *read_written_policies(settings.policies_path).versions,
    ]
    known = {COMPANY, *(tier for policy in policies for tier in policy.tiers)}
    unknown = sorted(set(asked) - known)
    if unknown:
        raise UsageError(
            f"delivery.approval: no tier is called {', '.join(repr(word[:40]) for word in unknown)}; known: {', '.join(sorted(known))}. "
            "Nothing was mailed.\nCorrect the names in keping.toml, or write true: all packs then wait for `keping approve`."
        )


def recipient_jump(office: Office, month: Month, revision: int, entries: Collection[PlannedDelivery]) -> tuple[str, ...]:
    """Whether the number of readers differs from the last mailed month's by more than `delivery.recipients_jump`.

    Counted are people of the packs that both months have; a first month jumps from nothing. A restated month goes to
    fewer people by design and is not looked at.
    """
    limit = office.settings.delivery.recipients_jump
    if limit is None:
        return ()
    columns = deliveries.c
    with office.warehouse.reading() as connection:
        if connection.execute(select(columns.month).where(columns.month == str(month), columns.revision < revision).limit(1)).first():
            return ()
    last, known = last_readers(office.warehouse, month)
    before_tiers, tiers = {tier for tier, _ in known}, {tier_of(entry.pack) for entry in entries}
    now = {entry.address.compared for entry in entries if tier_of(entry.pack) in before_tiers}
    before = {who for tier, who in known if tier in tiers}
    if not before or abs(len(now) - len(before)) <= limit * len(before) + 1e-9:
        return ()
    change = (len(now) - len(before)) / len(before)
    return (f"readers {len(before)} in {last}, now {len(now)} ({change:+.0%}, limit {limit:.0%})",)


def last_readers(warehouse: Warehouse, month: Month) -> tuple[str, set[tuple[str, str]]]:
    """The last month before `month` that was mailed (empty: none), and who was to read which tier of it."""
    columns = deliveries.c
    with warehouse.reading() as connection:
        last = connection.execute(select(func.max(columns.month)).where(columns.month < str(month))).scalar()
        rows = connection.execute(
            select(columns.pack, columns.recipient).where(
                columns.month == last, ~((columns.state == DeliveryState.HELD.value) & (columns.hold == DeliveryHold.REMOVED.value))
            )
        ).all()
    return str(last or ""), {(tier_of(row.pack), str(row.recipient)) for row in rows}


def figure_jumps(office: Office, publication: Publication) -> tuple[str, ...]:
    """Which of the company's figures differ from the month before by more than `delivery.figures_jump` allows them."""
    return _jumps(office.settings, lambda: read_published_figures(office.archive, publication))


def _jumps(settings: Settings, figures: Callable[[], pd.DataFrame]) -> tuple[str, ...]:
    limits = settings.delivery.figures_jump
    if not limits:
        return ()
    frame = figures()
    company = frame[frame["scope"] == Scope.COMPANY.value].set_index("indicator")
    found = []
    for name, limit in sorted(limits.items()):
        value, before = (finite(company[column].get(name)) for column in ("value", "previous"))
        if before is None:
            continue
        if value is None:
            found.append(f"{name} {before:,.2f} a month before, now not known")
        elif abs(value - before) > limit * abs(before):
            change = f"{(value - before) / abs(before):+.0%}, " if before else ""
            found.append(f"{name} {before:,.2f} a month before, now {value:,.2f} ({change}limit {limit:.0%})")
    return tuple(found)


def read_approvals(warehouse: Warehouse, publication: Publication) -> list[Approval]:
    """Every approval of a revision, oldest first."""
    columns = approvals.c
    query = select(approvals).where(columns.month == str(publication.month), columns.revision == publication.revision)
    with warehouse.reading() as connection:
        rows = connection.execute(query.order_by(columns.approval_id)).all()
    return [Approval(row.pack, row.locale, row.digest, row.list_digest, row.reasons, row.who, row.at) for row in rows]


def approve(office: Office, publication: Publication, waiting: Iterable[Waiting]) -> list[Waiting]:
    """Release what waits: written down with the digests of the bytes and of the list, and by whom. Returns what was released just now."""
    known = read_approvals(office.warehouse, publication)
    fresh = [one for one in waiting if one.open_reasons(known)]
    rows = [
        {
            "month": str(publication.month),
            "revision": publication.revision,
            "pack": one.key[0],
            "locale": one.key[1],
            "digest": one.digest,
            "list_digest": one.list_digest,
            "reasons": "; ".join(one.open_reasons(known)),
            "who": who(),
            "at": office.clock(),
        }
        for one in fresh
    ]
    if rows:
        with office.warehouse.writing() as connection:
            connection.execute(insert(approvals), rows)
    return fresh


def _list_digest(entries: Iterable[PlannedDelivery]) -> str:
    return hashlib.sha256("\n".join(sorted(entry.address.compared for entry in entries)).encode()).hexdigest()


def as_rows(known: Iterable[Approval]) -> list[Mapping[str, str]]:
    """Approvals as plain values."""
    return [
        {"pack": one.pack, "locale": one.locale, "sha256": one.digest, "reasons": one.reasons, "who": one.who, "at": one.at.isoformat()}
        for one in known
    ]
