"""Publishing a month: the folder first, then its rows; cut anywhere, the next run completes it."""

from __future__ import annotations

from pathlib import Path

from flows.archive.manifest import Manifest, read_manifest
from flows.archive.revisions import Archive, Staging, verify
from flows.machine.hooks import Hook, nowhere
from flows.warehouse.records import Publication
from flows.warehouse.store import Warehouse
from transforms.errors import MachineError
from transforms.month import Month


def publish(warehouse: Warehouse, archive: Archive, staging: Staging, manifest: Manifest, *, at: Hook = nowhere) -> Publication:
    """Publish a staged revision: folder, rows, `latest`.

    Steps told to `at`: sealed, renamed, synced, recorded, latest. The rename is what readers see;
    after it the revision is published, and `recover` makes up for whatever did not come any more.
    """
    _, complete = archive.publish(staging, manifest, at=at)
    publication = _record(warehouse, complete)
    at("recorded")
    archive.name_latest(at)
    return publication


def recover(warehouse: Warehouse, archive: Archive, month: Month) -> None:
    """Complete what a killed run left of a month: published folders without rows are verified and recorded.

    Called with the month's lock held, before anything else.
    A folder that is not what its manifest says is a MachineError: nothing is guessed.
    """
    known = {publication.revision for publication in warehouse.publications(month)}
    for revision in archive.revisions(month):
        if revision not in known:
            folder = archive.folder(month, revision)
            manifest = read_manifest(folder)
            _refuse_foreign(warehouse, folder, manifest)
            wrong = verify(folder)
            if wrong:
                listed = "; ".join(str(difference) for difference in wrong[:5])
                raise MachineError(
                    f"{folder} is not what its manifest says ({len(wrong)} difference(s): {listed}). Nothing was published or mailed.\n"
                    "It was never recorded as published: put the files back, or move the folder away and run the same command again."
                )
            _record(warehouse, manifest)
    archive.tidy(month)
    archive.name_latest()


def _refuse_foreign(warehouse: Warehouse, folder: Path, manifest: Manifest) -> None:
    if manifest.company != warehouse.company or not warehouse.has_review(manifest.review_id, manifest.run_id):
        raise MachineError(
            f"{folder} was published by another warehouse (company {manifest.company!r}, run {manifest.run_id}); "
            f"{warehouse.place} does not know that run. Nothing was published or mailed.\n"
            "Give this warehouse its own [archive] path, or open the warehouse that belongs to the archive."
        )


def _record(warehouse: Warehouse, manifest: Manifest) -> Publication:
    return warehouse.publish(
        manifest.month,
        manifest.revision,
        review_id=manifest.review_id,
        reason=manifest.reason,
        manifest_digest=manifest.digest,
        input_digest=manifest.input_digest,
        packs=manifest.packs,
    )
