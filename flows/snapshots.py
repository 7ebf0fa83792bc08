"""Snapshots: one canonical table of one month as a typed Parquet file named by its digest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from expectations.findings import Finding
from transforms.month import Month

UNDATED = ""
"""Month of tables that have none: customers, recipients, fx_rates, costs, plans."""


@dataclass(frozen=True)
class Snapshot:
    """Where one table's rows of one month lie, and the totals they must keep.

    `money` is the sum of the table's money column in ten-thousandths; None where it has none.
    `newest` is the newest value of the time column. The file's sha256 is its name.
    """

    table: str
    month: str
    digest: str
    path: Path
    rows: int
    money: int | None
    newest: datetime | None


@dataclass(frozen=True)
class Pulled:
    """What one pull brought: snapshots by table and month, with the books that prove nothing was lost.

    quality     one row per table and month: table, month, read, accepted, quarantined, duplicates,
                the same four of money (`money_read`, ...; Int64 ten-thousandths, NA without money),
                freshest (datetime64[us, UTC]), source_rows, source_money, source_newest
                (control totals asked from the source; NA for files without them), note
    quarantine  table, month, source, place (file and line, or key), rule, column, value, money
    """

    known_at: datetime
    first: Month
    last: Month
    snapshots: Mapping[str, Mapping[str, Snapshot]]
    quality: pd.DataFrame
    quarantine: pd.DataFrame
    findings: tuple[Finding, ...]
    supplied: frozenset[str]
    rows_read: int


def write_snapshot(frame: pd.DataFrame, table: str, month: str, folder: Path) -> Snapshot:
    """Write canonical rows, sorted by key, as Parquet with exact types; same rows, same bytes, same name."""
    raise NotImplementedError


def read_snapshot(snapshot: Snapshot, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """The canonical frame of a snapshot, types as in `transforms.tables.Kind`."""
    raise NotImplementedError
