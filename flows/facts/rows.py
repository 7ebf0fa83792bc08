"""Rows of snapshots as facts are made from them, and the names under which facts are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

import pandas as pd

from flows.facts.files import FactFiles, digest_of
from flows.facts.form import facts_form
from flows.snapshots.store import Snapshot, read_snapshot, snapshot_footer
from transforms.month import Month
from transforms.tables.contract import TABLES
from transforms.tables.merging import Merged, as_one

Chain = Mapping[Month, Mapping[str, Snapshot]]
"""Every month from the first of history to the reviewed one, each with its snapshots by table."""


@dataclass(frozen=True)
class FactRows:
    """Reads a month's rows under the customers that remain, and keeps what is computed from them.

    Rows of `merged` records count for the customer that remains; with other merges all names are new.
    """

    files: FactFiles
    timezone: str
    merged: Merged = field(default_factory=dict)

    @property
    def form(self) -> str:
        """Part of every key: other code or other merges make other facts, and no old file is read."""
        if not self.merged:
            return facts_form()
        return digest_of(facts_form(), *(f"{old}>{new}" for old, new in sorted(self.merged.items())))

    def rows(self, snapshots: Mapping[str, Snapshot], table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """A month's rows of a table; none where it has no snapshot."""
        if table not in snapshots:
            return no_rows(table).copy()
        return as_one(read_snapshot(snapshots[table], columns), self.merged)

    def key(self, month: Month, snapshots: Mapping[str, Snapshot], *tables: str) -> str:
        """The name of what a month's rows of some tables say."""
        named = [f"{table}={snapshots[table].digest}" if table in snapshots else f"{table}=none" for table in tables]
        return digest_of(self.form, self.timezone, str(month), *named)

    def chain_key(self, month: Month, known: Chain, *tables: str) -> str:
        """The name of what all months up to `month` say; `known` is sorted."""
        return digest_of(*(self.key(earlier, known[earlier], *tables) for earlier in known if earlier <= month))

    def filled_columns(self, table: str, known: Chain) -> frozenset[str]:
        """The columns of a table that some row up to now fills; all of them where there is no row."""
        every, filled, rows = frozenset(TABLES[table].names), frozenset[str](), 0
        for month, snapshots in known.items():
            if table not in snapshots:
                continue
            frame = self.files.get_or_compute("filled", self.key(month, snapshots, table), partial(_filled_frame, snapshots[table]))
            filled |= frozenset(frame["column"])
            rows += snapshots[table].rows
        return filled if rows else every


def filled_columns(snapshot: Snapshot) -> frozenset[str]:
    """The columns of a snapshot that hold a value, as its footer says; no row is read."""
    footer = snapshot_footer(snapshot)
    filled: set[str] = set()
    for group in (footer.row_group(number) for number in range(footer.num_row_groups)):
        if group.num_rows == 0:  # a month without rows fills nothing
            continue
        for column in (group.column(place) for place in range(group.num_columns)):
            told = column.statistics
            if told is None or told.null_count is None or told.null_count < group.num_rows:
                filled.add(column.path_in_schema)
    return frozenset(filled)


def _filled_frame(snapshot: Snapshot) -> pd.DataFrame:
    return pd.DataFrame({"column": pd.Series(sorted(filled_columns(snapshot)), dtype="str")})


@cache
def no_rows(table: str) -> pd.DataFrame:
    """An empty canonical frame with all columns and types."""
    from flows.snapshots.arrow import from_arrow, to_arrow

    return from_arrow(to_arrow(pd.DataFrame(), table), table)
