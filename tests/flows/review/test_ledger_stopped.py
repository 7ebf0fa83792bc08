"""The database with the ledger stops under a run, again and again: nothing is sent unrecorded, nothing twice, and the run completes."""

from __future__ import annotations

import os
import random
import secrets
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.archive.revisions import Archive
from flows.delivery.ledger import Delivery, DeliveryState, Ledger
from flows.warehouse.store import Warehouse
from tests.flows.company import Small
from tests.flows.delivery.relay import TestRelay
from tests.flows.tiny import SMTP, keping, tiny_company
from transforms.month import Month

pytestmark = pytest.mark.usefixtures("quick_packs")
SOAK = bool(os.environ.get("KEPING_SOAK"))
RUNS = 20 if SOAK else 2
CLOCK = "2026-07-02T03:00:00+00:00"
JUNE = Month(2026, 6)
READERS = 6


@dataclass
class Cluster:
    """A PostgreSQL server of our own, in a folder of its own."""

    binaries: Path
    folder: Path
    port: int
    user: str | None
    stops: int = 0

    def _carried_out(self, *words: str) -> None:
        subprocess.run(
            words,
            user=self.user,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
        )

    def make(self) -> None:
        self._carried_out(str(self.binaries / "initdb"), "-D", str(self.folder / "data"), "-A", "trust", "-U", "keping", "-E", "UTF8", "-N")

    def start(self) -> None:
        options = f"-p {self.port} -h 127.0.0.1 -k {self.folder} -c shared_buffers=16MB -c max_connections=20"
        self._carried_out(
            str(self.binaries / "pg_ctl"), "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), "-o", options, "start"
        )

    def stop(self) -> None:
        """At once, as when the machine fails: open work is lost, what was committed is not."""
        self._carried_out(str(self.binaries / "pg_ctl"), "-D", str(self.folder / "data"), "-w", "-m", "immediate", "stop")

    @property
    def url(self) -> str:
        return f"postgresql://keping@127.0.0.1:{self.port}/postgres"


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("no PostgreSQL programs (looked for /usr/lib/postgresql/*/bin/initdb)")
    folder = Path(tempfile.mkdtemp(prefix="keping-cluster-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    made = Cluster(found[-1].parent, folder, free_port(), user)
    try:
        made.make()
        made.start()
        yield made
    finally:
        subprocess.run(
            [str(made.binaries / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "stop"],
            user=user,
            check=False,
            capture_output=True,
        )
        shutil.rmtree(folder, ignore_errors=True)


class Monkey(threading.Thread):
    """Stops the server every so often and starts it again a little later, until it is told to stop."""

    def __init__(self, cluster: Cluster, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self.cluster, self.chance, self.over = cluster, chance, threading.Event()

    def run(self) -> None:
        pause = self.chance.uniform(0.5, 3.0)
        while not self.over.wait(pause):
            self.cluster.stop()
            self.cluster.stops += 1
            self.over.wait(self.chance.uniform(0.0, 2.0))
            self.cluster.start()
            pause = self.chance.uniform(3.0, 10.0)


def rows(company: Small) -> list[Delivery]:
    settings = company.settings()
    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment) as warehouse:
        return Ledger(warehouse).rows(JUNE, 0)


def run(company: Small, folder: Path) -> tuple[int, str, str]:
    return keping(company, "run", "--month", "2026-06", "--tier", "company", "--send", clock=CLOCK, said=folder / "said")


def completed_once(company: Small, relay: TestRelay, stops: int) -> None:
    archive = Archive(company.settings().archive_path)
    assert archive.revisions(JUNE) == [0] and archive.verify(JUNE, 0) == []
    found, taken = rows(company), Counter(relay.sink.recipients)
    assert len(found) == READERS and max(taken.values()) == 1
    unknown = [row for row in found if row.state is DeliveryState.UNKNOWN]
    assert {row.state for row in found} <= {DeliveryState.ACCEPTED, DeliveryState.UNKNOWN}
    assert {row.address for row in found if row.state is DeliveryState.ACCEPTED} <= set(taken)
    assert len(unknown) <= stops


def test_a_server_that_is_stopped_under_a_run_again_and_again_delays_it_and_doubles_nothing(cluster: Cluster, tmp_path: Path) -> None:
    seed = int(os.environ.get("KEPING_SEED") or secrets.randbelow(10**6))
    print(f"seed {seed} (KEPING_SEED={seed} replays it)")
    commands: Counter[int] = Counter()
    for number in range(RUNS):
        with TestRelay() as relay:
            name, before = f"tiny{number}", cluster.stops
            company = tiny_company(
                tmp_path / name, JUNE - 1, JUNE, readers=READERS, warehouse=cluster.url, delivery=SMTP.format(port=relay.port)
            )
            text = company.config.read_text(encoding="utf-8").replace("Tiny Company", f"Tiny Company {number}")
            company.config.write_text(text, encoding="utf-8")
            monkey = Monkey(cluster, random.Random(seed + number))
            monkey.start()
            for _ in range(12):
                code, _, error = run(company, tmp_path)
                commands[code] += 1
                assert code in (0, 4, 5, 7), (seed, number, code, error)
                message = [line for line in error.splitlines() if not line.startswith(" ")]  # progress is indented
                assert "Traceback" not in error and len(message) <= 4, (seed, error)
                if cluster.stops > before and code in (0, 5):
                    break
            monkey.over.set()
            monkey.join(60)
            code, out, error = run(company, tmp_path)
            assert code in (0, 5), (seed, out, error)
            completed_once(company, relay, cluster.stops - before)
        _emptied(cluster)
    print(f"{RUNS} runs, the server stopped {cluster.stops} times, exit codes {dict(commands)}: all completed, 0 twice")
    assert cluster.stops >= RUNS


def _emptied(cluster: Cluster) -> None:
    psql = ["psql", "-q", "-h", "127.0.0.1", "-p", str(cluster.port), "-U", "keping", "-d", "postgres"]
    subprocess.run(
        [str(cluster.binaries / psql[0]), *psql[1:], "-c", "drop schema public cascade; create schema public"],
        check=True,
        capture_output=True,
    )


def held(database: Path, seconds: float, begun: threading.Event) -> None:
    """Somebody else writes into the file and takes his time."""
    with sqlite3.connect(database, timeout=30, isolation_level=None) as other:
        other.execute("begin exclusive")
        begun.set()
        time.sleep(seconds)
        other.execute("commit")


def test_a_warehouse_file_that_somebody_locks_for_a_while_is_waited_for(tmp_path: Path) -> None:
    with TestRelay() as relay:
        company = tiny_company(tmp_path / "tiny", JUNE - 1, JUNE, readers=READERS, delivery=SMTP.format(port=relay.port))
        database = company.folder / "keping.db"
        begun = threading.Event()

        def locking(address: str) -> None:
            """With the first message the file is locked: its acceptance cannot be recorded at once."""
            relay.on_dot = lambda address: None
            threading.Thread(target=held, args=(database, 2.0, begun), daemon=True).start()
            assert begun.wait(10)

        relay.on_dot = locking
        code, _, error = run(company, tmp_path)
        assert code == 0, error
        completed_once(company, relay, 0)


def test_a_warehouse_file_that_is_gone_stops_the_run_before_anything_is_published_or_sent(tmp_path: Path) -> None:
    with TestRelay() as relay:
        company = tiny_company(tmp_path / "tiny", JUNE - 1, JUNE, readers=READERS, delivery=SMTP.format(port=relay.port))
        assert run(company, tmp_path)[0] == 0
        assert len(relay.sink.accepted) == READERS
        (company.folder / "keping.db").rename(company.folder / "elsewhere.db")
        code, out, error = run(company, tmp_path)
        assert code == 7, (out, error)
        assert "was published by another warehouse" in error and len(error.splitlines()) <= 10
        assert len(relay.sink.accepted) == READERS
        for name in ("keping.db", "keping.db-wal", "keping.db-shm"):
            (company.folder / name).unlink(missing_ok=True)
        (company.folder / "elsewhere.db").rename(company.folder / "keping.db")
        assert run(company, tmp_path)[0] == 0
        completed_once(company, relay, 0)
