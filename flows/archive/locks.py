"""One writer per company and month; the lock dies with its process, whatever ends it."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import socket
import time
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.machine import clock
from flows.machine.files import FILE_MODE, inside, machine_trouble, make_folder, slug
from flows.settings import Settings
from flows.warehouse.connection import place, warehouse_url
from transforms.errors import BusyError, MachineError, UnreachableError
from transforms.month import Month

if TYPE_CHECKING:
    import psycopg

PATIENCE_SECONDS = 2.0
"""How long we wait for a month that is taken before we leave and name its holder."""


@dataclass
class MonthLock:
    """A month that is ours until the `with` block ends, or this process does."""

    month: Month
    _handle: int
    _file: Path
    _session: psycopg.Connection[Any] | None = None

    def confirm(self) -> None:
        """Make sure that the month is still ours; a MachineError if the database has dropped our session meanwhile.

        The lock file cannot be lost while the process lives; a lock in PostgreSQL goes with its connection.
        """
        if self._session is None:
            return
        try:
            self._session.execute("select 1")
        except Exception as error:
            raise MachineError(
                f"{self.month}: the database ended our lock's session; another run may have begun.\n"
                "Nothing more was published or sent. Run the same command again."
            ) from error


@contextmanager
def month_lock(settings: Settings, month: Month) -> Iterator[MonthLock]:
    """Hold the month for this process; a BusyError names who has it, from where and since when.

    A lock file in the archive serves one machine; with a PostgreSQL warehouse a session lock
    there serves all machines that share it.
    """
    company = settings.company.name
    with ExitStack() as stack:
        lock = stack.enter_context(_file_lock(settings.archive_path, company, month))
        url = warehouse_url(settings.warehouse_url)
        if url.get_backend_name() == "postgresql":
            dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
            lock._session = stack.enter_context(_session_lock(dsn, company, month))
        yield lock


@contextmanager
def _file_lock(archive: Path, company: str, month: Month) -> Iterator[MonthLock]:
    folder = make_folder(inside(archive, ".locks"))
    path = inside(folder, f"{month}-{slug(company, 24)}.lock")
    give_up = time.monotonic() + PATIENCE_SECONDS
    while (handle := _take_file(path)) is None:
        if time.monotonic() >= give_up:
            raise BusyError(_busy(company, month, _holder(path)))
        time.sleep(0.05)
    _HELD.add(handle)
    try:
        with machine_trouble(path, "writing the lock"):
            os.ftruncate(handle, 0)
            os.pwrite(handle, json.dumps(_whoami()).encode(), 0)
        yield MonthLock(month, handle, path)
    finally:
        # The name goes while the lock is held: whoever opened the old file sees that it is gone and tries again.
        path.unlink(missing_ok=True)
        _HELD.discard(handle)
        os.close(handle)


def _take_file(path: Path) -> int | None:
    """The handle of the locked file, or None while somebody else has it."""
    with machine_trouble(path, "taking the month's lock"):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        try:
            current = path.stat()
        except FileNotFoundError:
            os.close(handle)
            return None
        if (current.st_ino, current.st_dev) != ((opened := os.fstat(handle)).st_ino, opened.st_dev):
            os.close(handle)
            return None
        return handle


_HELD: set[int] = set()
_SESSIONS: weakref.WeakSet[psycopg.Connection[Any]] = weakref.WeakSet()


def _let_go_in_child() -> None:
    """A forked child (a renderer, say) may outlive us; it must not hold what is ours."""
    for handle in _HELD:
        os.close(handle)
    _HELD.clear()
    for session in list(_SESSIONS):
        # The number stays taken, so that nothing the child opens later is mistaken for the session.
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, session.fileno())
        os.close(nowhere)
    _SESSIONS.clear()


os.register_at_fork(after_in_child=_let_go_in_child)


def _whoami() -> dict[str, str]:
    return {"host": socket.gethostname(), "pid": str(os.getpid()), "since": clock.now().isoformat(timespec="seconds")}


def _holder(path: Path) -> dict[str, str]:
    """What the holder wrote down; empty in the instant before it has."""
    for _ in range(20):
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return {str(key): str(value) for key, value in found.items()}
        except (OSError, ValueError):
            time.sleep(0.02)
    return {}


def _busy(company: str, month: Month, holder: dict[str, str]) -> str:
    who = (
        f"process {holder['pid']} on {holder['host']} since {holder['since']}"
        if holder.keys() >= {"pid", "host", "since"}
        else "another process"
    )
    return (
        f"{month} of {company} is being run by {who}. Nothing was run here.\n"
        "Wait until it has ended; `keping status` shows what came of it."
    )


@contextmanager
def _session_lock(dsn: str, company: str, month: Month) -> Iterator[psycopg.Connection[Any]]:
    """A lock that PostgreSQL drops as soon as our connection is gone."""
    import psycopg

    me = _whoami()
    name = f"keping {month} {me['pid']}@{me['host'][:20]} {me['since']}"[:63]
    try:
        session = psycopg.connect(dsn, autocommit=True, application_name=name, connect_timeout=10)
    except psycopg.Error as error:
        cause = str(error).strip().partition("\n")[0][:200]  # the lines after the first ask whether the server is running
        raise UnreachableError(
            f"the warehouse {place(warehouse_url(dsn))} cannot be reached: {cause}. Nothing was run.\n"
            "Look at [warehouse] url and the server, then run the same command again."
        ) from error
    _SESSIONS.add(session)
    try:
        key = int.from_bytes(hashlib.sha256(f"{company}|{month}".encode()).digest()[:8], "big", signed=True)
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not _ask_server(session, key):
            if time.monotonic() >= give_up:
                raise BusyError(_busy(company, month, _session_holder(session, key)))
            time.sleep(0.1)
        yield session
    finally:
        _SESSIONS.discard(session)
        session.close()


def _ask_server(session: psycopg.Connection[Any], key: int) -> bool:
    row = session.execute("select pg_try_advisory_lock(%s)", [key]).fetchone()
    return bool(row and row[0])


def _session_holder(session: psycopg.Connection[Any], key: int) -> dict[str, str]:
    """Who has the lock, from the name its session goes by."""
    row = session.execute(
        "select a.application_name from pg_locks l join pg_stat_activity a on a.pid = l.pid "
        "where l.locktype = 'advisory' and l.granted and l.objsubid = 1 and ((l.classid::bigint << 32) | l.objid::bigint) = %s "
        "and l.database = (select oid from pg_database where datname = current_database())",
        [key],
    ).fetchone()
    words = str(row[0]).split(" ") if row else []
    if len(words) != 4 or "@" not in words[2]:
        return {}
    pid, _, host = words[2].partition("@")
    return {"pid": pid, "host": host, "since": words[3]}
