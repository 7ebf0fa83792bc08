"""What holds for the whole suite: marks, what a unit test may not do, processor time, and properties about values alone."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.flows.quick_packs import quickly
from tests.marks import KINDS, mark_of

settings.register_profile("keping", deadline=None)
settings.load_profile("keping")
TESTS = Path(__file__).parent

FORBIDDEN = {
    "sqlite3.connect": "opens a database",
    "socket.connect": "opens a connection",
    "subprocess.Popen": "starts a process",
    "os.fork": "starts a process",
    "os.posix_spawn": "starts a process",
}
"""What Python reports to its audit hooks and a unit test must not do."""


class _Guard:
    """Stops a unit test at what it may not do; the hook stays, the test that it watches changes."""

    watched: str | None = None

    def hook(self, event: str, _: tuple[object, ...]) -> None:
        if self.watched is not None and event in FORBIDDEN:
            watched, self.watched = self.watched, None
            pytest.fail(f"{watched} is marked `unit` but {FORBIDDEN[event]} ({event}): give it another mark in tests/marks.py")

    def lay_out(self, *_: object, **__: object) -> None:
        pytest.fail(f"{self.watched} is marked `unit` but lays out a page: give it another mark in tests/marks.py")


GUARD = _Guard()


def pytest_configure(config: pytest.Config) -> None:
    sys.addaudithook(GUARD.hook)
    config.stash[STARTED] = time.monotonic()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    if not item.get_closest_marker("unit"):
        return (yield)
    GUARD.watched = item.nodeid
    try:
        with pytest.MonkeyPatch.context() as patch:
            if "weasyprint" in sys.modules:
                patch.setattr("weasyprint.HTML.render", GUARD.lay_out)
            return (yield)
    finally:
        GUARD.watched = None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give each test the mark of its place, before `-m` chooses; the long suites run only where they are asked for: `make soak`."""
    for item in items:
        if not any(item.get_closest_marker(kind) for kind in KINDS):
            place = item.path.relative_to(TESTS).as_posix() if item.path.is_relative_to(TESTS) else ""
            if (mark := mark_of(place)) is None:
                raise pytest.UsageError(f"tests/{place} has no mark: put its folder or itself into tests/marks.py ({', '.join(KINDS)})")
            item.add_marker(mark)
    if os.environ.get("KEPING_SOAK"):
        return
    long = [item for item in items if item.get_closest_marker("soak")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if not item.get_closest_marker("soak")]


STARTED = pytest.StashKey[float]()
SPENT = pytest.StashKey[list[float]]()


def _cpu_seconds() -> float:
    """User and system time of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used) + _forked_seconds()


def _forked_seconds() -> float:
    """The same of the server that test children are forked from (`tests.flows.tiny`): it still runs, so nobody has counted it."""
    pid = getattr(forkserver._forkserver, "_forkserver_pid", None)
    with suppress(OSError):
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker tells its processor time to the one that started it."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["cpu_seconds"] = _cpu_seconds()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash.setdefault(SPENT, []).append(getattr(node, "workeroutput", {}).get("cpu_seconds", 0.0))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the suite cost, whatever else the machine was doing."""
    config = terminalreporter.config
    workers = config.stash.get(SPENT, [])
    own = resource.getrusage(resource.RUSAGE_SELF)
    cpu = own.ru_utime + own.ru_stime + sum(workers) if workers else _cpu_seconds()
    told = f"{len(workers)} workers" if workers else "no workers"
    terminalreporter.write_line(f"cpu: {cpu:,.0f} s in {time.monotonic() - config.stash[STARTED]:,.0f} s on the clock, {told}")


@pytest.fixture(scope="module")
def quick_packs() -> Iterator[None]:
    """For a module whose tests do not look at pages: `pytestmark = pytest.mark.usefixtures("quick_packs")`."""
    with quickly():
        yield
