"""One month through the whole pipeline, read stage by stage: gather, check, score, keep, print, publish, send."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime

from expectations.findings import holds
from flows.archive.locks import MonthLock, month_lock
from flows.archive.office import Office
from flows.archive.publishing import recover
from flows.delivery.owner import owner_hears_of_trouble, tell_owner, tell_owner_of
from flows.delivery.recipients import is_whole
from flows.machine import clock
from flows.machine.clock import Clock
from flows.machine.hooks import Hook, nowhere
from flows.machine.progress import Progress, silent
from flows.machine.steps import Do, plainly
from flows.review.outcome import Ending, RunOutcome
from flows.review.planning import Gathered, Inputs, Planned, gather, plan
from flows.review.printing import PrintJob, pdfs_in, write_held_month
from flows.review.recorded import run_recorded
from flows.review.rehearsal import preview_of_revision, read_rehearsal_time, rehearse
from flows.review.replaying import replay_earlier
from flows.review.request import RunRequest
from flows.review.stages import Published, Scored, build_job, mail_published, print_month, publish_month, score
from flows.review.work import Findings, Work, concerning, prepare, windows_of
from flows.settings import Settings
from flows.snapshots.chain import changes, segments_of
from flows.warehouse.records import Publication
from transforms.errors import Exit, UndeliveredError
from transforms.month import Month

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
        run = office.warehouse.begin_run("review", request.month)
        work = Work(office, run, do, at, keeps=not request.dry_run, sends=request.send and not request.dry_run)
        outcome = run_recorded(office.warehouse, run, lambda: _MonthRun(work, request, lock).sequence())
    if outcome.exit_code is Exit.UNDELIVERED and not request.tiers:
        tell_owner_of(settings, request.month, UndeliveredError("\n".join(outcome.brief())))
    return outcome


@dataclass(frozen=True)
class _MonthRun:
    """One month read through its stages; beside them stands only what a run alone does: be quiet, rehearse, hold."""

    work: Work
    request: RunRequest
    lock: MonthLock

    @property
    def month(self) -> Month:
        return self.request.month

    def sequence(self) -> RunOutcome:
        work, office, month = self.work, self.work.office, self.month
        prepare(work)
        recover(office.warehouse, office.archive, month)
        gathered = gather(work, month, month)
        if gathered.held:
            return self._hold(gathered, gathered.pulled.findings)
        planned = plan(gathered)
        published = office.warehouse.publication(month)
        inputs = planned.inputs(month, self.request.tiers)
        if published is not None and self._is_the_same(planned, published):
            return self._leave(planned, published) if work.keeps else self._rehearse_again(planned, published)
        since = "" if published is None else self._since(planned, published, inputs)
        if published is not None and self.request.once and work.keeps and self._all_out(published, inputs):
            return self._leave(planned, published, since)
        known_at = self._known_at(gathered, inputs)
        replayed = replay_earlier(planned, known_at)
        scored = score(planned, month, replayed.remembered.before(month), inputs, known_at)
        if scored.held:
            return self._hold(gathered, scored.findings)
        reason = FIRST if published is None else since
        job = build_job(scored, published, reason)
        if not work.keeps:
            return work.do("print packs", lambda: self._rehearse(scored, job))
        printed = print_month(scored, job)
        if printed.held:
            return self._hold(gathered, (*scored.findings, *printed.held))
        done = publish_month(printed, self.lock, reason)
        outcome = self._outcome(Ending.PUBLISHED, done, scored.findings)
        return self._send(replace(outcome, replayed=replayed.count), done)

    def _is_the_same(self, planned: Planned, published: Publication) -> bool:
        """Whether the month, with the parts of tiers that were printed then, would be made from the very same."""
        then = planned.inputs(self.month, self.request.tiers, segments_of(self._published_inputs(published)))
        return then.digest == published.input_digest

    def _since(self, planned: Planned, published: Publication, inputs: Inputs) -> str:
        """Why the month is made anew: what is read otherwise comes first, as it is the cause of other rows."""
        otherwise = [one.words for one in planned.gathered.remapped if one.differing]
        return "; ".join([*otherwise, changes(self._published_inputs(published), inputs.parts)])

    def _published_inputs(self, published: Publication) -> dict[str, object]:
        """What a published revision was made from, as its manifest names it."""
        return dict(self.work.office.archive.manifest(self.month, published.revision).inputs)

    def _all_out(self, published: Publication, inputs: Inputs) -> bool:
        """Whether every pack of a whole tier that is wanted has been published."""
        out = {pack.pack for pack in self.work.office.warehouse.packs(self.month, published.revision)}
        return all(name in out for name in inputs.names if is_whole(name))

    def _known_at(self, gathered: Gathered, inputs: Inputs) -> datetime:
        """When this input was first known: then, or when it was rehearsed, so that the bytes are those of the rehearsal."""
        known_at = gathered.kept.known_at(self.month, gathered.pulled)
        if known_at != gathered.pulled.known_at:
            return known_at
        return read_rehearsal_time(self.work.office.archive, self.month, inputs.digest) or known_at

    def _outcome(self, ending: Ending, done: Published, findings: Findings) -> RunOutcome:
        revision, folder = done.publication, done.folder
        return RunOutcome(
            self.month,
            ending,
            self.work.run.run_id,
            revision.revision,
            revision.reason,
            folder,
            pdfs_in(folder),
            concerning(findings, [self.month]),
        )

    def _hold(self, gathered: Gathered, findings: Findings) -> RunOutcome:
        return self.work.do("tell the owner", lambda: self._tell_held(gathered, findings))

    def _tell_held(self, gathered: Gathered, findings: Findings) -> RunOutcome:
        """Write the refused rows where the owner finds them; readers get nothing."""
        folder = write_held_month(self.work.office.archive, self.month, gathered.pulled, findings)
        own = (*concerning(findings, [self.month]), *holds(concerning(findings, windows_of([self.month])[:-1], whole=False)))
        outcome = RunOutcome(self.month, Ending.HELD, self.work.run.run_id, folder=folder, findings=own)
        if self.work.keeps:
            tell_owner(self.work.office.settings, self.month, outcome.lines())
        return outcome

    def _rehearse(self, scored: Scored, job: PrintJob) -> RunOutcome:
        """Print into a folder of its own; nothing is kept, published or mailed."""
        rehearsed = rehearse(scored, job)
        folder, findings = rehearsed.folder, concerning((*job.findings, *rehearsed.held), [self.month])
        ending = Ending.HELD if rehearsed.held else Ending.REHEARSED
        outcome = RunOutcome(self.month, ending, self.work.run.run_id, folder=folder, packs=pdfs_in(folder), findings=findings)
        return replace(outcome, preview=rehearsed.preview)

    def _rehearse_again(self, planned: Planned, published: Publication) -> RunOutcome:
        """Nothing to print: the packs of this input are out. What a run would mail of them is told."""
        told = preview_of_revision(self.work.office, published, planned.pulled)
        outcome = self._outcome(Ending.REHEARSED, Published(planned, published), planned.pulled.findings)
        return replace(outcome, preview=told)

    def _leave(self, planned: Planned, published: Publication, since: str = "") -> RunOutcome:
        """Nothing new to readers: the month stays as it is, and goes to whom it has not reached; `since` says what has changed."""
        done = Published(planned, published)
        outcome = self._outcome(Ending.UNCHANGED, done, planned.pulled.findings)
        return self._send(replace(outcome, since=since), done)

    def _send(self, outcome: RunOutcome, done: Published) -> RunOutcome:
        if not self.work.sends:
            return outcome
        mailed = self.work.do("send", lambda: mail_published(done, self.lock))
        return replace(outcome, deliveries=mailed.counts, undelivered=mailed.report.open, unread=mailed.report.unread, outbox=mailed.outbox)
