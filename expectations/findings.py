"""Findings: broken promises, how grave they are, and what they do to a month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a broken promise does: critical holds the month, warning prints a banner, info goes to the annex."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Outcome(StrEnum):
    """Whether the data broke the promise, or the check itself broke."""

    DATA = "data"
    CHECK = "check"


@dataclass(frozen=True)
class Finding:
    """One broken promise: table, rule, severity, how many rows of how many, and some examples.

    `rule` is a stable name such as `orders.amount.type`, used in settings and waivers.
    `message` says in one sentence what is wrong and what to do; `examples` name rows by key or line.
    `month` is `YYYY-MM`, or empty where the finding is about a whole pull.
    """

    table: str
    rule: str
    severity: Severity
    message: str
    month: str = ""
    rows: int = 0
    of_rows: int = 0
    examples: tuple[str, ...] = ()
    outcome: Outcome = Outcome.DATA
    waived: tuple[str, ...] = ()
    """Author, last day and reason, where somebody lets the month pass in spite of it."""

    @property
    def share(self) -> float | None:
        """Rows that broke the rule / rows looked at, 0-1; None where no row was looked at."""
        return self.rows / self.of_rows if self.of_rows else None


NEVER_WAIVED = ("results", "packs")
"""Tables whose findings are mistakes of ours or leaks: nobody can wave them through."""


def can_be_waived(finding: Finding) -> bool:
    """A check that broke, a mistake in our own results and a leak cannot be waived; a missing column is an error and no finding."""
    return finding.outcome is Outcome.DATA and finding.table not in NEVER_WAIVED


def holds(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that keep a month from being published, worst first; a waived one does not."""
    return sorted((f for f in findings if f.severity is Severity.CRITICAL and not f.waived), key=lambda f: (f.table, f.rule, f.month))


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """The findings by what they weigh: severity, then the share of rows they spoil (all, where none is told), then name."""
    order = list(Severity)

    def weight(finding: Finding) -> tuple[int, float, str, str, str]:
        share = 1.0 if finding.share is None else finding.share
        return order.index(finding.severity), -share, finding.table, finding.rule, finding.month

    return sorted(findings, key=weight)
