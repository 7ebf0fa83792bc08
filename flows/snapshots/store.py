"""Snapshots: one canonical table of one month as a typed Parquet file named by its digest."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from expectations.findings import Finding
from flows.machine.files import FOLDER_MODE, digest_of
from flows.machine.leftovers import WRITING, mark
from transforms.errors import MachineError
from transforms.month import Month
from transforms.tables.contract import TABLES, Kind

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

UNDATED = ""
"""Month of tables that have none: customers, recipients, fx_rates, costs, plans, campaigns, registers."""

ROW_GROUP = 131_072
"""Rows per row group: small enough to read on all cores, large enough to compress well."""


@dataclass(frozen=True)
class Snapshot:
    """Where one table's rows of one month lie, and the totals they must keep.

    `money` is the sum of the table's money column in ten-thousandths; None where it has none.
    `newest` is the newest value of the time column. The file's sha256 is its name. `mapping` is the digest of the
    configuration by which the rows were read; empty where an older program kept them, or where nobody asks.
    """

    table: str
    month: str
    digest: str
    path: Path
    rows: int
    money: int | None
    newest: datetime | None
    mapping: str = ""


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
    """Keep canonical rows as `<folder>/<table>/<month or all>/<digest>.parquet`; same rows, same bytes, same name.

    Rows are sorted by key (then by every column), money is decimal(18, 4), instants are UTC microseconds,
    columns that the frame lacks are written as missing. An existing file of that name is left alone, unless its
    bytes are no longer those of its name; a new one appears whole or not at all.
    """
    import pyarrow.parquet as pq

    from flows.snapshots.arrow import to_arrow

    spec = TABLES[table]
    data = _in_order(to_arrow(frame, table), spec.key)
    place, writing = folder / table / (month or "all"), folder / WRITING
    try:
        for level in (folder, writing, folder / table, place):
            level.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=writing, prefix=f".{table}.{mark()}.", suffix=".parquet")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                pq.write_table(data, file, compression="zstd", compression_level=3, row_group_size=ROW_GROUP, store_decimal_as_integer=True)
                file.flush()
                os.fsync(file.fileno())
            with temporary.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            path = place / f"{digest}.parquet"
            if not path.exists() or digest_of(path) != digest:  # bytes that have rotted since are mended by the true ones
                temporary.replace(path)
                _settle(place)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise MachineError(
            f"{table} {month}: the snapshot of {data.num_rows:,} rows could not be written to {place}: {error.strerror or error}.\n"
            "Nothing was published. Make room (or correct the rights), then run the same command again."
        ) from error
    return Snapshot(table, month, digest, path, data.num_rows, _money_total(frame, table), _newest(frame, table))


def read_snapshot(snapshot: Snapshot, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """The canonical frame of a snapshot, types as in `transforms.tables.contract.Kind`; only `columns` where given, in that order.

    A MachineError says that the file is gone, or that its bytes are not those it was named by: nothing is computed
    from rows that have rotted or were tampered with.
    """
    import pyarrow.parquet as pq

    from flows.snapshots.arrow import from_arrow

    try:
        _refuse_other_bytes(snapshot)
        data = pq.read_table(snapshot.path, columns=None if columns is None else list(columns))
    except FileNotFoundError as error:
        raise _gone_error(snapshot) from error
    return from_arrow(data if columns is None else data.select(list(columns)), snapshot.table)


def snapshot_footer(snapshot: Snapshot) -> pq.FileMetaData:
    """What the file says of itself: row groups, and of each column how many values are missing."""
    import pyarrow.parquet as pq

    try:
        _refuse_other_bytes(snapshot)
        return pq.read_metadata(snapshot.path)
    except FileNotFoundError as error:
        raise _gone_error(snapshot) from error


def _gone_error(snapshot: Snapshot) -> MachineError:
    return MachineError(f"{snapshot.table} {snapshot.month}: the snapshot {snapshot.path} is gone. Run the month again: it is pulled anew.")


def _refuse_other_bytes(snapshot: Snapshot) -> None:
    """A MachineError unless the file holds what it is named by; each file is read through once per process."""
    seen = snapshot.path.stat()
    found = _digest_of_unchanged(snapshot.path, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
    if found != snapshot.digest:
        raise MachineError(
            f"{snapshot.table} {snapshot.month}: the snapshot {snapshot.path} no longer holds the {snapshot.rows:,} rows that were kept "
            f"(sha256 is {found[:12]}): it has rotted or was changed.\nNothing was computed from it and nothing was published. "
            "Put it back from a copy, then run the same command again."
        )


@lru_cache(maxsize=4096)
def _digest_of_unchanged(path: Path, *_stat: int) -> str:
    return digest_of(path)


def _in_order(data: pa.Table, key: Sequence[str]) -> pa.Table:
    """Rows in the one order that their content decides."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if data.num_rows < 2:
        return data.combine_chunks()

    def by(names: Sequence[str]) -> pa.Table:
        order = pc.sort_indices(data, sort_keys=[(name, "ascending") for name in names])
        return data.take(order).combine_chunks()

    ordered = by(key)
    keys = ordered.select(list(key))
    same = None
    for name in key:
        column = keys.column(name).combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = pa.concat_arrays(column.chunks)
        left, right = column.slice(0, len(column) - 1), column.slice(1)
        equal = pc.fill_null(pc.equal(left, right), fill_value=False)
        equal = pc.or_(equal, pc.and_(pc.is_null(left), pc.is_null(right)))
        same = equal if same is None else pc.and_(same, equal)
    if same is not None and pc.any(same).as_py():
        varying = [name for name in data.column_names if name not in key and data.column(name).null_count < data.num_rows]
        ordered = by([*key, *varying])
    return ordered


def _settle(folder: Path) -> None:
    """Make a rename durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _money_total(frame: pd.DataFrame, table: str) -> int | None:
    column = TABLES[table].money
    if column is None:
        return None
    return int(frame[column].sum()) if column in frame else 0


def _newest(frame: pd.DataFrame, table: str) -> datetime | None:
    spec = TABLES[table]
    if spec.time is None or spec.time not in frame or spec.column(spec.time).kind is not Kind.INSTANT:
        return None
    newest = frame[spec.time].max()
    return None if pd.isna(newest) else newest.to_pydatetime().astimezone(UTC)


def undated_rows(snapshot: Snapshot | None, table: str) -> pd.DataFrame:
    """The rows of a table without months; none where it is not configured."""
    if snapshot is None:
        return pd.DataFrame({name: pd.Series([], dtype="str") for name in TABLES[table].names})
    return read_snapshot(snapshot)
