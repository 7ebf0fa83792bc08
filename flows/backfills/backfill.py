"""Past months anew: read once, each month masked at its own end, staged, compared, and published only when asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property, lru_cache

import pandas as pd

from expectations.findings import Finding, holds
from flows.archive.kept import KeptSnapshots, since
from flows.archive.locks import MonthLock, month_lock
from flows.archive.office import Office
from flows.archive.publishing import publish, recover
from flows.archive.revisions import Archive
from flows.backfills.comparison import MonthComparison, compared, comparison_csv, comparison_page
from flows.backfills.outcome import BackfillOutcome, MonthDone, MonthEnding
from flows.backfills.place import BackfillPlace, StagedMonth
from flows.delivery.holding import refuse_unknown_names
from flows.delivery.recipients import is_whole, tier_of
from flows.delivery.sending import last_out, printed_segments, readers
from flows.intake.pull import pull
from flows.machine import clock
from flows.machine.clock import Clock
from flows.machine.code_version import code_version
from flows.machine.hooks import Hook, nowhere
from flows.machine.leftovers import sweep_all
from flows.machine.progress import Progress, silent
from flows.machine.steps import Do, plainly
from flows.policies.frozen import settled
from flows.review.late import Late, late_changes, restated_itself
from flows.review.outcome import Ending, RunOutcome
from flows.review.printing import PrintJob, pack_names, print_packs
from flows.review.recorded import carried_out
from flows.review.release import release_findings
from flows.review.replaying import replay
from flows.review.request import BackfillRequest
from flows.review.scoring import Remembered, Scorer, seen_in
from flows.review.sending import send
from flows.review.waivers import recorded, weighed
from flows.settings import Settings
from flows.snapshots.chain import Chain, chained, input_digest
from flows.snapshots.store import Pulled, Snapshot
from flows.warehouse.reading import KeptMonth
from flows.warehouse.records import Publication, Run
from flows.warehouse.store import Warehouse
from reports.evidence import csv_bytes, figures_table
from transforms.errors import HeldError
from transforms.indicators.all import CATALOGUE
from transforms.inputs import History
from transforms.month import Month, months
from transforms.policy.rules import Policies
from transforms.review import MonthReview


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
        return carried_out(office.warehouse, run, Backfilling(office, request, run, do, at).sequence)


@dataclass
class Backfilling:
    """One backfill under way; each method is one sentence of it."""

    office: Office
    request: BackfillRequest
    run: Run
    do: Do
    at: Hook
    pulled: Pulled = field(init=False)
    chain: Chain = field(init=False)
    scorer: Scorer = field(init=False)
    policies: Policies = field(init=False)
    place: BackfillPlace = field(init=False)
    known_at: datetime = field(init=False)
    staged: dict[Month, StagedMonth] = field(default_factory=dict)
    figures: dict[int, pd.DataFrame] = field(default_factory=dict)
    """Of the reviews that the last month was scored against: the next month needs all of them but the oldest."""

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

    @cached_property
    def _read(self) -> Callable[[int], KeptMonth]:
        """Kept reviews; those of the lookback months, then and now, are asked for month after month."""
        return lru_cache(maxsize=2 * self.settings.quality.lookback_months + 2)(self.warehouse.kept_month)

    @cached_property
    def months(self) -> list[Month]:
        return list(months(self.request.first, self.request.last))

    def sequence(self) -> BackfillOutcome:
        request = self.request
        self.archive.check_writable()
        sweep_all(self.settings.archive_path, self.settings.outbox_path)
        kept = KeptSnapshots.of(self.warehouse, self.settings.archive_path)
        first = kept.first_to_pull(request.first, self.settings)
        oldest = kept.first_to_read(first)
        read = self.do("pull sources", lambda: self._pull(oldest), network=True)
        self.pulled = since(read, first)
        self.pulled = replace(self.pulled, findings=self._weighed(self.pulled.findings, request.last))
        outcome = BackfillOutcome(
            request.first, request.last, self.run.run_id, request.reason, request.promote, rows_read=self.pulled.rows_read
        )
        self.warehouse.record_gate(self.run, "data", self.pulled.findings, self.pulled.quality)
        grave = self._grave(self.pulled.findings)
        if grave:
            return replace(outcome, held=tuple(grave))
        self._settle(kept)
        self.do("replay earlier months", lambda: self._replay(kept))
        self._open_place()
        reused = 0
        for number, month in enumerate(self.months, start=1):
            self.tell(f"staging {month} ({number} of {len(self.months)})")
            held, old = self.do(f"stage {month}", lambda month=month: self._stage(month))  # type: ignore[misc]
            if held:
                return replace(outcome, held=tuple(held), folder=self.place.folder)
            reused += old
        done = [self._done(month) for month in self.months]
        comparisons = [one.comparison for one in done]
        page = comparison_page(comparisons, company=self.settings.company.name, reason=request.reason)
        outcome = replace(
            outcome, months=tuple(done), folder=self.place.folder, page=self.place.report("comparison.md", page.encode()), reused=reused
        )
        self.place.report("comparison.csv", comparison_csv(comparisons))
        if request.promote:
            outcome = replace(outcome, months=tuple(self.do(f"publish {one.month}", lambda one=one: self._promoted(one)) for one in done))  # type: ignore[misc]
        if request.send:
            outcome = replace(outcome, months=tuple(self.do("send", lambda one=one: self._sent(one)) for one in outcome.months))  # type: ignore[misc]
        return outcome

    # the sentences

    def _pull(self, oldest: Month | None) -> Pulled:
        return pull(self.settings, oldest, self.request.last, now=self.office.clock(), progress=self.tell)

    def _weighed(self, findings: Iterable[Finding], month: Month) -> tuple[Finding, ...]:
        return weighed(findings, self.settings.quality.severities, recorded(self.warehouse), self.office.today, month)

    def _grave(self, findings: tuple[Finding, ...]) -> list[Finding]:
        """What holds the backfill: critical findings on its months or on the whole pull."""
        concerned = {"", *(str(month) for month in self.months)}
        return holds(finding for finding in findings if finding.month in concerned)

    def _settle(self, kept: KeptSnapshots) -> None:
        """The chain of snapshots, and the policies of the months' own time."""
        self.chain = chained(self.pulled, kept.newest, self.settings.company.first_month)
        self.scorer = Scorer.over(self.settings, self.chain, self.pulled.supplied)
        last = self.request.last
        self.policies = settled(
            self.warehouse, self.settings.policies_path, lambda policy: self.scorer.frozen(policy, last), last, self.run
        )
        segments = printed_segments(self.pulled, self.scorer.customers, self.policies.in_force(last), self.office.today)
        self.scorer = replace(self.scorer, segments=segments)

    def _replay(self, kept: KeptSnapshots) -> int:
        """Review what was never reviewed before the range, in silence."""
        start = self.chain.first
        missing = [] if start is None else [month for month in months(start, self.request.first - 1) if month not in kept.reviewed]

        def keep(review: MonthReview) -> None:
            snapshots = self.chain.by_month[review.month].values()
            self.warehouse.keep(
                review, run=self.run, revision=None, known_at=self.pulled.known_at, input_digest="", snapshots=snapshots, kind="replay"
            )

        return replay(self.scorer, self.policies, missing, Remembered(self.warehouse.history, self.warehouse.year_ago), keep, self.tell)

    def _open_place(self) -> None:
        """Find the folder in which the same range over the same input was staged before, or make it."""
        digests = {month: self._inputs(month)[0] for month in self.months}
        history = {kept.month: kept.review_id for kept in self.warehouse.latest_reviews() if kept.month < self.request.first}
        self.place = BackfillPlace.of(self.settings.archive_path, self.request.first, self.request.last, digests, history)
        self.known_at = self.place.known_at(self.pulled.known_at)

    def _inputs(self, month: Month) -> tuple[str, dict[str, object]]:
        names = self._names(month)
        segments = tuple(segment for segment in self.scorer.segments if segment.name in names)
        return input_digest(self.chain, month, self.policies.in_force(month), self.settings, code_version(), names, segments)

    def _names(self, month: Month) -> tuple[str, ...]:
        """The packs of whole tiers that the month was published with (all where it was not), and those of today's segments of them."""
        published = self.warehouse.publication(month)
        policy = self.policies.in_force(month)
        if published is None:
            return pack_names(policy, self.settings, (), self.scorer.segments)
        named = [str(name) for name in self.archive.manifest(month, published.revision).inputs["packs"]]
        whole = tuple(tier_of(name) for name in named if is_whole(name))
        return pack_names(policy, self.settings, whole, self.scorer.segments)

    def _stage(self, month: Month) -> tuple[list[Finding], bool]:
        """Score a month against the months staged before it and keep it aside; True where an earlier run had done so."""
        digest, _ = self._inputs(month)
        known = self.place.staged(month)
        if known is not None and known.digest == digest and self.warehouse.has_review(known.review_id, known.run_id):
            self.staged[month] = self._based(month, known)
            return [], True
        with month_lock(self.settings, month):
            review = self.scorer.replayed(month, self._history(month), self.policies.in_force(month))
            seen = self._weighed(seen_in(self.scorer, review), month)
            self.warehouse.record_gate(self.run, "results", seen)
            held = self._grave(seen)
            if held:
                return held, False
            self.at(f"scored {month}")
            review_id = self.warehouse.keep(
                review,
                run=self.run,
                revision=None,
                known_at=self.known_at,
                input_digest=digest,
                snapshots=self._taken(month),
                kind="backfill",
            )
            self.at(f"kept {month}")
            self._put(review)
            published = self.warehouse.publication(month)
            base = None if published is None else published.revision
            staged = StagedMonth(str(month), digest, review_id, self.run.run_id, base, self.warehouse.standing(month))
            self.place.done(staged)
            self.staged[month] = staged
            self.at(f"staged {month}")
        return [], False

    def _based(self, month: Month, known: StagedMonth) -> StagedMonth:
        """The staged month; held anew against what readers know if somebody else has published since."""
        published = self.warehouse.publication(month)
        if published is None or published.revision == known.base or published.input_digest == known.digest:
            return known
        fresh = replace(known, base=published.revision, base_review=published.review_id)
        self.place.done(fresh)
        return fresh

    def _history(self, month: Month) -> History:
        instead = {other: staged.review_id for other, staged in self.staged.items()}
        return self.warehouse.history(month, instead=instead, figures=self.figures)

    def _taken(self, month: Month) -> list[Snapshot]:
        """What the month is made from: the undated tables, and what was pulled of the months up to it."""
        dated = [
            snapshot
            for by_month in self.pulled.snapshots.values()
            for name, snapshot in by_month.items()
            if name and Month.parse(name) <= month
        ]
        return list(dict.fromkeys([*self.chain.undated.values(), *dated]))

    def _put(self, review: MonthReview) -> None:
        """The staged month's tables as files, for whoever wants to look."""
        figures = figures_table(review.figures, review.month, 0, CATALOGUE).drop(columns="revision")
        self.place.put(review.month, "figures.csv", csv_bytes(figures, money_columns=()))
        self.place.put(review.month, "customers.csv", csv_bytes(review.customers))
        self.place.put(review.month, "transitions.csv", csv_bytes(review.transitions))

    def _comparison(self, staged: StagedMonth) -> MonthComparison:
        def anew() -> MonthComparison:
            before = None if staged.base_review is None else self._read(staged.base_review)
            return compared(before, self._read(staged.review_id))

        return self.place.compared(staged, anew)

    def _done(self, month: Month) -> MonthDone:
        """The month as it stands: unchanged, differing, or already published by an earlier run of this backfill."""
        staged = self.staged[month]
        comparison = self._comparison(staged)
        published = self.warehouse.publication(month)
        if not comparison.changed and staged.base is not None:
            return MonthDone(comparison, MonthEnding.UNCHANGED, staged.base)
        if published is not None and published.revision != staged.base and published.input_digest == staged.digest:
            return MonthDone(comparison, MonthEnding.PUBLISHED, published.revision, before=True)
        return MonthDone(comparison, MonthEnding.DIFFERS)

    def _promoted(self, done: MonthDone) -> MonthDone:
        """Publish the month that differs as a new revision; one that does not stays as it is."""
        month = done.month
        if done.ending is not MonthEnding.DIFFERS:
            return done
        with month_lock(self.settings, month) as lock:
            recover(self.warehouse, self.archive, month)
            self.staged[month] = self._based(month, self.staged[month])
            again = self._done(month)
            if again.ending is not MonthEnding.DIFFERS:
                return again
            return replace(again, ending=MonthEnding.PUBLISHED, revision=self._published(month, lock))

    def _published(self, month: Month, lock: MonthLock) -> int:
        policy = self.policies.in_force(month)
        digest, parts = self._inputs(month)
        history = self._history(month)
        review = self.scorer.review(month, history, policy)
        findings = (*self.pulled.findings, *self._weighed(seen_in(self.scorer, review), month))
        newest = self.warehouse.publication(month)
        revision = 0 if newest is None else newest.revision + 1
        late = self._late(month)
        revised = [late.revised]
        if newest is not None:
            revised.append(self._beside(review, newest))
        job = PrintJob(
            self.settings,
            review,
            history,
            self.pulled,
            findings,
            revision,
            self.known_at,
            digest,
            self._names(month),
            pd.concat(revised, ignore_index=True),
            segments=self.scorer.segments,
            known=self.scorer.customers,
            merged=self.scorer.merged,
        )
        if self.request.send:
            readers(self.office, self.pulled, policy)
            refuse_unknown_names(self.office)
        staging = self.archive.stage(month, revision, job.key)
        self.tell(f"printing {month} r{revision}")
        foreign = release_findings(job, staging, print_packs(job, staging, self.tell))
        self.warehouse.record_gate(self.run, "release", foreign)
        if foreign:
            listed = "\n".join(f"- {finding.message}" for finding in foreign[:5])
            raise HeldError(
                f"{month} r{revision} is held: {len(foreign)} pack(s) cannot be released. It was not published or mailed.\n{listed}"
            )
        self.at(f"printed {month}")
        review_id = self.warehouse.keep(
            review,
            run=self.run,
            revision=revision,
            known_at=self.known_at,
            input_digest=digest,
            snapshots=self._taken(month),
            kind="review",
        )
        lock.confirm()
        manifest = job.manifest(self.request.reason, self.run.run_id, review_id, parts)
        publish(self.warehouse, self.archive, staging, manifest, at=lambda step: self.at(f"{step} {month}"))
        self.tell(f"published {month} r{revision}")
        return revision

    def _late(self, month: Month) -> Late:
        """What a pack of the month tells of the lookback months before it; those of this backfill were scored when they were staged."""
        staged = {other: one.review_id for other, one in self.staged.items()}
        since = month - self.settings.quality.lookback_months
        return late_changes(self.warehouse, self.scorer, self.policies, self.pulled, month, since=since, staged=staged, read=self._read)

    def _beside(self, review: MonthReview, newest: Publication) -> pd.DataFrame:
        """What the new revision says beside the newest one, for its own readers."""
        inputs = self.archive.manifest(review.month, newest.revision).inputs
        return restated_itself(
            self.warehouse, self.scorer, self.policies, self.pulled, review, newest, self.request.reason, inputs, self._read
        )

    def _sent(self, done: MonthDone) -> MonthDone:
        """Mail a restated month to those who were on the list when it first went out, and still are."""
        if done.ending is not MonthEnding.PUBLISHED:
            return done
        month = done.month
        with month_lock(self.settings, month) as lock:
            lock.confirm()
            published = self.warehouse.publication(month)
            assert published is not None
            outcome = RunOutcome(month, Ending.PUBLISHED, self.run.run_id, published.revision)
            policy = self.policies.in_force(month)
            sent = send(self.office, outcome, self.pulled, policy, self._last_out(published), at=self.at)
        return replace(done, deliveries=sent.deliveries, undelivered=sent.undelivered)

    def _last_out(self, published: Publication) -> date:
        """The business day on which the month last went out; where it goes out only now, the day after its end."""
        out = last_out(self.office, published)
        return out or min((published.month + 1).first_day, self.office.today)
