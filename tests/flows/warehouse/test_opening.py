from __future__ import annotations

import multiprocessing
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import flows.warehouse
from flows.warehouse import ledger_schema, migrate
from flows.warehouse.schema import metadata, upgrades
from flows.warehouse.store import Warehouse
from tests.flows.warehouse.builders import MAY
from tests.flows.warehouse.databases import fresh_database
from tests.places import POSTGRES
from transforms.errors import BusyError, Exit, MachineError, UnreachableError, UsageError


def _open_and_say(url: str, start, results) -> None:
    start.wait()
    try:
        with Warehouse.open(url, "Hanlin Trading", "test") as warehouse:
            warehouse.begin_run("review", MAY)
        results.put("opened")
    except Exception as error:
        results.put(repr(error))


def test_processes_that_open_a_new_warehouse_at_once_all_succeed_and_make_it_once(url: str):
    context = multiprocessing.get_context("fork")
    start, results = context.Barrier(4), context.Queue()
    children = [context.Process(target=_open_and_say, args=(url, start, results)) for _ in range(4)]
    for child in children:
        child.start()
    assert [results.get(timeout=60) for _ in children] == ["opened"] * 4
    for child in children:
        child.join()
    with Warehouse.open(url, "Hanlin Trading", "test") as warehouse, warehouse.reading() as connection:
        assert connection.execute(sa.select(upgrades.c.schema_version)).scalars().all() == [migrate.HEAD]
        assert len(warehouse.status()["runs"]) == 4


def test_the_migrations_make_exactly_the_tables_that_the_code_uses(warehouse: Warehouse):
    assert ledger_schema.deliveries.name in metadata.tables
    with warehouse.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []


def test_the_newest_migration_is_the_one_that_the_program_asks_for_and_numbers_have_no_gaps():
    config = Config()
    config.set_main_option("script_location", str(Path(flows.warehouse.__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [migrate.HEAD]
    numbers = sorted(revision.revision for revision in script.walk_revisions())
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]


def test_a_warehouse_newer_than_the_program_is_refused_with_both_versions_named(url: str):
    with Warehouse.open(url, "Hanlin Trading", "test") as warehouse, warehouse.writing() as connection:
        connection.execute(sa.text("update alembic_version set version_num = '0099'"))
        connection.execute(sa.text("insert into upgrades values ('0099', '9.4.0', '2030-01-01 00:00:00')"))
    with pytest.raises(
        UsageError,
        match=r"schema 0099, made by keping 9\.4\.0;.*this is keping .* knows schemas up to " + migrate.HEAD + r".*Nothing was run or sent",
    ):
        Warehouse.open(url, "Hanlin Trading", "test")


def test_a_warehouse_of_another_company_is_refused(url: str):
    Warehouse.open(url, "Hanlin Trading", "test").close()
    with pytest.raises(UsageError, match=r"belongs to 'Hanlin Trading'; the configuration says company.name = 'Other'"):
        Warehouse.open(url, "Other", "test")


def test_the_environment_mark_is_that_of_the_first_opening_and_stays(url: str):
    Warehouse.open(url, "Hanlin Trading", "production").close()
    with Warehouse.open(url, "Hanlin Trading", "rehearsal") as warehouse:
        assert warehouse.environment == "production"


def test_a_warehouse_that_is_only_looked_at_is_not_made(tmp_path: Path):
    file = tmp_path / "none.db"
    with pytest.raises(UsageError, match=r"there is no warehouse at .* yet"):
        Warehouse.open(f"sqlite:///{file}", "Hanlin Trading", "test", create=False)
    assert not file.exists()


def test_a_new_sqlite_file_is_its_owners_alone_durable_and_guards_its_references(tmp_path: Path):
    before = os.umask(0)
    try:
        opened = Warehouse.open(f"sqlite:///{tmp_path / 'var' / 'keping.db'}", "Hanlin Trading", "test")
    finally:
        os.umask(before)
    with opened as warehouse, warehouse.reading() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"pragma {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "var" / "keping.db").stat().st_mode) == 0o600


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql+pymysql://root@localhost/x"])
def test_what_is_no_sqlite_file_and_no_postgresql_is_refused(url: str):
    with pytest.raises(UsageError, match=r"Nothing was opened"):
        Warehouse.open(url, "Hanlin Trading", "test")


def test_a_server_that_is_not_there_is_named_without_the_password():
    with pytest.raises(UnreachableError) as told:
        Warehouse.open("postgresql://keping:CANARY1@127.0.0.1:1/keping?sslpassword=CANARY2", "Hanlin Trading", "test")
    assert "127.0.0.1:1/keping cannot be reached" in str(told.value)
    assert "CANARY" not in str(told.value)
    assert len(str(told.value).splitlines()) <= 10
    assert told.value.exit_code == Exit.UNREACHABLE


def test_a_database_that_does_not_exist_is_told_at_once(tmp_path: Path):
    with fresh_database("postgresql", tmp_path):
        pass
    with pytest.raises(UnreachableError, match=r"does not exist"):
        Warehouse.open(f"{POSTGRES}/keping_no_such_database", "Hanlin Trading", "test")


def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path: Path):
    file = tmp_path / "keping.db"
    file.write_text("this is a letter, not a database" * 40)
    with pytest.raises(MachineError, match=r"damaged or no SQLite file"):
        Warehouse.open(f"sqlite:///{file}", "Hanlin Trading", "test")
    assert file.read_text().startswith("this is a letter")


def test_a_full_disk_is_told_and_earlier_changes_stand(tmp_path: Path):
    with Warehouse.open(f"sqlite:///{tmp_path / 'keping.db'}", "Hanlin Trading", "test") as warehouse:
        run = warehouse.begin_run("review", MAY)

        # SQLite's own limit on pages stands in for a disk without room.
        @sa.event.listens_for(warehouse.engine, "connect")
        def limited(connection: sqlite3.Connection, _record: object) -> None:
            pages = connection.execute("pragma page_count").fetchone()[0]
            connection.execute(f"pragma max_page_count = {pages}")

        warehouse.engine.dispose()
        with pytest.raises(MachineError, match=r"no space on .*keping.db") as told:
            warehouse.end_run(run, "published", 0, seconds=1.0, message="x" * 100_000)
        assert "Free some space" in str(told.value)
        assert warehouse.status()["runs"][0]["outcome"] == "unfinished"


def test_a_writer_that_waits_in_vain_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("flows.warehouse.connection.BUSY_SECONDS", 0.2)
    file = tmp_path / "keping.db"
    with Warehouse.open(f"sqlite:///{file}", "Hanlin Trading", "test") as warehouse:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("begin immediate")
        with pytest.raises(BusyError, match=r"being written by someone else"):
            warehouse.begin_run("review", MAY)
        other.execute("rollback")
        warehouse.begin_run("review", MAY)


def test_a_reader_is_not_kept_waiting_by_a_writer(warehouse: Warehouse):
    with warehouse.writing() as writing:
        writing.execute(sa.text("insert into upgrades values ('0000', 'x', '2026-01-01 00:00:00')"))
        with warehouse.reading() as reading:
            assert reading.execute(sa.text("select count(*) from upgrades")).scalar() == 1


def test_connections_that_the_server_ended_are_made_anew(tmp_path: Path):
    with fresh_database("postgresql", tmp_path) as url, Warehouse.open(url, "Hanlin Trading", "test") as warehouse:
        warehouse.begin_run("review", MAY)
        server = sa.create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            name = sa.make_url(url).database
            connection.execute(sa.text("select pg_terminate_backend(pid) from pg_stat_activity where datname = :name"), {"name": name})
        server.dispose()
        warehouse.begin_run("review", MAY)
        assert len(warehouse.status()["runs"]) == 2


def test_opening_a_current_warehouse_loads_no_migration_tool(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'keping.db'}"
    Warehouse.open(url, "Hanlin Trading", "test").close()
    code = (
        "import sys; from flows.warehouse.store import Warehouse; "
        f"Warehouse.open({url!r}, 'Hanlin Trading', 'test').close(); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
