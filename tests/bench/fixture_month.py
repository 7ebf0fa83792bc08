"""The fixture month, from pull to the relay's last 250: 200 customers, three tiers, real PDFs, a real mail relay.

Measured warm: everything is imported and the earlier months are reviewed, as on a machine that reviews every month.
The six seconds of the promise are on the clock, on two cores that have nothing else to do; a busy machine stretches the
clock at will. So the CPU seconds of the run and of the children that render, all added up, are told beside them: those
are what tests that share a machine may hold against a limit. Memory is that of the command as a person gives it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

from tests.bench.grade_path import apart
from tests.bench.rows import Row, row

SECONDS, MEGABYTES = 6.0, 400.0
CUSTOMERS = 200
CLOCK = "2026-07-02T03:00:00+00:00"


def bench_fixture_month(folder: Path) -> list[Row]:
    """Seconds on the clock of one whole month, in a process of its own, and the peak memory of the command that does it."""
    measured = apart(fixture_month, folder / "fixture-month")
    told = f"{SECONDS:g} s ({measured['seconds']:.1f} CPU s, {measured['packs']:.0f} packs, {measured['mails']:.0f} mails)"
    megabytes = apart(month_by_command, folder / "fixture-month")["megabytes"]
    return [
        row("fixture month, on the clock", measured["wall"], "s", told, SECONDS, 1.0),
        row("fixture month by command, peak memory", megabytes, "MB", "400 MB", MEGABYTES, 1.0),
    ]


def month_by_command(home: Path) -> dict[str, float]:
    """Peak memory, in megabytes, of `keping run --send` for a month whose earlier ones are reviewed."""
    from tests.flows.company import REVIEWED, small_company
    from transforms.month import Month

    shutil.rmtree(home, ignore_errors=True)
    company = small_company(home, customers=CUSTOMERS)
    month, peaks = Month.parse(REVIEWED), list[float]()
    for words in (["--month", str(month - 1)], ["--month", str(month), "--send"]):
        command = [sys.executable, "-m", "flows.cli", "run", *words, "--config", str(company.config)]
        process = subprocess.Popen(command, env={**os.environ, "KEPING_CLOCK": CLOCK}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
        peaks.append(used.ru_maxrss * 1024 / 1e6)
    shutil.rmtree(home)
    return {"megabytes": peaks[-1]}


def fixture_month(home: Path, real_pages: bool = True) -> dict[str, float]:
    """What the month took and made; without real pages everything but their layout."""
    from flows.machine.process import set_up
    from flows.review.request import RunRequest
    from flows.review.run import run_month
    from tests.flows import warmed  # noqa: F401  (imports what a run needs)
    from tests.flows.company import REVIEWED, small_company
    from tests.flows.delivery.mailing_builders import by_smtp
    from tests.flows.delivery.relay import TestRelay
    from tests.flows.quick_packs import quickly
    from transforms.month import Month

    set_up()  # as every command does
    shutil.rmtree(home, ignore_errors=True)
    os.environ["KEPING_CLOCK"] = CLOCK
    month = Month.parse(REVIEWED)
    with TestRelay() as relay:
        settings = by_smtp(small_company(home, customers=CUSTOMERS).settings(), relay, pause_seconds=0)
        with quickly():
            run_month(settings, RunRequest(month - 1))
        began, started = _cpu(), time.perf_counter()
        with nullcontext() if real_pages else quickly():
            outcome = run_month(settings, RunRequest(month, send=True))
        seconds, wall = _cpu() - began, time.perf_counter() - started
        mails = len(relay.sink.accepted)
    shutil.rmtree(home)
    return {"seconds": seconds, "wall": wall, "packs": float(len(outcome.packs)), "mails": float(mails)}


def _cpu() -> float:
    """User and system seconds of this process and of its children that have ended."""
    return sum(os.times()[:4])


if __name__ == "__main__":
    print(json.dumps(bench_fixture_month(Path("var/bench")), indent=1))
