"""Several at once on one month: one writes, the others name it and leave."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NoReturn

import pytest

from flows.archive.locks import month_lock
from flows.warehouse.store import Warehouse
from tests.flows.company import REVIEWED, Small, small_company
from tests.flows.delivery.relay import TestRelay
from tests.flows.tiny import SMTP, command, forks, tiny_company
from tests.flows.tiny import begun as begun_tiny
from transforms.month import Month

pytestmark = pytest.mark.usefixtures("quick_packs")

RUNNER = """
import sys, time
from flows.cli import app
import flows.review.run, flows.intake.pull, reports.render  # imported, then all begin together
print("ready", flush=True)
sys.stdin.readline()
from flows.cli import main
begun = time.monotonic()
sys.argv = ["keping", "run", "--month", {month!r}, "--tier", "company", "--send", "--config", {config!r}]
try:
    main()
finally:
    print(f"seconds {{time.monotonic() - begun:.2f}}", flush=True)
"""


def begun(company: Small) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    code = RUNNER.format(month=REVIEWED, config=str(company.config))
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**environment, "KEPING_CLOCK": "2026-07-02T03:00:00+00:00"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


MARCH, JUNE = Month(2026, 3), Month(2026, 6)
CLOCK = {"KEPING_CLOCK": "2026-07-02T03:00:00+00:00"}
ROUNDS = [*range(5), *(pytest.param(round_, marks=pytest.mark.soak) for round_ in range(5, 100))]


def raced(start: Barrier, words: list[str], said: str) -> None:
    """In a child: wait for the others, then give the command; how long it took is left in `<said>.seconds`."""
    start.wait(120)
    began = time.monotonic()
    leave = os._exit

    def leaving(code: int) -> NoReturn:
        Path(f"{said}.seconds").write_text(str(time.monotonic() - began))
        leave(code)

    os._exit = leaving
    command(words, said, CLOCK)


def until_the_others_left(said: list[str]) -> None:
    """Hold the winner's first mail back: it must not be done before the slowest of the others has asked for the month."""
    give_up = time.monotonic() + 40
    while sum(Path(f"{mine}.seconds").exists() for mine in said) < len(said) - 1 and time.monotonic() < give_up:
        time.sleep(0.02)


@pytest.mark.parametrize("round_", ROUNDS)
def test_of_those_who_begin_one_month_at_once_one_wins_and_the_others_name_it_and_leave(round_: int, tmp_path: Path) -> None:
    several = 10 if os.environ.get("KEPING_SOAK") else 4
    with TestRelay() as relay:
        company = tiny_company(tmp_path / "tiny", MARCH, JUNE, readers=2, delivery=SMTP.format(port=relay.port))
        words = ["run", "--month", str(JUNE), "--tier", "company", "--send", "--config", str(company.config)]
        start, said = forks().Barrier(several), [str(tmp_path / f"said-{number}") for number in range(several)]
        relay.on_dot = lambda address: until_the_others_left(said)
        processes = [begun_tiny(raced, start, words, mine) for mine in said]
        for process in processes:
            process.join(300)
        told = {process.pid: (process.exitcode, Path(f"{mine}.err").read_text()) for process, mine in zip(processes, said, strict=True)}
        taken = Counter(relay.sink.recipients)
    (winner,) = [pid for pid, (code, _) in told.items() if code == 0]
    seconds = [float(Path(f"{mine}.seconds").read_text()) for mine in said]
    losers = [(pid, *rest) for pid, rest in told.items() if pid != winner]
    for (_, code, error), spent in zip(losers, [one for one, pid in zip(seconds, told, strict=True) if pid != winner], strict=True):
        assert code == 6, error
        assert f"{JUNE} of Tiny Company is being run by process {winner} on " in error
        assert spent <= 5.0
    assert taken == {"p00@example.com": 1, "p01@example.com": 1}
    settings = company.settings()
    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment) as warehouse:
        assert [one.revision for one in warehouse.publications()] == [0]
        assert {row["state"] for row in warehouse.deliveries()} == {"accepted"}


def test_no_lock_outlives_its_process(tmp_path: Path) -> None:
    company = small_company(tmp_path / "small")
    process = begun(company)
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    locks = company.folder / "archive" / ".locks"
    give_up = time.monotonic() + 60
    while not (locks.is_dir() and list(locks.iterdir())):
        assert time.monotonic() < give_up
        time.sleep(0.01)
    process.kill()
    process.wait(60)
    with month_lock(company.settings(), Month.parse(REVIEWED)):
        pass
