"""A ledger in PostgreSQL that goes away while mail goes out: nothing is sent unrecorded, nothing is sent twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from flows.delivery.ledger import DeliveryState
from flows.settings import Settings
from tests.flows.archive.builders import configuration, published
from tests.flows.delivery.builders import mailed, recipients
from tests.flows.delivery.mailing_builders import by_smtp, rows, steps
from tests.flows.delivery.relay import TestRelay
from tests.flows.warehouse.databases import fresh_database
from tests.places import POSTGRES
from transforms.errors import UnreachableError

ONE = recipients({})


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    with fresh_database("postgresql", tmp_path) as url:
        found = configuration(tmp_path / "company", url)
        published(found)
        yield found


def away(settings: Settings, *, back_after: float) -> None:
    """The database lets nobody in and drops who is; after some seconds it is back."""
    name = sa.make_url(settings.warehouse_url).database
    server = sa.create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT")

    def allow(is_allowed: bool) -> None:
        with server.connect() as connection:
            connection.execute(sa.text(f"alter database {name} allow_connections {str(is_allowed).lower()}"))
            if not is_allowed:
                connection.execute(sa.text("select pg_terminate_backend(pid) from pg_stat_activity where datname = :name"), {"name": name})

    allow(False)
    threading.Timer(back_after, allow, [True]).start()


def at(settings: Settings, step: str, back_after: float):
    return lambda told: away(settings, back_after=back_after) if told == step else None


def test_without_the_ledger_the_final_dot_is_not_sent_and_the_same_command_completes_later(settings: Settings):
    with TestRelay() as relay:
        smtp = by_smtp(settings, relay)
        with pytest.raises(UnreachableError, match=r"cannot be reached"):
            mailed(smtp, ONE, at=at(smtp, "before_dot", 4.0))
        assert relay.sink.offered == [] and "DATA" in relay.sink.commands
        _until_back(smtp)
        assert mailed(smtp, ONE).complete and relay.sink.recipients == ["wang@x.test"]


def test_an_answer_is_recorded_although_the_ledger_was_away_when_it_came(settings: Settings):
    with TestRelay() as relay:
        smtp = by_smtp(settings, relay)
        report = mailed(smtp, ONE, at=at(smtp, "sent", 3.5))
        assert report.complete and relay.sink.recipients == ["wang@x.test"]
        (row,) = rows(smtp)
        assert row.state is DeliveryState.ACCEPTED and row.relay_id == "Q1"
        assert steps(smtp, row.delivery_key) == ["planned", "built", "claimed", "dot_sent", "accepted"]


def _until_back(settings: Settings) -> None:
    for _ in range(100):
        try:
            rows(settings)
            return
        except UnreachableError:
            time.sleep(0.1)
