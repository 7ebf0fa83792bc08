"""`keping status --expect` for a watchdog: 0 where a month is out, 8 where it is not, whatever else there is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.flows.company import Small
from tests.flows.tiny import keping, published_in_time, tiny_company
from transforms.month import Month

pytestmark = pytest.mark.usefixtures("quick_packs")

MAY, JUNE = Month(2026, 5), Month(2026, 6)
CLOCK = "2026-07-04T03:00:00+00:00"


@pytest.fixture
def company(tmp_path: Path) -> Small:
    return tiny_company(tmp_path / "tiny", MAY, JUNE)


def asked(company: Small, *words: str) -> tuple[int, str]:
    code, out, error = keping(company, "status", "--expect", *words, clock=CLOCK, said=company.folder / "said")
    assert error == ""
    return code, out


def test_where_nothing_has_ever_run_the_watchdog_is_told_no_and_not_that_it_asked_wrongly(company: Small) -> None:
    code, out = asked(company, "2026-06")
    assert code == 8
    assert out.splitlines() == [
        "2026-06 is not as expected:",
        "- it is not published, and no run of it has ever begun; is the schedule on, and a worker running?",
        "Then: keping run --month 2026-06 --send",
    ]
    assert not (company.folder / "keping.db").exists(), "looking makes nothing"
    code, out = asked(company, "2026-06", "--by", "2026-07-03", "--json")
    assert (code, json.loads(out)["met"]) == (8, False)
    code, out = asked(company, "2026-06", "--by", "2026-07-09")
    assert (code, out.startswith("2026-06 is not out yet, and not due yet")) == (0, True)


def test_a_month_that_is_out_is_told_so_and_the_next_one_is_not(company: Small) -> None:
    published_in_time(company, [MAY])
    assert asked(company, "2026-05") == (0, "2026-05 is out: r0, with all its packs; nothing is missing.\n")
    assert asked(company, "2026-06")[0] == 8
    (company.folder / "archive" / "2026-05" / "r0" / "company.en.pdf").unlink()
    code, out = asked(company, "2026-05")
    assert (code, "company.en.pdf is gone from" in out) == (8, True)
