"""One set of text rows through every way in: what each of them reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from flows.snapshots.store import Pulled, read_snapshot
from tests.flows.intake.builders import columns_of, database, pulled, settings, write_csv, write_parquet, write_xlsx

FILES = ("csv", "xlsx", "parquet", "query")
DATABASES = ("sqlite", "postgresql", "mariadb")


def read(
    way: str, folder: Path, rows: Sequence[Mapping[str, Any]], *, table: str = "orders", more: str = "", month: str = "2024-06"
) -> Pulled:
    """One pull of one table, the rows written in this way; `more` are further keys of the block."""
    folder = folder / way
    folder.mkdir(parents=True)
    zone = 'timezone = "Asia/Shanghai"\n'
    if way in DATABASES:
        with database(way, folder) as url:
            _text_table(url, rows)
            block = f'source = "s"\nquery = "select * from t"\n{zone}{more}'
            return pulled(settings(folder, f"[[tables.{table}]]\n{block}", sources=f'[sources.s]\nurl = "{url}"\n'), month)
    name = {"csv": "t.csv", "xlsx": "t.xlsx", "parquet": "t.parquet", "query": "t.csv"}[way]
    {"csv": write_csv, "xlsx": write_xlsx, "parquet": write_parquet}[name.rsplit(".", 1)[1]](folder / name, rows)
    found = 'query = "select * from t"\n' if way == "query" else f'files = "{name}"\n'
    block = f'source = "s"\n{found}{zone}{more}'
    return pulled(settings(folder, f"[[tables.{table}]]\n{block}", sources='[sources.s]\npath = "."\n'), month)


def _text_table(url: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """The rows as a table whose columns are all text, so that every way has the same cells."""
    engine = sa.create_engine(url)
    table = sa.Table("t", sa.MetaData(), *(sa.Column(name, sa.Unicode(400)) for name in columns_of(rows)))
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), [{name: row.get(name) for name in columns_of(rows)} for row in rows])
    engine.dispose()


def cells(result: Pulled, table: str = "orders", month: str = "2024-06") -> list[dict[str, Any]]:
    """What was accepted, as plain values, nothing as None; sorted by the first column."""
    frame = read_snapshot(result.snapshots[table][month])
    plain = frame.astype(object).where(frame.notna(), None)
    rows = ({str(key): value for key, value in row.items()} for row in plain.to_dict("records"))
    return sorted(rows, key=lambda row: str(next(iter(row.values()))))


def refusals(result: Pulled, table: str = "orders") -> list[tuple[str, str]]:
    """Rule and value of each row in quarantine, sorted."""
    own = result.quarantine[result.quarantine["table"] == table]
    return sorted(zip(own["rule"].tolist(), own["value"].tolist(), strict=True))


def balance(result: Pulled, table: str = "orders") -> dict[str, int]:
    """The books of a table over all months."""
    own = result.quality[result.quality["table"] == table][["read", "accepted", "quarantined", "duplicates"]].sum()
    return {str(name): int(value) for name, value in own.items()}
