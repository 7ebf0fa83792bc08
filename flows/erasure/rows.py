"""The warehouse without a person: kept rows under the pseudonym, texts scrubbed, what was freed overwritten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import JSON, Column, Connection, String, Table, and_, select, text, update

from flows.warehouse import ledger_schema, schema
from flows.warehouse.store import Warehouse
from transforms.tables.erasure import Scrubber

_LEFT_ALONE = frozenset({"installation", "upgrades", "policies"})
"""Tables that never speak of customers."""
_OF_RECIPIENTS = frozenset({"recipient", "address", "name", "delivery_key"})
"""Columns of deliveries that speak of who got the mail."""


def months_of(warehouse: Warehouse, customers: Mapping[str, str]) -> dict[int, tuple[str, str]]:
    """The reviews that have a row of one of these customers (under the id or the pseudonym): review_id -> month, tier."""
    columns, wanted = schema.customers.c, [*customers, *customers.values()]
    with warehouse.reading() as connection:
        rows = connection.execute(
            select(columns.review_id, schema.reviews.c.month, columns.tier)
            .join(schema.reviews, schema.reviews.c.review_id == columns.review_id)
            .where(columns.customer_id.in_(wanted))
        ).all()
    return {int(row.review_id): (str(row.month), str(row.tier)) for row in rows}


def names_of(warehouse: Warehouse, customer: str) -> set[str]:
    """Every name that kept reviews print for a customer."""
    columns = schema.customers.c
    with warehouse.reading() as connection:
        rows = connection.execute(select(columns.name).where(columns.customer_id == customer, columns.name.is_not(None)).distinct())
        return {str(row.name) for row in rows}


def kept_customers(warehouse: Warehouse) -> set[str]:
    """The ids of all customers that any kept review has a row of."""
    with warehouse.reading() as connection:
        return {str(row.customer_id) for row in connection.execute(select(schema.customers.c.customer_id).distinct())}


def follow_snapshots(warehouse: Warehouse, following: Mapping[str, str]) -> None:
    """Kept reviews name the successors of snapshots that held the person."""
    taken = schema.snapshots
    with warehouse.writing() as connection:
        for old, new in sorted(following.items()):
            connection.execute(update(taken).where(taken.c.digest == old).values(digest=new))


def erase_rows(warehouse: Warehouse, scrubber: Scrubber) -> int:
    """Put the pseudonym in the place of the id in every table, take names away; returns how many rows changed."""
    changed = 0
    with warehouse.writing() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA secure_delete = ON"))
        kept = schema.customers
        for customer, pseudonym in scrubber.ids.items():
            own = update(kept).where(kept.c.customer_id == customer).values(customer_id=pseudonym, name=None)
            changed += connection.execute(own).rowcount
        for table in schema.metadata.sorted_tables:
            if table.name not in _LEFT_ALONE and table is not kept:
                changed += _scrub(connection, table, scrubber)
    return changed


def _scrub(connection: Connection, table: Table, scrubber: Scrubber) -> int:
    texts = [column for column in table.columns if _may_tell(table, column)]
    keys = list(table.primary_key.columns)
    if not texts:
        return 0
    found: list[tuple[Mapping[str, object], dict[str, object]]] = []
    for row in connection.execute(select(*keys, *(column for column in texts if column not in keys))):
        values = {column.name: row._mapping[column] for column in texts}
        new = {name: scrubber.value(value) for name, value in values.items() if value is not None}
        differing = {name: value for name, value in new.items() if value != values[name]}
        if differing:
            found.append(({key.name: row._mapping[key] for key in keys}, differing))
    if found:
        with _lift_guard(connection, table):
            for place, differing in found:
                here = and_(*(table.c[name] == value for name, value in place.items()))
                connection.execute(update(table).where(here).values(**differing))
    return len(found)


def _may_tell(table: Table, column: Column[object]) -> bool:
    """Whether a column is free to hold somebody's id or name: texts and lists, not digests and recipients."""
    if table is ledger_schema.deliveries and column.name in _OF_RECIPIENTS:
        return False
    short = isinstance(column.type, String) and column.type.length is not None
    return not short and isinstance(column.type, String | JSON)


@contextmanager
def _lift_guard(connection: Connection, table: Table) -> Iterator[None]:
    """A guarded table may be changed within; its triggers are as before afterwards."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
        yield
        connection.execute(text(f"ALTER TABLE {table.name} ENABLE TRIGGER USER"))
        return
    named = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name")
    triggers = connection.execute(named, {"name": table.name}).all()
    for name, _ in triggers:
        connection.execute(text(f'DROP TRIGGER "{name}"'))
    yield
    for _, made in triggers:
        connection.exec_driver_sql(made)


def overwrite_freed_space(warehouse: Warehouse) -> None:
    """Give back and overwrite the space of rows that were changed, so that no old text stays in the database's files."""
    engine = warehouse.engine
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in schema.metadata.sorted_tables:
                if table.name not in _LEFT_ALONE:
                    connection.execute(text(f"VACUUM FULL {table.name}"))
        return
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("VACUUM")
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        raw.close()
