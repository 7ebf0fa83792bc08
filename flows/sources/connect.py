"""Opening a database for reading: a few tries, one consistent read-only view, and errors without secrets."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

from transforms.errors import ReviewError, UnreachableError, UsageError

PAUSES = (0.5, 1.5)
"""Seconds between the tries to connect."""

_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
"""The drivers that come with us, for URLs that name none."""

_REFUSED_USER = re.compile(
    r"password authentication failed|no password supplied|role \".*\" does not exist|access denied|no pg_hba\.conf entry", re.I
)
_NO_DATABASE = re.compile(r"database \".*\" does not exist|unknown database", re.I)
_AWAY = (
    (re.compile(r"connection refused|errno 111", re.I), "connection refused"),
    (re.compile(r"timeout|timed out", re.I), "no answer"),
    (re.compile(r"name or service not known|name resolution|getaddrinfo|nodename|errno -[0-9]", re.I), "no such host"),
    (re.compile(r"no route|unreachable", re.I), "no route to the host"),
    (re.compile(r"starting up|shutting down|too many (?:clients|connections)", re.I), "the server takes no connections now"),
)


def connect_read_only(
    url: str, source: str, who: str, secrets: Iterable[str], *, sleep: Callable[[float], None] = time.sleep
) -> tuple[Engine, Connection]:
    """A connection whose reads all see the state of this moment and that cannot write; UnreachableError else.

    PostgreSQL reads in a REPEATABLE READ, READ ONLY transaction, MySQL and MariaDB in START TRANSACTION
    WITH CONSISTENT SNAPSHOT, READ ONLY, SQLite in a read transaction under `query_only`.
    """
    parsed = make_url(url)
    parsed = parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))
    backend = parsed.get_backend_name()
    target = _target(parsed)
    if backend == "sqlite" and parsed.database and parsed.database != ":memory:" and not Path(parsed.database).is_file():
        raise UnreachableError(
            f"{who}: there is no database file {parsed.database}.\nNothing was read. Correct sources.{source}.url, or bring the file back."
        )
    try:
        engine = create_engine(parsed, hide_parameters=True, pool_size=1, max_overflow=0, **_arguments(backend))
    except NoSuchModuleError as error:
        raise UsageError(f"sources.{source}.url: there is no database driver for {parsed.drivername!r}.") from error
    except ImportError as error:
        raise UsageError(f"sources.{source}.url needs the Python package {error.name!r}; install it.") from error
    began = time.monotonic()
    for attempt, pause in enumerate((*PAUSES, None), start=1):
        try:
            connection = engine.connect()
            break
        except SQLAlchemyError as error:
            reason = driver_words(error, secrets)
            if _REFUSED_USER.search(reason):
                raise UnreachableError(
                    f"{who}: {target} refuses the user {parsed.username or '(none)'}: {reason}.\n"
                    f"Nothing was read. Correct user and password in sources.{source}.url (or the environment variable they come from)."
                ) from None
            if _NO_DATABASE.search(reason):
                raise UnreachableError(
                    f"{who}: {reason} (at {target}).\nNothing was read. Correct the database's name in sources.{source}.url."
                ) from None
            if pause is None:
                short = next((words for pattern, words in _AWAY if pattern.search(reason)), reason)
                spent = round(time.monotonic() - began)
                raise UnreachableError(
                    f"{who}: {short} at {target} ({attempt} tries in {spent} s).\n"
                    f"Nothing was read. See that the server runs and that sources.{source}.url names it, then run the same command again."
                ) from None
            sleep(pause)
    try:
        return engine, _begin_consistent(connection, backend)
    except SQLAlchemyError as error:
        connection.close()
        engine.dispose()
        raise UnreachableError(
            f"{who}: {target} gives no consistent read-only view: {driver_words(error, secrets)}.\nNothing was read."
        ) from None


def driver_words(error: BaseException, secrets: Iterable[str]) -> str:
    """What a driver said, in one line, without statement, parameters or secrets."""
    cause: BaseException = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    arguments: tuple[object, ...] = getattr(cause, "args", ())
    text = str(arguments[-1]) if len(arguments) == 2 and isinstance(arguments[0], int) else str(cause)
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith(("[SQL", "[parameters", "(Background"))]
    line = "; ".join(lines[:2])[:300]
    for secret in secrets:
        line = line.replace(secret, "***")
    return line.rstrip(".")


def is_connection_lost(error: SQLAlchemyError) -> bool:
    """Whether a read failed because the connection went away, rather than because of what was asked."""
    if not isinstance(error, DBAPIError):
        return False
    words = str(error.orig).lower()
    return error.connection_invalidated or any(
        part in words
        for part in ("server closed", "lost connection", "connection reset", "terminating connection", "timed out", "broken pipe")
    )


def trouble(error: SQLAlchemyError, who: str, where: str, rows: int, secrets: Iterable[str]) -> ReviewError:
    """A failed read as the error that its reader can act on."""
    reason = driver_words(error, secrets)
    if is_connection_lost(error):
        return UnreachableError(
            f"{who}: the connection was lost after {rows:,} rows: {reason}.\nNo part of them was kept. Run the same command again."
        )
    return UsageError(f"{who}: the database refuses the query: {reason}.\nNothing was read. Correct {where}.query.")


def _arguments(backend: str) -> dict[str, Any]:
    if backend == "postgresql":
        keep = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
        return {"connect_args": {"connect_timeout": 10, "application_name": "keping", **keep}, "isolation_level": "REPEATABLE READ"}
    if backend in ("mysql", "mariadb"):
        from pymysql.constants import FIELD_TYPE
        from pymysql.converters import conversions

        moments = (FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP, FIELD_TYPE.DATE)
        plain = {kind: convert for kind, convert in conversions.items() if kind not in moments}
        return {"connect_args": {"connect_timeout": 10, "read_timeout": 600, "conv": plain}, "isolation_level": "AUTOCOMMIT"}
    if backend == "sqlite":
        return {"connect_args": {"timeout": 30}, "isolation_level": "AUTOCOMMIT"}
    return {}


def _begin_consistent(connection: Connection, backend: str) -> Connection:
    if backend == "postgresql":
        _moments_as_text(connection)
        connection = connection.execution_options(postgresql_readonly=True)
        connection.exec_driver_sql("SELECT 1")
    elif backend in ("mysql", "mariadb"):
        connection.exec_driver_sql("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
    elif backend == "sqlite":
        connection.exec_driver_sql("PRAGMA query_only = ON")
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1")
    return connection


def _moments_as_text(connection: Connection) -> None:
    """Let moments come as they are written: `infinity`, years before Christ and beyond 9999 are cells to judge, no error of the driver."""
    from psycopg.types.string import TextLoader

    driver: Any = connection.connection.driver_connection
    if not hasattr(driver, "adapters"):  # another driver of somebody's choice
        return
    for kind in ("date", "timestamp", "timestamptz"):
        driver.adapters.register_loader(kind, TextLoader)


def _target(url: URL) -> str:
    """Host and database of a URL, never its user's password or query part."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    port = f":{url.port}" if url.port else ""
    return f"{url.host or 'localhost'}{port}/{url.database or ''}"
