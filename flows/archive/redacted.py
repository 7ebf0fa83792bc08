"""What is left of a published revision that held a forgotten person, and what takes its place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ERASED = "erased.json"
"""What is left in the folder of a revision that held a forgotten person."""
REDACTED = "redacted: a person was forgotten; all sums are as before"
"""Reason of a revision that differs from the one before in this alone."""


@dataclass(frozen=True)
class ErasedRevision:
    """A revision whose bytes were removed: when, what they were, and which revision stands in for it."""

    erased_at: str
    manifest_digest: str
    files: Mapping[str, str]
    """File name -> sha256 of the bytes that were published."""


def read_erasure(folder: Path) -> ErasedRevision | None:
    """What was erased here; None where the revision still stands."""
    path = folder / ERASED
    if not path.is_file():
        return None
    raw = json.loads(path.read_bytes())
    return ErasedRevision(raw["erased_at"], raw["manifest_sha256"], raw["files"])
