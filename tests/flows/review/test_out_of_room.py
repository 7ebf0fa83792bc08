"""A disk that is full somewhere in a whole run: plain words, nothing torn, every mail in the ledger; with room the same command ends it."""

from __future__ import annotations

import re
import resource
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flows.delivery.ledger import DeliveryState
from tests.flows.company import Small
from tests.flows.delivery.relay import TestRelay
from tests.flows.review.test_run_killed import CLOCK, JUNE, MARCH, leftovers, published, rows
from tests.flows.tiny import SMTP, command, ended, tiny_company

pytestmark = pytest.mark.usefixtures("quick_packs")

READERS = 3
PLENTY = 1 << 26
SIZES = [pytest.param(step, marks=() if step % 10 == 5 else pytest.mark.soak) for step in range(50)]
"""Of fifty sizes between nothing and enough, five in the normal suite."""


def mount(options: str, target: Path) -> bool:
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(target)], capture_output=True, check=False)
    return done.returncode == 0


@contextmanager
def small_disk(target: Path) -> Iterator[bool]:
    """A disk of its own, full of room yet; False where we may not mount one."""
    target.mkdir()
    mounted = mount(f"size={PLENTY},mode=700", target)
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(target)], check=True)


def used(folder: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*"))


def largest(folder: Path) -> int:
    return max(path.stat().st_size for path in folder.rglob("*"))


def run(company: Small, said: Path, most: int = resource.RLIM_INFINITY) -> tuple[int | None, str]:
    """The command, in a process whose files may have at most that size: exit code, and what it said of its end."""
    words = ["run", "--month", str(JUNE), "--tier", "company", "--send", "--config", str(company.config)]
    code = ended(limited, most, words, str(said), seconds=120)
    told = Path(f"{said}.err").read_text(encoding="utf-8")
    return code, told[told.find("keping: ") :] if "keping: " in told else told


def limited(most: int, words: list[str], said: str) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
    command(words, said, CLOCK)


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], int, int, int]:
    """What an unbroken run publishes, the room that there is before and after it, and its largest file."""
    with TestRelay() as relay:
        company = tiny_company(
            tmp_path_factory.mktemp("room") / "tiny", MARCH, JUNE, readers=READERS, delivery=SMTP.format(port=relay.port)
        )
        before = used(company.folder)
        code, error = run(company, company.folder.with_name("said"))
        assert code == 0, error
        return published(company), before, used(company.folder), largest(company.folder)


@pytest.mark.parametrize("step", SIZES)
def test_a_disk_that_is_full_at_any_moment_tears_nothing_and_with_room_the_same_command_ends_it(
    step: int, unbroken: tuple[dict[str, str], int, int, int], tmp_path: Path
) -> None:
    expected, before, after, most = unbroken
    with TestRelay() as relay, small_disk(tmp_path / "disk") as mounted:
        company = tiny_company(tmp_path / "disk" / "tiny", MARCH, JUNE, readers=READERS, delivery=SMTP.format(port=relay.port))
        if mounted:
            size = before + (after - before) * (2 * step + 1) // 100
            subprocess.run(["mount", "-o", f"remount,size={size}", str(tmp_path / "disk")], check=True)
            code, error = run(company, tmp_path / "said")
            subprocess.run(["mount", "-o", f"remount,size={PLENTY}", str(tmp_path / "disk")], check=True)
        else:
            size = 4_096 + (most - 4_096) * step // 50
            code, error = run(company, tmp_path / "said", size)
        kind = "a disk" if mounted else "no disk may be mounted here: files"
        print(f"{kind} of {size:,} bytes: exit code {code}; {error.strip()[:300]}")
        told_plainly(code, error)
        nothing_is_torn_and_every_mail_is_in_the_ledger(company, relay)
        code, error = run(company, tmp_path / "again")
        assert code == 0, error
        assert published(company) == expected
        assert leftovers(company) == []
        assert Counter(relay.sink.recipients) == {row.address: 1 for row in rows(company)}
        assert len(rows(company)) == READERS


def told_plainly(code: int | None, error: str) -> None:
    """What, where and what to do in at most ten lines; or the room was enough."""
    assert code in (0, 7), (code, error)
    if code == 7:
        assert "Traceback" not in error and 1 < len(error.strip().splitlines()) <= 10, error
        assert re.search(r"no space|No space|[Ff]ile too large|cannot be written", error), error
        assert "same command again" in error, error


def nothing_is_torn_and_every_mail_is_in_the_ledger(company: Small, relay: TestRelay) -> None:
    published(company)
    if relay.sink.recipients:
        accepted = {row.address for row in rows(company) if row.state is DeliveryState.ACCEPTED}
        unknown = {row.address for row in rows(company) if row.state is DeliveryState.UNKNOWN}
        assert accepted <= set(relay.sink.recipients) <= accepted | unknown
