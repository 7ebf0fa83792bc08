"""The chain of snapshots behind a month: what was pulled just now over what was kept before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flows.machine.files import digest_of
from flows.settings import Settings
from flows.snapshots.store import UNDATED, Pulled, Snapshot
from flows.snapshots.tombstones import Erasures
from transforms.classes.segments import CustomerFilter, Segment
from transforms.errors import MachineError
from transforms.month import Month, months
from transforms.policy.rules import Policy

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


def chain_snapshots(pulled: Pulled, kept: Mapping[Month, MonthSnapshots], first: Month | None) -> Chain:
    """What was pulled now, over what earlier runs kept for the months before.

    Of a month before the pulled ones a table may have been read anew: it takes the kept one's place.
    """
    fresh: dict[Month, dict[str, Snapshot]] = {}
    undated: dict[str, Snapshot] = {}
    for table, snapshots in pulled.snapshots.items():
        for month, snapshot in snapshots.items():
            if month == UNDATED:
                undated[table] = snapshot
            else:
                fresh.setdefault(Month.parse(month), {})[table] = snapshot
    older = {month: snapshots for month, snapshots in kept.items() if month < pulled.first}
    known = {month: {**older.get(month, {}), **fresh.get(month, {})} for month in {*older, *fresh}}
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
    if settings.fonts.files:
        parts["fonts"] = [digest_of(file) for file in settings.font_paths]
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
        "fonts": "other fonts",
        "packs": "other packs asked for",
    }
    words += [said for part, said in names.items() if before.get(part) != after.get(part)]
    return "; ".join(words) or "nothing changed"


def chain_of(archive: Path, inputs: Mapping[str, Mapping[str, Mapping[str, str]]], month: Month) -> Chain:
    """The chain of snapshots that the manifest names; one that held a forgotten person has a successor."""
    erasures, folder = Erasures.of(archive), archive / "snapshots"

    def snapshot(table: str, name: str, digest: str) -> Snapshot:
        return _snapshot(folder, table, name, erasures.successor(digest))

    dated = {Month.parse(name): tables for name, tables in inputs["snapshots"].items()}
    by_month = {
        earlier: {table: snapshot(table, str(earlier), digest) for table, digest in dated.get(earlier, {}).items()}
        for earlier in months(min([*dated, month]), month)
    }
    undated: Mapping[str, object] = inputs["undated"]
    return Chain(by_month, {table: snapshot(table, UNDATED, str(digest)) for table, digest in undated.items()})


def _snapshot(folder: Path, table: str, month: str, digest: str) -> Snapshot:
    path = folder / table / (month or "all") / f"{digest}.parquet"
    if not path.is_file():
        raise MachineError(f"the snapshot {path} is gone; what was made from it cannot be made again. Put it back from a copy.")
    return Snapshot(table, month, digest, path, _rows_in(path), None, None)


@lru_cache(maxsize=1 << 16)
def _rows_in(path: Path) -> int:
    """How many rows a snapshot has; its name is its digest, so a backfill of many months looks once."""
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)
