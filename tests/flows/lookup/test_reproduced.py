"""What is published can be made again for ever: in any surroundings, whatever has happened at the source since."""

from __future__ import annotations

import hashlib
import json
import os
import random
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from flows.archive.office import Office
from flows.archive.revisions import Archive
from flows.backfills.backfill import backfill
from flows.lookup.rerendering import render_again
from flows.review.request import BackfillRequest
from flows.warehouse.schema import metadata
from flows.warehouse.store import Warehouse
from reports import render
from reports.document import render_pack
from tests.flows.company import Small
from tests.flows.tiny import published_in_time, tiny_company
from transforms.month import Month, months

pytestmark = pytest.mark.usefixtures("quick_packs")
FEBRUARY, APRIL, MAY, JUNE = (Month(2026, number) for number in (2, 4, 5, 6))
SOAK = bool(os.environ.get("KEPING_SOAK"))
BACKFILLS, MUTATIONS = (40, 25) if SOAK else (6, 9)


@pytest.fixture(scope="module")
def in_time(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """April to June, each published on the second day after it; the packs of the company and of tier b."""
    company = tiny_company(tmp_path_factory.mktemp("in-time") / "tiny", FEBRUARY, JUNE)
    published_in_time(company, (APRIL, MAY, JUNE), {JUNE: ("company", "b")})
    return company


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """June as it is printed in full."""
    company = tiny_company(tmp_path_factory.mktemp("whole") / "tiny", FEBRUARY, JUNE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "render_pack", render_pack)
        published_in_time(company, (JUNE,), {JUNE: ("company", "b")})
    return company


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()
    }


AGAIN = """
import hashlib, json, sys
from pathlib import Path
from flows.lookup.rerendering import render_again
from flows.settings import load
from flows.archive.office import Office
from transforms.month import Month
with Office.open(load(Path(sys.argv[1]), {})) as office:
    made = render_again(office, Month.parse("2026-06"), 0, workers=int(sys.argv[2]))
print(json.dumps({name: hashlib.sha256(data).hexdigest() for name, data in made.items()}))
"""

SURROUNDINGS = [
    ("1", {"TZ": "Pacific/Chatham", "LC_ALL": "C", "PYTHONHASHSEED": "1"}),
    ("2", {"TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "20261126", "KEPING_CLOCK": "2026-07-03T23:59:59+00:00"}),
    ("4", {"TZ": "UTC", "LANG": "zh_CN.UTF-8", "PYTHONHASHSEED": "random", "KEPING_CLOCK": "2031-02-28T12:00:00+00:00"}),
    ("1", {"TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "7", "PYTHONOPTIMIZE": "1", "OMP_NUM_THREADS": "1"}),
]


@pytest.mark.parametrize(("workers", "environment"), SURROUNDINGS)
def test_made_again_in_other_surroundings_every_byte_is_the_published_one(whole: Small, workers: str, environment: dict[str, str]) -> None:
    plain = {name: value for name, value in os.environ.items() if name not in ("KEPING_CLOCK", "LC_ALL", "LANG", "TZ")}
    done = subprocess.run(
        [sys.executable, "-c", AGAIN, str(whole.config), workers],
        env={**plain, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    made = json.loads(done.stdout)
    published = digests(whole.folder / "archive" / "2026-06" / "r0")
    assert {"company.en.pdf", "tier-b.en.pdf", "figures.csv", "customers.csv"} <= set(made)
    assert made == {name: published[name] for name in made}


class Mutations:
    """Somebody at work in the source: rows come late, change, move, and go."""

    def __init__(self, company: Small, chance: random.Random) -> None:
        self.company, self.chance, self.count = company, chance, 0

    def __call__(self) -> str:
        self.count += 1
        rows = self.company.rows("orders")
        head, body = rows[0], rows[1:]
        what = self.chance.choice(["insert", "amount", "customer", "date", "delete"])
        place = self.chance.randrange(len(body))
        month = Month.from_index(self.chance.randint(FEBRUARY.index, JUNE.index))
        day = f"{month}-{self.chance.randint(1, 28):02d} 0{self.chance.randint(0, 9)}:30:00"
        if what == "insert":
            body.append([f"X{self.count:04d}", f"C{self.chance.randrange(14):02d}", day, f"{self.chance.randrange(100, 90_000) / 100:.2f}"])
        elif what == "amount":
            body[place][3] = f"{self.chance.randrange(100, 90_000) / 100:.2f}"
        elif what == "customer":
            body[place][1] = f"C{self.chance.randrange(14):02d}"
        elif what == "date":
            body[place][2] = day
        else:
            del body[place]
        self.company.write("orders", [head, *body])
        return what


APPEND_ONLY = ("reviews", "figures", "customers", "transitions", "publications", "packs", "snapshots", "policies")


def kept_rows(warehouse: Warehouse) -> dict[str, set[str]]:
    """Every row of the tables that are never updated, as a digest."""
    found = {}
    for name in APPEND_ONLY:
        table = metadata.tables[name]
        with warehouse.reading() as connection:
            found[name] = {hashlib.sha256(repr(tuple(row)).encode()).hexdigest() for row in connection.execute(sa.select(table))}
    return found


def test_after_random_changes_and_backfills_every_earlier_revision_stands_and_can_be_made_again(
    in_time: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = int(os.environ.get("KEPING_SEED") or secrets.randbelow(10**6))
    print(f"seed {seed} (KEPING_SEED={seed} replays it)")
    chance = random.Random(seed)
    company = Small(Path(shutil.copytree(in_time.folder, tmp_path / "tiny")))
    monkeypatch.setenv("KEPING_CLOCK", "2026-07-05T03:00:00+00:00")
    archive, settings, mutate = company.folder / "archive", company.settings(), Mutations(company, chance)
    first_published = {month: digests(archive / str(month) / "r0") for month in months(APRIL, JUNE)}
    revisions = 0
    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment) as warehouse:
        for number in range(BACKFILLS):
            done = [mutate() for _ in range(MUTATIONS)]
            first = Month.from_index(chance.randint(APRIL.index, JUNE.index))
            last = Month.from_index(min(first.index + chance.randrange(2), JUNE.index))
            files = {month: digests(archive / str(month)) for month in months(APRIL, JUNE)}
            before = kept_rows(warehouse)
            outcome = backfill(settings, BackfillRequest(first, last, f"change {number}", promote=number % 3 < 2))
            note = (seed, number, done, first, last)
            after = kept_rows(warehouse)
            assert all(before[name] <= after[name] for name in APPEND_ONLY), note
            for month in months(APRIL, JUNE):
                now = digests(archive / str(month))
                assert {name: now.get(name) for name in files[month]} == files[month], note
                assert first <= month <= last or now == files[month], note
            revisions += sum(one.ending.value == "published" for one in outcome.months)
        for month, published in first_published.items():
            made = render_again(Office(settings, warehouse, Archive(settings.archive_path)), month, 0)
            assert {name: hashlib.sha256(data).hexdigest() for name, data in made.items()} == {name: published[name] for name in made}
            figures = pd.read_csv(archive / str(month) / "r0" / "figures.csv")
            assert len(figures) and set(figures["revision"]) == {0}
    print(f"{mutate.count} changes, {BACKFILLS} backfills, {revisions} new revisions: every earlier byte and row stands; r0 made again")
    assert mutate.count == BACKFILLS * MUTATIONS >= 50
    assert revisions >= BACKFILLS // 3
