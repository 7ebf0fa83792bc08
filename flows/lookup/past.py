"""What is kept of the past, to look at only: the chain of snapshots and the policy that each month stands under."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from flows.archive.kept import KeptSnapshots
from flows.archive.office import Office
from flows.review.scoring import Scorer
from flows.snapshots.chain import Chain
from flows.snapshots.store import UNDATED, Snapshot
from transforms.errors import MachineError, UsageError
from transforms.facts.window import customers_of
from transforms.month import Month, months
from transforms.policy.rules import Policy


@dataclass(frozen=True)
class Past:
    """Reviewed months and their kept snapshots; no source is asked and nothing is written."""

    scorer: Scorer
    months: tuple[Month, ...]
    office: Office
    kept: KeptSnapshots

    @classmethod
    def of(cls, office: Office) -> Past:
        """Of the months from the first snapshot to the newest reviewed one; a UsageError where nothing was reviewed yet."""
        kept = KeptSnapshots.of(office.warehouse, office.archive.root)
        if not kept.reviewed or not kept.newest:
            raise UsageError("nothing was reviewed yet, so there is no history to look at. `keping run` makes it.")
        span = tuple(months(min(min(kept.newest), min(kept.reviewed)), max(kept.reviewed)))
        chain = Chain({month: kept.newest.get(month, {}) for month in span}, _undated_snapshots(office))
        missing = [snapshot.path for tables in chain.by_month.values() for snapshot in tables.values() if not snapshot.path.is_file()]
        if missing:
            raise MachineError(
                f"{len(missing)} kept snapshot(s) are gone (first: {missing[0]}). Nothing was written. Put them back from a copy."
            )
        supplied = frozenset({*chain.undated, *(table for tables in chain.by_month.values() for table in tables)})
        return cls(Scorer.over(office.settings, chain, supplied, writes=False), span, office, kept)

    @property
    def newest(self) -> Month:
        return self.months[-1]

    def windows(self) -> Iterator[tuple[Month, pd.DataFrame]]:
        """Every month's customers, oldest month first."""
        for month in self.months:
            yield month, customers_of(self.scorer.store.window(month, self.scorer.chain.up_to(month)))

    def policy(self, month: Month) -> Policy:
        """The policy under which a month was reviewed last; before the first review the first one."""
        review = self.kept.reviews.get(max((one for one in self.kept.reviewed if one <= month), default=min(self.kept.reviewed)))
        assert review is not None
        return self._policies[review.policy_version]

    @cached_property
    def _policies(self) -> dict[str, Policy]:
        found = {version: self.office.warehouse.policy(version) for version in {one.policy_version for one in self.kept.reviews.values()}}
        return {version: policy for version, policy in found.items() if policy is not None}


def _undated_snapshots(office: Office) -> dict[str, Snapshot]:
    """The newest kept snapshot of each table without months."""
    found: dict[str, Snapshot] = {}
    for row in sorted(office.warehouse.kept_snapshots(), key=lambda row: row["review_id"]):
        if row["month"] == UNDATED:
            path = office.archive.root / "snapshots" / row["table"] / "all" / f"{row['digest']}.parquet"
            found[row["table"]] = Snapshot(row["table"], UNDATED, row["digest"], path, row["rows"], row["money"], row["newest"])
    return found
