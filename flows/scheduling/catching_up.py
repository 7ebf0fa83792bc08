"""Months that a schedule missed: each caught up once, oldest first; many only when somebody says so."""

from __future__ import annotations

from datetime import datetime

from flows.review.request import month_to_review
from flows.settings import Settings
from flows.warehouse.store import Warehouse
from transforms.errors import UsageError
from transforms.month import Month, months

LIMIT = 6
"""Missed months that a schedule catches up unasked; half a year of mail at once is for a person to decide."""


def months_due(settings: Settings, scheduled_at: datetime, limit: int) -> list[Month]:
    """What a run of that scheduled time has to review: the months missed since the newest published one, oldest first, then its own."""
    return due(month_to_review(None, scheduled_at, settings), newest_published_month(settings), limit)


def due(own: Month, newest: Month | None, limit: int) -> list[Month]:
    """The months from the newest published one to a run's own, both known: oldest first.

    A company that never published anything has missed nothing; a later month that is out means that the run is
    late, and its month alone is looked at again. More than `limit` missed months are a UsageError, and none is run.
    """
    if newest is None or newest >= own or limit == 0:
        return [own]
    missed = list(months(newest + 1, own - 1))
    if len(missed) > limit:
        raise UsageError(
            f"{len(missed)} months were missed: {missed[0]} to {missed[-1]} are not published (the newest that is: {newest}). "
            f"More than {limit} are not caught up unasked. Nothing was run.\n"
            f"To publish and mail them all, oldest first: keping run --catch-up {len(missed)} --send\n"
            f"To leave them out: keping run --month {own} --send"
        )
    return [*missed, own]


def newest_published_month(settings: Settings) -> Month | None:
    """The newest month that is out; None where nothing is, or there is no warehouse yet."""
    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment) as warehouse:
        return max((publication.month for publication in warehouse.publications()), default=None)
