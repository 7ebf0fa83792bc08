"""The chain of snapshots behind a month: what was pulled just now over what was kept before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from flows.archive.snapshots import UNDATED, Pulled, Snapshot
from flows.settings import Settings
from transforms.month import Month, months
from transforms.policy import Policy
from transforms.segments import CustomerFilter, Segment

MonthSnapshots = Mapping[str, Snapshot]
"""Table -> snapshot, of one month."""

NOT_PRINTED = frozenset({"recipients"})
"""Tables that decide who reads a pack, not what it says."""


@dataclass(frozen=True)
class Chain:
    """Every month's snapshots from the first of history to the reviewed one, and the undated tables."""

    by_month: Mapping[Month, MonthSnapshots]
    undated: MonthSnapshots

    def up_to(self, month: Month) -> dict[Month, MonthSnapshots]:
        """The months that `month` may know of, oldest first."""
        return {earlier: snapshots for earlier, snapshots in self.by_month.items() if earlier <= month}

    @property
    def first(self) -> Month | None:
        return min(self.by_month, default=None)


def chained(pulled: Pulled, kept: Mapping[Month, MonthSnapshots], first: Month | None) -> Chain:
    """What was pulled now, over what earlier runs kept for the months before."""
    fresh: dict[Month, dict[str, Snapshot]] = {}
    undated: dict[str, Snapshot] = {}
    for table, snapshots in pulled.snapshots.items():
        for month, snapshot in snapshots.items():
            if month == UNDATED:
                undated[table] = snapshot
            else:
                fresh.setdefault(Month.parse(month), {})[table] = snapshot
    older = {month: snapshots for month, snapshots in kept.items() if month < pulled.first}
    known = {**older, **fresh}
    start = first or min(known, default=pulled.last)
    return Chain({month: known.get(month, {}) for month in months(min(start, pulled.last), pulled.last)}, undated)


def input_digest(
    chain: Chain,
    month: Month,
    policy: Policy,
    settings: Settings,
    code: str,
    packs: tuple[str, ...],
    segments: tuple[Segment, ...] = (),
) -> tuple[str, dict[str, object]]:
    """What a month's packs are made from, as one digest and as the parts it is made of (for the manifest)."""
    parts: dict[str, object] = {
        "snapshots": {
            str(earlier): {table: snapshot.digest for table, snapshot in sorted(snapshots.items())}
            for earlier, snapshots in chain.up_to(month).items()
            if snapshots
        },
        "undated": {table: snapshot.digest for table, snapshot in sorted(chain.undated.items()) if table not in NOT_PRINTED},
        "policy": policy.digest,
        "code": code,
        "settings": {
            "company": settings.company.model_dump(mode="json"),
            "quality": settings.quality.model_dump(mode="json"),
            "tables": sorted(settings.tables),
        },
        "packs": list(packs),
    }
    if segments:
        parts["segments"] = {one.name: [one.tier, one.filter.column, one.filter.value] for one in segments}
    return digest_of_parts(parts), parts


def digest_of_parts(parts: Mapping[str, object]) -> str:
    """The input digest of the parts that a manifest names."""
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def segments_of(parts: Mapping[str, object]) -> tuple[Segment, ...]:
    """The segments that a revision was made with, from the parts of its input digest."""
    named = parts.get("segments")
    if not isinstance(named, dict):
        return ()
    return tuple(
        Segment(str(name), None if tier is None else str(tier), CustomerFilter(str(column), str(value)))
        for name, (tier, column, value) in sorted(named.items())
    )


def changes(before: Mapping[str, object], after: Mapping[str, object]) -> str:
    """In words what differs between the inputs of two revisions: the reason for the newer one."""
    words: list[str] = []
    old, new = before.get("snapshots"), after.get("snapshots")
    if isinstance(old, dict) and isinstance(new, dict) and old != new:
        differing = sorted(
            f"{table} {month}"
            for month in {*old, *new}
            for table in {*old.get(month, {}), *new.get(month, {})}
            if old.get(month, {}).get(table) != new.get(month, {}).get(table)
        )
        words.append("input changed: " + ", ".join(differing[:6]) + (f" and {len(differing) - 6} more" if len(differing) > 6 else ""))
    names = {
        "undated": "reference tables changed",
        "policy": "policy changed",
        "code": "code changed",
        "settings": "settings changed",
        "packs": "other packs asked for",
    }
    words += [said for part, said in names.items() if before.get(part) != after.get(part)]
    return "; ".join(words) or "nothing changed"
