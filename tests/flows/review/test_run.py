"""One month, end to end, on a small company: published once, changed only by changed input, held when it must be."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from flows.review.outcome import Ending, RunOutcome
from flows.review.request import RunRequest
from flows.review.run import run_month
from tests.flows.company import REVIEWED, Small, small_company
from transforms.errors import HeldError
from transforms.month import Month

pytestmark = pytest.mark.usefixtures("quick_packs")
NOW = datetime(2026, 7, 2, 3, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _fixed_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPING_CLOCK", NOW.isoformat())


@pytest.fixture
def company(tmp_path: Path) -> Small:
    return small_company(tmp_path / "small")


def review(company: Small, month: str = REVIEWED, **options: bool) -> RunOutcome:
    return run_month(company.settings(), RunRequest(Month.parse(month), **options))


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_the_first_run_publishes_r0_with_everything_the_contract_names(company: Small) -> None:
    outcome = review(company)
    assert (outcome.ending, outcome.revision, outcome.replayed) == (Ending.PUBLISHED, 0, 5)
    assert outcome.folder is not None
    names = set(digests(outcome.folder))
    assert {"company.en.pdf", "tier-a.en.pdf", "tier-b.en.pdf", "tier-c.en.pdf", "tier-unrated.en.pdf"} <= names
    assert {"figures.csv", "customers.csv", "transitions.csv", "quality.csv", "manifest.json"} <= names
    assert (company.folder / "archive" / "latest").read_text().strip() == REVIEWED
    manifest = json.loads((outcome.folder / "manifest.json").read_text())
    assert manifest["revision"] == 0
    assert set(manifest["files"]) == names - {"manifest.json"}


def test_the_same_month_again_publishes_and_mails_nothing_new_and_says_so(company: Small) -> None:
    first = review(company, send=True)
    before = digests(company.folder / "archive" / REVIEWED)
    mailed = digests(company.folder / "outbox") if (company.folder / "outbox").exists() else {}
    again = review(company, send=True)
    assert first.deliveries == {"accepted": 7}
    assert again.ending is Ending.UNCHANGED
    assert again.deliveries == {"already": 7}
    assert "nothing new" in again.lines()[0]
    assert digests(company.folder / "archive" / REVIEWED) == before
    assert (digests(company.folder / "outbox") if (company.folder / "outbox").exists() else {}) == mailed


def test_nothing_is_mailed_unless_it_is_asked_for(company: Small) -> None:
    review(company)
    assert not list(company.folder.rglob("*.eml"))


def test_a_late_row_makes_a_new_revision_and_leaves_the_old_one_as_it_was(company: Small) -> None:
    first = review(company)
    assert first.folder is not None
    before = digests(first.folder)
    company.append("orders", ["LATE1", "C001", "2026-06-11 10:00:00", "500.00", "", ""])
    second = review(company)
    assert (second.ending, second.revision) == (Ending.PUBLISHED, 1)
    assert second.reason == "input changed: orders 2026-06"
    assert digests(first.folder) == before


def test_what_happens_after_the_month_s_end_has_not_happened_yet(company: Small) -> None:
    first = review(company)
    company.append("orders", ["NEXT1", "C001", "2026-07-01 00:00:00", "99999.00", "", ""])
    company.append("tickets", ["NEXT2", "C001", "2026-07-01 09:00:00", "complaint", "", ""])
    again = review(company)
    assert first.revision == again.revision == 0
    assert again.ending is Ending.UNCHANGED


def test_a_refund_after_the_month_s_end_leaves_the_month_alone(company: Small) -> None:
    review(company)
    rows = company.rows("orders")
    row = next(row for row in rows[1:] if row[2].startswith("2026-06") and not row[4])
    row[4], row[5] = "5.00", "2026-07-01 08:00:00"
    company.write("orders", rows)
    assert review(company).ending is Ending.UNCHANGED


def test_a_month_without_orders_is_held_tells_the_owner_and_publishes_nothing(company: Small) -> None:
    rows = company.rows("orders")
    company.write("orders", [rows[0], *(row for row in rows[1:] if not row[2].startswith("2026-06"))])
    outcome = review(company, send=True)
    assert outcome.ending is Ending.HELD
    assert outcome.exit_code == 3
    assert 2 <= len(outcome.lines()) <= 10
    assert not (company.folder / "archive" / REVIEWED).exists()
    letters = list(company.folder.rglob("*.eml"))
    assert [letter.parent.name for letter in letters] == ["owner"]
    review(company, send=True)
    assert list(company.folder.rglob("*.eml")) == letters


def test_a_dry_run_makes_the_very_packs_and_keeps_nothing(company: Small) -> None:
    rehearsed = review(company, dry_run=True, send=True)
    assert rehearsed.ending is Ending.REHEARSED
    assert not list((company.folder / "outbox").rglob("*.eml"))
    assert not (company.folder / "archive" / REVIEWED).exists()
    published = review(company)
    assert published.replayed == 5
    assert rehearsed.folder is not None
    assert published.folder is not None
    for pack in rehearsed.packs:
        assert pack.read_bytes() == (published.folder / pack.name).read_bytes()


def test_months_reviewed_one_by_one_equal_a_history_replayed_at_once(tmp_path: Path) -> None:
    at_once, step_by_step = small_company(tmp_path / "one"), small_company(tmp_path / "two")
    review(step_by_step)  # freezes the same reference
    whole = review(at_once)
    assert whole.folder is not None
    customers = pd.read_csv(whole.folder / "customers.csv")
    later = review(step_by_step, "2026-05")
    assert later.ending is Ending.PUBLISHED
    again = review(step_by_step)
    assert again.ending is Ending.UNCHANGED
    assert again.folder is not None
    pd.testing.assert_frame_equal(pd.read_csv(again.folder / "customers.csv"), customers)


def test_every_money_figure_of_the_tiers_adds_up_to_the_company_s(company: Small) -> None:
    outcome = review(company)
    assert outcome.folder is not None
    figures = pd.read_csv(outcome.folder / "figures.csv")
    for indicator in ("orders", "gross_revenue", "refunds", "net_revenue"):
        rows = figures[figures["indicator"] == indicator]
        parts = rows.loc[rows["scope"].isin(["tier", "unattributed"]), "value"].sum()
        assert parts == pytest.approx(rows.loc[rows["scope"] == "company", "value"].item(), abs=1e-9)


def test_the_books_balance_in_rows_and_money(company: Small) -> None:
    company.append("orders", ["BAD1", "C001", "2026-06-31 10:00:00", "5.00", "", ""], ["BAD2", "C001", "2026-06-03", "five", "", ""])
    outcome = review(company)
    assert outcome.folder is not None
    quality = pd.read_csv(outcome.folder / "quality.csv")
    assert (quality["read"] == quality["accepted"] + quality["quarantined"] + quality["duplicates"]).all()
    refused = pd.read_csv(outcome.folder / "quarantine" / "orders.csv")
    assert len(refused) == 2
    assert refused["place"].str.contains("orders.csv:").all()


def test_only_some_tiers_packs_are_a_revision_of_their_own(company: Small) -> None:
    outcome = run_month(company.settings(), RunRequest(Month.parse(REVIEWED), tiers=("a",)))
    assert [pack.name for pack in outcome.packs] == ["tier-a.en.pdf"]
    whole = review(company)
    assert whole.revision == 1
    assert whole.reason == "other packs asked for"


def test_a_recipient_who_cannot_be_read_holds_the_mailing_and_is_named(company: Small) -> None:
    company.append("recipients", ["boss@x.test, other@y.test", "Two", "en", "a"])
    with pytest.raises(HeldError) as held:
        review(company, send=True)
    assert str(held.value).splitlines() == [
        "recipients: 1 row(s) cannot be read, so somebody would get nothing. Nobody was mailed.",
        "- recipients.csv:4: recipients.email.type",
        "Mend the rows, then run the same command again; without --send the month is published and not mailed.",
    ]
    assert not (company.folder / "archive" / REVIEWED).exists()
    assert [letter.parent.name for letter in company.folder.rglob("*.eml")] == ["owner"]
    assert review(company).ending is Ending.PUBLISHED
