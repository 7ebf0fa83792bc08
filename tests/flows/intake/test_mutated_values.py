"""Mutated values through each way in: rows are conserved, nothing breaks, and every way reads the same."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.flows.intake.ways import DATABASES, balance, cells, read, refusals

VALUES = 300
SOAK_VALUES = 10_000

SEEDS: dict[str, list[str]] = {
    "amount": ["100", "(1,234.50)", "-¥5", "1e3", "1'234.5", "99999999999999", "12,5", "１２", "nan", "inf", "0x1F", "5-", "元",
               "NULL", "1.234"],
    "ordered_at": ["2024-06-03 10:00:00", "2024-06-03T10:00:00Z", "2024/6/3", "20240603", "0000-00-00", "infinity", "44-03-15 BC",
                   "10000-01-01", "2024-06-00", "1717466400", "2024年6月3日", "2024-06-03 10:00:00+05:30", "31/04/2024",
                   "2024-06-03 25:00"],
    "customer_id": ["C1", "Ｃ１", "Zoe\u0308", "12345.0", "'00123", "1.10101E+17", "NULL", "\\N", "\u200bC1", "00123", "7.10",
                    "18446744073709551615", "customer,with;signs", 'quo"te', "two\nlines", "👤", "true", "-0"],
    "status": ["completed", "Returned", "wc-completed", "OPEN", "null", "cancelled ", "完成"],
    "cost": ["40", "-", "#REF!", "1,234", "€5", "1 234,5", "4e-5", "0.00005", "--1"],
    "delivered_at": ["2024-06-09", "soon", "9999-12-31", "0001-01-01", "2024-02-30", "2024-06-09 24:00", "0"],
}  # fmt: skip
SIGNS = "0123456789.,-+()' \u00a0eE:/TZ%_¥元abc\u0301\u200bＡ９"


def mutated(chance: random.Random) -> tuple[str, str]:
    """A column and a value for it: one that is known to be hard, changed at up to three places."""
    column = chance.choice(list(SEEDS))
    text = chance.choice(SEEDS[column])
    for _ in range(chance.choice([0, 0, 1, 2, 3])):
        place = chance.randrange(len(text) + 1)
        match chance.randrange(4):
            case 0:
                text = text[:place] + chance.choice(SIGNS) + text[place:]
            case 1:
                text = text[:place] + text[place + 1 :]
            case 2:
                text = text[:place] + chance.choice(SIGNS) + text[place + 1 :]
            case _:
                text = text[place:] + text[:place]
    return column, "'" + text if text.startswith("=") else text  # a workbook would compute it


def rows_of(seed: int, number: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    sound = {
        "customer_id": "C1",
        "ordered_at": "2024-06-03 10:00:00",
        "amount": "60",
        "status": "completed",
        "cost": "1",
        "delivered_at": "",
    }
    return [{"order_id": f"O{place:05d}", **sound, **dict([mutated(chance)])} for place in range(number)]


def readings(way: str, folder: Path, rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """What a way accepted and refused, its books being balanced."""
    result = read(way, folder, rows)
    books = balance(result)
    assert books["read"] == books["accepted"] + books["quarantined"] + books["duplicates"], way
    accepted = cells(result) if "2024-06" in result.snapshots["orders"] else []
    own = result.quarantine[result.quarantine["table"] == "orders"]
    assert own["place"].nunique() == books["quarantined"], way
    return accepted, [(rule, "") for rule, _ in refusals(result)]


def compare(seed: int, number: int, folder: Path, ways: tuple[str, ...]) -> None:
    rows = rows_of(seed, number)
    expected = readings("csv", folder, rows)
    for way in ways:
        accepted, refused = readings(way, folder, rows)
        for one, other in zip(expected[0], accepted, strict=False):
            assert one == other, f"seed {seed}, {way}: {rows[int(one['order_id'][1:])]}"
        assert (len(accepted), refused) == (len(expected[0]), expected[1]), f"seed {seed}, {way}"


def test_mutated_values_are_read_alike_by_every_way_in(tmp_path: Path) -> None:
    compare(1, VALUES, tmp_path, ("xlsx", "parquet", "query", *DATABASES))


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_ten_thousand_mutated_values(tmp_path: Path) -> None:
    for seed in range(2, 2 + SOAK_VALUES // 1000):
        compare(seed, 1000, tmp_path / str(seed), ("xlsx", "parquet", "query", *DATABASES))
