"""A rehearsed month: the mails as they would be written, and what differs from last month, in readers and in figures."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from flows.archive.office import Office
from flows.archive.revisions import Archive, Staging
from flows.delivery.delivering import plan_deliveries, planned_deliveries, without_earlier
from flows.delivery.holding import hold_back, hold_back_if_published, last_readers
from flows.delivery.ledger import WAITING, DeliveryState, Ledger, PlannedDelivery
from flows.delivery.letters import Letterhead, Shelf, Writer
from flows.delivery.recipients import tier_of
from flows.delivery.request import MailingRequest
from flows.delivery.sending import last_out, readers, recipient_rows
from flows.delivery.words import HEADLINES
from flows.machine.files import digest_of, inside, make_folder, slug, write_atomic
from flows.review.printing import PrintJob, print_packs, rehearsal
from flows.review.release import release_findings
from flows.review.stages import Scored
from flows.review.work import Findings
from flows.snapshots.store import Pulled
from flows.warehouse.records import Pack, Publication
from reports.evidence import figures_table
from reports.formats import NO_CURRENCY, finite, formats
from transforms.errors import ReviewError
from transforms.figures import Scope
from transforms.indicators.all import CATALOGUE
from transforms.month import Month

NOTE = "rehearsal.json"
"""What a rehearsal was made from and when the sources were read, so that the real run prints the same bytes."""


@dataclass(frozen=True)
class Rehearsed:
    """A month as it would be printed, in a folder of its own; without a preview where something is in `held`."""

    folder: Path
    held: Findings
    preview: Preview | None


def rehearse(scored: Scored, job: PrintJob) -> Rehearsed:
    """Print the packs into `<archive>/dry-run/<month>` and write the mails beside them; nothing is kept, published or mailed."""
    work = scored.work
    staging = rehearsal(job, work.office.archive)
    foreign = release_findings(job, staging, print_packs(job, staging, work.office.tell))
    held = work.pass_gate("release", foreign, (scored.month,))
    _note(staging, job)
    return Rehearsed(staging.folder, held, None if held else _preview(work.office, job, staging))


@dataclass(frozen=True)
class Rehearsal:
    """One mail as it would be: to whom, with which subject and packs, and whether it waits for approval first."""

    address: str
    subject: str
    packs: tuple[str, ...]
    waits: bool


@dataclass(frozen=True)
class Preview:
    """What a run would mail, beside last month: `trouble` says why nothing could be mailed as things are."""

    mails: tuple[tuple[str, str, str], ...] = ()
    """Pack, language, address."""
    waiting: int = 0
    """How many of those that are held wait for approval only; they are written, too."""
    held: tuple[str, ...] = ()
    last: str = ""
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    figures: tuple[tuple[str, float | None, float | None], ...] = ()
    """Indicator, the month's value for the company, the month before's."""
    trouble: str = ""
    written: bool = True
    """Whether the mails were written as files; of a month that is out as it is they are not."""
    currency: str = NO_CURRENCY
    letters: tuple[Rehearsal, ...] = ()
    """The mails that were written: one a person, as far as that person's packs fit into one."""

    def lines(self) -> list[str]:
        """In lines for a person."""
        if self.trouble:
            return [f"mail: none could be sent: {self.trouble}"]
        waiting = f", {self.waiting} would wait for approval" if self.waiting else ""
        people = len({mail[2] for mail in self.mails})
        lines = [
            f"mail: {len(self.mails)} pack(s) would be sent to {people} reader(s){waiting}{', written as .eml files there' * self.written}"
        ]
        lines += [f"  {one.address}: {one.subject}" for one in self.letters[:2]]
        if len(self.letters) > 2:
            lines.append(f"  and {len(self.letters) - 2} more mails")
        lines += [f"  held: {line}" for line in self.held[:3]]
        if len(self.held) > 3:
            lines.append(f"  and {len(self.held) - 3} more held, all in --json")
        if self.last:
            changed = [f"+{who}" for who in self.joined] + [f"-{who}" for who in self.left]
            more = f" and {len(changed) - 6} more" if len(changed) > 6 else ""
            lines.append(f"readers against {self.last}: {', '.join(changed[:6]) + more if changed else 'the same'}")
        shown = formats("en", self.currency)
        for name, value, before in self.figures:
            unit, title = CATALOGUE[name].unit, CATALOGUE[name].title
            now = "none" if value is None else shown.figure(value, unit)
            lines.append(f"{title}: {now}, the month before {'none' if before is None else shown.figure(before, unit)}")
        return lines

    def as_dict(self) -> dict[str, Any]:
        return {
            "mails": [{"pack": pack, "locale": locale, "address": address} for pack, locale, address in self.mails],
            "letters": [
                {"address": one.address, "subject": one.subject, "packs": list(one.packs), "waits": one.waits} for one in self.letters
            ],
            "held": list(self.held),
            "against": self.last,
            "readers_joined": list(self.joined),
            "readers_left": list(self.left),
            "figures": [{"indicator": name, "value": value, "previous": before} for name, value, before in self.figures],
            "trouble": self.trouble,
        }


def _preview(office: Office, job: PrintJob, staging: Staging) -> Preview:
    """Write every mail of a rehearsed month into its folder, and compare with last month; nothing is connected to."""
    figures = tuple(
        (name, finite(rows["value"].iloc[0]), finite(rows["previous"].iloc[0]))
        for name in HEADLINES
        if len(rows := _company(job.review.figures, name))
    )
    warehouse, currency = office.warehouse, office.settings.company.currency
    packs = [_with_staged_bytes(pack, staging) for pack in job.packs]
    table = figures_table(job.review.figures, job.review.month, job.revision, CATALOGUE)
    try:
        listed = plan_deliveries(warehouse.company, packs, readers(office, job.pulled, job.review.policy))
        planned = hold_back_if_published(office, job.review.month, job.revision, table, listed)
    except ReviewError as error:
        return Preview(figures=figures, trouble=" ".join(str(error).split("\n", 1)[0].split()), currency=currency)
    waiting = [entry for entry in planned if entry.waits]
    letters = _write(office, job, staging, packs, [*(entry for entry in planned if not entry.held), *waiting])
    last, before = last_readers(warehouse, job.review.month)
    now = {(tier_of(entry.pack), entry.address.compared) for entry in listed if not entry.held}
    return Preview(
        mails=tuple((entry.pack, entry.locale, entry.address.written) for entry in planned if not entry.held),
        waiting=len(waiting),
        held=tuple(_held_line(entry) for entry in planned if entry.held),
        last=last,
        joined=tuple(f"{who} ({tier})" for tier, who in sorted(now - before)) if last else (),
        left=tuple(f"{who} ({tier})" for tier, who in sorted(before - now)) if last else (),
        figures=figures,
        currency=currency,
        letters=tuple(letters),
    )


def preview_of_revision(office: Office, published: Publication, pulled: Pulled) -> Preview:
    """What a run on the very input of a published revision would mail: that revision, to those who have not got it."""
    month, revision = published.month, published.revision
    try:
        also_on = last_out(office, published)
        asked = MailingRequest(month, revision, recipients=recipient_rows(pulled), day=office.today, also_on=also_on)
        _, _, listed = planned_deliveries(office, asked)
        planned = hold_back(office, published, listed)
    except ReviewError as error:
        return Preview(trouble=" ".join(str(error).split("\n", 1)[0].split()))
    if published.redacted:
        planned = without_earlier(planned, office.warehouse.deliveries(month))
    free = {row.delivery_key: row.state in (*WAITING, DeliveryState.HELD) for row in Ledger(office.warehouse).rows(month, revision)}
    left = [entry for entry in planned if free.get(entry.key, True)]
    return Preview(
        mails=tuple((entry.pack, entry.locale, entry.address.written) for entry in left if not entry.held),
        waiting=sum(entry.waits for entry in left),
        held=tuple(_held_line(entry) for entry in left if entry.held),
        written=False,
    )


def _held_line(entry: PlannedDelivery) -> str:
    return f"{entry.pack} ({entry.locale}) to {entry.address.written}: {entry.held}"


def _note(staging: Staging, job: PrintJob) -> None:
    """Remember what the rehearsal was made from, and when its sources were read."""
    text = json.dumps({"digest": job.digest, "known_at": job.known_at.isoformat()}, sort_keys=True)
    staging.put(NOTE, text.encode())


def read_rehearsal_time(archive: Archive, month: Month, digest: str) -> datetime | None:
    """When the sources were read for a rehearsal from the very same input; None where there was none."""
    try:
        said = json.loads(inside(archive.root, "dry-run", str(month), NOTE).read_bytes())
        return datetime.fromisoformat(said["known_at"]) if said["digest"] == digest else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(office: Office, job: PrintJob, staging: Staging, packs: list[Pack], planned: list[PlannedDelivery]) -> list[Rehearsal]:
    """Write each mail as a file, and say whose it is and what its subject says."""
    sender, company = office.settings.delivery.sender, office.settings.company.name
    head = Letterhead(sender, company, "rehearsal" if job.revision else "", job.known_at, office.clock(), office.today)
    digests = {path.name: digest_of(path) for path in staging.folder.glob("*.xlsx")}
    by_key = {(pack.pack, pack.locale): pack for pack in packs}
    shelf = Shelf(staging.folder, digests, office.settings.delivery.formats)
    writer = Writer(head, shelf, by_key, job.words, office.settings.delivery.largest_mail_mb)
    folder = make_folder(inside(staging.folder, "mail"))
    people: dict[tuple[str, str, bool], list[PlannedDelivery]] = {}
    for entry in planned:
        people.setdefault((entry.address.compared, entry.locale, entry.waits), []).append(entry)
    found: list[Rehearsal] = []
    for (address, locale, waits), own in people.items():
        for mail in writer.mails(own):
            what = own[0].pack if len(mail.entries) == 1 else f"{len(mail.entries)} packs"
            name = slug(f"{what} {locale} {address}", 60).rpartition("-")[0]
            write_atomic(inside(folder, f"{name}-{mail.entries[0].key[:16]}.eml"), mail.message)
            found.append(Rehearsal(own[0].address.written, mail.subject, tuple(entry.pack for entry in mail.entries), waits))
    return found


def _with_staged_bytes(pack: Pack, staging: Staging) -> Pack:
    path = staging.path(pack.file)
    return replace(pack, digest=digest_of(path), bytes=path.stat().st_size)


def _company(figures: pd.DataFrame, indicator: str) -> pd.DataFrame:
    return figures[(figures["scope"] == Scope.COMPANY) & (figures["indicator"] == indicator)]
