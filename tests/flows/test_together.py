"""Several at once on one month: one writes, the others name it and leave."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.archive.locks import month_lock
from flows.warehouse.store import Warehouse
from tests.flows.company import REVIEWED, Small, small_company
from transforms.month import Month

pytestmark = [pytest.mark.xdist_group("together"), pytest.mark.usefixtures("quick_packs")]

RUNNER = """
import sys, time
from flows.cli import app
import flows.review.run, flows.review.pull, reports.render  # imported, then all begin together
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


def test_of_four_on_one_month_one_wins_and_the_others_name_it_and_leave(tmp_path: Path) -> None:
    company = small_company(tmp_path / "small")
    processes = [begun(company) for _ in range(4)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ended = [(process, *process.communicate(timeout=300)) for process in processes]
    codes = sorted(process.returncode for process, _, _ in ended)
    assert codes == [0, 6, 6, 6], [error for _, _, error in ended]
    (winner,) = [process for process, _, _ in ended if process.returncode == 0]
    for process, out, error in ended:
        if process is not winner:
            assert f"{REVIEWED} of Small Company is being run by process {winner.pid} on " in error
            assert float(out.split("seconds ")[1]) < 5.0
    settings = company.settings()
    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment) as warehouse:
        assert [one.revision for one in warehouse.publications()] == [0]
        assert {row["state"] for row in warehouse.deliveries()} == {"accepted"}
    assert len(list(company.folder.rglob("*.eml"))) == 2


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
