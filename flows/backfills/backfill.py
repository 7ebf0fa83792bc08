"""Past months anew, read stage by stage: gathered once, each set aside and compared, and published only when asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from expectations.findings import Finding
from flows.archive.locks import MonthLock, month_lock
from flows.archive.office import Office
from flows.archive.publishing import recover
from flows.backfills.aside import Aside
from flows.backfills.comparison import comparison_csv, comparison_page
from flows.backfills.outcome import AGAIN, BackfillOutcome, MonthDone, MonthEnding
from flows.delivery.sending import last_out
from flows.machine import clock
from flows.machine.clock import Clock
from flows.machine.hooks import Hook, nowhere
from flows.machine.progress import Progress, silent
from flows.machine.steps import Do, plainly
from flows.review.held import held_lines
from flows.review.planning import Planned, gather, plan
from flows.review.printing import write_held_month
from flows.review.recorded import run_recorded
from flows.review.replaying import replay_earlier
from flows.review.request import BackfillRequest
from flows.review.stages import Published, build_job, mail_published, print_month, publish_month, score
from flows.review.work import Work, prepare
from flows.settings import Settings
from flows.warehouse.records import Publication
from transforms.errors import HeldError
from transforms.month import Month


def backfill(
    settings: Settings,
    request: BackfillRequest,
    *,
    do: Do = plainly,
    tell: Progress = silent,
    now: Clock = clock.now,
    at: Hook = nowhere,
) -> BackfillOutcome:
    """Review past months anew from the data known now, each by the policy of its time, and say what differs.

    With `promote` each month that differs gets a new revision with the reason; a month that does not
    gets none. Months outside the range are not touched. Killed anywhere, the same request goes on
    where it stopped: what was staged of the same input is used again.
    """
    with Office.open(settings, clock=now, tell=tell, create=True) as office:
        run = office.warehouse.begin_run("backfill", request.first)
        work = Work(office, run, do, at, sends=request.send)
        return run_recorded(office.warehouse, run, _Backfill(work, request).sequence)


@dataclass(frozen=True)
class _Backfill:
    """Past months read through their stages; beside them stands only what a backfill alone does: set aside, compare, promote."""

    work: Work
    request: BackfillRequest

    def sequence(self) -> BackfillOutcome:
        work, office, request = self.work, self.work.office, self.request
        prepare(work)
        gathered = gather(work, request.first, request.last)
        outcome = BackfillOutcome(
            request.first, request.last, work.run.run_id, request.reason, request.promote, rows_read=gathered.pulled.rows_read
        )
        if gathered.held:
            refused = write_held_month(office.archive, request.last, gathered.pulled, gathered.pulled.findings)
            return replace(outcome, held=gathered.held, refused=refused)
        planned = plan(gathered)
        replay_earlier(planned, gathered.pulled.known_at)
        aside = Aside.open(planned, request)
        outcome = replace(outcome, folder=aside.place.folder)
        reused = 0
        for number, month in enumerate(gathered.months, start=1):
            office.tell(f"staging {month} ({number} of {len(gathered.months)})")
            held, old = work.do(f"stage {month}", lambda month=month: aside.stage(month))  # type: ignore[misc]
            if held:
                return replace(outcome, held=held)
            reused += old
        done = tuple(aside.compare(month) for month in gathered.months)
        outcome = replace(outcome, months=done, page=self._report(aside, done), reused=reused)
        if request.promote:
            done = tuple(work.do(f"publish {one.month}", lambda one=one: self._promote(aside, one)) for one in done)  # type: ignore[misc]
        if request.send:
            done = tuple(work.do("send", lambda one=one: self._send(planned, one)) for one in done)  # type: ignore[misc]
        return replace(outcome, months=done)

    def _report(self, aside: Aside, done: tuple[MonthDone, ...]) -> Path:
        """Keep what differs as a page and as data; returns where the page lies."""
        comparisons = [one.comparison for one in done]
        page = comparison_page(comparisons, company=self.work.office.settings.company.name, reason=self.request.reason)
        aside.place.report("comparison.csv", comparison_csv(comparisons))
        return aside.place.report("comparison.md", page.encode())

    def _promote(self, aside: Aside, done: MonthDone) -> MonthDone:
        """Publish the month that differs as a new revision; one that does not stays as it is."""
        office, month = self.work.office, done.month
        if done.ending is not MonthEnding.DIFFERS:
            return done
        with month_lock(office.settings, month) as lock:
            recover(office.warehouse, office.archive, month)
            aside.rebase(month)
            again = aside.compare(month)
            if again.ending is not MonthEnding.DIFFERS:
                return again
            published = self._publish(aside, month, lock)
        return replace(again, ending=MonthEnding.PUBLISHED, revision=published.publication.revision)

    def _publish(self, aside: Aside, month: Month, lock: MonthLock) -> Published:
        """The month through the stages of a run, as one step of the backfill, with hooks that name the month."""
        work = replace(self.work, do=plainly, at=lambda step: self.work.at(f"{step} {month}"))
        planned, reason, lookback = aside.planned.done_by(work), self.request.reason, aside.lookback(month)
        newest = work.office.warehouse.publication(month)
        scored = score(planned, month, aside.history(month), aside.inputs(month), aside.known_at, lookback)
        self._refuse_held(month, newest, scored.held)
        printed = print_month(scored, build_job(scored, newest, reason, lookback))
        self._refuse_held(month, newest, printed.held)
        return publish_month(printed, lock, reason)

    def _refuse_held(self, month: Month, newest: Publication | None, held: tuple[Finding, ...]) -> None:
        """A HeldError where a gate holds a month that is to be published; those before it are out already."""
        if held:
            what = f"{month} r{0 if newest is None else newest.revision + 1}"
            raise HeldError("\n".join(held_lines(what, held, month, again=AGAIN, stays="It was not published or mailed.")))

    def _send(self, planned: Planned, done: MonthDone) -> MonthDone:
        """Mail a restated month to those who were on the list when it first went out, and still are."""
        if done.ending is not MonthEnding.PUBLISHED:
            return done
        office = self.work.office
        with month_lock(office.settings, done.month) as lock:
            publication = office.warehouse.publication(done.month)
            assert publication is not None
            mailed = mail_published(Published(planned, publication), lock, self._last_out(publication))
        return replace(done, deliveries=mailed.counts, undelivered=mailed.report.open, unread=mailed.report.unread)

    def _last_out(self, published: Publication) -> date:
        """The business day on which the month last went out; where it goes out only now, the day after its end."""
        office = self.work.office
        return last_out(office, published) or min((published.month + 1).first_day, office.today)
