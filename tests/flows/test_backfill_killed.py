"""A backfill of two years, killed again and again: it goes on where it stopped, and ends as an unbroken one does.

The unbroken one also tells what a backfill costs: each source row is read once, and a late month takes as long as an early one.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from flows.archive.revisions import Archive
from flows.backfills.backfill import backfill
from flows.review.request import BackfillRequest
from flows.sources import folder
from flows.sources.chunks import Block, Chunk
from flows.warehouse.store import Warehouse
from tests.flows.company import Small
from tests.flows.tiny import begun, copied, ended, in_environment, published_in_time, tiny_company
from transforms.month import Month, months

pytestmark = [pytest.mark.xdist_group("backfill-killed"), pytest.mark.timeout(1200), pytest.mark.usefixtures("quick_packs")]

Result = TypeVar("Result")
CLOCK = {"KEPING_CLOCK": "2026-07-02T03:00:00+00:00"}
FIRST, LAST = Month(2024, 7), Month(2026, 6)
CUSTOMERS = 60
KILLS = 40
SEED = int(os.environ.get("KEPING_SEED", "20260701"))
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Watched:
    """What a backfill does, told to a file line by line; at the point `kill_after` that no run before had come to it is killed."""

    told: Path
    kill_after: int
    known: set[str] = field(default_factory=set)
    letters: int = 0
    spent: dict[str, float] = field(default_factory=dict)
    """CPU seconds of each step."""
    rows: Counter[str] = field(default_factory=Counter)
    """Rows that were read, by file."""

    def __call__(self, point: str) -> None:
        self.letters += point == "before: send"
        name = f"{point} ({self.letters})" if self.letters else point  # months are mailed in order
        if name in self.known:
            return
        self.known.add(name)
        with self.told.open("a") as file:
            file.write(f"{name}\n")
        self.kill_after -= 1
        if self.kill_after == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def do(self, name: str, step: Callable[[], Result], *, network: bool = False) -> Result:
        self(f"before: {name}")
        began = time.process_time()
        result = step()
        self.spent[name] = self.spent.get(name, 0.0) + time.process_time() - began
        return result

    def counted(self, read: Callable[[Path, Block], Iterator[Chunk]]) -> Callable[[Path, Block], Iterator[Chunk]]:
        def counting(path: Path, block: Block) -> Iterator[Chunk]:
            for chunk in read(path, block):
                self.rows[path.name] += len(chunk.frame) + len(chunk.refused)
                yield chunk

        return counting


def carry_out(place: str, told: str, kill_after: int = 0) -> None:
    """In a process of its own: `keping backfill 2024-07 2026-06 --reason "an order came late" --promote --send`."""
    in_environment(CLOCK)
    watched = Watched(Path(told), kill_after, points_of(Path(told)))
    folder.read_file = watched.counted(folder.read_file)
    request = BackfillRequest(FIRST, LAST, "an order came late", promote=True, send=True)
    outcome = backfill(Small(Path(place)).settings(), request, do=watched.do, at=watched)
    cost = {"spent": watched.spent, "rows": watched.rows, "rows_read": outcome.rows_read, "ending": outcome.word}
    Path(f"{told}.json").write_text(json.dumps(cost))


def points_of(told: Path) -> set[str]:
    return set(told.read_text().splitlines()) if told.exists() else set()


def killed_when_it_has_used(seconds: float, place: str, told: str) -> int | None:
    """Kill it once it has used so much CPU time, wherever it is then; 0 where it ended before."""
    process = begun(carry_out, place, told)
    assert process.pid is not None
    first = None
    while process.is_alive():
        used = used_by(process.pid)
        first = used if first is None else first
        if used - first >= seconds:
            os.kill(process.pid, signal.SIGKILL)
        time.sleep(0.005)
    process.join(60)
    return process.exitcode


def used_by(pid: int) -> float:
    """CPU seconds of a process so far."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has ended just now
        return 0.0
    return (int(words[11]) + int(words[12])) / TICK


@dataclass(frozen=True)
class Truth:
    """What is left when all is done: published bytes, what manifests and warehouse say of them, and the ledger."""

    files: dict[str, str]
    manifests: dict[str, Any]
    publications: list[tuple[str, int, str, str]]
    figures: list[str]
    ledger: list[tuple[str, ...]]
    letters: list[str]


def truth(company: Small) -> Truth:
    settings = company.settings()
    archive = Archive(settings.archive_path)
    for month in archive.months():
        for revision in archive.revisions(month):
            assert archive.verify(month, revision) == []
    found = [path for path in sorted(archive.root.glob("20*/r*/**/*")) if path.is_file()]
    names = {path: str(path.relative_to(archive.root)) for path in found}
    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment) as warehouse:
        published = warehouse.publications()
        figures = [digest(warehouse.kept_month(one.review_id).figures.to_csv().encode()) for one in published]
        told = ("month", "revision", "pack", "locale", "recipient", "state", "delivery_key", "message_digest")
        ledger = sorted(tuple(str(row[name]) for name in told) for row in warehouse.deliveries())
    return Truth(
        {names[path]: digest(path.read_bytes()) for path in found if path.name != "manifest.json"},
        {names[path]: without_names_of_runs(json.loads(path.read_bytes())) for path in found if path.name == "manifest.json"},
        [(str(one.month), one.revision, one.reason, one.input_digest) for one in published],
        figures,
        ledger,
        sorted(digest(path.read_bytes()) for path in company.folder.rglob("*.eml")),
    )


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def without_names_of_runs(manifest: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in manifest.items() if name not in ("run_id", "review_id")}


@pytest.fixture(scope="module")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """Twenty-four months published in their time; since then an order of the first of them has come late."""
    company = tiny_company(tmp_path_factory.mktemp("two-years") / "tiny", FIRST, LAST, customers=CUSTOMERS)
    published_in_time(company, list(months(FIRST, LAST)))
    company.append("orders", ["LATE1", "C01", f"{FIRST}-11 10:00:00", "5000.00"])
    return company


@dataclass(frozen=True)
class Unbroken:
    truth: Truth
    points: list[str]
    spent: dict[str, float]
    rows: dict[str, int]
    rows_read: int


@pytest.fixture(scope="module")
def unbroken(two_years: Small, tmp_path_factory: pytest.TempPathFactory) -> Unbroken:
    company = copied(two_years, tmp_path_factory.mktemp("unbroken") / "tiny")
    told = company.folder.with_name("told")
    assert ended(carry_out, str(company.folder), str(told)) == 0
    cost = json.loads(Path(f"{told}.json").read_text())
    assert cost["ending"] == "published"
    return Unbroken(truth(company), told.read_text().splitlines(), cost["spent"], cost["rows"], cost["rows_read"])


def test_each_source_row_is_read_once(two_years: Small, unbroken: Unbroken) -> None:
    there = {f"{name}.csv": len(two_years.rows(name)) - 1 for name in ("orders", "recipients")}
    assert unbroken.rows == there
    assert unbroken.rows_read == sum(there.values()) > 20 * 24


def test_a_late_month_takes_as_long_as_an_early_one(unbroken: Unbroken) -> None:
    spent = [unbroken.spent[f"stage {month}"] + unbroken.spent[f"publish {month}"] for month in months(FIRST, LAST)]
    early, late = statistics.median(spent[2:8]), statistics.median(spent[18:])
    print(f"CPU seconds per month: {', '.join(f'{one:.2f}' for one in spent)}; 3rd to 8th {early:.2f}, 19th to 24th {late:.2f}")
    print(f"ratio {late / early:.2f}")
    assert late <= 1.3 * early


def test_killed_at_random_points_it_ends_as_an_unbroken_one(two_years: Small, unbroken: Unbroken, tmp_path: Path) -> None:
    assert len(unbroken.truth.publications) == 2 * 24
    assert {row[5] for row in unbroken.truth.ledger} == {"accepted"} and len(unbroken.truth.ledger) == 24
    print(f"seed {SEED}")
    chance, company = random.Random(SEED), copied(two_years, tmp_path / "tiny")
    told, killed = tmp_path / "told", []
    seconds, done = sum(unbroken.spent.values()), False
    while len(killed) < KILLS:
        open_ = 0 if done else len(unbroken.points) - len(points_of(told))
        share = open_ / (KILLS - len(killed))
        if not done and chance.random() < 0.5:
            point = 1 + chance.randrange(max(1, int(1.5 * share)))
            code = ended(carry_out, str(company.folder), str(told), point)
            killed.append(f"at point {point} of {open_}")
        else:
            moment = chance.uniform(0.05, 0.8 + 1.5 * seconds / KILLS)
            code = killed_when_it_has_used(moment, str(company.folder), str(told))
            killed.append(f"after {moment:.2f} s with {open_} to come")
        if code == 0:  # it was done before its moment came; the same command looks once more, and is killed at that
            killed.pop()
            done = True
        else:
            assert code == -signal.SIGKILL, killed
    assert ended(carry_out, str(company.folder), str(told)) == 0, killed
    print(f"{len(killed)} kills: {', '.join(killed)}")
    assert truth(company) == unbroken.truth, killed
    staging = company.folder / "archive" / ".staging"
    assert [path for path in staging.rglob("*") if path.is_dir()] == []
