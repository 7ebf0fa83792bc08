"""That a month is held, in the same words wherever it is told."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from expectations.findings import Finding, Severity, can_be_waived, worst_first
from transforms.month import Month

SHOWN = 5
NOTHING = "Nothing was published or mailed."


def held_lines(
    what: str, findings: Iterable[Finding], month: Month, *, again: str, refused: Path | None = None, stays: str = NOTHING
) -> list[str]:
    """In at most ten lines that something is held, by what, and what can be done.

    `again` is what to do once the source is mended, `refused` the folder of the refused rows, `stays` what did not come of it.
    """
    grave = worst_first(finding for finding in findings if finding.severity is Severity.CRITICAL and not finding.waived)
    lines = [f"{what} is held: {len(grave)} critical finding(s). {stays}"]
    lines += [f"- {finding.message}" for finding in grave[:SHOWN]]
    if len(grave) > SHOWN:
        lines.append(f"- and {len(grave) - SHOWN} more: `keping status`")
    if refused:
        lines.append(f"Refused rows: {refused}")
    lines.append(again)
    waivable = [finding for finding in grave if can_be_waived(finding)]
    if waivable and len(waivable) == len(grave):
        first = waivable[0]
        lines.append(f"Or let it pass: keping waive {first.rule} --month {first.month or month} --reason WHY --until DAY")
    return lines
