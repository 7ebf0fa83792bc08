"""One month through the whole pipeline: pull, check, score, keep, print, publish, send."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pandas as pd

from expectations.findings import Finding, holds
from flows.archive.kept import KeptSnapshots, since
from flows.archive.locks import MonthLock, month_lock
from flows.archive.office import Office
from flows.archive.publishing import publish, recover
from flows.archive.revisions import Archive, Staging
from flows.delivery.holding import refuse_unknown_names
from flows.delivery.owner import owner_hears_of_trouble, tell_owner, tell_owner_of
from flows.delivery.recipients import is_whole
from flows.delivery.sending import printed_segments, readers
from flows.intake.pull import pull
from flows.machine import clock
from flows.machine.clock import Clock
from flows.machine.code_version import code_version
from flows.machine.hooks import Hook, nowhere
from flows.machine.leftovers import sweep_all
from flows.machine.progress import Progress, silent
from flows.machine.steps import Do, plainly
from flows.policies.frozen import settled
from flows.review.late import late_changes, restated_itself
from flows.review.outcome import Ending, RunOutcome
from flows.review.printing import PrintJob, pack_names, pdfs_in, print_packs, rehearsal, write_held
from flows.review.recorded import carried_out
from flows.review.rehearsal import note, preview, preview_of_published, rehearsed_at
from flows.review.release import release_findings
from flows.review.replaying import replay
from flows.review.request import RunRequest
from flows.review.scoring import Remembered, Scorer, seen_in
from flows.review.sending import send
from flows.review.waivers import recorded, weighed
from flows.settings import Settings
from flows.snapshots.chain import Chain, chained, changes, input_digest, segments_of
from flows.snapshots.store import Pulled, Snapshot
from flows.warehouse.records import Publication, Run
from flows.warehouse.store import Kind, Warehouse
from flows.warehouse.whereabouts import made_known, refuse_copy
from transforms.classes.segments import Segment
from transforms.errors import Exit, UndeliveredError
from transforms.inputs import History
from transforms.month import Month, months
from transforms.policy.rules import Policies, Policy
from transforms.review import MonthReview

FIRST = "first publication"


def run_month(
    settings: Settings,
    request: RunRequest,
    *,
    do: Do = plainly,
    tell: Progress = silent,
    now: Clock = clock.now,
    at: Hook = nowhere,
) -> RunOutcome:
    """Review one month and, if asked, mail it; the same sequence for the command line and for Prefect.

    Earlier months that were never reviewed are replayed in silence first. Nothing that readers get
    is touched unless every gate is passed and every pack is rendered; the same month again on the
    same input changes nothing. However a whole month ends, its owner hears of what went wrong; of a
    rehearsal or of single tiers hears only who typed it.
    """
    with (
        nullcontext() if request.dry_run or request.tiers else owner_hears_of_trouble(settings, request.month),
        month_lock(settings, request.month) as lock,
        Office.open(settings, clock=now, tell=tell, create=True) as office,
    ):
        outcome = MonthRun(office, request, lock, do, at).carried_out()
    if outcome.exit_code is Exit.UNDELIVERED and not request.tiers:
        tell_owner_of(settings, request.month, UndeliveredError("\n".join(outcome.brief())))
    return outcome


@dataclass
class MonthRun:
    """One run under way; each method is one sentence of the pipeline."""

    office: Office
    request: RunRequest
    lock: MonthLock
    do: Do
    at: Hook = nowhere
    run: Run = field(init=False)

    @property
    def month(self) -> Month:
        return self.request.month

    @property
    def settings(self) -> Settings:
        return self.office.settings

    @property
    def tell(self) -> Progress:
        return self.office.tell

    @property
    def warehouse(self) -> Warehouse:
        return self.office.warehouse

    @property
    def archive(self) -> Archive:
        return self.office.archive

    def carried_out(self) -> RunOutcome:
        """Carry the run out and record how it ended, also where it ends in an error."""
        self.run = self.warehouse.begin_run("review", self.month)
        return carried_out(self.warehouse, self.run, self._sequence)

    def _sequence(self) -> RunOutcome:
        self.archive.check_writable()
        sweep_all(self.settings.archive_path, self.settings.outbox_path)
        made_known(self.warehouse)
        if self.request.send and not self.request.dry_run and self.settings.delivery.transport == "smtp":
            refuse_copy(self.warehouse)
        recover(self.warehouse, self.archive, self.month)
        kept = KeptSnapshots.of(self.warehouse, self.settings.archive_path)
        first = kept.first_to_pull(self.month, self.settings)
        oldest = kept.first_to_read(first)
        read = self.do("pull sources", lambda: self._pull(oldest), network=True)
        pulled = since(read, first)
        pulled = replace(pulled, findings=self._weighed(pulled.findings))
        if self.do("check data", lambda: self._gate("data", pulled.findings, pulled)):
            return self.do("tell the owner", lambda: self._held(pulled, pulled.findings))

        chain = chained(pulled, kept.newest, self.settings.company.first_month)
        scorer = Scorer.over(self.settings, chain, pulled.supplied)
        policies = self.do("settle the policy", lambda: self._policies(scorer))
        policy = policies.in_force(self.month)
        published = self.warehouse.publication(self.month)
        then = () if published is None else segments_of(self.archive.manifest(self.month, published.revision).inputs)
        segments = printed_segments(pulled, scorer.customers, policy, self.office.today)
        scorer = replace(scorer, segments=segments)
        names, digest, parts = self._inputs(chain, policy, segments)
        if published is not None and self._inputs(chain, policy, then)[1] == published.input_digest:
            if self.request.dry_run:
                return self._rehearsed_unchanged(published, pulled)
            return self.do("send", lambda: self._unchanged(published, pulled, policy))
        if published is not None and self.request.once and not self.request.dry_run and self._all_out(published, names):
            changed = changes(self.archive.manifest(self.month, published.revision).inputs, parts)
            return self.do("send", lambda: self._unchanged(published, pulled, policy, changed))

        known_at = kept.known_at(self.month, pulled)
        if known_at == pulled.known_at:
            known_at = rehearsed_at(self.archive, self.month, digest) or known_at
        remembered = Remembered(self.warehouse.history, self.warehouse.year_ago)
        replayed = self.do("replay earlier months", lambda: self._replay(scorer, policies, kept, remembered, known_at))
        history = remembered.before(self.month)
        review = self.do("score", lambda: self._scored(scorer, history, policy))
        late = self.do("look back", lambda: late_changes(self.warehouse, scorer, policies, pulled, self.month))
        seen = self._weighed((*seen_in(scorer, review), *late.findings))
        findings = (*pulled.findings, *seen)
        if self.do("check results", lambda: self._gate("results", seen)):
            return self.do("tell the owner", lambda: self._held(pulled, findings))

        revision = 0 if published is None else published.revision + 1
        reason = FIRST if published is None else changes(self.archive.manifest(self.month, published.revision).inputs, parts)
        revised = [late.revised]
        if published is not None:
            said = self.archive.manifest(self.month, published.revision).inputs
            revised.append(restated_itself(self.warehouse, scorer, policies, pulled, review, published, reason, said))
        job = PrintJob(
            self.settings,
            review,
            history,
            pulled,
            findings,
            revision,
            known_at,
            digest,
            names,
            pd.concat(revised, ignore_index=True),
            segments=segments,
            known=scorer.customers,
            merged=scorer.merged,
        )
        if self.request.dry_run:
            return self.do("print packs", lambda: self._rehearsed(job))
        if self.request.send:
            readers(self.office, pulled, policy)  # a list that cannot be believed holds the month before anything is published
            refuse_unknown_names(self.office)
        staging = self.archive.stage(self.month, revision, job.key)
        foreign = self.do("print packs", lambda: release_findings(job, staging, print_packs(job, staging, self.tell, self.at)))
        if self.do("check release", lambda: self._gate("release", foreign)):
            return self.do("tell the owner", lambda: self._held(pulled, (*findings, *foreign)))
        folder = self.do("publish", lambda: self._published(job, staging, reason, parts, chain))
        outcome = RunOutcome(
            month=self.month,
            ending=Ending.PUBLISHED,
            run_id=self.run.run_id,
            revision=revision,
            reason=reason,
            folder=folder,
            packs=pdfs_in(folder),
            findings=self._of_month(findings),
            replayed=replayed,
        )
        return self.do("send", lambda: self._sent(outcome, pulled, policy)) if self.request.send else outcome

    # the sentences

    def _pull(self, oldest: Month | None) -> Pulled:
        return pull(self.settings, oldest, self.month, now=self.office.clock(), progress=self.tell)

    def _inputs(self, chain: Chain, policy: Policy, segments: tuple[Segment, ...]) -> tuple[tuple[str, ...], str, dict[str, object]]:
        """The names of the packs, and what they are made from: as one digest, and in parts."""
        names = pack_names(policy, self.settings, self.request.tiers, segments)
        chosen = tuple(segment for segment in segments if segment.name in names)
        return names, *input_digest(chain, self.month, policy, self.settings, code_version(), names, chosen)

    def _of_month(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings that concern the reviewed month: its own, and those of a whole pull."""
        return tuple(finding for finding in findings if finding.month in ("", str(self.month)))

    def _weighed(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings with the severities that the configuration sets, and with what somebody has waived marked so."""
        severities, known = self.settings.quality.severities, recorded(self.warehouse, self.month)
        return weighed(findings, severities, known, self.office.today, self.month)

    def _gate(self, name: str, findings: tuple[Finding, ...], pulled: Pulled | None = None) -> bool:
        """Record what a gate saw; True where the month is held."""
        self.warehouse.record_gate(self.run, name, findings, pulled.quality if pulled else None)
        grave = holds(self._of_month(findings))
        self.tell(f"{name} gate: {len(findings)} finding(s), {len(grave)} critical")
        return bool(grave)

    def _held(self, pulled: Pulled, findings: tuple[Finding, ...]) -> RunOutcome:
        """Write the refused rows where the owner finds them; readers get nothing."""
        folder = write_held(self.archive, self.month, pulled, findings)
        outcome = RunOutcome(self.month, Ending.HELD, self.run.run_id, folder=folder, findings=self._of_month(findings))
        if not self.request.dry_run:
            tell_owner(self.settings, self.month, outcome.told())
        return outcome

    def _policies(self, scorer: Scorer) -> Policies:
        record = None if self.request.dry_run else self.run
        return settled(self.warehouse, self.settings.policies_path, lambda policy: scorer.frozen(policy, self.month), self.month, record)

    def _replay(self, scorer: Scorer, policies: Policies, kept: KeptSnapshots, remembered: Remembered, known_at: datetime) -> int:
        """Review every earlier month that never was, in silence, so that grades have a history."""
        start = scorer.chain.first
        missing = [] if start is None else [month for month in months(start, self.month - 1) if month not in kept.reviewed]

        def keep(review: MonthReview) -> None:
            self._keep(review, None, known_at, "", scorer.chain.by_month[review.month].values(), "replay")

        return replay(scorer, policies, missing, remembered, keep, self.tell)

    def _scored(self, scorer: Scorer, history: History, policy: Policy) -> MonthReview:
        self.tell(f"scoring {self.month}")
        return scorer.review(self.month, history, policy)

    def _keep(
        self, review: MonthReview, revision: int | None, known_at: datetime, digest: str, snapshots: Iterable[Snapshot], kind: Kind
    ) -> int:
        if self.request.dry_run:
            return 0
        return self.warehouse.keep(
            review, run=self.run, revision=revision, known_at=known_at, input_digest=digest, snapshots=snapshots, kind=kind
        )

    def _rehearsed(self, job: PrintJob) -> RunOutcome:
        """Print into a folder of its own; nothing is kept, published or mailed."""
        staging = rehearsal(job, self.archive)
        foreign = release_findings(job, staging, print_packs(job, staging, self.tell))
        self._gate("release", foreign)
        note(staging, job)
        folder = staging.folder
        findings = self._of_month((*job.findings, *foreign))
        outcome = RunOutcome(self.month, Ending.REHEARSED, self.run.run_id, folder=folder, packs=pdfs_in(folder), findings=findings)
        if foreign:
            return replace(outcome, ending=Ending.HELD)
        return replace(outcome, preview=preview(self.office, job, staging))

    def _rehearsed_unchanged(self, published: Publication, pulled: Pulled) -> RunOutcome:
        """Nothing to print: the packs of this input are out. What a run would mail of them is told."""
        folder = self.archive.folder(self.month, published.revision)
        told = preview_of_published(self.office, published, pulled)
        findings = self._of_month(pulled.findings)
        return RunOutcome(
            self.month,
            Ending.REHEARSED,
            self.run.run_id,
            published.revision,
            published.reason,
            folder,
            pdfs_in(folder),
            findings,
            preview=told,
        )

    def _published(self, job: PrintJob, staging: Staging, reason: str, parts: Mapping[str, object], chain: Chain) -> Path:
        taken = [*chain.undated.values(), *(snapshot for month in job.pulled.snapshots.values() for snapshot in month.values())]
        review_id = self._keep(job.review, job.revision, job.known_at, job.digest, dict.fromkeys(taken), "review")
        self.at("kept")
        manifest = job.manifest(reason, self.run.run_id, review_id, parts)
        self.lock.confirm()
        publish(self.warehouse, self.archive, staging, manifest, at=self.at)
        folder = self.archive.folder(self.month, job.revision)
        self.tell(f"published {self.month} r{job.revision}")
        return folder

    def _all_out(self, published: Publication, names: tuple[str, ...]) -> bool:
        """Whether every pack of a whole tier that is wanted has been published."""
        out = {pack.pack for pack in self.warehouse.packs(self.month, published.revision)}
        return all(name in out for name in names if is_whole(name))

    def _unchanged(self, published: Publication, pulled: Pulled, policy: Policy, since: str = "") -> RunOutcome:
        folder = self.archive.folder(self.month, published.revision)
        outcome = RunOutcome(
            self.month,
            Ending.UNCHANGED,
            self.run.run_id,
            published.revision,
            published.reason,
            folder,
            pdfs_in(folder),
            self._of_month(pulled.findings),
            since=since,
        )
        return self._sent(outcome, pulled, policy) if self.request.send else outcome

    def _sent(self, outcome: RunOutcome, pulled: Pulled, policy: Policy) -> RunOutcome:
        """Mail what is published and not yet accepted; the ledger decides, not this run."""
        self.lock.confirm()
        return send(self.office, outcome, pulled, policy, at=self.at)
