"""What came of a run, for people, for programs and for the Prefect page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.findings import Finding, Severity, worst_first
from flows.delivery.report import open_lines, unread_lines
from flows.machine.redact import one_line
from flows.review.held import held_lines
from transforms.errors import Exit, HeldError, UndeliveredError
from transforms.month import Month

if TYPE_CHECKING:
    from flows.review.rehearsal import Preview


class Ending(StrEnum):
    """How a run ended."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    HELD = "held"
    REHEARSED = "rehearsed"


@dataclass(frozen=True)
class RunOutcome:
    """One run in the words of its ledger: ending, revision, packs, deliveries, findings."""

    month: Month
    ending: Ending
    run_id: str
    revision: int | None = None
    reason: str = ""
    folder: Path | None = None
    packs: tuple[Path, ...] = ()
    findings: tuple[Finding, ...] = ()
    deliveries: Mapping[str, int] = field(default_factory=dict)
    undelivered: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    """Packs that nobody on the list of recipients is to get."""
    outbox: Path | None = None
    replayed: int = 0
    since: str = ""
    """What has changed at the sources since a month went out that a schedule reviews once."""
    preview: Preview | None = None
    """What a dry run would mail, beside last month."""

    @property
    def word(self) -> str:
        return self.ending.value

    @property
    def exit_code(self) -> Exit:
        if self.ending is Ending.HELD:
            return Exit.HELD
        return Exit.UNDELIVERED if self.undelivered else Exit.DONE

    def raise_if_bad(self) -> None:
        """Turn a held month or an unaccepted delivery into its error, so that a scheduler sees it fail."""
        if self.exit_code is Exit.HELD:
            raise HeldError("\n".join(self.brief()))
        if self.exit_code is Exit.UNDELIVERED:
            raise UndeliveredError("\n".join(self.brief()))

    def brief(self) -> list[str]:
        """The outcome in at most ten lines: without the list of packs."""
        return replace(self, packs=(), outbox=None).lines()

    def lines(self) -> list[str]:
        """The outcome in lines for a person; at most ten where the month is held or somebody has not got a pack."""
        if self.ending is Ending.HELD:
            return self._held_lines()
        lines = [self._headline()]
        lines += [f"  {pack}" for pack in self.packs] if not self.undelivered else [f"  {self.folder}"] * bool(self.packs)
        if self.deliveries:
            lines.append("mail: " + ", ".join(f"{count} {state}" for state, count in sorted(self.deliveries.items()) if count))
            if self.outbox and any(self.deliveries.values()) and not self.undelivered:
                lines.append(f"  outbox: {self.outbox}")
        lines += self.preview.lines() if self.preview is not None else []
        lines += open_lines(self.undelivered, 4 if self.packs else 5, self.month) + unread_lines(self.unread)
        if self.undelivered:
            rejected = ", what was rejected with --retry-failed" if self.deliveries.get("rejected") else ""
            lines.append(f"What is deferred or waiting is tried again by: keping deliver --month {self.month}{rejected}")
        warnings = sum(finding.severity is Severity.WARNING for finding in self.findings)
        if warnings:
            lines.append(f"{warnings} warning(s), all in manifest.json; the first: {self._worst().message}")
        return lines

    def _headline(self) -> str:
        if self.ending is Ending.UNCHANGED and self.since:
            return (
                f"{self.month} r{self.revision}: out already; a schedule reviews a month once. Since then: {self.since}. "
                f"For a new revision: keping run --month {self.month}."
            )
        if self.ending is Ending.UNCHANGED:
            return f"{self.month} r{self.revision}: nothing new; input, policy and code are those already published."
        if self.ending is Ending.REHEARSED and self.revision is not None:
            return f"{self.month}: dry run, nothing mailed. r{self.revision} is published from this very input; a run makes no new packs:"
        if self.ending is Ending.REHEARSED:
            return f"{self.month}: dry run, nothing published and nothing mailed. The packs would be:"
        because = f" ({self.reason})" if self.revision else ""
        replayed = f", {self.replayed} earlier month(s) replayed in silence" if self.replayed else ""
        return f"{self.month} r{self.revision} published{because}{replayed}:"

    def _held_lines(self) -> list[str]:
        again = f"keping run --month {self.month}"
        return held_lines(str(self.month), self.findings, self.month, again=f"Mend the source, then: {again}", refused=self.folder)

    def _worst(self) -> Finding:
        return worst_first(finding for finding in self.findings if finding.severity is Severity.WARNING)[0]

    def as_dict(self) -> dict[str, Any]:
        """The outcome for programs."""
        return {
            "month": str(self.month),
            "ending": self.ending.value,
            "exit_code": int(self.exit_code),
            "run_id": self.run_id,
            "revision": self.revision,
            "reason": self.reason,
            "folder": str(self.folder) if self.folder else None,
            **({"preview": self.preview.as_dict()} if self.preview is not None else {}),
            "packs": [str(pack) for pack in self.packs],
            "deliveries": dict(self.deliveries),
            "undelivered": list(self.undelivered),
            "replayed_months": self.replayed,
            "findings": [
                {
                    "table": f.table,
                    "rule": f.rule,
                    "severity": f.severity.value,
                    "month": f.month,
                    "rows": f.rows,
                    "of_rows": f.of_rows,
                    "message": f.message,
                }
                for f in self.findings
            ],
        }

    def as_markdown(self) -> str:
        """The outcome as the Prefect page shows it."""
        bad = self.exit_code is not Exit.DONE
        told = self.brief() if bad else [self._headline().rstrip(":.") + "."]
        lines = [f"## {self.month}: {self.ending.value}", "", *(f"{_cell(line)}  " for line in told), ""]
        lines += ["| what | |", "|---|---|", *(f"| {name} | {_cell(value)} |" for name, value in self._facts()), ""]
        if self.packs:
            lines += ["### Packs", "", "| pack | file |", "|---|---|"]
            lines += [f"| [{pack.stem}]({pack.as_uri()}) | `{'/'.join(pack.parts[-3:])}` |" for pack in self.packs]
            lines.append("")
        if self.findings:
            lines += ["### Findings", "", "| severity | rule | month | rows | finding |", "|---|---|---|---:|---|"]
            lines += [f"| {f.severity.value} | {f.rule} | {f.month} | {f.rows} | {_cell(f.message)} |" for f in self.findings[:40]]
            lines += [f"\nThe first 40 of {len(self.findings)}; all are in manifest.json."] if len(self.findings) > 40 else []
        return "\n".join(lines)

    def _facts(self) -> list[tuple[str, str]]:
        """The summary table: what stands, where, and what was mailed."""
        critical = sum(finding.severity is Severity.CRITICAL for finding in self.findings)
        warnings = sum(finding.severity is Severity.WARNING for finding in self.findings)
        mailed = ", ".join(f"{count} {state}" for state, count in sorted(self.deliveries.items()) if count)
        return [
            ("ending", f"{self.ending.value} (exit code {int(self.exit_code)})"),
            ("revision", "none" if self.revision is None else f"r{self.revision} {self.reason}".strip()),
            ("packs", str(len(self.packs))),
            ("mail", mailed or "nothing was mailed"),
            ("findings", f"{critical} critical, {warnings} warnings, {len(self.findings) - critical - warnings} notes"),
            ("folder", str(self.folder or "none")),
            ("run", self.run_id),
        ]


def _cell(text: str) -> str:
    """Text of the data on one line of a page, with nothing that the page would take for its own marks."""
    return re.sub(r"([|<>`*_\[\]\\])", r"\\\1", one_line(text))
