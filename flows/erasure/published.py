"""Published months without a person: a redacted revision beside a tombstone that keeps the old ones' digests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from flows.archive.manifest import MANIFEST
from flows.archive.office import Office
from flows.archive.publishing import publish
from flows.archive.redacted import ERASED, REDACTED, read_erasure
from flows.archive.revisions import Archive
from flows.lookup.rerendering import job_of
from flows.machine.files import files_below, inside, machine_trouble, remove_tree, sync_folder, write_atomic
from flows.review.printing import PACK_ENDINGS, PrintJob, file_name, pack_files
from flows.snapshots.chain import digest_of_parts
from reports.pack import ReviewPack
from reports.reference import REFERENCE
from reports.render import RenderFailure, render_each
from transforms.errors import MachineError
from transforms.month import Month
from transforms.tables.erasure import Scrubber


def holds_person(folder: Path, scrubber: Scrubber) -> bool:
    """Whether the tables and the manifest of a published folder name the person (packs name nobody whom these do not)."""
    for name, path in files_below(folder).items():
        if not name.endswith(PACK_ENDINGS):
            with machine_trouble(path, "looking for a person"):
                if scrubber.finds(path.read_bytes().decode("utf-8", "replace")):
                    return True
    return False


def redact(office: Office, month: Month, scrubber: Scrubber, following: Mapping[str, str]) -> int:
    """Publish the newest revision of a month once more, without the person; returns the new revision's number.

    Only packs that named the person, and the reference document, are printed anew; the others keep their bytes. The figures are the same.
    """
    archive = office.archive
    newest = archive.revisions(month)[-1]
    folder, old = archive.folder(month, newest), archive.manifest(month, newest)
    parts = _with_successors(old.inputs, following)
    job = replace(job_of(office, replace(old, inputs=parts)), revision=newest + 1, digest=digest_of_parts(parts), code=old.code_version)
    job = replace(
        job,
        findings=tuple(replace(f, message=scrubber.text(f.message), examples=tuple(map(scrubber.text, f.examples))) for f in job.findings),
        revised=scrubber.frame(job.revised),
    )
    staging = archive.stage(month, newest + 1, f"{job.key}-redacted")
    for name, data in _files(job, folder, scrubber).items():
        if not staging.has(name):
            staging.put(name, data)
    manifest = replace(
        job.manifest(REDACTED, old.run_id, old.review_id, parts), packs=tuple(replace(p, revision=newest + 1) for p in old.packs)
    )
    publish(office.warehouse, archive, staging, manifest)
    return newest + 1


def _files(job: PrintJob, folder: Path, scrubber: Scrubber) -> dict[str, bytes]:
    made = {name: scrubber.text(path.read_text("utf-8")).encode() for name, path in _texts(folder).items()} | job.tables()
    pseudonyms = tuple(scrubber.ids.values())
    packs = {file_name(*pack.key): pack for pack in job.build()}
    touched = [pack for pack in packs.values() if pack.name == REFERENCE or any(_names(pack, pseudonym) for pseudonym in pseudonyms)]
    for pack, result in render_each(touched):
        if isinstance(result, RenderFailure):
            raise MachineError(
                f"{job.review.month}: {pack.name}.{pack.locale} could not be printed without the person: {result.cause}.\n"
                "Nothing more was erased; run the same command again."
            )
        made |= pack_files(pack, result)
    for name, path in files_below(folder).items():
        if name.endswith(PACK_ENDINGS) and name not in made:
            made[name] = path.read_bytes()
    return made


def _names(pack: ReviewPack, pseudonym: str) -> bool:
    """Whether a customer stands on a page of a pack, or in a file that it carries."""
    return pseudonym in repr(pack) or any(pseudonym.encode() in file.content for file in pack.attached)


def _texts(folder: Path) -> dict[str, Path]:
    """The tables beside the packs."""
    return {name: path for name, path in files_below(folder).items() if name != MANIFEST and not name.endswith(PACK_ENDINGS)}


def _with_successors(inputs: Mapping[str, object], following: Mapping[str, str]) -> dict[str, object]:
    """The parts of an input digest with the successors of snapshots that held the person."""

    def follow(value: object) -> object:
        if isinstance(value, Mapping):
            return {key: follow(item) for key, item in value.items()}
        return following.get(value, value) if isinstance(value, str) else value

    return {key: follow(value) if key in ("snapshots", "undated") else value for key, value in inputs.items()}


def erase_folder(archive: Archive, month: Month, revision: int, now: datetime) -> None:
    """Remove a revision's bytes, leaving a tombstone with their digests; harmless when it is done already."""
    folder = archive.folder(month, revision)
    if read_erasure(folder) is None:
        files = archive.manifest(month, revision).files
        left = {
            "erased_at": now.isoformat(),
            "manifest_sha256": hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest(),
            "files": {name: str(said["sha256"]) for name, said in files.items()},
        }
        write_atomic(inside(folder, ERASED), json.dumps(left, sort_keys=True, indent=1).encode() + b"\n")
    for name, path in files_below(folder).items():
        if name != ERASED:
            with machine_trouble(path, "erasing a published file"):
                path.unlink()
    for below in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        remove_tree(below)
    sync_folder(folder)
