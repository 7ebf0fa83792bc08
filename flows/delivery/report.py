"""What came of mailing a month, in the ledger's own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flows.delivery.ledger import Delivery, DeliveryHold, DeliveryState
from transforms.month import Month


@dataclass(frozen=True)
class DeliveryReport:
    """What came of delivering one revision, read from the ledger afterwards; `accepted` are new, `already` from before.

    `opted_out` are held because their person wants no mail, which leaves nothing to do. `unaddressed` names packs
    that nobody is to get, `unread` those of them that nobody is to get in any language. `stopped` is set where not
    everything was tried.
    """

    month: Month
    revision: int
    accepted: tuple[Delivery, ...] = ()
    already: tuple[Delivery, ...] = ()
    held: tuple[Delivery, ...] = ()
    deferred: tuple[Delivery, ...] = ()
    rejected: tuple[Delivery, ...] = ()
    unknown: tuple[Delivery, ...] = ()
    waiting: tuple[Delivery, ...] = ()
    opted_out: tuple[Delivery, ...] = ()
    unaddressed: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    stopped: bool = field(default=False)

    @property
    def complete(self) -> bool:
        """Whether everything that was planned is accepted."""
        return not (self.held or self.deferred or self.rejected or self.unknown or self.waiting)

    @property
    def counts(self) -> dict[str, int]:
        """How many deliveries came out how; `already` were accepted in an earlier run."""
        names = ("accepted", "already", "held", "deferred", "rejected", "unknown", "waiting", *["opted_out"] * bool(self.opted_out))
        return {name: len(getattr(self, name)) for name in names}

    @property
    def open(self) -> tuple[str, ...]:
        """One line for every delivery that is not accepted: what, to whom, why."""
        rows = [*self.unknown, *self.rejected, *self.deferred, *self.held, *self.waiting]
        return tuple(_delivery_line(row) for row in rows)


def open_lines(lines: Sequence[str], most: int, month: Month) -> list[str]:
    """Open deliveries in at most so many lines, the last of which says how many more there are."""
    shown = len(lines) if len(lines) <= most else most - 1
    more = [f"  and {len(lines) - shown} more: keping deliveries --month {month}"] if len(lines) > shown else []
    return [*(f"  not accepted: {line}" for line in lines[:shown]), *more]


def unread_lines(packs: Sequence[str]) -> list[str]:
    """A line that names the packs that nobody on the list is to get; none where there are none."""
    more = f" and {len(packs) - 6} more" if len(packs) > 6 else ""
    return [f"Nobody on the list of recipients is to get: {', '.join(packs[:6])}{more}"] if packs else []


def _delivery_line(row: Delivery) -> str:
    uncertain = f"accepted? look for Message-ID {row.message_id} at the relay, then: keping resolve {row.delivery_key[:12]} --sent|--resend"
    hint = (
        uncertain
        if row.state is DeliveryState.UNKNOWN
        else f"attempt {row.attempt}"
        if row.state is DeliveryState.DEFERRED and row.attempt
        else ""
    )
    why = "; ".join(part for part in (hint, row.reason, row.reply) if part)
    return f"{row.pack} ({row.locale}) -> {row.address}: {row.state.value}" + (f", {why}" if why else "")


def report(month: Month, revision: int, before: Mapping[str, Delivery], after: Sequence[Delivery], stopped: bool) -> DeliveryReport:
    """The outcome in the ledger's own words: nothing is counted that is not written there."""

    def of(*states: DeliveryState) -> tuple[Delivery, ...]:
        return tuple(row for row in after if row.state in states)

    done = of(DeliveryState.ACCEPTED)
    earlier = {key for key, row in before.items() if row.state is DeliveryState.ACCEPTED}
    return DeliveryReport(
        month,
        revision,
        accepted=tuple(row for row in done if row.delivery_key not in earlier),
        already=tuple(row for row in done if row.delivery_key in earlier),
        held=tuple(row for row in of(DeliveryState.HELD) if row.hold is not DeliveryHold.OPTED_OUT),
        opted_out=tuple(row for row in of(DeliveryState.HELD) if row.hold is DeliveryHold.OPTED_OUT),
        deferred=of(DeliveryState.DEFERRED),
        rejected=of(DeliveryState.REJECTED),
        unknown=of(DeliveryState.UNKNOWN, DeliveryState.DOT_SENT),
        waiting=of(DeliveryState.PLANNED, DeliveryState.BUILT, DeliveryState.CLAIMED),
        stopped=stopped,
    )
