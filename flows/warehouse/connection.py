"""The way into the warehouse's database: one engine, short transactions, errors in plain words."""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.pool import Pool

from transforms.errors import BusyError, MachineError, NoWarehouseError, ReviewError, UnreachableError, UsageError

BUSY_SECONDS = 30.0
"""How long a SQLite writer waits for another one's transaction."""
TRIES = 3
PAUSE_SECONDS = 0.5

Writing = "keping_writing"


def warehouse_url(url: str) -> URL:
    """The URL with the driver we use; a UsageError for anything but a SQLite file or PostgreSQL."""
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise UsageError(f"a warehouse is SQLite or PostgreSQL, not {backend}. Nothing was opened.")
    if not parsed.database or parsed.database == ":memory:":
        raise UsageError("the warehouse needs a file, for example sqlite:///var/keping.db. Nothing was opened.")
    return parsed


def place(url: URL) -> str:
    """The database in words that hold no secret: the file, or server and name."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return f"{url.host or 'localhost'}:{url.port or 5432}/{url.database}"


def connect(url: URL, *, create: bool) -> Engine:
    """An engine whose connections are ready to use; a new SQLite file is made for its owner alone."""
    if url.get_backend_name() == "sqlite":
        _prepare_file(Path(str(url.database)), create=create)
        # One connection is kept open between transactions: closing the last one would write the whole log back each time.
        engine = create_engine(url, hide_parameters=True, pool_size=1, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        arguments = {"connect_timeout": 10, "application_name": "keping"}
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=2, connect_args=arguments)
        event.listen(engine, "connect", _prepare_postgres)
    os.register_at_fork(after_in_child=_forgetting(weakref.ref(engine)))
    return engine


_INHERITED: list[Pool] = []
"""Pools that a forked child must neither use nor close: what they hold is its parent's."""


def _forgetting(known: weakref.ref[Engine]) -> Callable[[], None]:
    def forget() -> None:
        engine = known()
        if engine is not None:
            _INHERITED.append(engine.pool)
            engine.dispose(close=False)

    return forget


def _prepare_file(file: Path, *, create: bool) -> None:
    if file.exists():
        return
    if not create:
        raise NoWarehouseError(f"there is no warehouse at {file} yet. `keping run` makes it.")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as error:
        raise MachineError(
            f"the warehouse {file} cannot be made: {error.strerror}. Nothing was run.\nMake its folder writable, or set [warehouse] url."
        ) from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own transactions neither cover CREATE TABLE nor know BEGIN IMMEDIATE: `_begin_sqlite` begins them.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")
    _use_wal(connection)


def _use_wal(connection: Any) -> None:
    """Readers beside a writer. The mode stays in the file; the switch itself takes no waiting, so it is tried again."""
    for attempt in range(100):
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                return
            connection.execute("PRAGMA journal_mode=WAL").fetchone()
            return
        except Exception as error:
            if "locked" not in str(error) or attempt == 99:
                raise
            time.sleep(0.05)


def _begin_sqlite(connection: Connection) -> None:
    # A writer asks for the lock at once: one that began by reading could not wait for it.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get(Writing) else "BEGIN")


def _prepare_postgres(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")
    connection.commit()


@contextmanager
def transaction(engine: Engine, *, writing: bool) -> Iterator[Connection]:
    """One transaction: all of it or nothing. Trouble of the database comes out as a ReviewError."""
    with plain_trouble(engine.url):
        connection = _connect(engine)
        try:
            with connection.execution_options(**{Writing: writing}).begin():
                yield connection
        finally:
            connection.close()


def _connect(engine: Engine) -> Connection:
    """A connection; a server that is just coming back is asked a few times."""
    for attempt in range(1, TRIES + 1):
        try:
            return engine.connect()
        except (OperationalError, InterfaceError) as error:
            if attempt == TRIES or "password" in str(error.orig) or "does not exist" in str(error.orig):
                raise
            time.sleep(PAUSE_SECONDS * attempt)
    raise AssertionError("unreachable")


@contextmanager
def plain_trouble(url: URL) -> Iterator[None]:
    """Say a database's trouble in words a person can act on, without parameters and passwords."""
    try:
        yield
    except DBAPIError as error:
        found = _in_words(error, url)
        if found is None:
            raise
        raise found from error


def _in_words(error: DBAPIError, url: URL) -> ReviewError | None:
    cause = " ".join(str(error.orig).split())
    where = place(url)
    if url.get_backend_name() == "sqlite":
        if "locked" in cause or "busy" in cause:
            return BusyError(
                f"the warehouse {where} is being written by someone else (waited {BUSY_SECONDS:.0f} s). Nothing was changed.\nTry again."
            )
        if "full" in cause:
            return MachineError(
                f"no space on {where}. The last change was not made; earlier ones stand.\nFree some space, then run the same command again."
            )
        if "readonly" in cause or "unable to open" in cause or "disk I/O" in cause:
            return MachineError(
                f"the warehouse {where} cannot be written: {cause}. Nothing was changed.\n"
                "Mend its folder, its rights or the space on its disk, then run the same command again."
            )
        if "not a database" in cause or "malformed" in cause:
            return MachineError(
                f"the warehouse {where} is damaged or no SQLite file: {cause}. Nothing was changed.\n"
                "Put back a copy, or set [warehouse] url."
            )
        return None
    if "No space left" in cause:
        return MachineError(
            f"the database server of {where} has no space left. The last change was not made.\nFree some, then run the same command again."
        )
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        return UnreachableError(
            f"the warehouse {where} cannot be reached: {_first_words(cause)}. Nothing was changed or sent since.\n"
            "Look at [warehouse] url and the server, then run the same command again."
        )
    return None


def _first_words(text: str, limit: int = 200) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
