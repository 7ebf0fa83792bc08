from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from flows.archive.locks import month_lock
from flows.settings import Settings
from tests.flows.archive.builders import configuration
from tests.flows.warehouse.builders import MAY
from tests.flows.warehouse.databases import fresh_database
from transforms.errors import BusyError, Exit

FORK = multiprocessing.get_context("fork")


def _hold(settings: Settings, taken, let_go) -> None:
    with month_lock(settings, MAY):
        taken.set()
        let_go.wait(60)


def _hold_with_a_child_that_stays(settings: Settings, child_pid) -> None:
    with month_lock(settings, MAY):
        child = os.fork()
        if child == 0:
            time.sleep(60)
            os._exit(0)
        child_pid.value = child
        time.sleep(60)


def _holder(settings: Settings):
    taken, let_go = FORK.Event(), FORK.Event()
    child = FORK.Process(target=_hold, args=(settings, taken, let_go))
    child.start()
    assert taken.wait(30)
    return child, let_go


def test_the_loser_leaves_within_five_seconds_and_names_the_holder(settings: Settings):
    child, let_go = _holder(settings)
    begun = time.monotonic()
    with pytest.raises(BusyError) as told, month_lock(settings, MAY):
        pass
    assert time.monotonic() - begun < 5
    assert f"2026-05 of Hanlin Trading is being run by process {child.pid} on {os.uname().nodename} since 20" in str(told.value)
    assert "Nothing was run here" in str(told.value)
    assert told.value.exit_code == Exit.BUSY
    let_go.set()
    child.join(30)


def test_a_killed_holder_leaves_no_lock_behind(settings: Settings):
    child, _ = _holder(settings)
    os.kill(child.pid, signal.SIGKILL)
    child.join(30)
    begun = time.monotonic()
    with month_lock(settings, MAY) as lock:
        lock.confirm()
    assert time.monotonic() - begun < 2


def test_a_renderer_that_outlives_its_killed_parent_does_not_hold_the_month(settings: Settings):
    child_pid = FORK.Value("i", 0)
    parent = FORK.Process(target=_hold_with_a_child_that_stays, args=(settings, child_pid))
    parent.start()
    while not child_pid.value:
        time.sleep(0.02)
    try:
        with pytest.raises(BusyError), month_lock(settings, MAY):
            pass
        os.kill(parent.pid, signal.SIGKILL)
        while parent.is_alive():
            time.sleep(0.02)
        os.kill(child_pid.value, 0)  # still there
        with month_lock(settings, MAY):
            pass
    finally:
        os.kill(child_pid.value, signal.SIGKILL)


def test_a_month_that_was_let_go_leaves_no_file_and_is_free(settings: Settings):
    for _ in range(2):
        with month_lock(settings, MAY):
            assert len(list((settings.archive_path / ".locks").iterdir())) == 1
        assert list((settings.archive_path / ".locks").iterdir()) == []


def test_other_months_and_other_companies_are_not_kept_waiting(settings: Settings):
    other = settings.model_copy(update={"company": settings.company.model_copy(update={"name": "Other"})})
    with month_lock(settings, MAY), month_lock(settings, MAY + 1), month_lock(other, MAY):
        pass


def test_a_second_run_within_the_same_process_is_refused_too(settings: Settings):
    with month_lock(settings, MAY), pytest.raises(BusyError), month_lock(settings, MAY):
        pass


def test_hosts_with_archives_of_their_own_exclude_each_other_through_postgresql(tmp_path: Path):
    with fresh_database("postgresql", tmp_path) as url:
        here, there = configuration(tmp_path / "here", url), configuration(tmp_path / "there", url)
        with month_lock(here, MAY), pytest.raises(BusyError, match=rf"process {os.getpid()} on .* since 20"), month_lock(there, MAY):
            pass
        with month_lock(there, MAY):
            pass


def _compete(settings: Settings, start, inside, most, wins) -> None:
    start.wait()
    try:
        with month_lock(settings, MAY):
            with inside.get_lock():
                inside.value += 1
                most.value = max(most.value, inside.value)
            time.sleep(0.3)
            with inside.get_lock():
                inside.value -= 1
        with wins.get_lock():
            wins.value += 1
    except BusyError:
        os._exit(int(Exit.BUSY))


@pytest.mark.parametrize("round_", range(3))
def test_of_ten_processes_at_once_never_two_have_the_month(settings: Settings, round_: int):
    start, inside, most, wins = FORK.Barrier(10), FORK.Value("i", 0), FORK.Value("i", 0), FORK.Value("i", 0)
    children = [FORK.Process(target=_compete, args=(settings, start, inside, most, wins)) for _ in range(10)]
    for child in children:
        child.start()
    for child in children:
        child.join(30)
    assert most.value == 1
    assert wins.value >= 1
    assert {child.exitcode for child in children} <= {0, int(Exit.BUSY)}


def test_a_lock_in_the_way_of_a_symbolic_link_is_refused(settings: Settings, tmp_path: Path):
    from transforms.errors import MachineError

    settings.archive_path.mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (settings.archive_path / ".locks").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(MachineError, match=r"symbolic link"), month_lock(settings, MAY):
        pass
    assert list((tmp_path / "elsewhere").iterdir()) == []
