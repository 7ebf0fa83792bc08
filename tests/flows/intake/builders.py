"""A small company's tables, written the same way into every kind of source, and settings that read them."""

from __future__ import annotations

import csv
import gzip
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flows.intake.pull import pull
from flows.settings import Settings, load
from flows.snapshots.store import Pulled
from tests.places import MARIADB, POSTGRES
from transforms.month import Month

NOW = datetime(2024, 8, 2, 3, 0, tzinfo=UTC)

Row = Mapping[str, Any]

TYPES: dict[str, Any] = {
    "amount": sa.Numeric(14, 4),
    "refund_amount": sa.Numeric(14, 4),
    "rate": sa.Numeric(14, 6),
    "quantity": sa.Integer,
    "unit_price": sa.Numeric(14, 4),
    "score": sa.Integer,
    "date": sa.Date,
}


def at(text: str) -> datetime:
    """A local time, as sources hold it."""
    return datetime.fromisoformat(text)


def order(order_id: str, day: str, amount: str, customer: str | None = "C1", **more: Any) -> dict[str, Any]:
    return {"order_id": order_id, "customer_id": customer, "ordered_at": at(day), "amount": Decimal(amount), **more}


def settings(folder: Path, tables: str, *, sources: str = "", timezone: str = "Asia/Shanghai", more: str = "") -> Settings:
    """Settings from the parts that a test is about."""
    path = folder / "keping.toml"
    path.write_text(
        f'[company]\nname = "Test"\ntimezone = "{timezone}"\ncurrency = "CNY"\n[archive]\npath = "archive"\n{sources}\n{tables}\n{more}',
        encoding="utf-8",
    )
    return load(path)


def pulled(config: Settings, last: str = "2024-06", first: str | None = None, **more: Any) -> Pulled:
    """One pull, with a fixed clock and nobody watching."""
    begin = Month.parse(first) if first else None
    return pull(config, begin, Month.parse(last), now=more.pop("now", NOW), progress=lambda line: None, **more)


def digests(result: Pulled) -> dict[str, dict[str, str]]:
    return {table: {month: snapshot.digest for month, snapshot in months.items()} for table, months in result.snapshots.items()}


def rules(result: Pulled, table: str | None = None) -> list[str]:
    """Names of the findings, sorted, without those on unattributed orders."""
    return sorted(f.rule for f in result.findings if (table is None or f.table == table) and not f.rule.endswith("unattributed"))


def write_csv(path: Path, rows: Sequence[Row], *, delimiter: str = ",", encoding: str = "utf-8", decimal: str = ".") -> Path:
    """Rows as a CSV file; missing as nothing."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding=encoding, newline="") as file:  # type: ignore[operator]
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(columns_of(rows))
        writer.writerows([[_written(row.get(name), decimal) for name in columns_of(rows)] for row in rows])
    return path


def write_xlsx(path: Path, rows: Sequence[Row], sheet: str = "Sheet1") -> Path:
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = sheet
    book.active.append(columns_of(rows))
    for row in rows:
        book.active.append([row.get(name) for name in columns_of(rows)])
    book.save(path)
    return path


def write_parquet(path: Path, rows: Sequence[Row]) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({name: [row.get(name) for row in rows] for name in columns_of(rows)}), path)
    return path


def columns_of(rows: Sequence[Row]) -> list[str]:
    """All column names of some rows, in the order of their first appearance."""
    return list(dict.fromkeys(name for row in rows for name in row))


def write_table(url: str, name: str, rows: Sequence[Row]) -> None:
    """Rows as a database table with the types that a careful owner would choose."""
    driver = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}.get(sa.make_url(url).drivername)
    engine = sa.create_engine(sa.make_url(url).set(drivername=driver) if driver else url)
    table = sa.Table(name, sa.MetaData(), *(sa.Column(column, _type(column, engine)) for column in columns_of(rows)))
    with engine.begin() as connection:
        table.drop(connection, checkfirst=True)
        table.create(connection)
        connection.execute(table.insert(), [{column: row.get(column) for column in columns_of(rows)} for row in rows])
    engine.dispose()


@contextmanager
def database(backend: str, folder: Path) -> Iterator[str]:
    """The URL of a fresh database, dropped afterwards; skips where the server is away."""
    name = f"keping_in_{secrets.token_hex(5)}"
    if backend == "sqlite":
        yield f"sqlite:///{folder / (name + '.db')}"
        return
    base, env = (POSTGRES, "KEPING_TEST_POSTGRES") if backend == "postgresql" else (MARIADB, "KEPING_TEST_MARIADB")
    home = f"{base}/postgres" if backend == "postgresql" else base
    server = sa.create_engine(home, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 5})
    force = " with (force)" if backend == "postgresql" else ""
    try:
        with server.connect() as connection:
            connection.exec_driver_sql(f"create database {name}" + ("" if force else " character set utf8mb4"))
    except sa.exc.OperationalError:
        pytest.skip(f"no {backend} server at {base} (set {env})")
    try:
        yield f"{base}/{name}"
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f"drop database if exists {name}{force}")
        server.dispose()


def _type(column: str, engine: sa.Engine) -> Any:
    if column in TYPES:
        return TYPES[column]
    if column.endswith("_at"):
        if engine.dialect.name == "mysql":
            from sqlalchemy.dialects.mysql import DATETIME

            return DATETIME(fsp=6)
        return sa.DateTime
    return sa.String(200)


def _written(value: Any, decimal: str) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value).replace(".", decimal)
    return str(value)
