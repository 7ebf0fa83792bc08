"""The stages of a month from its score to its mail: each a frozen value, made by one function of the one before.

`Gathered -> Planned -> Scored -> Printed -> Published -> Mailed`; the first two are in `planning`. A run and a backfill
read the same stages, so a gate, a step or a word that is added here is theirs both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from flows.archive.locks import MonthLock
from flows.archive.publishing import publish
from flows.archive.revisions import Staging
from flows.delivery.holding import refuse_unknown_names
from flows.delivery.report import DeliveryReport
from flows.delivery.request import MailingRequest
from flows.delivery.sending import mail, readers, recipient_rows
from flows.review.late import Late, Lookback, compare_with_published, late_changes
from flows.review.planning import Inputs, Planned
from flows.review.printing import PrintJob, print_packs
from flows.review.release import release_findings
from flows.review.scoring import review_findings
from flows.review.work import Findings, Work
from flows.warehouse.records import Publication
from transforms.inputs import History
from transforms.month import Month
from transforms.review import MonthReview


def check_results(planned: Planned, review: MonthReview, late: Findings = ()) -> tuple[Findings, Findings]:
    """Pass the gate of a finished review: what it shows, weighed, and what of it holds the month."""
    months = (review.month,)
    seen = planned.work.weigh((*review_findings(planned.scorer, review), *late), months)
    return seen, planned.work.pass_gate("results", seen, months)


@dataclass(frozen=True)
class Scored:
    """A month that is scored and may be printed, unless something is in `held`."""

    planned: Planned
    review: MonthReview
    history: History
    inputs: Inputs
    known_at: datetime
    late: Late
    findings: Findings
    held: Findings

    @property
    def work(self) -> Work:
        return self.planned.work

    @property
    def month(self) -> Month:
        return self.review.month


def score(planned: Planned, month: Month, history: History, inputs: Inputs, known_at: datetime, lookback: Lookback | None = None) -> Scored:
    """Score the month against its history, look back at what came late, and pass the gate of results."""
    work, policy = planned.work, planned.policies.in_force(month)
    work.office.tell(f"scoring {month}")
    review = work.do("score", lambda: planned.scorer.review(month, history, policy))
    looking = lookback or Lookback()
    late = work.do("look back", lambda: late_changes(planned, month, looking))
    seen, held = work.do("check results", lambda: check_results(planned, review, late.findings))
    return Scored(planned, review, history, inputs, known_at, late, (*planned.pulled.findings, *seen), held)


def build_job(scored: Scored, published: Publication | None, reason: str, lookback: Lookback | None = None) -> PrintJob:
    """Everything that the packs of the month's next revision say; it follows `published`, the newest one, for that reason."""
    planned = scored.planned
    revised = [scored.late.revised]
    if published is not None:
        revised.append(compare_with_published(planned, scored.review, published, reason, lookback or Lookback()))
    return PrintJob(
        planned.scorer.settings,
        scored.review,
        scored.history,
        planned.pulled,
        scored.findings,
        0 if published is None else published.revision + 1,
        scored.known_at,
        scored.inputs.digest,
        scored.inputs.names,
        pd.concat(revised, ignore_index=True),
        segments=planned.scorer.segments,
        known=planned.scorer.customers,
        merged=planned.scorer.merged,
    )


@dataclass(frozen=True)
class Printed:
    """A month whose packs lie in staging and may be published, unless something is in `held`."""

    scored: Scored
    job: PrintJob
    staging: Staging
    held: Findings


def print_month(scored: Scored, job: PrintJob) -> Printed:
    """Print the packs into staging and pass the gate of release; a list that cannot be believed is refused before anything is printed."""
    work, policy = scored.work, job.review.policy
    if work.sends:
        readers(work.office, job.pulled, policy)
        refuse_unknown_names(work.office)
    staging = work.office.archive.stage(scored.month, job.revision, job.key)
    packs = print_packs(job, staging, work.office.tell, work.at)
    foreign = work.do("print packs", lambda: release_findings(job, staging, packs))
    held = work.do("check release", lambda: work.pass_gate("release", foreign, (scored.month,)))
    if not held:
        work.at("printed")
    return Printed(scored, job, staging, held)


@dataclass(frozen=True)
class Published:
    """A revision that is out, and the plan that says by which list and policy it is mailed."""

    planned: Planned
    publication: Publication

    @property
    def month(self) -> Month:
        return self.publication.month

    @property
    def folder(self) -> Path:
        return self.planned.work.office.archive.folder(self.month, self.publication.revision)


def publish_month(printed: Printed, lock: MonthLock, reason: str) -> Published:
    """Keep the review and publish what is in staging; before the lock is confirmed nothing can be seen by readers."""
    scored, job = printed.scored, printed.job
    work, office = scored.work, scored.work.office

    def published() -> Publication:
        review_id = office.warehouse.keep(
            job.review,
            run=work.run,
            revision=job.revision,
            known_at=job.known_at,
            input_digest=job.digest,
            snapshots=scored.planned.snapshots(scored.month),
            kind="review",
        )
        work.at("kept")
        lock.confirm()
        manifest = job.manifest(reason, work.run.run_id, review_id, scored.inputs.parts)
        return publish(office.warehouse, office.archive, printed.staging, manifest, at=work.at)

    publication = work.do("publish", published)
    office.tell(f"published {scored.month} r{job.revision}")
    return Published(scored.planned, publication)


@dataclass(frozen=True)
class Mailed:
    """What the ledger says of a published revision after it was mailed; `outbox` is where the mails lie if no relay took them."""

    published: Published
    report: DeliveryReport
    outbox: Path | None

    @property
    def counts(self) -> dict[str, int]:
        return {state: count for state, count in self.report.counts.items() if count}


def mail_published(published: Published, lock: MonthLock, also_on: date | None = None) -> Mailed:
    """Mail the revision to today's recipients (who must be on the list `also_on`) who have not got it: the ledger decides, not the run."""
    planned, office = published.planned, published.planned.work.office
    asked = MailingRequest(
        published.month,
        published.publication.revision,
        recipients=recipient_rows(planned.pulled),
        day=office.today,
        also_on=also_on,
    )
    lock.confirm()
    report = mail(office, asked, planned.policies.in_force(published.month), at=planned.work.at)
    return Mailed(published, report, office.settings.outbox_path if office.settings.delivery.transport == "outbox" else None)
