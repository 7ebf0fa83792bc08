"""`keping approve`: release packs that wait, for these very bytes and this very list of readers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flows.archive.locks import month_lock
from flows.archive.office import Office
from flows.delivery.delivering import planned_deliveries
from flows.delivery.holding import Waiting, approve, hold_back, waits
from flows.delivery.month import refuse_unknown, todays_list
from flows.delivery.recipients import tier_of
from flows.delivery.request import MailingRequest
from flows.delivery.sending import last_out
from flows.machine.progress import Progress, silent
from flows.settings import Settings
from transforms.errors import UsageError
from transforms.month import Month


@dataclass(frozen=True)
class ApproveOutcome:
    """What was released just now, and how many mails may leave because of it."""

    month: Month
    revision: int
    released: tuple[Waiting, ...]
    mails: int
    reasons: tuple[str, ...]

    def lines(self) -> list[str]:
        """At most ten lines: what, bound to which bytes, what to do next."""
        if not self.released:
            return [f"{self.month} r{self.revision}: nothing waits for approval. Nothing was changed."]
        lines = [f"{self.month} r{self.revision}: {len(self.released)} pack(s) approved, {self.mails} mail(s) may leave:"]
        lines += [f"  {one.key[0]} ({one.key[1]}) sha256 {one.digest[:12]}" for one in self.released[:4]]
        if len(self.released) > 4:
            lines.append(f"  and {len(self.released) - 4} more: keping packs")
        lines += [f"waited for: {reason}" for reason in self.reasons[:2]]
        lines.append("Other bytes or a new revision must be approved anew.")
        lines.append(f"Mail them: keping deliver --month {self.month}")
        return lines

    def as_dict(self) -> dict[str, Any]:
        packs = [{"pack": one.key[0], "locale": one.key[1], "sha256": one.digest} for one in self.released]
        return {
            "month": str(self.month),
            "revision": self.revision,
            "approved": packs,
            "mails": self.mails,
            "reasons": list(self.reasons),
        }


def approve_month(settings: Settings, month: Month, *, tiers: Collection[str] = (), tell: Progress = silent) -> ApproveOutcome:
    """Approve what waits of the newest published revision; mails nothing.

    The packs' bytes are compared with the published ones first, and the list is today's: what is approved is what
    `keping deliver` would send now.
    """
    with month_lock(settings, month) as lock, Office.open(settings, tell=tell) as office:
        publication = office.warehouse.publication(month)
        if publication is None:
            raise UsageError(f"{month} is not published; nothing was approved.\nPublish it first: keping run --month {month}")
        packs = office.warehouse.packs(month, publication.revision)
        refuse_unknown(tiers, sorted({tier_of(pack.pack) for pack in packs}), month)
        recipients = todays_list(office, month)
        lock.confirm()
        asked = MailingRequest(
            month, publication.revision, recipients=recipients, day=office.today, also_on=last_out(office, publication), tiers=tiers
        )
        _, _, planned = planned_deliveries(office, asked)
        released = approve(office, publication, waits(office, publication, planned))
        free = hold_back(office, publication, planned)
        keys = {one.key for one in released}
        mails = sum(not entry.held and (entry.pack, entry.locale) in keys for entry in free)
        reasons = tuple(dict.fromkeys(reason for one in released for reason in (*one.content, *one.readers)))
        return ApproveOutcome(month, publication.revision, tuple(released), mails, reasons)
