"""Where a backfill is staged: a folder of its own in the archive, named by what it is made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from flows.backfills.comparison import MonthComparison
from flows.machine.files import inside, make_folder, write_atomic
from flows.machine.leftovers import sweep
from transforms.month import Month

FOLDER = "backfills"


@dataclass(frozen=True)
class StagedMonth:
    """What was staged of one month: its review in the warehouse, and the one that readers knew it by then.

    `base` is the published revision it was held against (None: never published), `base_review` its review.
    """

    month: str
    digest: str
    review_id: int
    run_id: str
    base: int | None
    base_review: int | None


@dataclass(frozen=True)
class BackfillPlace:
    """The folder of one backfill; the same range over the same input finds the same folder again."""

    folder: Path

    @classmethod
    def of(cls, archive: Path, first: Month, last: Month, digests: Mapping[Month, str], history: Mapping[Month, int]) -> BackfillPlace:
        """`digests` are the input digests of the months, `history` the reviews that the first of them is scored against."""
        parts = [str(first), str(last), *(f"{month}={digest}" for month, digest in sorted(digests.items()))]
        parts += [f"{month}:{review_id}" for month, review_id in sorted(history.items())]
        name = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
        folder = make_folder(inside(archive, FOLDER, f"{first}-{last}-{name}"))
        sweep([folder, *(inside(folder, str(month)) for month in digests)])
        return cls(folder)

    def known_at(self, now: datetime) -> datetime:
        """When these inputs were first known: the instant stays however often the command is given again."""
        path = self.folder / "backfill.json"
        if not path.is_file():
            write_atomic(path, json.dumps({"known_at": now.isoformat()}).encode())
        return datetime.fromisoformat(json.loads(path.read_bytes())["known_at"])

    def read_staged(self, month: Month) -> StagedMonth | None:
        """What an earlier run staged of a month; None where it did not come so far."""
        path = inside(self.folder, str(month), "staged.json")
        return StagedMonth(**json.loads(path.read_bytes())) if path.is_file() else None

    def keep_file(self, month: Month, name: str, data: bytes) -> None:
        """Keep one file of a month."""
        folder = make_folder(inside(self.folder, str(month)))
        write_atomic(inside(folder, name), data)

    def mark_staged(self, staged: StagedMonth) -> None:
        """Mark a month as staged; written last."""
        self.keep_file(Month.parse(staged.month), "staged.json", json.dumps(asdict(staged), sort_keys=True).encode())

    def compare_once(self, staged: StagedMonth, anew: Callable[[], MonthComparison]) -> MonthComparison:
        """How the staged month differs from what readers know, made once: whoever goes on later finds it again."""
        month = Month.parse(staged.month)
        name = f"compared-{staged.review_id}-{staged.base_review or 'never'}.json"
        path = inside(self.folder, str(month), name)
        if path.is_file():
            return MonthComparison.from_json(path.read_bytes())
        comparison = anew()
        self.keep_file(month, name, comparison.to_json())
        return comparison

    def report(self, name: str, data: bytes) -> Path:
        """Keep one file about the whole backfill."""
        path = inside(self.folder, name)
        write_atomic(path, data)
        return path
