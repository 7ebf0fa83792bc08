"""The manifest of a published revision: what it holds, from what, by which rules; and whether it still does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows.machine.files import digest_of, files_below
from flows.warehouse.records import Pack
from transforms.errors import MachineError
from transforms.month import Month

MANIFEST = "manifest.json"
FORM = 1
"""Version of the manifest's own form."""


@dataclass(frozen=True)
class Manifest:
    """One published revision: `inputs` are the parts of its input digest, `files` every file with sha256 and size.

    `packs` names the PDFs among the files. `gates` holds the findings that did not hold the month.
    """

    month: Month
    revision: int
    company: str
    reason: str
    known_at: datetime
    run_id: str
    review_id: int
    code_version: str
    policy_version: str
    policy_digest: str
    input_digest: str
    inputs: Mapping[str, Any]
    gates: tuple[Mapping[str, Any], ...] = ()
    packs: tuple[Pack, ...] = ()
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def as_bytes(self) -> bytes:
        """Canonical JSON: sorted keys, UTF-8, the same bytes for the same content."""
        content = {
            "form": FORM,
            "month": str(self.month),
            "revision": self.revision,
            "company": self.company,
            "reason": self.reason,
            "known_at": self.known_at.astimezone(UTC).isoformat(),
            "run_id": self.run_id,
            "review_id": self.review_id,
            "code_version": self.code_version,
            "policy": {"version": self.policy_version, "digest": self.policy_digest},
            "input_digest": self.input_digest,
            "inputs": self.inputs,
            "gates": list(self.gates),
            "packs": [
                {"pack": pack.pack, "locale": pack.locale, "file": pack.file} for pack in sorted(self.packs, key=lambda pack: pack.file)
            ],
            "files": self.files,
        }
        return (json.dumps(content, sort_keys=True, ensure_ascii=False, indent=1) + "\n").encode()

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.as_bytes()).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a published folder; a MachineError if it is missing or damaged."""
    path = folder / MANIFEST
    try:
        raw = json.loads(path.read_bytes())
        month, revision, files = Month.parse(raw["month"]), int(raw["revision"]), raw["files"]
        return Manifest(
            month=month,
            revision=revision,
            company=raw["company"],
            reason=raw["reason"],
            known_at=datetime.fromisoformat(raw["known_at"]),
            run_id=raw["run_id"],
            review_id=int(raw["review_id"]),
            code_version=raw["code_version"],
            policy_version=raw["policy"]["version"],
            policy_digest=raw["policy"]["digest"],
            input_digest=raw["input_digest"],
            inputs=raw["inputs"],
            gates=tuple(raw["gates"]),
            packs=tuple(
                Pack(month, revision, p["pack"], p["locale"], p["file"], files[p["file"]]["sha256"], files[p["file"]]["bytes"])
                for p in raw["packs"]
            ),
            files=files,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MachineError(
            f"{path} is missing or damaged ({type(error).__name__}: {error}). Nothing was published or mailed.\n"
            "Put the folder back from a copy; a published revision is never made anew."
        ) from error


@dataclass(frozen=True)
class Difference:
    """One way in which a folder is not what its manifest says: missing, extra, changed or link."""

    file: str
    kind: str

    def __str__(self) -> str:
        return f"{self.file}: {self.kind}"


def describe(folder: Path) -> dict[str, dict[str, Any]]:
    """sha256 and size of every file in a folder but the manifest, by name."""
    return {
        name: {"sha256": digest_of(path), "bytes": path.stat().st_size} for name, path in files_below(folder).items() if name != MANIFEST
    }


def differences(folder: Path, manifest: Manifest) -> list[Difference]:
    """How a folder differs from its manifest, sorted by file; empty when it is what was published."""
    found: list[Difference] = []
    present = files_below(folder)
    for name in sorted({*manifest.files, *present} - {MANIFEST}):
        path = present.get(name)
        if path is None:
            found.append(Difference(name, "missing"))
        elif not path.is_file() or path.is_symlink():
            found.append(Difference(name, "not a plain file"))
        elif name not in manifest.files:
            found.append(Difference(name, "extra"))
        elif digest_of(path) != manifest.files[name]["sha256"]:
            found.append(Difference(name, "changed"))
    return found
