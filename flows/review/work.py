"""What all stages of a month work with, and the gates between them: how a finding is weighed, and what it holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from expectations.findings import Finding, holds
from flows.archive.office import Office
from flows.machine.hooks import Hook, nowhere
from flows.machine.leftovers import sweep_all
from flows.machine.steps import Do, plainly
from flows.review.waivers import read_waivers, weigh_findings
from flows.warehouse.records import Run
from flows.warehouse.whereabouts import record_location, refuse_copy
from transforms.month import Month, months

Findings = tuple[Finding, ...]

WINDOW = 12
"""Months that figures of twelve months are made of: what is gravely wrong in one of them is so in the newest."""


@dataclass(frozen=True)
class Work:
    """One run under way: where it works, its line in the warehouse's book, how a step is carried out, and what it may do."""

    office: Office
    run: Run
    do: Do = plainly
    at: Hook = nowhere
    keeps: bool = True
    """False: a rehearsal, which leaves nothing in the warehouse but its own line and what its gates saw."""
    sends: bool = False

    def weigh(self, findings: Iterable[Finding], months: Sequence[Month]) -> Findings:
        """The findings with the severities that the configuration sets, and with what somebody has waived of the months marked so."""
        office = self.office
        known = read_waivers(office.warehouse)
        return weigh_findings(findings, office.settings.quality.severities, known, office.today, months)

    def pass_gate(self, name: str, findings: Findings, months: Sequence[Month], quality: pd.DataFrame | None = None) -> Findings:
        """Record what a gate saw; returns what holds the months: critical findings on them, their windows or a whole pull."""
        self.office.warehouse.record_gate(self.run, name, findings, quality)
        grave = tuple(holds(concerning(findings, windows_of(months))))
        self.office.tell(f"{name} gate: {len(findings)} finding(s), {len(grave)} critical")
        return grave


def prepare(work: Work) -> None:
    """Before anything is read: can a month be published here, and may this warehouse mail it? What dead processes left is cleared."""
    office = work.office
    office.archive.check_writable()
    sweep_all(office.settings.archive_path, office.settings.outbox_path)
    record_location(office.warehouse)
    if work.sends and office.settings.delivery.transport == "smtp":
        refuse_copy(office.warehouse)


def concerning(findings: Iterable[Finding], months: Iterable[Month], *, whole: bool = True) -> Findings:
    """The findings that concern the months: their own and, with `whole`, those of a whole pull."""
    concerned = {*map(str, months), *([""] if whole else [])}
    return tuple(finding for finding in findings if finding.month in concerned)


def windows_of(asked: Sequence[Month]) -> list[Month]:
    """The asked months and all that their twelve-month windows hold."""
    return list(months(asked[0] - (WINDOW - 1), asked[-1]))
