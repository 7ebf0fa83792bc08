"""A backfill of two years, killed again and again: it goes on where it stopped, and ends as an unbroken one does.

The unbroken one also tells what a backfill costs: each source row is read once, and a late month takes as long as an early one.
"""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.flows.company import Small
from tests.flows.killing import Truth, carry_out, killed_when_it_has_used, points_of, truth
from tests.flows.tiny import copied, ended, published_in_time, tiny_company
from transforms.month import Month, months

pytestmark = [pytest.mark.timeout(1200), pytest.mark.usefixtures("quick_packs")]

CLOCK = "2026-07-02T03:00:00+00:00"
FIRST, LAST = Month(2024, 7), Month(2026, 6)
CUSTOMERS = 60
KILLS = 40 if os.environ.get("KEPING_SOAK") else 16
SEED = int(os.environ.get("KEPING_SEED", "20260701"))
SPAN = str(FIRST), str(LAST)


@pytest.fixture(scope="module")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """Twenty-four months published in their time; since then an order of the first of them has come late."""
    company = tiny_company(tmp_path_factory.mktemp("two-years") / "tiny", FIRST, LAST, customers=CUSTOMERS)
    published_in_time(company, list(months(FIRST, LAST)))
    company.append("orders", ["LATE1", "C01", f"{FIRST}-11 10:00:00", "5000.00"])
    return company


@dataclass(frozen=True)
class Unbroken:
    truth: Truth
    points: list[str]
    spent: dict[str, float]
    rows: dict[str, int]
    rows_read: int


@pytest.fixture(scope="module")
def unbroken(two_years: Small, tmp_path_factory: pytest.TempPathFactory) -> Unbroken:
    company = copied(two_years, tmp_path_factory.mktemp("unbroken") / "tiny")
    told = company.folder.with_name("told")
    assert ended(carry_out, str(company.folder), str(told), SPAN, CLOCK, True) == 0
    cost = json.loads(Path(f"{told}.json").read_text())
    assert cost["ending"] == "published"
    return Unbroken(truth(company), told.read_text().splitlines(), cost["spent"], cost["rows"], cost["rows_read"])


def test_each_source_row_is_read_once(two_years: Small, unbroken: Unbroken) -> None:
    there = {f"{name}.csv": len(two_years.rows(name)) - 1 for name in ("orders", "recipients")}
    assert unbroken.rows == there
    assert unbroken.rows_read == sum(there.values()) > 20 * 24


def test_a_late_month_takes_as_long_as_an_early_one(unbroken: Unbroken) -> None:
    spent = [unbroken.spent[f"stage {month}"] + unbroken.spent[f"publish {month}"] for month in months(FIRST, LAST)]
    early, late = statistics.median(spent[2:8]), statistics.median(spent[18:])
    print(f"CPU seconds per month: {', '.join(f'{one:.2f}' for one in spent)}; 3rd to 8th {early:.2f}, 19th to 24th {late:.2f}")
    print(f"ratio {late / early:.2f}")
    assert late <= 1.3 * early


def test_killed_at_random_points_it_ends_as_an_unbroken_one(two_years: Small, unbroken: Unbroken, tmp_path: Path) -> None:
    assert len(unbroken.truth.publications) == 2 * 24
    assert {row[5] for row in unbroken.truth.ledger} == {"accepted"} and len(unbroken.truth.ledger) == 24
    print(f"seed {SEED}")
    chance, company = random.Random(SEED), copied(two_years, tmp_path / "tiny")
    told, killed = tmp_path / "told", []
    seconds, done = sum(unbroken.spent.values()), False
    while len(killed) < KILLS:
        open_ = 0 if done else len(unbroken.points) - len(points_of(told))
        share = open_ / (KILLS - len(killed))
        if not done and chance.random() < 0.5:
            point = 1 + chance.randrange(max(1, int(1.5 * share)))
            code = ended(carry_out, str(company.folder), str(told), SPAN, CLOCK, True, point)
            killed.append(f"at point {point} of {open_}")
        else:
            moment = chance.uniform(0.05, 0.8 + 1.5 * seconds / KILLS)
            code = killed_when_it_has_used(moment, str(company.folder), str(told), SPAN, CLOCK, True)
            killed.append(f"after {moment:.2f} s with {open_} to come")
        if code == 0:  # it was done before its moment came; the same command looks once more, and is killed at that
            killed.pop()
            done = True
        else:
            assert code == -signal.SIGKILL, killed
    assert ended(carry_out, str(company.folder), str(told), SPAN, CLOCK, True) == 0, killed
    print(f"{len(killed)} kills: {', '.join(killed)}")
    assert truth(company) == unbroken.truth, killed
    staging = company.folder / "archive" / ".staging"
    assert [path for path in staging.rglob("*") if path.is_dir()] == []
