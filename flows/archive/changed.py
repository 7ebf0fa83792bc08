"""Which kept months were read by another mapping than the configuration has now: one window is never made of two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flows.archive.kept import KeptSnapshots
from flows.intake.calendar import UNDATED_TABLES
from flows.sources.mapping import TableMapping
from transforms.month import Month


@dataclass(frozen=True)
class ChangedMapping:
    """One table whose kept months, oldest first, were read by another mapping than today's, or before it was configured.

    `parts` are what differs of the configuration (`tables.orders[1].query`); `last_used` is when the mapping before was
    last reviewed by; None for a table that is new.
    """

    table: str
    months: tuple[Month, ...]
    now: str
    parts: tuple[str, ...] = ()
    last_used: datetime | None = None

    @property
    def is_new(self) -> bool:
        return self.last_used is None

    @property
    def keys(self) -> frozenset[tuple[str, str]]:
        """Table and month of everything that has to be read anew."""
        return frozenset((self.table, str(month)) for month in self.months)


def changed_mappings(
    kept: KeptSnapshots,
    current: Mapping[str, TableMapping],
    recorded: Mapping[str, Mapping[str, Mapping[str, str]]],
    last: Month,
    first: Month | None,
) -> tuple[ChangedMapping, ...]:
    """The tables whose kept months from `first` (None: all) to `last` have to be read anew, sorted by name.

    A month that an older program kept counts as read by the mapping that was recorded first, or, before any was, by
    today's. A table without months is read whole by every run and never listed.
    """
    span = [month for month in sorted(kept.newest) if month <= last and (first is None or month >= first)]
    found = []
    for table, mapping in sorted(current.items()):
        if table in UNDATED_TABLES:
            continue
        had = {month: kept.newest[month][table].mapping for month in span if table in kept.newest[month]}
        other = {month: digest for month, digest in had.items() if digest not in ("", mapping.digest)}
        lacking = _lacking(table, mapping, had, span)
        if not other and not lacking:
            continue
        months = tuple(sorted({*other, *lacking}))
        if not other:
            found.append(ChangedMapping(table, months, mapping.digest))
            continue
        before = max(set(other.values()), key=lambda digest: (kept.used[table, digest], digest))
        parts = mapping.differing(recorded.get(table, {}).get(before, {}))
        found.append(ChangedMapping(table, months, mapping.digest, parts, kept.used[table, before]))
    return tuple(found)


def _lacking(table: str, mapping: TableMapping, had: Mapping[Month, str], span: list[Month]) -> list[Month]:
    """Kept months in which a configured table was not read: all, where it is new, or those after its first.

    Before its first month a table may just have no rows: what lies there is not asked for again.
    """
    if not had:
        return span if any(name.startswith(f"tables.{table}[") for name in mapping.parts) else []
    return [month for month in span if month not in had and month > min(had)]
