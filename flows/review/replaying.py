"""Reviewing earlier months in silence, so that the first month anyone reads has a history."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flows.machine.progress import Progress
from flows.review.scoring import Remembered, Scorer
from transforms.month import Month
from transforms.policy.rules import Policies
from transforms.review import MonthReview


def replay(
    scorer: Scorer,
    policies: Policies,
    missing: Sequence[Month],
    remembered: Remembered,
    keep: Callable[[MonthReview], object],
    tell: Progress,
) -> int:
    """Review the missing months, oldest first, each by the policy of its time; returns how many there were."""
    for number, month in enumerate(missing, start=1):
        tell(f"replaying {month} ({number} of {len(missing)})")
        review = scorer.replayed(month, remembered.before(month), policies.in_force(month))
        remembered.add(review)
        keep(review)
    return len(missing)
