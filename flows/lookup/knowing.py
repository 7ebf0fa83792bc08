"""What was known when: packs as they were published by a day, and whether they still are what was published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from flows.archive.manifest import MANIFEST, read_manifest
from flows.archive.office import Office
from flows.archive.redacted import read_erasure
from flows.archive.revisions import Archive
from flows.machine.files import digest_of
from flows.review.printing import PACK_ENDINGS, workbook_name
from flows.settings import Settings
from flows.warehouse.records import Pack, Publication
from transforms.errors import MachineError, UsageError
from transforms.month import Month


def instant_from_text(text: str, settings: Settings) -> datetime:
    """A day (its end in the business time zone) or an ISO instant with offset; anything else is a UsageError."""
    try:
        return _instant(text, settings)
    except OverflowError as error:
        raise UsageError(f"{text!r} is no date that a calendar here reaches; write one such as 2026-06-01") from error


def _instant(text: str, settings: Settings) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        pass
    else:
        return datetime.combine(day + timedelta(days=1), time(), tzinfo=settings.zone).astimezone(UTC) - timedelta(microseconds=1)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no date; write YYYY-MM-DD, for example 2026-06-01") from error
    if instant.tzinfo is None:
        raise UsageError(f"{text!r} needs an offset, for example {text}+00:00; or write the day alone")
    return instant.astimezone(UTC)


def revisions_at(publications: list[Publication], instant: datetime) -> dict[Month, Publication]:
    """Of each month the revision that was the newest one at that instant."""
    found: dict[Month, Publication] = {}
    for publication in publications:
        if publication.published_at <= instant:
            found[publication.month] = publication
    return found


@dataclass(frozen=True)
class Verification:
    """What `keping verify` found: which revision, and every way in which it is not what was published."""

    subject: str
    month: Month
    revision: int
    pack: Pack | None
    problems: tuple[str, ...]
    erased_at: str = ""
    """When the revision's bytes were erased because it named a person who was forgotten; empty where they were not."""

    def lines(self) -> list[str]:
        if self.erased_at:
            return [
                f"{self.subject}: erased. {self.month} r{self.revision} named a person who was forgotten on {self.erased_at[:10]}; "
                "its bytes are gone from the archive, their digests are kept."
            ]
        if not self.problems:
            what = f"{self.pack.file} of " if self.pack else ""
            evidence = f"{what}{self.month} r{self.revision}, with its evidence and manifest"
            return [f"{self.subject}: these are the bytes that were published: {evidence}."]
        lines = [f"{self.subject}: not what was published as {self.month} r{self.revision} ({len(self.problems)} difference(s)):"]
        lines += [f"- {problem}" for problem in self.problems[:6]]
        if len(self.problems) > 6:
            lines.append(f"- and {len(self.problems) - 6} more")
        return [*lines, "Put the published files back from a copy; a published revision is never made anew."]

    def as_dict(self) -> dict[str, object]:
        return {
            "subject": self.subject,
            "month": str(self.month),
            "revision": self.revision,
            "pack": self.pack.pack if self.pack else None,
            "locale": self.pack.locale if self.pack else None,
            "sha256": self.pack.digest if self.pack else None,
            "verified": not self.problems and not self.erased_at,
            "problems": list(self.problems),
            "erased_at": self.erased_at or None,
        }


def verify_pack(office: Office, subject: str) -> Verification:
    """Hold a pack against what was published: its bytes, the files beside it, the manifest, the warehouse.

    `subject` is a PDF or a workbook anywhere (a mailed copy too), a folder of the archive, or its name there:
    `2026-06`, `2026-06/r0`, `2026-06/r0/company.en.pdf`. A UsageError says that there is no such pack.
    """
    path = _find_file(office.archive, subject)
    place = _place_of(office, path)
    pack: Pack | None = None
    if path.is_file() or place is None:
        pack = _same_bytes(office, path) if path.is_file() else None
        if place is None and pack is None:
            raise UsageError(
                f"{subject}: no published pack has these bytes, and the file does not lie in the archive {office.archive.root}."
            )
    month, revision = place if place is not None else (pack.month, pack.revision)  # type: ignore[union-attr]
    named = _named(office, (month, revision), path.name)
    gone = read_erasure(office.archive.folder(month, revision))
    if gone is not None:
        return Verification(subject, month, revision, named or pack, (), gone.erased_at)
    problems = _problems(office, month, revision)
    if path.suffix in PACK_ENDINGS and place is not None and named is not None and path.is_file() and digest_of(path) != named.digest:
        problems = [f"{path.name}: sha256 is {digest_of(path)[:12]}, published was {named.digest[:12]}", *problems]
    return Verification(subject, month, revision, named or pack, tuple(dict.fromkeys(problems)))


def _named(office: Office, place: tuple[Month, int], name: str) -> Pack | None:
    """The pack of a revision whose pages or workbook have that name."""
    files = _published_files(office.archive, *place)
    both = (one for pack in office.warehouse.packs(*place) for one in (pack, _workbook_of(pack, files)))
    return next((one for one in both if one is not None and one.file == name), None)


def _problems(office: Office, month: Month, revision: int) -> list[str]:
    publication = office.warehouse.publication(month, revision)
    folder = office.archive.folder(month, revision)
    if publication is None:
        return [f"{month} r{revision} is not recorded as published in {office.warehouse.place}"]
    if not folder.is_dir():
        return [f"{folder} is gone"]
    try:
        manifest = read_manifest(folder)
    except MachineError as error:
        return [str(error).split("\n", 1)[0]]
    found = [str(difference) for difference in office.archive.verify(month, revision)]
    if manifest.digest != publication.manifest_digest or digest_of(folder / MANIFEST) != publication.manifest_digest:
        found.append(f"{MANIFEST}: not the one that was recorded")
    return found + [
        f"{pack.file}: the manifest names other bytes than the warehouse"
        for pack in office.warehouse.packs(month, revision)
        if str(manifest.files.get(pack.file, {}).get("sha256")) != pack.digest
    ]


def _find_file(archive: Archive, subject: str) -> Path:
    for path in (Path(subject), archive.root / subject):
        if path.exists():
            return path.resolve()
    # A pack that is gone from the archive can still be named.
    if (archive.root / subject).parent.is_dir() and subject[:1].isdigit():
        return (archive.root / subject).resolve()
    raise UsageError(f"{subject}: there is no such file, and nothing of that name in the archive {archive.root}.")


def _place_of(office: Office, path: Path) -> tuple[Month, int] | None:
    """Month and revision of a place in the archive; of a month's folder the newest revision."""
    try:
        parts = path.relative_to(office.archive.root.resolve()).parts
        month = Month.parse(parts[0])
    except (ValueError, IndexError):
        return None
    if len(parts) > 1 and parts[1][:1] == "r" and parts[1][1:].isdecimal():
        return month, int(parts[1][1:])
    newest = office.warehouse.publication(month)
    return None if newest is None else (month, newest.revision)


def _same_bytes(office: Office, path: Path) -> Pack | None:
    """The published pack whose pages or workbook are these very bytes."""
    digest = digest_of(path)
    packs = office.warehouse.packs()
    if path.suffix != ".xlsx":
        return next((pack for pack in packs if pack.digest == digest), None)
    files = {place: _published_files(office.archive, *place) for place in {(pack.month, pack.revision) for pack in packs}}
    return next((book for pack in packs if (book := _workbook_of(pack, files[pack.month, pack.revision])) and book.digest == digest), None)


def _published_files(archive: Archive, month: Month, revision: int) -> Mapping[str, str]:
    """File -> sha256 of a published revision, also of one that was erased; empty where its folder no longer says."""
    folder = archive.folder(month, revision)
    gone = read_erasure(folder)
    if gone is not None:
        return gone.files
    try:
        return {name: str(said["sha256"]) for name, said in read_manifest(folder).files.items()}
    except MachineError:
        return {}


def _workbook_of(pack: Pack, files: Mapping[str, str]) -> Pack | None:
    """A pack's workbook as it was published; None where it had none."""
    name = workbook_name(pack.pack, pack.locale)
    return replace(pack, file=name, digest=files[name]) if name in files else None
