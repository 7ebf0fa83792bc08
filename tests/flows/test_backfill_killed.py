"""A backfill that is killed anywhere goes on where it stopped, and ends as an unbroken one does."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from flows.backfills.backfill import backfill
from flows.review.request import BackfillRequest, RunRequest
from flows.review.run import run_month
from flows.warehouse.store import Warehouse
from tests.flows.company import Small, small_company
from transforms.month import Month

pytestmark = pytest.mark.xdist_group("killed")

CLOCK = "2026-07-02T03:00:00+00:00"
FIRST, LAST = Month(2026, 1), Month(2026, 6)
KILLS = 5
"""Of each seed; the moments are uniform over the time that the rest of an unbroken run would take."""


@dataclass(frozen=True)
class Truth:
    """What is left when all is done: published files, what the warehouse says of them, who got mail."""

    files: dict[str, str]
    publications: list[tuple[str, int, str, str]]
    figures: list[str]
    letters: list[str]


def truth(company: Small) -> Truth:
    settings = company.settings()
    archive = settings.archive_path
    files = {
        str(path.relative_to(archive)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(archive.glob("20*/r*/**/*"))
        if path.is_file() and path.name != "manifest.json"  # it names the run
    }
    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment) as warehouse:
        published = warehouse.publications()
        figures = [hashlib.sha256(warehouse.kept_month(one.review_id).figures.to_csv().encode()).hexdigest() for one in published]
        states = {row["state"] for row in warehouse.deliveries()}
    assert states == {"accepted"}
    letters = sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in company.folder.rglob("*.eml"))
    told = [(str(one.month), one.revision, one.reason, one.input_digest) for one in published]
    return Truth(files, told, figures, letters)


def carry_out(folder: str, clock: str) -> None:
    """In a process of its own: the whole backfill."""
    os.environ["KEPING_CLOCK"] = clock
    backfill(Small(Path(folder)).settings(), BackfillRequest(FIRST, LAST, "orders came late", promote=True, send=True))


@pytest.fixture(scope="module")
def forks() -> multiprocessing.context.ForkServerContext:
    """Processes that have everything imported when they begin."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["flows.backfills.backfill", "flows.sources.arrow", "expectations.engine", "reports.document", "weasyprint"]
    )
    return context


@pytest.fixture(scope="module")
def half_year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    """Six months published; since then an order of February has come late."""
    patch = pytest.MonkeyPatch()
    patch.setenv("KEPING_CLOCK", CLOCK)
    company = small_company(tmp_path_factory.mktemp("half-year") / "small")
    for index in range(FIRST.index, LAST.index + 1):
        run_month(company.settings(), RunRequest(Month.from_index(index), tiers=("company",)))
    patch.undo()
    company.append("orders", ["LATE1", "C001", "2026-02-11 10:00:00", "5000.00", "", ""])
    company.write("recipients", [["email", "name", "locale", "tiers"], ["an@example.com", "An", "en", "company"]])
    yield company


def copied(company: Small, to: Path) -> Small:
    shutil.copytree(company.folder, to)
    return Small(to)


def begun(forks: multiprocessing.context.ForkServerContext, company: Small) -> BaseProcess:
    process = forks.Process(target=carry_out, args=(str(company.folder), CLOCK))
    process.start()
    return process


@pytest.fixture(scope="module")
def unbroken(
    half_year: Small, forks: multiprocessing.context.ForkServerContext, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Truth, float]:
    company = copied(half_year, tmp_path_factory.mktemp("unbroken") / "small")
    warm = forks.Process(target=print)
    warm.start()
    warm.join(120)
    clock = time.monotonic()
    process = begun(forks, company)
    process.join(300)
    assert process.exitcode == 0
    return truth(company), time.monotonic() - clock


SEEDS = [*range(2), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 10))]


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_at_random_points_it_ends_as_an_unbroken_one(
    half_year: Small,
    unbroken: tuple[Truth, float],
    forks: multiprocessing.context.ForkServerContext,
    tmp_path: Path,
    seed: int,
) -> None:
    expected, seconds = unbroken
    chance = random.Random(seed)
    moments: list[float] = []
    company, rounds = copied(half_year, tmp_path / "0"), 0
    while len(moments) < KILLS:
        moment = chance.uniform(0.05, seconds)
        process = begun(forks, company)
        process.join(moment)
        if process.exitcode is None:
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            process.join(60)
            moments.append(round(moment, 2))
            continue
        # It was done before its moment came: look at what is left, and begin anew.
        ended_as(expected, company, process, seed, moments)
        rounds += 1
        company = copied(half_year, tmp_path / str(rounds))
    print(f"seed {seed}: {KILLS} kills at {moments} of {seconds:.1f} s, {rounds + 1} copies")
    last = begun(forks, company)
    last.join(300)
    ended_as(expected, company, last, seed, moments)


def ended_as(expected: Truth, company: Small, process: BaseProcess, seed: int, moments: list[float]) -> None:
    assert process.exitcode == 0, f"seed {seed}, kills at {moments}"
    assert truth(company) == expected, f"seed {seed}, kills at {moments}"
    assert not [path for path in (company.folder / "archive" / ".staging").rglob("*") if path.is_dir()]
