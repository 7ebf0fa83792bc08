"""From deliveries to the bytes of mails: one mail for all packs of a person, in several where they are too large together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from flows.archive.office import Office
from flows.delivery.ledger import FrozenMail, PlannedDelivery
from flows.machine.files import machine_trouble
from flows.warehouse.records import Pack, Publication
from reports.mail.letter import FORMS, Form, Letter, LetterPack, PackFile, PackWords
from transforms.errors import MachineError, RefutedError

PackKey = tuple[str, str]
"""Pack and language."""

WORKBOOK = "xlsx"

_Packed = tuple[PlannedDelivery, LetterPack]


@dataclass(frozen=True)
class Letterhead:
    """What all mails of one revision have in common: who writes, for which company, why it is restated (empty: it is not), and when."""

    sender: str
    company: str
    restated: str
    known_at: datetime
    sent_at: datetime
    today: date


def letterhead(office: Office, publication: Publication) -> Letterhead:
    """The letterhead of a published revision, as of now."""
    restated = publication.reason if publication.revision > 0 else ""
    sender, company = office.settings.delivery.sender, office.warehouse.company
    return Letterhead(sender, company, restated, publication.known_at, office.clock(), office.today)


@dataclass(frozen=True)
class Shelf:
    """Where the files of one revision lie, and what was published as what: `digests` are sha256 by file name."""

    folder: Path
    digests: Mapping[str, str]
    formats: Sequence[str]
    """What readers get who do not say."""

    def workbook_digest(self, pack: Pack) -> str | None:
        """The sha256 of a pack's workbook; None where it was published without one."""
        return self.digests.get(pack.workbook)

    def pages(self, pack: Pack) -> PackFile:
        return self._file(pack, pack.file)

    def workbook(self, pack: Pack) -> PackFile | None:
        """A pack's workbook; None where it has none, a RefutedError where it is not the one that was published."""
        published = self.workbook_digest(pack)
        if published is None:
            return None
        file = self._file(pack, pack.workbook)
        found = hashlib.sha256(file.data).hexdigest()
        if found != published:
            raise RefutedError(
                f"{self.folder / pack.workbook} is not the workbook that was published (sha256 {found[:12]}, published {published[:12]}). "
                "It was not mailed.\nPut the published file back from a copy."
            )
        return file

    def _file(self, pack: Pack, name: str) -> PackFile:
        path = self.folder / name
        with machine_trouble(path, "reading a published pack"):
            data = path.read_bytes()
        return PackFile(f"{pack.month}-r{pack.revision}-{name}", f"{pack.month}/r{pack.revision}/{name}", data)


def shelf_of(office: Office, publication: Publication) -> Shelf:
    """The shelf of a published revision."""
    month, revision = publication.month, publication.revision
    files = office.archive.manifest(month, revision).files
    digests = {name: str(one.get("sha256", "")) for name, one in files.items()}
    return Shelf(office.archive.folder(month, revision), digests, office.settings.delivery.formats)


@dataclass(frozen=True)
class BuiltMail:
    """One mail ready for the wire, and the deliveries that leave with it."""

    entries: tuple[PlannedDelivery, ...]
    key: str
    message: bytes
    subject: str

    def frozen_mail(self, digest: str, sender: str) -> FrozenMail:
        from reports.mail.message import message_id

        return FrozenMail(tuple(entry.key for entry in self.entries), digest, message_id(self.key, sender))


@dataclass(frozen=True)
class Writer:
    """Writes the mails of one revision."""

    head: Letterhead
    shelf: Shelf
    packs: Mapping[PackKey, Pack]
    words: Mapping[PackKey, PackWords]
    largest_mail_mb: float

    def mails(self, entries: Sequence[PlannedDelivery], *, test: bool = False) -> list[BuiltMail]:
        """The deliveries of one person in one language as mails none of which is too large.

        What does not fit into one is spread over several, pack by pack. A pack that is too large alone comes without its workbook,
        then in a ZIP file, then by its place in the archive.
        """
        each = [(entry, self._pack(entry)) for entry in sorted(entries, key=lambda one: (self._words(one).order, one.pack))]
        together = self._built(each, (1, 1), test, FORMS[:1] if len(each) > 1 else FORMS)
        if together is not None:
            return [together]
        groups: list[list[_Packed]] = []
        for one in each:
            if groups and self._built([*groups[-1], one], (1, 1), test, FORMS[:1]) is not None:
                groups[-1].append(one)
            else:
                groups.append([one])
        parts = ((number, len(groups)) for number in range(1, len(groups) + 1))
        made = (self._built(group, part, test, FORMS) for group, part in zip(groups, parts, strict=True))
        return [mail for mail in made if mail is not None]

    def _built(self, group: Sequence[_Packed], part: tuple[int, int], test: bool, forms: Sequence[Form]) -> BuiltMail | None:
        """These packs in one mail, in the first of the forms in which it is not too large; the last form always goes."""
        from reports.mail.message import build_message
        from reports.mail.subject import subject_of

        for form in forms:
            letter = replace(self._letter(group, part, test), form=form)
            message = build_message(letter)
            if len(message) <= largest_bytes(self.largest_mail_mb) or form == FORMS[-1]:
                return BuiltMail(tuple(entry for entry, _ in group), letter.key, message, subject_of(letter))
        return None

    def _letter(self, group: Sequence[_Packed], part: tuple[int, int], test: bool) -> Letter:
        from reports.mail.message import message_key

        head, (first, _) = self.head, group[0]
        return Letter(
            key=message_key([entry.key for entry, _ in group]),
            sender=head.sender,
            address=first.address.written,
            name=first.name,
            company=head.company,
            month=first.month,
            revision=first.revision,
            restated=head.restated,
            locale=first.locale,
            known_at=head.known_at,
            sent_at=head.sent_at,
            today=head.today,
            packs=tuple(pack for _, pack in group),
            manages=first.manages,
            part=part,
            test=test,
        )

    def _pack(self, entry: PlannedDelivery) -> LetterPack:
        pack = self.packs[entry.pack, entry.locale]
        wants_workbook = WORKBOOK in (entry.formats or self.shelf.formats)
        return LetterPack(self._words(entry), self.shelf.pages(pack), self.shelf.workbook(pack) if wants_workbook else None)

    def _words(self, entry: PlannedDelivery) -> PackWords:
        return self.words.get((entry.pack, entry.locale)) or PackWords(entry.pack)


def largest_bytes(largest_mail_mb: float) -> int:
    return int(largest_mail_mb * 1_000_000)


def refuse_other_mail(message: bytes, packs: Sequence[Pack], shelf: Shelf, recipient: str) -> None:
    """A MachineError unless a finished message carries exactly these packs, no workbook but theirs, to exactly that address."""
    from reports.mail.message import attached_pdfs, attached_workbooks, envelope_of, named_packs

    digests = sorted(pack.digest for pack in packs)
    workbooks = {shelf.workbook_digest(pack) for pack in packs}
    as_meant: Sequence[Callable[[], bool]] = (
        lambda: sorted(named_packs(message) or attached_pdfs(message)) == digests,
        lambda: sorted(attached_pdfs(message)) in (digests, []),
        lambda: set(attached_workbooks(message)) <= workbooks,
        lambda: [address.lower() for address in envelope_of(message)] == [recipient],
        lambda: _has_our_headers(message),
    )
    if not all(holds() for holds in as_meant):
        listed = ", ".join(f"{pack.pack} ({pack.locale})" for pack in packs)
        raise MachineError(
            f"the frozen message {hashlib.sha256(message).hexdigest()[:12]} does not carry {listed} to its recipient.\n"
            "It was not sent. This must not happen: keep the outbox folder and report it."
        )


def _has_our_headers(message: bytes) -> bool:
    """Exactly ours; what was frozen by an earlier version names no packs in its headers."""
    from reports.mail.message import HEADERS, NAMES_PACKS, header_names

    return header_names(message) in (sorted(HEADERS), sorted(name for name in HEADERS if name != NAMES_PACKS))
