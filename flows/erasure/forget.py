"""`keping forget`: one person out of everything that is kept, the sums as they were; killed anywhere, the same command goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from flows.archive.locks import month_lock
from flows.archive.office import Office
from flows.archive.redacted import read_erasure
from flows.archive.revisions import Archive
from flows.erasure.messages import Removed, remove_messages
from flows.erasure.published import erase_folder, holds_person, redact
from flows.erasure.rows import erase_rows, follow_snapshots, kept_customers, months_of, names_of, overwrite_freed_space
from flows.erasure.snapshots import holding, personal_values, rewrite_snapshot
from flows.machine import clock
from flows.machine.clock import Clock
from flows.machine.files import files_below, inside, machine_trouble, remove_tree
from flows.machine.hooks import Hook, nowhere
from flows.machine.progress import Progress, silent
from flows.settings import Settings
from flows.snapshots.store import Snapshot
from flows.snapshots.tombstones import Erasures, Tombstone, begin_erasure
from transforms.errors import Exit, UsageError
from transforms.month import Month
from transforms.tables.erasure import Scrubber

REMADE = ("facts", "held", "dry-run", ".staging", "backfills")
"""Folders of the archive that any later run makes anew."""


@dataclass(frozen=True)
class ForgetOutcome:
    """What was erased of one person, in numbers, and what cannot be: copies that were mailed."""

    pseudonym: str
    snapshots: int
    rows: int
    erased: tuple[str, ...]
    redacted: tuple[str, ...]
    removed: Removed
    left: tuple[str, ...] = field(default=())
    """Files in which the person still stands; empty unless something went wrong."""

    @property
    def exit_code(self) -> Exit:
        return Exit.MACHINE if self.left else Exit.DONE

    def lines(self) -> list[str]:
        """The outcome in at most ten lines, without the person."""
        lines = [
            f"forgotten; {self.pseudonym} stands in the person's place, and every sum is as before.",
            f"{self.snapshots} snapshot(s) and {self.rows} warehouse row(s) were rewritten, {self.removed.files} message file(s) removed.",
        ]
        if self.erased:
            lines.append(f"erased: {_few_of(self.erased)}; published in their place: {_few_of(self.redacted) or 'done before'}")
        if self.removed.copies:
            people = sorted({copy["address"] for copy in self.removed.copies})
            lines.append(
                f"{len(self.removed.copies)} mailed copies lie with {len(people)} recipient(s) and cannot be called back: {_few_of(people)}"
            )
        lines.append("Erase the person at the sources too; whatever is read again from there stays under the pseudonym.")
        if self.left:
            lines.append(f"still named in {len(self.left)} file(s): {_few_of(self.left)}. Look at them, then type the same command again.")
        return lines

    def as_dict(self) -> dict[str, Any]:
        return {
            "pseudonym": self.pseudonym,
            "exit_code": int(self.exit_code),
            "snapshots": self.snapshots,
            "rows": self.rows,
            "erased": list(self.erased),
            "redacted": list(self.redacted),
            "message_files": self.removed.files,
            "mailed_copies": [dict(copy) for copy in self.removed.copies],
            "left": list(self.left),
        }


def forget(settings: Settings, customer: str, *, tell: Progress = silent, now: Clock = clock.now, at: Hook = nowhere) -> ForgetOutcome:
    """Erase a customer's id, name and personal fields from snapshots, warehouse, published packs and messages.

    Sums stay to the last digit: the rows remain under a keyed pseudonym. Every published revision that named
    the person loses its bytes (a tombstone keeps their digests), and the newest of each such month is
    published once more without the person; nothing is mailed. Whatever is read again from the sources is
    put under the pseudonym on the way in. A UsageError says that nobody of that id is known.
    """
    with Office.open(settings, clock=now, tell=tell) as office:
        return _Forgetting(office, customer, at).carry_out()


def forget_again(settings: Settings, *, tell: Progress = silent, now: Clock = clock.now) -> list[ForgetOutcome]:
    """Erase again all who were forgotten before and have come back, with a restored copy of the warehouse or archive, say."""
    erasures = Erasures.of(settings.archive_path)
    with Office.open(settings) as office:
        ids = kept_customers(office.warehouse)
    back = erasures.pseudonyms_of(sorted(ids | _in_snapshots(settings.archive_path / "snapshots" / "customers")))
    return [forget(settings, customer, tell=tell, now=now) for customer in back]


@dataclass(frozen=True)
class _Forgetting:
    """One erasure under way; each method is one of its steps, and each may be done twice."""

    office: Office
    customer: str
    at: Hook

    @property
    def archive(self) -> Archive:
        return self.office.archive

    @property
    def snapshots(self) -> Path:
        return self.archive.root / "snapshots"

    def carry_out(self) -> ForgetOutcome:
        held = list(holding(self.snapshots, {self.customer: ""}))
        erasures = self._read_erasures(held).with_key()
        pseudonym = erasures.pseudonym(self.customer)
        ids = {self.customer: pseudonym}
        reviews = months_of(self.office.warehouse, ids)
        names = self._names(held, erasures.stones.get(pseudonym))
        scrubber = Scrubber(ids, names)
        stone = self._begin(erasures, pseudonym, Scrubber(ids))
        erasures = erasures.keep(stone)
        self.at("begun")
        self._wait_for_others()
        stone = self._rewrite_snapshots(erasures, stone, ids)
        follow_snapshots(self.office.warehouse, stone.snapshots)
        rows = erase_rows(self.office.warehouse, scrubber)
        self.at("rows")
        redacted = self._redact(stone, scrubber)
        removed = remove_messages(self.office, stone.revisions, _packs(reviews.values()))
        self._clear(stone)
        left = tuple(self._files_left(Scrubber(ids)))
        if not left:
            erasures.keep(replace(stone, finished_at=self.office.clock().isoformat()))
        return ForgetOutcome(pseudonym, len(stone.snapshots), rows, stone.revisions, redacted, removed, left)

    def _read_erasures(self, held: list[Snapshot]) -> Erasures:
        """The erasures so far; a UsageError where neither they nor anything kept knows the customer."""
        erasures = Erasures.of(self.archive.root)
        known = held or months_of(self.office.warehouse, {self.customer: ""}) or (erasures.key and erasures.pseudonyms_of([self.customer]))
        if not known:
            raise UsageError(
                f"no customer {self.customer[:40]!r} is known here: not in the snapshots, not in the warehouse. Nothing was erased.\n"
                "Give the customer_id as the sources have it; `keping card` shows a customer."
            )
        return erasures

    def _names(self, held: list[Snapshot], stone: Tombstone | None) -> frozenset[str]:
        """Every name the person goes by in what is kept; read again from what an interrupted erasure left."""
        names = names_of(self.office.warehouse, self.customer)
        for snapshot in held:
            if snapshot.table == "customers":
                said = personal_values(snapshot, self.customer)
                names |= set(said.get("name", ()))
        for place in stone.revisions if stone else ():
            names |= _printed_names(self.archive.root / place / "customers.csv", self.customer)
        return frozenset(name for name in names if len(name.strip()) > 1)

    def _begin(self, erasures: Erasures, pseudonym: str, scrubber: Scrubber) -> Tombstone:
        """The tombstone with every published revision that names the person; one of before is added to."""
        stone = replace(erasures.stones.get(pseudonym, begin_erasure(pseudonym, self.office.clock())), finished_at="")
        found = set(stone.revisions)
        for month in self.archive.months():
            for revision in self.archive.revisions(month):
                folder = self.archive.folder(month, revision)
                if read_erasure(folder) is None and holds_person(folder, scrubber):
                    found.add(f"{month}/r{revision}")
        return replace(stone, revisions=tuple(sorted(found)))

    def _wait_for_others(self) -> None:
        """Make sure that no run is under way that began before this erasure; later ones are refused by the tombstone."""
        last = Month.of(self.office.clock(), self.office.settings.company.timezone)
        months = {review.month for review in self.office.warehouse.latest_reviews()} | {last, last - 1}
        for month in sorted(months):
            with month_lock(self.office.settings, month):
                pass

    def _rewrite_snapshots(self, erasures: Erasures, stone: Tombstone, ids: Mapping[str, str]) -> Tombstone:
        following = dict(stone.snapshots)
        for snapshot in holding(self.snapshots, ids):
            self.office.tell(f"erasing in {snapshot.table} {snapshot.month or '(undated)'}")
            following[snapshot.digest] = rewrite_snapshot(snapshot, self.snapshots, ids).digest
        stone = replace(stone, snapshots=following)
        erasures.keep(stone)
        self.at("snapshots")
        return stone

    def _redact(self, stone: Tombstone, scrubber: Scrubber) -> tuple[str, ...]:
        """Publish what readers need without the person, then remove the bytes that named the person."""
        redacted = []
        for month in sorted({Month.parse(place.split("/")[0]) for place in stone.revisions}):
            if f"{month}/r{self.archive.revisions(month)[-1]}" in stone.revisions:
                self.office.tell(f"publishing {month} without the person")
                redacted.append(f"{month}/r{redact(self.office, month, scrubber, stone.snapshots)}")
                self.at("redacted")
        for place in stone.revisions:
            name, _, revision = place.partition("/r")
            erase_folder(self.archive, Month.parse(name), int(revision), self.office.clock())
            self.at("erased")
        return tuple(redacted)

    def _clear(self, stone: Tombstone) -> None:
        """Remove the old snapshots and whatever later runs make anew; overwrite what the database freed."""
        for path in sorted(self.snapshots.rglob("*.parquet")):
            if path.stem in stone.snapshots and stone.snapshots[path.stem] != path.stem:
                with machine_trouble(path, "erasing a snapshot"):
                    path.unlink()
        for name in REMADE:
            remove_tree(inside(self.archive.root, name))
        remove_tree(inside(self.office.settings.outbox_path, "owner"))
        overwrite_freed_space(self.office.warehouse)
        self.at("cleared")

    def _files_left(self, scrubber: Scrubber) -> Iterable[str]:
        """Files of archive and outbox in which the person still stands."""
        for snapshot in holding(self.snapshots, scrubber.ids):
            yield f"snapshots/{snapshot.table}/{snapshot.path.name}"
        for root in (self.archive.root, self.office.settings.outbox_path):
            for name, path in files_below(root).items() if root.is_dir() else ():
                opaque = path.suffix in (".parquet", ".pdf", ".xlsx", ".eml") or path.parent.name == "messages"
                if not opaque and path.is_file() and scrubber.finds(path.read_bytes().decode("utf-8", "replace")):
                    yield name


def _packs(reviews: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Month -> the packs that named the customer: the company's, and that of each tier the customer was in."""
    found: dict[str, set[str]] = {}
    for month, tier in reviews:
        found.setdefault(month, {"company"}).add(f"tier-{tier}")
    return found


def _printed_names(table: Path, customer: str) -> set[str]:
    if not table.is_file():
        return set()
    rows = pd.read_csv(table, dtype="str", keep_default_na=False, usecols=["customer_id", "name"])
    return {str(name) for name in rows.loc[rows["customer_id"] == customer, "name"] if name}


def _in_snapshots(folder: Path) -> set[str]:
    import pyarrow.parquet as pq

    found: set[str] = set()
    for path in folder.rglob("*.parquet"):
        found |= {str(one) for one in pq.read_table(path, columns=["customer_id"]).column("customer_id").to_pylist() if one}
    return found


def _few_of(names: Iterable[str], most: int = 4) -> str:
    every = list(names)
    return ", ".join(every[:most]) + (f" and {len(every) - most} more" if len(every) > most else "")
