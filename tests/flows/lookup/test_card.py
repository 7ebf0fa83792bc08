"""A customer on one page says what the review and its evidence say, in both languages, whatever stands in the name."""

from __future__ import annotations

import io
import json
import sqlite3
from pathlib import Path

import pytest
from pypdf import PdfReader
from typer.testing import CliRunner

from flows.cli import app
from flows.lookup.explaining import explain_grade
from flows.review.request import RunRequest
from flows.review.run import run_month
from tests.flows.company import REVIEWED, Small, small_company
from tests.flows.quick_packs import quickly
from tests.reports.tags import faults_of_tags
from transforms.errors import UsageError
from transforms.month import Month

HOSTILE = "=cmd|x <script>alert(1)</script> {{7*7}}"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Small:
    made = small_company(tmp_path_factory.mktemp("card") / "company", locales='["en", "zh_CN"]')
    rows = made.rows("customers")
    made.write("customers", [[row[0], HOSTILE, *row[2:]] if row[0] == "C005" else row for row in rows])
    made.append("tickets", ["LATE", "C014", "2026-05-20 09:00:00", "complaint", "2026-05-20 10:00:00", "2026-07-01 09:00:00"])
    with quickly(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEPING_CLOCK", "2026-07-02T03:00:00+00:00")
        outcome = run_month(made.settings(), RunRequest(Month.parse(REVIEWED), tiers=("company",)))
    assert outcome.exit_code == 0, outcome.lines()
    return made


def card(company: Small, customer: str, out: Path, *more: str) -> dict[str, object]:
    words = ["card", customer, "--out", str(out), "--json", "--config", str(company.config), *more]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def text_of(pdf: Path) -> str:
    reader = PdfReader(io.BytesIO(pdf.read_bytes()))
    assert len(reader.pages) == 1
    return " ".join(reader.pages[0].extract_text().split())


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_the_page_says_what_the_evidence_says(company: Small, tmp_path: Path, locale: str) -> None:
    told = explain_grade(company.settings(), "C005", REVIEWED)
    said = card(company, "C005", tmp_path / "card.pdf", "--locale", locale)
    text = text_of(tmp_path / "card.pdf")
    data = (tmp_path / "card.pdf").read_bytes()
    assert faults_of_tags(data, {"en": "en", "zh_CN": "zh-CN"}[locale], PdfReader(io.BytesIO(data)).metadata["/Title"]) == []
    assert f"{float(told.row['score']):.1f}" in text
    points = [f"{float(told.row[f'points_{name}']):.1f}" for name in ("tenure", "recency", "orders", "net")]
    assert all(point in text for point in points), (points, text)
    assert said["explanation"]["score"] == pytest.approx(float(told.row["score"]))  # type: ignore[index]
    assert sum(float(told.row[f"points_{name}"]) for name in ("tenure", "recency", "orders", "net")) == pytest.approx(told.row["score"])
    for word in ("每单与前一单之比", "季节", "策略") if locale == "zh_CN" else ("Each order against the one before", "Season", "Strategy"):
        assert word in text
    assert ("未提供" if locale == "zh_CN" else "not supplied") in text, "contacts are not supplied, and not zero"


def test_text_of_the_data_is_printed_as_text(company: Small, tmp_path: Path) -> None:
    card(company, "C005", tmp_path / "card.pdf")
    assert "<script>alert(1)</script> {{7*7}}" in text_of(tmp_path / "card.pdf")


def test_open_tickets_are_counted_at_the_months_end(company: Small, tmp_path: Path) -> None:
    """Against the source's own rows: opened in June or before, and not resolved before July in Shanghai."""
    for customer in ("C001", "C002", "C014"):
        own = [row for row in company.rows("tickets")[1:] if row[1] == customer and row[2] < "2026-07-01"]
        open_then = sum(1 for row in own if row[5] >= "2026-07-01")
        assert open_then == (customer == "C014")
        assert card(company, customer, tmp_path / f"{customer}.pdf")["open_tickets"] == open_then


def test_the_course_is_the_kept_grade_of_every_month(company: Small, tmp_path: Path) -> None:
    course = card(company, "C003", tmp_path / "card.pdf")["course"]
    with sqlite3.connect(company.folder / "keping.db") as warehouse:
        kept = dict(
            warehouse.execute(
                "select r.month, c.grade from customers c join reviews r using (review_id) where c.customer_id = 'C003' order by r.month"
            )
        )
    assert {one["month"]: one["grade"] for one in course} == kept  # type: ignore[attr-defined]


def test_a_customer_who_is_not_there_and_a_file_that_is_are_told(company: Small, tmp_path: Path) -> None:
    from flows.lookup.card import write_card

    with pytest.raises(UsageError, match="no customer 'C00' in the review of 2026-06"):
        write_card(company.settings(), "C00", None, None, None)
    (tmp_path / "mine.pdf").write_bytes(b"mine")
    with pytest.raises(UsageError, match="is there already"):
        write_card(company.settings(), "C005", None, None, tmp_path / "mine.pdf")
    assert (tmp_path / "mine.pdf").read_bytes() == b"mine"


@pytest.mark.parametrize(("locale", "said"), [("en", "1 complaint open: "), ("zh_CN", "1件投诉未办结")])
def test_the_card_says_why_somebody_must_act_who_what_and_by_when(company: Small, tmp_path: Path, locale: str, said: str) -> None:
    """As the review keeps it: the reason, the play of the policy in the reader's language, and its day."""
    told = card(company, "C014", tmp_path / "act.pdf", "--locale", locale)
    row = dict(told["customer"])  # type: ignore[call-overload]
    acting, text = explain_grade(company.settings(), "C014", REVIEWED).policy.acting, text_of(tmp_path / "act.pdf")
    assert row["act_reason"] == "complaint" and said in text
    assert acting.play_words(row["act_play"], locale) in text and str(row["act_due_on"])[:10] in text


def test_a_customer_without_a_reason_has_no_play_on_the_card(company: Small, tmp_path: Path) -> None:
    calm = next(
        one
        for one in ("C001", "C002", "C003", "C004", "C006")
        if not dict(card(company, one, tmp_path / f"{one}.pdf")["customer"])["act_reason"]
    )  # type: ignore[call-overload]
    assert ", by 2026-" not in text_of(tmp_path / f"{calm}.pdf")
