"""Past months anew: staged beside what is published, promoted only where they differ, and nothing else touched."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows.archive.locks import month_lock
from flows.backfills.backfill import backfill
from flows.backfills.outcome import BackfillOutcome, MonthEnding
from flows.review.printing import PrintJob
from flows.review.request import BackfillRequest, RunRequest, check_backfill
from flows.review.run import run_month
from flows.review.waivers import waive
from flows.warehouse.store import Warehouse
from reports.blocks import Paragraph
from reports.pack import ReviewPack
from tests.flows.company import Small, small_company
from transforms.errors import BusyError, CopiedError, HeldError, UsageError
from transforms.month import Month

pytestmark = pytest.mark.usefixtures("quick_packs")

MONTHS = ("2026-04", "2026-05", "2026-06")
NOW = datetime(2026, 7, 2, 3, 0, tzinfo=UTC)
POLICY = """
version = "{version}"
effective_from = "{start}"
author = "An Analyst"
reason = "two grades with names of our own"
[[grades]]
grade = "{best}"
tier = "best"
name_en = "{best}"
name_zh = "最佳"
cut = 60.0
[[grades]]
grade = "Others"
tier = "others"
name_en = "Others"
name_zh = "其他"
cut = 0.0
"""
"""A policy whose best grade is called by its own name, so that a month shows by whose rules it was graded."""
LATE = ["LATE1", "C001", "2026-05-11 10:00:00", "5000.00", "", ""]


@pytest.fixture(scope="module")
def three_months(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    """April to June published and mailed in time; the company's pack alone, which is enough to see."""
    patch = pytest.MonkeyPatch()
    company = small_company(tmp_path_factory.mktemp("published") / "small")
    for month in MONTHS:
        patch.setenv("KEPING_CLOCK", f"{Month.parse(month) + 1}-02T03:00:00+00:00")
        run_month(company.settings(), RunRequest(Month.parse(month), tiers=("company",), send=True))
    patch.undo()
    yield company


@pytest.fixture
def company(three_months: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    monkeypatch.setenv("KEPING_CLOCK", NOW.isoformat())
    shutil.copytree(three_months.folder, tmp_path / "small")
    return Small(tmp_path / "small")


def anew(company: Small, first: str = "2026-04", last: str = "2026-06", **options: bool) -> BackfillOutcome:
    return backfill(company.settings(), BackfillRequest(Month.parse(first), Month.parse(last), "an order came late", **options))


def published_files(company: Small) -> dict[str, str]:
    archive = company.folder / "archive"
    return {
        str(path.relative_to(archive)): hashlib.sha256(path.read_bytes()).hexdigest()
        for month in sorted(archive.glob("20*"))
        for path in sorted(month.rglob("*"))
        if path.is_file()
    }


def endings(outcome: BackfillOutcome) -> dict[str, MonthEnding]:
    return {str(done.month): done.ending for done in outcome.months}


def warehouse_of(company: Small) -> Warehouse:
    settings = company.settings()
    return Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment)


def subjects(company: Small) -> list[tuple[str, str]]:
    letters = [message_from_bytes(path.read_bytes()) for path in company.folder.rglob("*.eml")]
    return sorted((str(letter["To"]), str(make_header(decode_header(letter["Subject"])))) for letter in letters)


def test_what_has_not_changed_gets_no_new_revision_and_each_source_row_is_read_once(company: Small) -> None:
    before = published_files(company)
    outcome = anew(company, promote=True, send=True)
    assert set(endings(outcome).values()) == {MonthEnding.UNCHANGED}
    assert "no change in 3 month(s)" in outcome.lines()[0]
    assert published_files(company) == before
    assert outcome.rows_read == sum(len(company.rows(name)) - 1 for name in ("orders", "tickets", "surveys", "customers", "recipients"))


def test_a_late_order_is_compared_with_what_is_published_and_nothing_is_published_unasked(company: Small) -> None:
    before, mailed = published_files(company), subjects(company)
    company.append("orders", LATE)
    outcome = anew(company)
    assert endings(outcome) == {
        "2026-04": MonthEnding.UNCHANGED,
        "2026-05": MonthEnding.DIFFERS,
        "2026-06": MonthEnding.DIFFERS,
    }
    assert published_files(company) == before
    assert subjects(company) == mailed
    assert outcome.page is not None
    page = outcome.page.read_text(encoding="utf-8")
    assert "| Net revenue | 18,459.40 | 23,459.40 |" in page
    assert "| C001 | 200.17 | 5200.17 |" in page
    data = pd.read_csv(outcome.page.with_name("comparison.csv"), dtype="str")
    rows = data[(data["month"] == "2026-05") & (data["what"] == "rows")]
    assert rows[["name", "before", "after"]].to_numpy().tolist() == [["orders", "35", "36"]]
    assert "customers.csv" in {path.name for path in (outcome.page.parent / "2026-05").iterdir()}


def test_a_staged_month_is_no_history_until_it_is_promoted(company: Small) -> None:
    company.append("orders", LATE)
    with warehouse_of(company) as warehouse:
        before = warehouse.history(Month.parse("2026-07"))
        anew(company)
        after = warehouse.history(Month.parse("2026-07"))
        pd.testing.assert_frame_equal(before.customers, after.customers)
        anew(company, promote=True)
        promoted = warehouse.history(Month.parse("2026-07"))
    assert not promoted.customers["net_12m"].equals(before.customers["net_12m"])


def test_promoting_publishes_a_revision_of_each_month_that_differs_and_touches_nothing_else(company: Small) -> None:
    before = published_files(company)
    company.append("orders", LATE)
    anew(company)
    outcome = anew(company, promote=True)
    assert outcome.reused == 3
    assert endings(outcome) == {
        "2026-04": MonthEnding.UNCHANGED,
        "2026-05": MonthEnding.PUBLISHED,
        "2026-06": MonthEnding.PUBLISHED,
    }
    after = published_files(company)
    assert {name: after[name] for name in before} == before
    assert {name.split("/")[0] + "/" + name.split("/")[1] for name in after.keys() - before.keys()} == {"2026-05/r1", "2026-06/r1"}
    with warehouse_of(company) as warehouse:
        newest = warehouse.publication(Month.parse("2026-05"))
    assert newest is not None
    assert newest.reason == "an order came late"
    assert outcome.lines()[0].endswith("2 of 3 month(s) published anew (an order came late).")
    again = anew(company, promote=True)
    assert published_files(company) == after
    assert endings(again) == endings(outcome)
    assert again.lines()[0].endswith("no change since 2 of 3 month(s) were published anew; nothing published now.")
    assert [done.before for done in again.months] == [False, True, True]


def test_a_backfill_of_one_month_leaves_the_later_ones_to_themselves(company: Small) -> None:
    company.append("orders", LATE)
    outcome = anew(company, "2026-05", "2026-05", promote=True)
    assert endings(outcome) == {"2026-05": MonthEnding.PUBLISHED}
    assert not (company.folder / "archive" / "2026-06" / "r1").exists()


def test_a_restated_month_is_mailed_as_restated_to_those_who_were_on_the_list_then_and_still_are(company: Small) -> None:
    company.append("orders", LATE)
    head = ["email", "name", "locale", "tiers", "valid_from", "valid_to"]
    company.write(
        "recipients",
        [
            head,
            ["an@example.com", "An", "en", "company", "", ""],
            ["gone@example.com", "Gone", "en", "company", "", "2026-06-30"],
            ["new@example.com", "New", "en", "company", "2026-07-01", ""],
        ],
    )
    before = subjects(company)
    anew(company, "2026-05", "2026-05", promote=True, send=True)
    fresh = sorted(set(subjects(company)) - set(before))
    assert [who for who, _ in fresh] == ["An <an@example.com>"]
    assert fresh[0][1].startswith("Restated (r1): Small Company, May 2026: ")
    anew(company, "2026-05", "2026-05", promote=True, send=True)
    assert len(subjects(company)) == len(before) + 1


def test_a_restated_month_whose_pack_nobody_on_the_list_is_to_get_says_so(company: Small) -> None:
    company.append("orders", LATE)
    company.write("recipients", [["email", "name", "locale", "tiers"], ["an@example.com", "An", "en", "a"]])
    told = anew(company, "2026-05", "2026-05", promote=True, send=True).lines()
    assert "  2026-05: Nobody on the list of recipients is to get: company" in told


def test_each_month_keeps_the_policy_of_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    company = small_company(tmp_path / "small")
    (company.folder / "policies").mkdir()
    for version, start, best in (("plain", "2025-01", "Plain"), ("golden", "2026-06", "Golden")):
        (company.folder / "policies" / f"{version}.toml").write_text(POLICY.format(version=version, start=start, best=best))
    published = {}
    for month in MONTHS[1:]:
        monkeypatch.setenv("KEPING_CLOCK", f"{Month.parse(month) + 1}-02T03:00:00+00:00")
        run_month(company.settings(), RunRequest(Month.parse(month), tiers=("company",)))
        with warehouse_of(company) as warehouse:
            published[month] = warehouse.publication(Month.parse(month))
    company.append("orders", LATE)
    anew(company, "2026-05", promote=True)
    for month, version, grade in (("2026-05", "plain", "Plain"), ("2026-06", "golden", "Golden")):
        with warehouse_of(company) as warehouse:
            again = warehouse.publication(Month.parse(month))
        first = published[month]
        assert again is not None and first is not None
        assert first.policy_version.startswith(version)
        assert (again.revision, again.policy_version, again.policy_digest) == (1, first.policy_version, first.policy_digest)
        told = pd.read_csv(company.folder / "archive" / month / "r1" / "customers.csv")
        assert set(told["grade"]) - {"unrated"} == {grade, "Others"}


def test_a_month_that_must_be_held_holds_the_backfill_before_anything_is_published(company: Small) -> None:
    before = published_files(company)
    rows = company.rows("orders")
    company.write("orders", [rows[0], *(row for row in rows[1:] if not row[2].startswith("2026-05"))])
    outcome = anew(company, promote=True, send=True)
    assert outcome.exit_code == 3
    assert "2026-05" in "\n".join(outcome.lines())
    assert published_files(company) == before


def test_a_held_backfill_and_a_held_run_say_the_same_of_the_same_month(company: Small) -> None:
    rows = company.rows("orders")
    company.write("orders", [rows[0], *(row for row in rows[1:] if not row[2].startswith("2026-05"))])
    ours = anew(company, "2026-05", "2026-05", promote=True).lines()
    run = run_month(company.settings(), RunRequest(Month.parse("2026-05"), tiers=("company",))).lines()
    assert ours[0] == "backfill 2026-05 to 2026-05 is held: 1 critical finding(s). Nothing was published or mailed."
    assert ours[0].removeprefix("backfill 2026-05 to ") == run[0]
    assert [line for line in ours[1:] if not line.startswith("Mend")] == [line for line in run[1:] if not line.startswith("Mend")]
    assert ours[-1].startswith("Or let it pass: keping waive orders.") and " --month 2026-05 " in ours[-1]
    assert (company.folder / "archive" / "held" / "2026-05" / "findings.txt").is_file()


def test_a_month_that_a_gate_holds_only_when_it_is_promoted_stays_as_it_was(company: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    before, honest = published_files(company), PrintJob.build
    everybody = Paragraph(", ".join(row[0] for row in company.rows("customers")[1:]), "body")

    def leaking(job: PrintJob) -> list[ReviewPack]:
        return [naming(pack) if pack.name == "tier-a" else pack for pack in honest(job)]

    def naming(pack: ReviewPack) -> ReviewPack:
        last = pack.sections[-1]
        return replace(pack, sections=(*pack.sections[:-1], replace(last, blocks=(*last.blocks, everybody))))

    monkeypatch.setattr(PrintJob, "build", leaking)
    with pytest.raises(HeldError) as held:
        anew(company, "2026-03", "2026-03", promote=True)
    said = str(held.value).splitlines()
    assert said[0] == "2026-03 r0 is held: 1 critical finding(s). It was not published or mailed."
    assert said[1].startswith("- pack tier-a (en) names ") and said[-1] == "Mend the source, then run the same command again."
    assert published_files(company) == before


def test_a_copied_warehouse_that_is_to_mail_is_refused_before_anything_is_read(company: Small) -> None:
    company.append("orders", LATE)
    settings, before = company.settings(), published_files(company)
    smtp = settings.delivery.model_copy(update={"transport": "smtp"})
    copied = settings.model_copy(update={"delivery": smtp})
    steps: list[str] = []

    def noted(name: str, step: Callable[[], Any], *, network: bool = False) -> Any:
        steps.append(name)
        return step()

    request = BackfillRequest(Month.parse("2026-05"), Month.parse("2026-05"), "an order came late", promote=True, send=True)
    with pytest.raises(CopiedError, match=r"it looks like a copy. Nothing was mailed"):
        backfill(copied, request, do=noted)
    assert (steps, published_files(company)) == ([], before)


def test_what_a_finished_month_shows_holds_by_the_configured_severity_and_a_waiver_lets_it_pass(company: Small) -> None:
    company.config.write_text(company.config.read_text() + '\n[quality.severities]\n"tickets.customer_id.unknown" = "critical"\n')
    company.append("orders", LATE)
    company.append("tickets", ["T9", "STRANGER", "2026-05-09 10:00:00", "complaint", "", ""])
    before = published_files(company)
    held = anew(company, "2026-05", "2026-05", promote=True)
    assert held.exit_code == 3
    assert "1 of" in held.lines()[1] and "STRANGER" in held.lines()[1]
    assert published_files(company) == before
    waive(company.settings(), "tickets.customer_id.unknown", Month.parse("2026-05"), "a test call", "2026-07-10")
    passed = anew(company, "2026-05", "2026-05", promote=True)
    assert endings(passed) == {"2026-05": MonthEnding.PUBLISHED}
    manifest = json.loads((company.folder / "archive" / "2026-05" / "r1" / "manifest.json").read_bytes())
    (gate,) = (gate for gate in manifest["gates"] if gate["rule"] == "tickets.customer_id.unknown")
    assert gate["waived"][1:] == ["2026-07-10", "a test call"]


def test_a_backfill_beside_a_running_month_names_its_holder_and_leaves_the_month_alone(company: Small) -> None:
    company.append("orders", LATE)
    before = published_files(company)
    with (
        month_lock(company.settings(), Month.parse("2026-05")),
        pytest.raises(BusyError, match="2026-05 of Small Company is being run by process"),
    ):
        anew(company, promote=True)
    assert published_files(company) == before
    assert endings(anew(company, promote=True))["2026-05"] is MonthEnding.PUBLISHED


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-06", "2026-04", "2026-06 lies after 2026-04"),
        ("2026-13", "2026-06", "no such month: 2026-13"),
        ("2026-04", "2026-07", "2026-07 has not ended yet"),
        ("1990-01", "2026-06", "are 438 months; one backfill takes at most 120"),
    ],
)
def test_a_range_that_cannot_be_is_refused_with_the_reason(company: Small, first: str, last: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        check_backfill(first, last, "why", NOW, company.settings(), promote=False, send=False)


def test_mailing_without_publishing_and_a_backfill_without_a_reason_are_refused(company: Small) -> None:
    with pytest.raises(UsageError, match="give both"):
        check_backfill("2026-05", "2026-05", "why", NOW, company.settings(), promote=False, send=True)
    with pytest.raises(UsageError, match="--reason is empty"):
        check_backfill("2026-05", "2026-05", " \n", NOW, company.settings(), promote=False, send=False)
