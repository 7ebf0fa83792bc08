"""Reviewing earlier months in silence, so that the first month anyone reads has a history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flows.review.planning import Planned
from flows.review.scoring import RunHistory
from transforms.month import Month, months


@dataclass(frozen=True)
class Replayed:
    """How many earlier months were reviewed in silence, and what they say to the month after them."""

    count: int
    remembered: RunHistory


def replay_earlier(planned: Planned, known_at: datetime) -> Replayed:
    """Review every month before the asked ones that never was, oldest first, each by the policy of its time."""
    return planned.work.do("replay earlier months", lambda: _replay(planned, known_at))


def _replay(planned: Planned, known_at: datetime) -> Replayed:
    work, scorer = planned.work, planned.scorer
    warehouse = work.office.warehouse
    remembered, missing = RunHistory(warehouse.history, warehouse.year_ago), _missing(planned)
    for number, month in enumerate(missing, start=1):
        work.office.tell(f"replaying {month} ({number} of {len(missing)})")
        review = scorer.replay(month, remembered.before(month), planned.policies.in_force(month))
        remembered.add(review)
        if work.keeps:
            snapshots = scorer.chain.by_month[month].values()
            warehouse.keep(review, run=work.run, revision=None, known_at=known_at, input_digest="", snapshots=snapshots, kind="replay")
    return Replayed(len(missing), remembered)


def _missing(planned: Planned) -> list[Month]:
    start, first = planned.scorer.chain.first, planned.gathered.months[0]
    return [] if start is None else [month for month in months(start, first - 1) if month not in planned.gathered.kept.reviewed]
