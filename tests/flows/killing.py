"""A backfill that is watched, and killed at a point or a moment; and everything that is left when it is done."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from flows.archive.revisions import Archive
from flows.backfills.backfill import backfill
from flows.review.request import BackfillRequest
from flows.sources import folder
from flows.sources.chunks import Block, Chunk
from flows.warehouse.store import Warehouse
from tests.flows.company import Small
from tests.flows.tiny import begun, in_environment
from transforms.month import Month

Result = TypeVar("Result")
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


def carry_out(place: str, told: str, span: tuple[str, str], clock: str, send: bool = False, kill_after: int = 0) -> None:
    """In a process of its own: `keping backfill FROM TO --reason "an order came late" --promote`, with `--send` where asked."""
    in_environment({"KEPING_CLOCK": clock})
    watched = Watched(Path(told), kill_after, points_of(Path(told)))
    folder.read_file = watched.counted(folder.read_file)
    first, last = map(Month.parse, span)
    request = BackfillRequest(first, last, "an order came late", promote=True, send=send)
    outcome = backfill(Small(Path(place)).settings(), request, do=watched.do, at=watched)
    cost = {"spent": watched.spent, "rows": watched.rows, "rows_read": outcome.rows_read, "ending": outcome.word}
    Path(f"{told}.json").write_text(json.dumps(cost))


def points_of(told: Path) -> set[str]:
    return set(told.read_text().splitlines()) if told.exists() else set()


def killed_when_it_has_used(seconds: float, *arguments: Any) -> int | None:
    """Kill it once it has used so much CPU time, wherever it is then; 0 where it ended before."""
    process = begun(carry_out, *arguments)
    assert process.pid is not None
    first = None
    while process.is_alive():
        used = used_by(process.pid)
        first = used if first is None else first
        if used - first >= seconds:
            os.kill(process.pid, signal.SIGKILL)
            break
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
