"""The schema's version: made, brought up to date, or refused, when a warehouse is opened."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select, text

from flows.warehouse.connection import place, transaction
from flows.warehouse.schema import upgrades
from transforms.errors import UsageError

HEAD = "0005"
"""Newest schema this program knows; migrations are numbered without gaps."""

_LOCK = 5_203_170_411_202_610
"""PostgreSQL advisory lock under which one process at a time changes the schema."""


def bring_up_to_date(engine: Engine, code_version: str, now: datetime) -> None:
    """Make or upgrade the schema; harmless when it is current, safe when several processes do it at once.

    A schema that this program does not know is refused with both versions named.
    """
    with transaction(engine, writing=False) as connection:
        if _version(connection, engine, code_version) == HEAD:
            return
    with transaction(engine, writing=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        before = _version(connection, engine, code_version)
        if before == HEAD:
            return
        _upgrade(connection)
        connection.execute(upgrades.insert().values(schema_version=HEAD, code_version=code_version, upgraded_at=now))


def _version(connection: Connection, engine: Engine, code_version: str) -> str | None:
    """The schema's version, None where there is none yet; a UsageError if it is newer than the program."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("select version_num from alembic_version")).scalar()
    version = None if found is None else str(found)
    if version is not None and version > HEAD:
        maker = connection.execute(select(upgrades.c.code_version).order_by(upgrades.c.schema_version.desc()).limit(1)).scalar()
        raise UsageError(
            f"the warehouse {place(engine.url)} has schema {version}, made by keping {maker or '(unknown)'}; "
            f"this is keping {code_version}, which knows schemas up to {HEAD}. Nothing was run or sent.\n"
            "Use the newer keping, or another [warehouse] url."
        )
    return version


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    # Alembic reads `%` as the beginning of a variable.
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
