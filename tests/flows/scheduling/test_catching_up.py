"""`keping run --catch-up`: what the schedule missed comes first, oldest first, each month once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows.cli import app, run_guarded
from reports.revised import read_revised
from tests.flows.company import small_company

pytestmark = pytest.mark.usefixtures("quick_packs")


def test_missed_months_are_published_oldest_first_and_only_up_to_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    company = small_company(tmp_path / "small")
    monkeypatch.delenv("PREFECT_API_URL", raising=False)

    def keping(*words: str, day: str) -> tuple[int, str, str]:
        monkeypatch.setenv("KEPING_CLOCK", f"{day}T03:00:00+00:00")
        command = ["run", "--json", "--tier", "company", "--config", str(company.config), *words]
        code = run_guarded(lambda: app(command, standalone_mode=False))
        return (code, *capsys.readouterr())

    assert keping(day="2026-05-02")[0] == 0
    refused = keping("--catch-up", "1", day="2026-08-02")
    assert (refused[0], "2 months were missed: 2026-05 to 2026-06 are not published" in refused[2]) == (2, True)
    code, said, _ = keping("--catch-up", "2", day="2026-07-02")
    assert code == 0
    assert [(done["month"], done["ending"]) for done in json.loads(said)] == [("2026-05", "published"), ("2026-06", "published")]
    again = keping("--catch-up", "2", day="2026-07-02")
    assert [(done["month"], done["ending"]) for done in json.loads(again[1])] == [("2026-06", "unchanged")]
    # A shop goes on: by the time a schedule fires again, its rows have changed. The month went out once all the same.
    company.append("orders", ["LATE1", "C001", "2026-06-11 10:00:00", "5000.00", "", ""])
    mails = sorted(company.folder.rglob("*.eml"))
    fired = json.loads(keping("--catch-up", "2", "--send", day="2026-07-02")[1])
    assert [(done["month"], done["ending"], done["revision"], done["deliveries"]) for done in fired] == [
        ("2026-06", "unchanged", 0, {"accepted": 2})
    ]
    assert len(sorted(company.folder.rglob("*.eml"))) > len(mails)
    mails = sorted(company.folder.rglob("*.eml"))
    keping("--catch-up", "2", "--send", day="2026-07-03")
    assert sorted(company.folder.rglob("*.eml")) == mails
    anew = json.loads(keping(day="2026-07-03")[1])
    assert (anew["ending"], anew["revision"], anew["reason"]) == ("published", 1, "input changed: orders 2026-06")
    said = read_revised((company.folder / "archive" / "2026-06" / "r1" / "revised.csv").read_bytes())
    assert said.loc[said["name"] == "net_revenue", ["month", "known_as", "restated_as", "reason", "causes"]].to_numpy().tolist()[0] == [
        *("2026-06", "r0", "r1", anew["reason"], "orders=5000.0")
    ]
    assert keping("--catch-up", "2", "--month", "2026-06", day="2026-07-02")[0] == 2
