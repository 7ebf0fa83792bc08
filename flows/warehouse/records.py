"""What the warehouse hands out: runs, kept reviews and publications as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from transforms.month import Month
from transforms.policy.rules import Policy


@dataclass(frozen=True)
class Run:
    """One run that has begun."""

    run_id: str
    kind: str
    month: Month
    started_at: datetime
    code_version: str


@dataclass(frozen=True)
class KeptReview:
    """One kept review without its frames; `revision` is None where a month was only replayed."""

    review_id: int
    run_id: str
    month: Month
    revision: int | None
    kind: str
    known_at: datetime
    policy_version: str
    policy_digest: str
    input_digest: str
    code_version: str
    kept_at: datetime


@dataclass(frozen=True)
class Publication:
    """One published revision of a month, with what it was computed from and by."""

    publication_id: int
    month: Month
    revision: int
    review_id: int
    run_id: str
    reason: str
    manifest_digest: str
    input_digest: str
    known_at: datetime
    policy_version: str
    policy_digest: str
    code_version: str
    published_at: datetime
    redacted: bool = False
    """It says what the revision before it said, without a person who was forgotten: the same review, published again."""


@dataclass(frozen=True)
class Pack:
    """One published pack: `pack` is `tier-<tier>` or `company`; `file` its name in the revision's folder."""

    month: Month
    revision: int
    pack: str
    locale: str
    file: str
    digest: str
    bytes: int

    @property
    def workbook(self) -> str:
        """What the pack's workbook is called, where it has one."""
        return f"{self.file.removesuffix('.pdf')}.xlsx"


@dataclass(frozen=True)
class Recorded:
    """A policy that reviews were scored by, and the version and digest its file had before it was frozen."""

    policy: Policy
    written_version: str
    written_digest: str
    recorded_at: datetime
