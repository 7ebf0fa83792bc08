"""The months of a backfill, scored against one another and kept aside: what they would say, beside what readers know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, lru_cache

import pandas as pd

from expectations.findings import Finding
from flows.archive.locks import month_lock
from flows.backfills.comparison import MonthComparison, compare_months
from flows.backfills.outcome import MonthDone, MonthEnding
from flows.backfills.place import BackfillPlace, StagedMonth
from flows.delivery.recipients import is_whole, tier_of
from flows.review.late import Lookback
from flows.review.planning import Inputs, Planned
from flows.review.request import BackfillRequest
from flows.review.stages import check_results
from flows.review.work import Work
from flows.warehouse.reading import KeptMonth
from flows.warehouse.store import Warehouse
from reports.evidence import csv_bytes, figures_table
from transforms.indicators.all import CATALOGUE
from transforms.inputs import History
from transforms.month import Month
from transforms.review import MonthReview


@dataclass
class Aside:
    """What one backfill has set aside so far; the next month is scored against it."""

    planned: Planned
    place: BackfillPlace
    known_at: datetime
    staged: dict[Month, StagedMonth] = field(default_factory=dict)
    figures: dict[int, pd.DataFrame] = field(default_factory=dict)
    """Of the reviews that the last month was scored against: the next month needs all of them but the oldest."""

    @classmethod
    def open(cls, planned: Planned, request: BackfillRequest) -> Aside:
        """Find the folder in which the same range over the same input was staged before, or make it."""
        office = planned.work.office
        digests = {month: _inputs(planned, month).digest for month in planned.gathered.months}
        history = {kept.month: kept.review_id for kept in office.warehouse.latest_reviews() if kept.month < request.first}
        place = BackfillPlace.of(office.settings.archive_path, request.first, request.last, digests, history)
        return cls(planned, place, place.known_at(planned.pulled.known_at))

    @property
    def work(self) -> Work:
        return self.planned.work

    @property
    def warehouse(self) -> Warehouse:
        return self.work.office.warehouse

    @cached_property
    def read(self) -> Callable[[int], KeptMonth]:
        """Kept reviews; those of the lookback months, then and now, are asked for month after month."""
        return lru_cache(maxsize=2 * self.work.office.settings.quality.lookback_months + 2)(self.warehouse.kept_month)

    def inputs(self, month: Month) -> Inputs:
        """What the month's next revision is made from: the packs of whole tiers that it was published with, and today's parts of them."""
        return _inputs(self.planned, month)

    def history(self, month: Month) -> History:
        """What earlier months say to the month, those that are set aside as they are there."""
        instead = {other: staged.review_id for other, staged in self.staged.items()}
        return self.warehouse.history(month, instead=instead, figures=self.figures)

    def lookback(self, month: Month) -> Lookback:
        """What a pack of the month tells of the lookback months before it; those of this backfill were scored when they were staged."""
        staged = {other: one.review_id for other, one in self.staged.items()}
        return Lookback(month - self.work.office.settings.quality.lookback_months, staged, self.read, warns=False)

    def stage(self, month: Month) -> tuple[tuple[Finding, ...], bool]:
        """Score a month against the months staged before it and keep it aside; what holds it, and whether an earlier run had done so."""
        planned, work = self.planned, self.work
        digest = self.inputs(month).digest
        known = self.place.read_staged(month)
        if known is not None and known.digest == digest and self.warehouse.has_review(known.review_id, known.run_id):
            self.staged[month] = known
            self.rebase(month)
            return (), True
        with month_lock(work.office.settings, month):
            review = planned.scorer.replay(month, self.history(month), planned.policies.in_force(month))
            _, held = check_results(planned, review)
            if held:
                return held, False
            work.at(f"scored {month}")
            review_id = self.warehouse.keep(
                review,
                run=work.run,
                revision=None,
                known_at=self.known_at,
                input_digest=digest,
                snapshots=planned.snapshots(month),
                kind="backfill",
            )
            work.at(f"set aside {month}")
            self._put(review)
            published = self.warehouse.publication(month)
            base = None if published is None else published.revision
            staged = StagedMonth(str(month), digest, review_id, work.run.run_id, base, self.warehouse.standing(month))
            self.place.mark_staged(staged)
            self.staged[month] = staged
            work.at(f"staged {month}")
        return (), False

    def rebase(self, month: Month) -> None:
        """Hold the staged month anew against what readers know, if somebody else has published since."""
        known, published = self.staged[month], self.warehouse.publication(month)
        if published is None or published.revision == known.base or published.input_digest == known.digest:
            return
        self.staged[month] = replace(known, base=published.revision, base_review=published.review_id)
        self.place.mark_staged(self.staged[month])

    def compare(self, month: Month) -> MonthDone:
        """The month as it stands: unchanged, differing, or already published by an earlier run of this backfill."""
        staged = self.staged[month]
        comparison = self._comparison(staged)
        published = self.warehouse.publication(month)
        if not comparison.changed and staged.base is not None:
            return MonthDone(comparison, MonthEnding.UNCHANGED, staged.base)
        if published is not None and published.revision != staged.base and published.input_digest == staged.digest:
            return MonthDone(comparison, MonthEnding.PUBLISHED, published.revision, before=True)
        return MonthDone(comparison, MonthEnding.DIFFERS)

    def _comparison(self, staged: StagedMonth) -> MonthComparison:
        def anew() -> MonthComparison:
            before = None if staged.base_review is None else self.read(staged.base_review)
            return compare_months(before, self.read(staged.review_id))

        return self.place.compare_once(staged, anew)

    def _put(self, review: MonthReview) -> None:
        """The staged month's tables as files, for whoever wants to look."""
        figures = figures_table(review.figures, review.month, 0, CATALOGUE).drop(columns="revision")
        self.place.keep_file(review.month, "figures.csv", csv_bytes(figures, money_columns=()))
        self.place.keep_file(review.month, "customers.csv", csv_bytes(review.customers))
        self.place.keep_file(review.month, "transitions.csv", csv_bytes(review.transitions))


def _inputs(planned: Planned, month: Month) -> Inputs:
    office = planned.work.office
    published = office.warehouse.publication(month)
    if published is None:
        return planned.inputs(month, ())
    named = [str(name) for name in office.archive.manifest(month, published.revision).inputs["packs"]]
    return planned.inputs(month, tuple(tier_of(name) for name in named if is_whole(name)))
