"""Snapshots without a person: written anew under their new digest, the old file removed once nothing needs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from flows.snapshots.store import UNDATED, Snapshot, read_snapshot, write_snapshot
from transforms.tables.contract import TABLES
from transforms.tables.erasure import erased_rows, identifiers_of


def holding(folder: Path, customers: Mapping[str, str]) -> Iterator[Snapshot]:
    """Every snapshot below a folder that names one of the customers."""
    for path in sorted(folder.rglob("*.parquet")):
        table, month = path.parent.parent.name, path.parent.name
        if table in TABLES and not path.name.startswith(".") and _names(path, table, customers):
            yield Snapshot(table, UNDATED if month == "all" else month, path.stem, path, 0, None, None)


def _names(path: Path, table: str, customers: Mapping[str, str]) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    there = pq.read_schema(path).names
    columns = [name for name in identifiers_of(table) if name in there]
    if not columns:
        return False
    data = pq.read_table(path, columns=columns)
    wanted = pa.array(list(customers), pa.string())
    return any(pc.any(pc.is_in(data.column(name).cast(pa.string()), value_set=wanted)).as_py() for name in columns)


def rewrite_snapshot(snapshot: Snapshot, folder: Path, customers: Mapping[str, str]) -> Snapshot:
    """The same snapshot without the persons; both files are there until the old one is removed."""
    return write_snapshot(erased_rows(read_snapshot(snapshot), snapshot.table, customers), snapshot.table, snapshot.month, folder)


def personal_values(snapshot: Snapshot, customer: str) -> dict[str, list[str]]:
    """What a customers snapshot says of a person in its personal columns, by column; for telling where else it stands."""
    rows: pd.DataFrame = read_snapshot(snapshot)
    own = rows[rows["customer_id"] == customer]
    names = [column.name for column in TABLES["customers"].columns if column.personal and column.name in own]
    return {name: sorted({str(value) for value in own[name].dropna()}) for name in names}
