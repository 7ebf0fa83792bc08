"""The fixture month, from pull to the relay's last 250: 200 customers, three tiers, real PDFs, a real mail relay.

Measured warm: everything is imported and the earlier months are reviewed, as on a machine that reviews every month.
CPU seconds of the run and of the children that render, all added up, are held against the six seconds that a reader
of the promise has on the clock. That is the stricter half: on a machine of one free core a month takes its CPU seconds
and what it waits for (the relay's answers, the disk), on two cores less. A busy machine stretches the clock at will, and
a test that fails for it would say nothing of the program.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import time
from contextlib import nullcontext
from pathlib import Path

from tests.bench.grade_path import apart
from tests.bench.rows import Row, row

SECONDS, MEGABYTES = 6.0, 400.0
CUSTOMERS = 200


def bench_fixture_month(folder: Path) -> list[Row]:
    """CPU seconds and peak memory of one whole month, in a process of its own."""
    measured = apart(fixture_month, folder / "fixture-month")
    told = f"{SECONDS:g} s ({measured['wall']:.1f} s on the clock, {measured['packs']:.0f} packs, {measured['mails']:.0f} mails)"
    return [
        row("fixture month, CPU time", measured["seconds"], "s", told, SECONDS, 1.0),
        row("fixture month, peak memory", measured["megabytes"], "MB", "400 MB", MEGABYTES, 1.0),
    ]


def fixture_month(home: Path, real_pages: bool = True) -> dict[str, float]:
    """What the month took and made; without real pages everything but their layout."""
    from flows.review.request import RunRequest
    from flows.review.run import run_month
    from tests.delivery.mailing_builders import by_smtp
    from tests.delivery.relay import TestRelay
    from tests.flows import warmed  # noqa: F401  (imports what a run needs)
    from tests.flows.company import REVIEWED, small_company
    from tests.flows.quick_packs import quickly
    from transforms.month import Month

    shutil.rmtree(home, ignore_errors=True)
    os.environ["KEPING_CLOCK"] = "2026-07-02T03:00:00+00:00"
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
    return {"seconds": seconds, "wall": wall, "megabytes": _peak(), "packs": float(len(outcome.packs)), "mails": float(mails)}


def _cpu() -> float:
    """User and system seconds of this process and of its children that have ended."""
    return sum(os.times()[:4])


def _peak() -> float:
    """Largest resident memory of this process and of any child, in megabytes (what a child shares with it counts for both)."""
    own = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert own is not None
    return max(int(own[1]), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * 1024 / 1e6


if __name__ == "__main__":
    print(json.dumps(bench_fixture_month(Path("var/bench")), indent=1))
