"""docs/operations.md is followed to the letter by somebody with a small company; what needs Prefect is in test_prefect.py."""

from __future__ import annotations

import multiprocessing
import os
import shlex
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.cli import app, run_guarded
from flows.delivery.month import mail_month
from tests.flows.company import REVIEWED, Small
from tests.flows.page import CLOCK, blocks, carried_out, commands, company_of_the_page, environment, units
from transforms.month import Month

pytestmark = pytest.mark.usefixtures("quick_packs")

BY_HAND = (
    "One run by hand",
    "Past months",
    "When a mapping is corrected",
    "Mail",
    "What a schedule missed",
    "Who is told",
    "Backup, restore, upgrade",
)
WITH_PREFECT = ("On a schedule, with Prefect", "On PostgreSQL", "Telemetry")
ELSEWHERE = ("When a mapping is corrected",)
"""Followed by tests/flows/review/test_remapped.py, on companies whose mapping is corrected."""


def test_every_section_with_commands_is_followed_by_a_test() -> None:
    assert {section for section, _ in blocks("sh")} == {*BY_HAND, *WITH_PREFECT, *ELSEWHERE}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    made = company_of_the_page(tmp_path_factory.mktemp("page") / "company")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made.folder)
        patch.setenv("KEPING_CLOCK", CLOCK)
        patch.setenv("KEPING_CONFIG", "keping.toml")
        patch.delenv("PREFECT_API_URL", raising=False)
        yield made


def uncertain_delivery(company: Small, address: str) -> str:
    """Mail a new reader, with the power cut at the final dot; the beginning of the delivery's key."""
    company.append("recipients", [address, "New", "en", "company"])
    sender = multiprocessing.get_context("fork").Process(target=cut_off_at_the_dot, args=(company,))
    sender.start()
    sender.join(120)
    assert sender.exitcode == 9
    with sqlite3.connect(company.folder / "var" / "keping.db") as ledger:
        return str(ledger.execute("select delivery_key from deliveries where address = ?", [address]).fetchone()[0])[:12]


def cut_off_at_the_dot(company: Small) -> None:
    mail_month(company.settings(), Month.parse(REVIEWED), at=lambda step: os._exit(9) if step == "dot_committed" else None)


@pytest.mark.parametrize("section", BY_HAND)
def test_what_the_page_says_is_done(section: str, company: Small, capfd: pytest.CaptureFixture[str]) -> None:
    for command in commands(section):
        words = shlex.split(command)
        if words[0] == "keping" and "&&" not in words:
            if words[1] == "resolve":
                words[2] = uncertain_delivery(company, f"new-{words[-1].strip('-')}@example.com")
            code = run_guarded(lambda words=words: app(words[1:], standalone_mode=False))  # type: ignore[misc]
            said = capfd.readouterr()
            assert code == 0, f"{command}\n{said.out}\n{said.err}"
        else:
            carried_out(command, company.folder, environment(KEPING_CONFIG="keping.toml"))


def test_the_heartbeat_and_the_backup_are_there_and_the_copy_is_whole(company: Small) -> None:
    assert (company.folder / "var" / "heartbeat").exists()
    assert (company.folder / "var" / "backup" / "files.tgz").stat().st_size > 10_000
    with sqlite3.connect(company.folder / "var" / "backup" / "keping.db") as copy:
        assert copy.execute("pragma integrity_check").fetchone() == ("ok",)
        assert copy.execute("select count(*) from publications").fetchone() == (2,)


def test_the_services_start_programs_that_are_there() -> None:
    found = units()
    assert set(found) == {"keping-server.service", "keping-worker.service"}
    for unit in found.values():
        for key in ("ExecStart", "ExecStartPre"):
            command = unit["Service"].get(key, "").lstrip("-").split()
            if command:
                assert (Path(sys.executable).parent / Path(command[0]).name).exists()
        assert unit["Service"]["EnvironmentFile"] == "/srv/keping/keping.env"
        assert unit["Service"]["Restart"] == "always"
    assert "flows.scheduling.janitor" in found["keping-worker.service"]["Service"]["ExecStartPre"]
