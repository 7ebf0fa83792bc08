"""Which deliveries leave in one mail: all that wait for one person in one language, as they were frozen where that still holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from flows.delivery.ledger import Delivery, DeliveryHold, Held, Ledger, PlannedDelivery

APART = "built anew: what shared its mail does not leave with it"


@dataclass(frozen=True)
class Bundle:
    """Deliveries that leave together; `is_frozen` where they are exactly one mail whose bytes are kept."""

    entries: tuple[PlannedDelivery, ...]
    attempt: int
    is_frozen: bool

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(entry.key for entry in self.entries)


def bundles(
    ledger: Ledger, waiting: Iterable[PlannedDelivery], rows: Mapping[str, Delivery], is_current: Callable[[str], bool]
) -> list[Bundle]:
    """The mails that carry what waits, the least tried first, so that one a relay always chokes on keeps no other waiting.

    What was tried leaves in the same bytes, unless some of it must not leave any more: the rest is then built anew, if it
    certainly has not left. What was never tried is built anew where there is more to go with it, or where `is_current` says
    of its frozen bytes that they are not of today.
    """
    by_person: dict[tuple[str, str], list[PlannedDelivery]] = {}
    for entry in waiting:
        by_person.setdefault((entry.address.compared, entry.locale), []).append(entry)
    found = [one for own in by_person.values() for one in _of_person(ledger, own, rows, is_current)]
    return sorted(found, key=lambda bundle: bundle.attempt)


def _of_person(
    ledger: Ledger, own: Sequence[PlannedDelivery], rows: Mapping[str, Delivery], is_current: Callable[[str], bool]
) -> list[Bundle]:
    by_mail: dict[str, list[PlannedDelivery]] = {}
    for entry in own:
        by_mail.setdefault(rows[entry.key].message_digest or "", []).append(entry)
    fresh = by_mail.pop("", [])
    tried: list[Bundle] = []
    untried: list[tuple[str, Bundle]] = []
    for digest, entries in by_mail.items():
        attempt = max(rows[entry.key].attempt for entry in entries)
        if len(ledger.fellows([entries[0].key])) > len(entries):
            fresh += [entry for entry in entries if ledger.take_apart(entry.key, APART)]
        elif attempt:
            tried.append(Bundle(tuple(entries), attempt, is_frozen=True))
        else:
            untried.append((digest, Bundle(tuple(entries), 0, is_frozen=True)))
    if fresh or not all(is_current(digest) for digest, _ in untried):
        fresh += [entry for _, bundle in untried for entry in bundle.entries]
        untried = []
    anew = [Bundle(tuple(fresh), max(rows[entry.key].attempt for entry in fresh), is_frozen=False)] if fresh else []
    return [*anew, *(bundle for _, bundle in untried), *tried]


def kept_together(ledger: Ledger, planned: Iterable[PlannedDelivery], rows: Iterable[Delivery]) -> tuple[PlannedDelivery, ...]:
    """The planned deliveries; held is what may once have left in a mail with something that must not leave now.

    The same bytes must not be sent again, and no others either: that could be a second copy.
    """
    planned = tuple(planned)
    going = {entry.key for entry in planned if not entry.held}
    mails: dict[tuple[str, str], list[Delivery]] = {}
    for row in rows:
        if row.message_digest:
            mails.setdefault((row.recipient, row.message_digest), []).append(row)
    staying = {
        row.delivery_key: [other.pack for other in own if other.delivery_key not in going]
        for own in mails.values()
        for row in own
        if any(other.delivery_key not in going for other in own)
    }
    return tuple(_held_with(ledger, entry, staying.get(entry.key, ())) for entry in planned)


def _held_with(ledger: Ledger, entry: PlannedDelivery, staying: Sequence[str]) -> PlannedDelivery:
    if entry.held or not staying or not ledger.may_have_left(entry.key):
        return entry
    why = f"it may have left in one mail with {', '.join(staying)}, which must not leave now"
    return replace(entry, held=Held(DeliveryHold.UNFIT, why))
