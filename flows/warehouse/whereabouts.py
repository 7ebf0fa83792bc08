"""Where a warehouse lives: a copy that is found elsewhere does not mail through a relay until somebody says that it moved."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from flows.machine import clock
from flows.machine.people import who
from flows.settings import Settings
from flows.warehouse.release_schema import places
from flows.warehouse.store import Warehouse
from reports.mail.addresses import display_name
from transforms.errors import CopiedError, UsageError


def fingerprint(warehouse: Warehouse) -> tuple[str, str]:
    """A digest of the place and the place in words: a file's full path, or a server's own number and the database.

    The server's number is made when the server is; a dump restored into another server or database, and a file
    copied to another folder, have another. Where the server does not tell it, its address takes its place.
    """
    if warehouse.engine.dialect.name == "sqlite":
        words = str(Path(str(warehouse.engine.url.database)).resolve())
        return _digest("file", words), words
    words = warehouse.place
    try:
        with warehouse.reading() as connection:
            row = connection.execute(
                text("select system_identifier::text as server, current_database() as name from pg_control_system()")
            ).one()
    except DBAPIError:
        return _digest("address", words), words
    return _digest("server", row.server, row.name), f"{words} (server {row.server})"


def record_location(warehouse: Warehouse) -> None:
    """Write down where the warehouse lives, if that was never done."""
    if _read_location(warehouse) is None:
        _record(warehouse, "made here")


def is_copy(warehouse: Warehouse, environment: str) -> bool:
    """Whether the warehouse is known to live elsewhere, or was made for another environment than the configuration's."""
    known = _read_location(warehouse)
    return warehouse.environment != environment or (known is not None and known[0] != fingerprint(warehouse)[0])


def refuse_copy(warehouse: Warehouse) -> None:
    """A CopiedError where the warehouse is not where it was said to live; no connection to a relay has been made."""
    known = _read_location(warehouse)
    mark, words = fingerprint(warehouse)
    if known is None:
        _record(warehouse, "made here")
    elif known[0] != mark:
        raise CopiedError(
            f"this warehouse was made at {known[1]} and is now at {words}: it looks like a copy. "
            "Nothing was mailed, and no relay was connected to.\n"
            'If it has moved here on purpose: keping moved --reason "..."'
        )


def record_move(settings: Settings, reason: str) -> list[str]:
    """`keping moved`: from now on the warehouse lives here."""
    words = display_name(reason)
    if not words:
        raise UsageError("--reason is empty. Nothing was changed.\nSay why in a few words, for example: new server.")
    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment, create=False) as warehouse:
        known, (mark, here) = _read_location(warehouse), fingerprint(warehouse)
        if known is not None and known[0] == mark:
            return [f"the warehouse lives at {here} already; nothing was changed."]
        _record(warehouse, words)
    return [f"the warehouse lives at {here} now ({words}). The old copy must not be used any more."]


def _read_location(warehouse: Warehouse) -> tuple[str, str] | None:
    with warehouse.reading() as connection:
        row = connection.execute(select(places).order_by(places.c.place_id.desc()).limit(1)).one_or_none()
    return None if row is None else (str(row.fingerprint), str(row.words))


def _record(warehouse: Warehouse, reason: str) -> None:
    mark, words = fingerprint(warehouse)
    row = {"fingerprint": mark, "words": words, "reason": reason, "who": who(), "at": clock.now()}
    with warehouse.writing() as connection:
        connection.execute(insert(places).values(row))


def _digest(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()
