"""A monthly run that is killed before and after every step, and the same command given again: nothing lost, nothing twice."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

from flows.archive.revisions import Archive
from flows.delivery.ledger import Delivery, DeliveryState, Ledger
from flows.delivery.month import resolve
from flows.review.request import RunRequest
from flows.review.run import run_month
from flows.warehouse.store import Warehouse
from tests.flows.company import Small
from tests.flows.delivery.relay import TestRelay
from tests.flows.tiny import SMTP, begun, copied, ended, in_environment, tiny_company
from transforms.month import Month

pytestmark = pytest.mark.usefixtures("quick_packs")

Result = TypeVar("Result")
MARCH, JUNE = Month(2026, 3), Month(2026, 6)
CLOCK = {"KEPING_CLOCK": "2026-07-02T03:00:00+00:00"}
READERS = 16
AFTER_THE_FOLDER = ("renamed", "synced", "recorded", "latest")
"""Steps that a run takes only once the folder is published: each needs a company that is not so far yet."""


@dataclass
class Steps:
    """Every named point of a run in the order in which it comes, and the one at which the process is killed."""

    kill_at: str = ""
    printed: Path | None = None
    """Where a line is left for every pack that was printed."""
    seen: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def __call__(self, step: str) -> None:
        self.counts[step] += 1
        name = step + " again" * (self.counts[step] > 1)
        self.seen.append(name)
        if self.printed and step.startswith("rendered "):
            with self.printed.open("a") as file:
                file.write(f"{step}\n")
        if name == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def do(self, name: str, step: Callable[[], Result], *, network: bool = False) -> Result:
        self(f"before: {name}")
        result = step()
        self(f"after: {name}")
        return result


def carry_out(folder: str, kill_at: str = "", told: str = "") -> None:
    """In a process of its own: one command, `keping run --month 2026-06 --tier company --send`."""
    in_environment(CLOCK)
    steps = Steps(kill_at, Path(folder).with_name(f"{Path(folder).name}-printed"))
    outcome = run_month(Small(Path(folder)).settings(), RunRequest(JUNE, tiers=("company",), send=True), do=steps.do, at=steps)
    if told:
        Path(told).write_text(json.dumps([steps.seen, outcome.undelivered]))
    os._exit(int(outcome.exit_code))


def company_with(relay: TestRelay, folder: Path, readers: int = READERS) -> Small:
    return tiny_company(folder, MARCH, JUNE, readers=readers, delivery=SMTP.format(port=relay.port))


def rows(company: Small) -> list[Delivery]:
    settings = company.settings()
    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment) as warehouse:
        return Ledger(warehouse).rows(JUNE, 0)


def published(company: Small) -> dict[str, str]:
    """The published files but the manifest, which names its run; whatever is there is whole."""
    archive = Archive(company.settings().archive_path)
    for month in archive.months():
        for revision in archive.revisions(month):
            assert archive.verify(month, revision) == []
    return {
        str(path.relative_to(archive.root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(archive.root.glob("20*/r*/**/*"))
        if path.is_file() and path.name != "manifest.json"
    }


def leftovers(company: Small) -> list[str]:
    """Temporary names, staging and locks: nothing of it may be there when all is done."""
    archive = company.folder / "archive"
    staged = [path for path in (archive / ".staging").iterdir() if not path.name.startswith(".")]
    hidden = [path for path in company.folder.rglob(".*") if path.name not in (".staging", ".locks", ".writing")]
    return [str(path.relative_to(company.folder)) for path in (*staged, *hidden, *(archive / ".locks").iterdir())]


@dataclass
class Rehearsal:
    """One company, killed again and again; `uncertain` are the kills that may leave one delivery unknown."""

    company: Small
    relay: TestRelay
    kills: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    seconds: float = 0.0
    """Of the command that completed the month."""

    def killed(self, point: str) -> None:
        code = ended(carry_out, str(self.company.folder), point)
        if code == -signal.SIGKILL:
            self.kills.append(point)
        else:
            self.missed.append(point)
        published(self.company)
        assert max(Counter(self.relay.sink.recipients).values(), default=0) <= 1, (point, self.kills)

    def killed_in_the_window(self) -> None:
        """Killed by the relay itself: it has the whole message, and its 250 has not left yet."""
        process = begun(carry_out, str(self.company.folder))
        assert process.pid is not None
        self.relay.on_dot = lambda address, pid=process.pid: os.kill(pid, signal.SIGKILL)
        process.join(60)
        self.relay.on_dot = lambda address: None
        assert process.exitcode == -signal.SIGKILL
        self.kills.append("in the window")

    @property
    def uncertain(self) -> int:
        return sum(point.removesuffix(" again") in ("dot_committed", "sent", "in the window") for point in self.kills)

    def completed(self, readers: int, expected: dict[str, str]) -> int:
        """The same command once more, nothing cleaned up by hand: returns how many deliveries it lists as uncertain."""
        told = self.company.folder.with_name(f"{self.company.folder.name}-told.json")
        began = time.monotonic()
        code = ended(carry_out, str(self.company.folder), "", str(told))
        self.seconds = time.monotonic() - began
        _, listed = json.loads(told.read_text())
        found = rows(self.company)
        unknown = [row for row in found if row.state is DeliveryState.UNKNOWN]
        assert {row.state for row in found} <= {DeliveryState.ACCEPTED, DeliveryState.UNKNOWN}
        assert len(found) == readers
        assert code == (5 if unknown else 0)
        assert len(unknown) <= self.uncertain
        assert len(listed) == len(unknown)
        for row in unknown:
            assert any(row.address in line and str(row.message_id) in line for line in listed)
        sink = Counter(self.relay.sink.recipients)
        assert max(sink.values()) == 1
        assert {row.address for row in found if row.state is DeliveryState.ACCEPTED} <= set(sink)
        assert set(sink) <= {row.address for row in found}
        assert published(self.company) == expected
        assert leftovers(self.company) == []
        self._decided(unknown, sink)
        return len(unknown)

    def _decided(self, unknown: list[Delivery], sink: Counter[str]) -> None:
        """What a person does with the list: who is in the relay's log counts as sent, the others are sent the same bytes."""
        for row in unknown:
            resolve(self.company.settings(), row.delivery_key, "sent" if row.address in sink else "resend")
        after = Counter(self.relay.sink.recipients)
        assert {row.state for row in rows(self.company)} == {DeliveryState.ACCEPTED}
        assert set(after.values()) == {1}
        assert set(after) == {row.address for row in rows(self.company)}


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], dict[str, str], float]:
    """The points of an unbroken run, and what it publishes."""
    with TestRelay() as relay:
        company = company_with(relay, tmp_path_factory.mktemp("unbroken") / "tiny")
        told, began = company.folder.with_name("told.json"), time.monotonic()
        assert ended(carry_out, str(company.folder), "", str(told)) == 0
        points, undelivered = json.loads(told.read_text())
        assert undelivered == []
        assert leftovers(company) == []
        return list(dict.fromkeys(points)), published(company), time.monotonic() - began


def test_killed_before_and_after_every_step_the_same_command_completes_the_month(
    unbroken: tuple[list[str], dict[str, str], float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEPING_CLOCK", CLOCK["KEPING_CLOCK"])
    points, expected, seconds = unbroken
    publishing = [point for point in points if point in AFTER_THE_FOLDER]
    assert points[0] == "before: pull sources" and points[-1] == "after: send"
    assert {"kept", "sealed", "dot_committed", "sent again"} < set(points)
    with TestRelay() as relay:
        main = Rehearsal(company_with(relay, tmp_path / "main"), relay)
        for point in points[: points.index("renamed")]:
            main.killed(point)
        sides = [Rehearsal(copied(main.company, tmp_path / point), relay) for point in publishing]
        for point in points[points.index("before: send") : -1]:
            main.killed(point)
        main.killed_in_the_window()
        main.killed(points[-1])
        uncertain = main.completed(READERS, expected)
    assert main.missed == [], main.missed
    # The pack that was made and not yet staged when it was killed is the only one that was made again.
    assert (tmp_path / "main-printed").read_text().splitlines() == ["rendered company.en.pdf"] * 2
    assert main.seconds <= seconds + 10
    kills = len(main.kills)
    for side, point in zip(sides, publishing, strict=True):
        with TestRelay(port=0) as relay:
            side.relay = relay
            text = side.company.config.read_text(encoding="utf-8")
            side.company.config.write_text(re.sub(r"port = [0-9]+", f"port = {relay.port}", text), encoding="utf-8")
            side.killed(point)
            side.completed(READERS, expected)
            kills += len(side.kills)
            assert side.missed == []
    print(
        f"{kills} kills at {len(points)} points; {uncertain} deliveries uncertain and listed, 0 twice, 0 lost, 0 clean-ups; "
        f"the last command took {main.seconds:.1f} s, an unbroken run {seconds:.1f} s"
    )
    assert kills >= 40
