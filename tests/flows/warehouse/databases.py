"""The two kinds of warehouse that every test of this folder runs on."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.places import POSTGRES

BACKENDS = ("sqlite", "postgresql")


@contextmanager
def fresh_database(backend: str, folder: Path) -> Iterator[str]:
    """The URL of a database that nobody has used, without a driver, as a user writes it; dropped afterwards."""
    if backend == "sqlite":
        yield f"sqlite:///{folder / 'keping.db'}"
        return
    server = sa.create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 5})
    name = f"keping_w_{secrets.token_hex(6)}"
    try:
        with server.connect() as connection:
            connection.execute(sa.text(f"create database {name}"))
    except sa.exc.OperationalError:
        pytest.skip(f"no PostgreSQL at {POSTGRES} (set KEPING_TEST_POSTGRES)")
    try:
        yield f"{POSTGRES}/{name}".replace("+psycopg", "")
    finally:
        with server.connect() as connection:
            connection.execute(sa.text(f"drop database if exists {name} with (force)"))
        server.dispose()
