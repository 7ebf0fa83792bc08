"""What earlier runs kept of the sources: snapshots, the months already reviewed, and when they were known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from flows.settings import Settings
from flows.snapshots.chain import NOT_PRINTED
from flows.snapshots.store import UNDATED, Pulled, Snapshot
from flows.warehouse.records import KeptReview
from flows.warehouse.store import Warehouse
from transforms.month import Month, months

EVENT_MONTHS = 12
"""How much later than its order a refund, or than its ticket an answer, may come and still be seen."""


def since(pulled: Pulled, first: Month | None, anew: frozenset[tuple[str, str]] = frozenset()) -> Pulled:
    """What a pull brought for the months from `first` on; older rows were read for their later events alone.

    `anew` names the tables and older months that were read for their own sake all the same.
    """
    if first is None or first <= pulled.first:
        return pulled

    def belongs(table: str, month: str) -> bool:
        return month == UNDATED or month >= str(first) or (table, month) in anew

    def only(frame: pd.DataFrame) -> pd.DataFrame:
        named = zip(frame["table"].astype(str), frame["month"].fillna(UNDATED).astype(str), strict=True)
        kept = [belongs(table, month) for table, month in named]
        return frame.loc[np.array(kept, dtype=bool)].reset_index(drop=True)

    return replace(
        pulled,
        first=first,
        snapshots={
            table: {month: snapshot for month, snapshot in by_month.items() if belongs(table, month)}
            for table, by_month in pulled.snapshots.items()
        },
        quality=only(pulled.quality),
        quarantine=only(pulled.quarantine),
        findings=tuple(finding for finding in pulled.findings if belongs(finding.table, finding.month)),
    )


@dataclass(frozen=True)
class KeptSnapshots:
    """The newest kept snapshot of each table and month, and the reviews that stand on them."""

    newest: Mapping[Month, Mapping[str, Snapshot]]
    reviewed: frozenset[Month]
    reviews: Mapping[Month, KeptReview]
    digests: Mapping[Month, frozenset[tuple[str, str, str]]]
    """Of each reviewed month: (table, month, digest) of what its last review was made from."""
    used: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    """(table, digest of its mapping) -> when a review was last kept from rows that were read by it."""

    @classmethod
    def of(cls, warehouse: Warehouse, archive: Path) -> KeptSnapshots:
        newest: dict[Month, dict[str, Snapshot]] = {}
        digests: dict[Month, set[tuple[str, str, str]]] = {}
        used: dict[tuple[str, str], datetime] = {}
        recorded = {table: next(iter(of_table)) for table, of_table in warehouse.mappings().items()}
        rows = sorted(warehouse.kept_snapshots(), key=lambda row: row["review_id"])
        for row in rows:
            digests.setdefault(Month.parse(row["review_month"]), set()).add((row["table"], row["month"], row["digest"]))
            if row["month"] != UNDATED:
                path = archive / "snapshots" / row["table"] / row["month"] / f"{row['digest']}.parquet"
                # An older program did not say by which mapping: by the one that the first run of this one found.
                mapping = row["mapping"] or recorded.get(row["table"], "")
                used[row["table"], mapping] = max(row["kept_at"], used.get((row["table"], mapping), row["kept_at"]))
                snapshot = Snapshot(row["table"], row["month"], row["digest"], path, row["rows"], row["money"], row["newest"], mapping)
                newest.setdefault(Month.parse(row["month"]), {})[row["table"]] = snapshot
        reviews = {review.month: review for review in warehouse.latest_reviews()}
        return cls(newest, frozenset(reviews), reviews, {month: frozenset(found) for month, found in digests.items()}, used)

    def without(self, anew: frozenset[tuple[str, str]], reviews: frozenset[Month]) -> KeptSnapshots:
        """What is left where some tables' months are read anew, and the reviews of some months are made anew."""
        newest = {
            month: {table: kept for table, kept in by_table.items() if (table, str(month)) not in anew}
            for month, by_table in self.newest.items()
        }
        return replace(self, newest=newest, reviewed=self.reviewed - reviews)

    def first_to_pull(self, month: Month, settings: Settings) -> Month | None:
        """The first month to read from the sources: the lookback, or all that is missing before `month`; None: from the oldest row."""
        if not self.reviewed:
            return settings.company.first_month
        start = min(self.reviewed)
        first = settings.company.first_month
        if month <= start or (first is not None and first < start):
            return first
        missing = [earlier for earlier in months(start, month - 1) if earlier not in self.reviewed]
        return max(min([*missing, month - settings.quality.lookback_months]), start)

    def first_to_read(self, first: Month | None) -> Month | None:
        """Where the sources are read from so that the months from `first` on miss nothing.

        A query that is bounded by the day of the order or ticket shows a refund or an answer only with its order
        or ticket: rows up to `EVENT_MONTHS` older are read for what happened to them since.
        """
        if first is None or not self.reviewed or first <= min(self.reviewed):
            return first
        return max(first - EVENT_MONTHS, min(self.reviewed))

    def known_at(self, month: Month, pulled: Pulled) -> datetime:
        """When these snapshots were first known: the instant stays while the digests stay."""
        review = self.reviews.get(month)
        taken = {
            (snapshot.table, snapshot.month, snapshot.digest)
            for table, by_month in pulled.snapshots.items()
            if table not in NOT_PRINTED
            for snapshot in by_month.values()
        }
        known = self.digests.get(month, frozenset())
        return review.known_at if review is not None and taken and taken <= known else pulled.known_at
