"""A published revision made again from the archive: its snapshots, its policy, the history as it was then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from expectations.findings import Finding, Outcome, Severity
from flows.archive.manifest import Manifest
from flows.archive.office import Office
from flows.intake.quarantine import QUARANTINE_COLUMNS
from flows.machine.files import digest_of
from flows.review.printing import REVISED, PrintJob, pack_files
from flows.review.scoring import Scorer
from flows.settings import Company, QualitySettings
from flows.snapshots.chain import chain_of, segments_of
from flows.snapshots.store import Pulled
from reports.render import WORKERS, RenderFailure, render_each
from reports.revised import no_revisions, read_revised
from transforms.errors import MachineError
from transforms.month import Month


def render_again(office: Office, month: Month, revision: int, *, workers: int = WORKERS) -> dict[str, bytes]:
    """Packs and tables of a published revision, computed and printed anew; file name -> bytes.

    No source is asked and nothing is written. Made by the code that published it, in one locked environment, the
    bytes are the published ones, whatever the sources and the settings say today, and on however many `workers`.
    """
    job = job_of(office, office.archive.manifest(month, revision))
    made = dict(job.tables())
    for pack, result in render_each(job.build(), workers):
        if isinstance(result, RenderFailure):
            raise MachineError(f"{month} r{revision}: {pack.name}.{pack.locale} could not be printed: {result.cause}. Nothing was changed.")
        made |= pack_files(pack, result)
    return made


def differing(office: Office, month: Month, revision: int) -> tuple[str, ...]:
    """In which files a revision made again differs from the published one; with what other code, if that is why."""
    import hashlib

    folder = office.archive.folder(month, revision)
    made = render_again(office, month, revision)
    found = [
        f"{name}: made again it has other bytes"
        for name, data in sorted(made.items())
        if not (folder / name).is_file() or hashlib.sha256(data).hexdigest() != digest_of(folder / name)
    ]
    from flows.machine.code_version import code_version

    made_by = office.archive.manifest(month, revision).code_version
    if found and made_by != code_version():
        found.append(f"published by {made_by}, made again by {code_version()}: the same bytes are promised for the same code only")
    return tuple(found)


def job_of(office: Office, manifest: Manifest) -> PrintJob:
    """Everything a published revision was printed from, as its manifest names it; the review is computed anew."""
    return scored_again(office, manifest)[0]


def scored_again(office: Office, manifest: Manifest) -> tuple[PrintJob, Scorer]:
    """The same, and what scored the month: the chain of its snapshots."""
    inputs, month, warehouse = manifest.inputs, manifest.month, office.warehouse
    kept = office.archive.folder(month, manifest.revision) / REVISED
    revised = read_revised(kept.read_bytes()) if kept.is_file() else no_revisions()
    said = inputs["settings"]
    past = office.settings.model_copy(update={"company": Company(**said["company"]), "quality": QualitySettings(**said["quality"])})
    policy = warehouse.policy(manifest.policy_version)
    if policy is None or policy.digest != manifest.policy_digest:
        raise MachineError(
            f"{month} r{manifest.revision}: the warehouse {warehouse.place} has no policy {manifest.policy_version} of that digest."
        )
    supplied = warehouse.kept_month(manifest.review_id).supplied
    segments = segments_of(inputs)
    scorer = replace(Scorer.over(past, chain_of(past.archive_path, inputs, month), supplied), segments=segments)
    history = warehouse.history(month, before=manifest.review_id)
    nothing = pd.DataFrame({name: pd.Series([], dtype="str") for name in QUARANTINE_COLUMNS})
    pulled = Pulled(manifest.known_at, month, month, {}, warehouse.quality(manifest.run_id), nothing, (), supplied, 0)
    job = PrintJob(
        past,
        scorer.review(month, history, policy),
        history,
        pulled,
        tuple(_finding(gate) for gate in manifest.gates),
        manifest.revision,
        manifest.known_at,
        manifest.input_digest,
        tuple(inputs["packs"]),
        revised,
        manifest.code_version,
        segments,
        scorer.customers,
        scorer.merged,
    )
    return job, scorer


def _finding(gate: Mapping[str, object]) -> Finding:
    values = {**gate, "severity": Severity(str(gate["severity"])), "outcome": Outcome(str(gate["outcome"]))}
    examples = gate["examples"]
    values["examples"] = tuple(examples) if isinstance(examples, list | tuple) else ()
    waived = gate.get("waived")
    values["waived"] = tuple(waived) if isinstance(waived, list | tuple) else ()
    return Finding(**values)  # type: ignore[arg-type]
