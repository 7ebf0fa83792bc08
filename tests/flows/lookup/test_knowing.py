"""What was known when: packs of a day, published bytes that stay, revisions made again, and a watchdog's question."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.archive.office import Office
from flows.backfills.backfill import backfill
from flows.lookup.knowing import instant_from_text, verify_pack
from flows.lookup.reporting import check_month_is_out, check_pack, list_packs
from flows.lookup.rerendering import differing, render_again
from flows.review.request import BackfillRequest, RunRequest
from flows.review.run import run_month
from flows.warehouse.store import Warehouse
from tests.flows.cli.test_cli import keping
from tests.flows.company import Small, small_company
from transforms.errors import UsageError
from transforms.month import Month

pytestmark = pytest.mark.usefixtures("quick_packs")
MAY, JUNE = Month.parse("2026-05"), Month.parse("2026-06")


@pytest.fixture(scope="module")
def restated(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """May published on 2 June and restated on 3 July; June published on 2 July with May's late order marked (R)."""
    patch = pytest.MonkeyPatch()
    company = small_company(tmp_path_factory.mktemp("restated") / "small")
    patch.setenv("KEPING_CLOCK", "2026-06-02T03:00:00+00:00")
    run_month(company.settings(), RunRequest(MAY, tiers=("company",), send=True))
    company.append("orders", ["LATE1", "C001", "2026-05-11 10:00:00", "5000.00", "", ""])
    patch.setenv("KEPING_CLOCK", "2026-07-02T03:00:00+00:00")
    run_month(company.settings(), RunRequest(JUNE, tiers=("company",)))
    patch.setenv("KEPING_CLOCK", "2026-07-03T03:00:00+00:00")
    backfill(company.settings(), BackfillRequest(MAY, MAY, "May orders came late", promote=True))
    patch.undo()
    return company


def warehouse_of(company: Small) -> Warehouse:
    settings = company.settings()
    return Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment)


def revisions(company: Small, known_at: str | None = None) -> list[tuple[str, int]]:
    return sorted({(str(row["month"]), int(row["revision"])) for row in list_packs(company.settings(), known_at)[0]})


def test_packs_known_at_a_day_are_those_that_counted_then(restated: Small) -> None:
    assert revisions(restated) == [("2026-05", 0), ("2026-05", 1), ("2026-06", 0)]
    assert revisions(restated, "2026-06-01") == []
    assert revisions(restated, "2026-06-02") == [("2026-05", 0)]
    assert revisions(restated, "2026-07-02") == [("2026-05", 0), ("2026-06", 0)]
    assert revisions(restated, "2026-07-03T02:59:59+00:00") == [("2026-05", 0), ("2026-06", 0)]
    assert revisions(restated, "2026-07-03") == [("2026-05", 1), ("2026-06", 0)]


def test_a_day_ends_at_midnight_in_the_business_zone(restated: Small) -> None:
    assert instant_from_text("2026-06-01", restated.settings()) == datetime(2026, 6, 1, 15, 59, 59, 999999, tzinfo=UTC)
    with pytest.raises(UsageError, match="needs an offset"):
        instant_from_text("2026-06-01T10:00:00", restated.settings())
    with pytest.raises(UsageError, match="is no date"):
        instant_from_text("June", restated.settings())
    for beyond in ("9999-12-31", "0001-01-01T00:00:00+08:00"):
        with pytest.raises(UsageError, match="no date that a calendar here reaches"):
            instant_from_text(beyond, restated.settings())


@pytest.mark.parametrize(("month", "revision"), [(MAY, 0), (MAY, 1), (JUNE, 0)])
def test_every_revision_made_again_from_the_archive_has_the_published_bytes(restated: Small, month: Month, revision: int) -> None:
    """Also after the source has lost half of its rows and the settings have changed."""
    rows = restated.rows("orders")
    text = restated.config.read_text(encoding="utf-8")
    restated.write("orders", rows[: len(rows) // 2])
    restated.config.write_text(text + "\n[quality]\nmin_n = 3\nlookback_months = 1\n", encoding="utf-8")
    try:
        folder = restated.folder / "archive" / str(month) / f"r{revision}"
        with Office.open(restated.settings()) as office:
            made = render_again(office, month, revision)
            assert differing(office, month, revision) == ()
        assert {"company.en.pdf", "figures.csv", "customers.csv", "transitions.csv", "quality.csv"} <= set(made)
        assert ("revised.csv" in made) == ((month, revision) != (MAY, 0))
        for name, data in made.items():
            assert hashlib.sha256(data).hexdigest() == hashlib.sha256((folder / name).read_bytes()).hexdigest(), name
    finally:
        restated.write("orders", rows)
        restated.config.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("subject", ["2026-05/r0/company.en.pdf", "2026-05/r0/company.en.xlsx", "2026-05/r0", "2026-05"])
def test_what_was_published_verifies_by_its_name_in_the_archive(restated: Small, subject: str) -> None:
    assert check_pack(restated.settings(), subject, again=False).problems == ()


@pytest.mark.parametrize("ending", ["pdf", "xlsx"])
def test_a_mailed_copy_verifies_wherever_it_lies_and_a_stranger_is_refused(restated: Small, tmp_path: Path, ending: str) -> None:
    copy = tmp_path / f"from-mail.{ending}"
    shutil.copyfile(restated.folder / "archive" / "2026-05" / "r0" / f"company.en.{ending}", copy)
    verdict = check_pack(restated.settings(), str(copy), again=True)
    assert (verdict.problems, verdict.month, verdict.revision) == ((), MAY, 0)
    copy.write_bytes(copy.read_bytes() + b" ")
    with pytest.raises(UsageError, match="no published pack has these bytes"):
        check_pack(restated.settings(), str(copy), again=False)


@pytest.mark.parametrize(
    ("name", "damage", "said"),
    [
        ("company.en.pdf", "touch", "company.en.pdf: "),
        ("company.en.xlsx", "touch", "company.en.xlsx: "),
        ("figures.csv", "touch", "figures.csv: changed"),
        ("figures.csv", "remove", "figures.csv: missing"),
        ("note.txt", "add", "note.txt: extra"),
        ("manifest.json", "reason", "manifest.json: not the one that was recorded"),
    ],
)
def test_any_other_byte_is_told_with_exit_code_8(restated: Small, tmp_path: Path, name: str, damage: str, said: str) -> None:
    shutil.copytree(restated.folder, tmp_path / "small")
    company = Small(tmp_path / "small")
    file = company.folder / "archive" / "2026-05" / "r0" / name
    if damage == "touch":
        file.write_bytes(file.read_bytes() + b"\n")
    elif damage == "remove":
        file.unlink()
    elif damage == "reason":
        file.write_text(json.dumps({**json.loads(file.read_text()), "reason": "another"}))
    else:
        file.write_text("mine")
    with Office.open(company.settings()) as office:
        verdict = verify_pack(office, "2026-05/r0/company.en.pdf")
    assert any(problem.startswith(said) for problem in verdict.problems), verdict.problems
    shown = keping("verify", "2026-05/r0/company.en.pdf", "--config", str(company.config))
    assert shown.returncode == 8, shown.stderr
    assert "Traceback" not in shown.stderr


@pytest.mark.parametrize(
    ("month", "by", "clock", "met", "said"),
    [
        ("2026-05", None, "2026-07-04T00:00:00+00:00", True, "2026-05 is out: r1"),
        ("2026-06", "2026-07-03", "2026-07-04T00:00:00+00:00", True, "2026-06 is out: r0"),
        ("2026-06", "2026-07-01", "2026-07-04T00:00:00+00:00", False, "after the deadline 2026-07-01 15:59 UTC"),
        ("2026-07", "2026-08-03", "2026-08-02T00:00:00+00:00", True, "not due yet"),
        ("2026-07", "2026-08-03", "2026-08-04T00:00:00+00:00", False, "no run of it has ever begun"),
        ("2026-07", None, "2026-07-04T00:00:00+00:00", False, "it has not ended"),
    ],
)
def test_a_watchdog_hears_whether_a_month_is_out_in_time_and_what_is_missing(
    restated: Small, monkeypatch: pytest.MonkeyPatch, month: str, by: str | None, clock: str, met: bool, said: str
) -> None:
    monkeypatch.setenv("KEPING_CLOCK", clock)
    expectation = check_month_is_out(restated.settings(), month, by)
    assert expectation.is_met is met
    assert said in "\n".join(expectation.lines())


def test_the_watchdog_s_exit_code_is_8_and_a_gone_pack_is_missing(restated: Small, tmp_path: Path) -> None:
    shutil.copytree(restated.folder, tmp_path / "small")
    company = Small(tmp_path / "small")
    assert keping("status", "--expect", "2026-06", "--config", str(company.config)).returncode == 0
    (company.folder / "archive" / "2026-06" / "r0" / "company.en.pdf").unlink()
    gone = keping("status", "--expect", "2026-06", "--config", str(company.config))
    assert gone.returncode == 8
    assert "company.en.pdf is gone" in gone.stdout
    assert keping("status", "--by", "2026-07-03", "--config", str(company.config)).returncode == 2
