"""`keping explain` on kept months: what a grade rests on, parts that add up, what would bring it back, and helpful refusals."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.lookup.explaining import explain_grade
from flows.settings import Settings
from flows.warehouse.store import Warehouse
from tests.flows.company import small_company
from tests.transforms.builders import Company, orders
from transforms.errors import UsageError
from transforms.inputs import History
from transforms.month import Month
from transforms.policy.rules import builtin
from transforms.review import no_history, review_month
from transforms.why.score import PARTS

DECEMBER = Month(2023, 12)
NAMES = [{"customer_id": "b-17", "name": "Bao Trading"}, {"customer_id": "a-1", "name": "An & Sons"}]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """December 2023 and January 2024 are kept: b-17 orders no more and falls, a-1 orders on, and d-9 is new."""
    made = small_company(tmp_path_factory.mktemp("explain") / "small")
    settings = made.settings()
    sold = orders(
        *(("a-1", f"2023-{month:02}-10", 40) for month in range(1, 13)),
        *(("b-17", f"2023-01-{day}", 30) for day in range(10, 20)),
        *((f"c-{number}", f"2023-{month:02}-20", 5 + number) for number in range(4) for month in range(4, 9)),
        ("a-1", "2024-01-20", 90),
        ("d-9", "2024-01-21", 5),
    )
    company = Company(sold, customers=NAMES)
    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment) as warehouse:
        history, policy = no_history(), builtin()
        for month in (DECEMBER, DECEMBER + 1):
            review = review_month(company.inputs(month), history, policy)
            run = warehouse.begin_run("review", month)
            warehouse.keep(review, run=run, revision=None, known_at=datetime(2024, 2, 2, tzinfo=UTC), input_digest="", kind="replay")
            history, policy = History(review.customers, no_history().figures, policy=review.policy), review.policy
    return settings


def test_the_change_is_told_in_parts_that_add_up_with_the_way_back(settings: Settings) -> None:
    told = explain_grade(settings, "b-17", None)
    found = told.as_dict()
    assert (found["month"], found["previous_grade"], found["grade"]) == ("2024-01", "B", "C")
    assert sum(found[f"change_{name}"] for name in PARTS) == pytest.approx(found["change_score"], abs=1e-9)
    assert found["score"] - found["score_before"] == pytest.approx(found["change_score"], abs=1e-9)
    assert sum(found[f"points_{name}"] for name in ("tenure", "recency", "orders", "net")) == pytest.approx(found["score"], abs=1e-9)
    assert found["sentence"].startswith("B to C: −")
    assert "fewer orders per month" in found["sentence"]
    assert found["restore_orders"] >= 1
    lines = told.lines()
    assert len(lines) <= 30
    text = "\n".join(lines)
    for word in ("b-17 · Bao Trading · 2024-01", "cuts: A from 70.0", "by the score alone C", "total", "back to B: "):
        assert word in text
    assert json.loads(json.dumps(found)) == found


def test_any_kept_month_can_be_asked_for_and_a_first_month_compares_with_nothing(settings: Settings) -> None:
    first = explain_grade(settings, "a-1", "2023-12")
    assert first.as_dict()["change_score"] is None
    assert "no month before to compare with" in first.sentence
    assert explain_grade(settings, "a-1", "2024-01").sentence.startswith("A as before: ")


def test_who_has_no_grade_yet_is_told_why(settings: Settings) -> None:
    assert any(
        "no score: a grade needs a first order at least 3 months old" in line for line in explain_grade(settings, "d-9", None).lines()
    )


@pytest.mark.parametrize(
    ("customer", "month", "says"),
    [
        ("B-17", None, r"no customer 'B-17' in the review of 2024-01. Nothing was explained.\nNear to it: b-17 \(Bao Trading\)"),
        ("bao", None, r"Near to it: b-17 \(Bao Trading\)"),
        ("c-33", None, "Near to it: c-3"),
        ("zzz", None, "have no line"),
        ("a-1", "2024-02", "no review of 2024-02 is kept; kept are 2023-12 to 2024-01"),
        ("a-1", "January", "January"),
    ],
)
def test_an_unknown_customer_or_month_is_refused_with_what_is_near(settings: Settings, customer: str, month: str | None, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        explain_grade(settings, customer, month)


def test_the_command_prints_text_or_json(settings: Settings, tmp_path: Path) -> None:
    config = settings.archive_path.parent / "keping.toml"
    told = CliRunner().invoke(app, ["explain", "a-1", "--config", str(config)])
    assert told.exit_code == 0, told.output
    assert "a-1 · An & Sons" in told.output
    as_json = CliRunner().invoke(app, ["explain", "a-1", "--config", str(config), "--json"])
    assert json.loads(as_json.output)["customer_id"] == "a-1"
