"""A month of much data: a large survey file, and a tier of very many customers; time and memory of whole runs."""

from __future__ import annotations

import json
import os
import random
import resource
import time
from pathlib import Path
from typing import Any

import pytest

from tests.flows.company import REVIEWED, Small, small_company
from tests.flows.quick_packs import quickly
from tests.flows.tiny import command, ended

GIB = 2**20
"""Kibibytes, as the system counts memory."""
CLOCK = {"KEPING_CLOCK": "2026-07-02T03:00:00+00:00"}
WORDS = ("the courier came late", "nobody called back", "the parcel was in good order", "well packed and in time", "the invoice was wrong")


def survey_file(company: Small, megabytes: int) -> int:
    """Replace the company's surveys by a file of that size; how many answers it has."""
    dice, size, rows = random.Random(7), 0, 0
    with (company.data / "surveys.csv").open("w", encoding="utf-8") as file:
        file.write("response_id,customer_id,answered_at,instrument,item,score,scale_min,scale_max,comment\n")
        while size < megabytes * 1_000_000:
            lines = []
            for rows in range(rows + 1, rows + 10_001):  # noqa: B020
                month, day, second = dice.randint(1, 6), dice.randint(1, 28), rows % 60
                said = " and ".join(dice.sample(WORDS, 2))
                at = f"2026-{month:02d}-{day:02d} {rows // 3600 % 24:02d}:{rows // 60 % 60:02d}:{second:02d}"
                lines.append(f"R{rows:08d},C{dice.randint(0, 39):03d},{at},csat,overall,{dice.randint(1, 5)},1,5,{said}\n")
            size += file.write("".join(lines))
    return rows


def measured(words: list[str], said: str, into: str) -> None:
    """In a child: one command, and its cost: seconds on the clock and of processors, greatest memory of it and of its children in GiB."""
    started, leave = time.monotonic(), os._exit

    def note(status: int) -> None:
        own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
        cost = {
            "clock": time.monotonic() - started,
            "cpu": own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime,
            "own": own.ru_maxrss / GIB,
            "child": others.ru_maxrss / GIB,
            "child_cpu": others.ru_utime + others.ru_stime,
        }
        Path(into).write_text(json.dumps(cost), encoding="utf-8")
        leave(status)

    os._exit = note
    command(words, said, CLOCK)
    raise AssertionError("a command ends by leaving")


def run(company: Small, folder: Path, *more: str) -> tuple[dict[str, float], dict[str, Any]]:
    """`keping run` of the reviewed month: what it cost, what it says of itself."""
    words = ["run", "--month", REVIEWED, "--json", *more, "--config", str(company.config)]
    code = ended(measured, words, str(folder / "said"), str(folder / "cost"))
    assert code == 0, (folder / "said.err").read_text(encoding="utf-8")
    cost = json.loads((folder / "cost").read_text(encoding="utf-8"))
    print(", ".join(f"{name} {value:.2f}" for name, value in cost.items()))
    return cost, json.loads((folder / "said.out").read_text(encoding="utf-8"))


@pytest.mark.parametrize("megabytes", [20, pytest.param(200, marks=pytest.mark.soak)])
def test_a_large_survey_takes_less_than_a_gibibyte_and_its_share_of_two_minutes(megabytes: int, tmp_path: Path) -> None:
    """Ten seconds are for all that is not the survey; processor seconds, as a busy machine stretches the clock."""
    company = small_company(tmp_path / "small")
    answers = survey_file(company, megabytes)
    with quickly():
        cost, outcome = run(company, tmp_path, "--tier", "company")
    print(f"{answers:,} answers: {outcome['findings']}")
    assert cost["own"] <= 1.0
    assert cost["cpu"] <= 10 + 110 * megabytes / 200


POLICY = """
version = "two"
effective_from = "2025-01"
author = "Test"
reason = "everybody in one tier"

[[grades]]
grade = "A"
tier = "a"
name_en = "A customers"
name_zh = "A 级客户"
cut = 99.9

[[grades]]
grade = "B"
tier = "b"
name_en = "B customers"
name_zh = "B 级客户"
cut = 0
"""


@pytest.mark.parametrize("customers", [pytest.param(20_000, marks=pytest.mark.soak)])
def test_the_pack_of_a_tier_of_twenty_thousand_takes_less_than_a_minute_and_a_gibibyte(customers: int, tmp_path: Path) -> None:
    company = small_company(tmp_path / "small", customers=customers + 400)
    (company.folder / "policies").mkdir()
    (company.folder / "policies" / "two.toml").write_text(POLICY, encoding="utf-8")
    cost, _ = run(company, tmp_path, "--tier", "b")
    assert cost["own"] <= 1.5
    assert cost["child"] <= 1.0
    assert cost["child_cpu"] <= 60
