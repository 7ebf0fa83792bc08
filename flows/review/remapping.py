"""History under another mapping: what has to be read anew, what of it differs, and what readers know of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from expectations.findings import Finding
from expectations.mapping import Remapped, check_mapping, note_unknown_mapping
from flows.archive.changed import ChangedMapping, changed_mappings
from flows.archive.kept import KeptSnapshots
from flows.settings import Settings
from flows.snapshots.store import Pulled, Snapshot
from flows.sources.mapping import TableMapping, table_mappings
from flows.warehouse.store import Warehouse
from transforms.month import Month


@dataclass(frozen=True)
class Remapping:
    """By which mapping tables are read today, and which of what is kept was read by another one."""

    current: Mapping[str, TableMapping]
    changes: tuple[ChangedMapping, ...]
    unknown: Mapping[str, tuple[Month, ...]]
    """Tables and months that an older program kept, before any mapping was recorded."""
    published: frozenset[Month]

    @classmethod
    def of(cls, settings: Settings, warehouse: Warehouse, kept: KeptSnapshots, last: Month) -> Remapping:
        current = table_mappings(settings)
        changes = changed_mappings(kept, current, warehouse.mappings(), last, settings.company.first_month)
        unknown: dict[str, tuple[Month, ...]] = {}
        for month in sorted(kept.newest):
            for table, snapshot in kept.newest[month].items():
                if table in current and not snapshot.mapping:
                    unknown[table] = (*unknown.get(table, ()), month)
        return cls(current, changes, unknown, frozenset(one.month for one in warehouse.publications()))

    def anew(self, kept: KeptSnapshots, read: Pulled) -> frozenset[tuple[str, str]]:
        """Table and month of everything that was read for its own sake: what was read otherwise before, and what lies before it all."""
        oldest = str(min(kept.newest, default=read.first))
        older = {(table, month) for table, by_month in read.snapshots.items() for month in by_month if month and month < oldest}
        return self._stale | (older if self._stale else frozenset())

    @property
    def _stale(self) -> frozenset[tuple[str, str]]:
        return frozenset(key for change in self.changes for key in change.keys)

    def first_to_pull(self, needed: Month | None, kept: KeptSnapshots, settings: Settings) -> Month | None:
        """The first month to read from the sources: `needed`, or the first that was read otherwise; None: from the oldest row."""
        stale = [month for change in self.changes for month in change.months]
        if needed is None or not stale or min(stale) >= needed:
            return needed
        return settings.company.first_month if min(stale) == min(kept.newest) else min(stale)

    def compare(self, kept: KeptSnapshots, pulled: Pulled, asked: Month) -> tuple[Remapped, ...]:
        """Each changed table's kept months beside what was read of them now."""
        return tuple(self._compared(change, kept, pulled, asked) for change in self.changes)

    def _compared(self, change: ChangedMapping, kept: KeptSnapshots, pulled: Pulled, asked: Month) -> Remapped:
        now = pulled.snapshots.get(change.table, {})
        begins = min((Month.parse(name) for name, snapshot in now.items() if snapshot.rows), default=None)
        had = {month: kept.newest[month].get(change.table) for month in change.months}
        full = {month: snapshot for month, snapshot in had.items() if snapshot is not None and snapshot.rows}
        gone = tuple(month for month in full if begins is None or month < begins)
        differing = tuple(month for month in change.months if month not in gone and _differs(had[month], now.get(str(month))))
        touched = min((*gone, *differing), default=None)
        published = sorted(month for month in self.published if touched is not None and touched <= month < asked)
        return Remapped(
            change.table,
            change.months,
            differing,
            gone,
            sum(full[month].rows for month in gone),
            tuple(published),
            max(self.published, default=None),
            change.parts,
            f"{change.last_used:%Y-%m-%d}" if change.last_used is not None else "",
        )

    def findings(self, found: tuple[Remapped, ...], last: Month) -> tuple[Finding, ...]:
        """What is to be said of the changed tables, and of those that an older program kept."""
        notes = [note_unknown_mapping(table, months, last) for table, months in sorted(self.unknown.items())]
        return (*(one for each in found for one in check_mapping(each, last)), *notes)

    def merge(self, kept: KeptSnapshots, pulled: Pulled, found: tuple[Remapped, ...], findings: tuple[Finding, ...]) -> Pulled:
        """What was pulled, with months that the source gives no more as they are kept, and with what is to be said of it all."""
        snapshots = {table: dict(by_month) for table, by_month in pulled.snapshots.items()}
        stays = {(one.table, month) for one in found for month in one.gone}
        for table, month in stays:
            mapping = self.current[table].digest
            snapshots.setdefault(table, {})[str(month)] = replace(kept.newest[month][table], mapping=mapping)
        named = {(table, str(month)) for table, month in stays}
        others = tuple(one for one in pulled.findings if (one.table, one.month) not in named)
        return replace(pulled, snapshots=snapshots, findings=(*others, *findings))

    def left_of(self, kept: KeptSnapshots, found: tuple[Remapped, ...]) -> KeptSnapshots:
        """What is kept without what was read anew; reviews of it that were never published are made anew."""
        touched = min((month for one in found for month in one.differing), default=None)
        outdated = frozenset(month for month in kept.reviewed - self.published if touched is not None and month >= touched)
        return kept.without(self._stale, outdated)


def _differs(before: Snapshot | None, now: Snapshot | None) -> bool:
    if before is None or now is None:
        return bool((before and before.rows) or (now and now.rows))
    return before.digest != now.digest
