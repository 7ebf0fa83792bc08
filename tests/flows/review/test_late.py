"""A May order that arrives in June: May stays as published, the June pack marks it, a backfill restates it."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pandas as pd
import pypdf
import pytest

from flows.backfills.backfill import backfill
from flows.review.outcome import RunOutcome
from flows.review.request import BackfillRequest, RunRequest
from flows.review.run import run_month
from reports.revised import parts_of, read_revised
from tests.flows.company import Small, small_company
from tests.flows.quick_packs import quickly
from transforms.month import Month
from transforms.why.score import PARTS

LATE = ["LATE1", "C001", "2026-05-11 10:00:00", "5000.00", "", ""]


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    """May published on 2 June; since then an order and an answer of May have arrived."""
    made = small_company(tmp_path / "small", locales='["en", "zh_CN"]')
    monkeypatch.setenv("KEPING_CLOCK", "2026-06-02T03:00:00+00:00")
    review(made, "2026-05")
    made.append("orders", LATE)
    made.append("surveys", ["LATE2", "C002", "2026-05-12 10:00:00", "csat", "overall", 1, 1, 5])
    monkeypatch.setenv("KEPING_CLOCK", "2026-07-02T03:00:00+00:00")
    return made


def review(company: Small, month: str, **options: bool) -> RunOutcome:
    return run_month(company.settings(), RunRequest(Month.parse(month), tiers=("company",), **options))


def text_of(pdf: Path) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf.read_bytes())).pages).split())


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_the_next_pack_prints_what_may_says_now_with_causes_that_add_up_and_may_stays_as_it_was(company: Small) -> None:
    may = digests(company.folder / "archive" / "2026-05")
    june = review(company, "2026-06")
    assert digests(company.folder / "archive" / "2026-05") == may
    assert june.folder is not None
    revised = read_revised((june.folder / "revised.csv").read_bytes())
    assert set(revised["month"]) == {"2026-05"}
    assert set(revised["known_as"]) == {"r0"}
    rows = revised[revised["what"] == "rows"].set_index("name")
    assert (rows.loc["orders", "after"] - rows.loc["orders", "before"], rows.loc["surveys", "after"] - rows.loc["surveys", "before"]) == (
        1,
        1,
    )
    assert revised.loc[revised["what"] == "customers", "after"].item() == 2
    figures = revised[(revised["what"] == "figure") & revised["before"].notna() & revised["after"].notna()]
    net = figures[(figures["scope"] == "company") & (figures["name"] == "net_revenue")]
    assert (net["after"] - net["before"]).item() == pytest.approx(5000.0)
    assert dict(parts_of(net["causes"].item())) == {"orders": pytest.approx(5000.0)}
    for row in figures.itertuples():
        assert sum(part or 0.0 for _, part in parts_of(row.causes)) == pytest.approx(row.after - row.before, abs=1e-9)
    causes = {name for row in figures.itertuples() for name, _ in parts_of(row.causes)}
    assert causes == {"orders", "surveys"}

    people = pd.read_csv(june.folder / "customers.csv").set_index("customer_id")
    restated = people["change_restated"]
    assert restated["C001"] > 0
    assert not restated.drop("C001").any()
    parts = people[[f"change_{name}" for name in PARTS]].sum(axis=1)
    assert (parts - people["change_score"]).abs().max() < 1e-9

    english, chinese = (text_of(june.folder / f"company.{locale}.pdf") for locale in ("en", "zh_CN"))
    assert "May 2026 (R)" in english
    assert "23,459" in english
    assert "修订数据" in chinese
    told = [finding for finding in june.findings if finding.rule.endswith(".late")]
    assert len(told) == 1
    assert "orders +1 rows, +5,000.00" in told[0].message
    assert "published r0 stands" in told[0].message


def test_what_comes_of_a_merge_is_not_put_down_to_the_late_order(company: Small) -> None:
    company.write("customers", [[*row, into] for row, into in zip(company.rows("customers"), merged_from(company), strict=True)])
    with quickly():
        june = review(company, "2026-06")
    assert june.folder is not None
    figures = read_revised((june.folder / "revised.csv").read_bytes()).query("what == 'figure' and scope == 'company'").set_index("name")
    assert dict(parts_of(figures.loc["net_revenue", "causes"])) == {"orders": pytest.approx(5000.0)}
    base = figures.loc["customers_base"]
    assert (base["after"] - base["before"], dict(parts_of(base["causes"]))) == (-1.0, {"customers": -1.0})


def merged_from(company: Small) -> list[str]:
    """The column `merged_into`: C004 has become C003."""
    return ["merged_into", *("C003" if row[0] == "C004" else "" for row in company.rows("customers")[1:])]


def test_after_a_backfill_the_next_pack_names_the_revision_and_nothing_is_late_any_more(company: Small) -> None:
    may = digests(company.folder / "archive" / "2026-05" / "r0")
    month = Month.parse("2026-05")
    backfill(company.settings(), BackfillRequest(month, month, "May orders came late", promote=True))
    itself = company.folder / "archive" / "2026-05" / "r1"
    beside = read_revised((itself / "revised.csv").read_bytes())
    assert set(zip(beside["month"], beside["known_as"], beside["restated_as"], strict=True)) == {("2026-05", "r0", "r1")}
    causes = {row.name: dict(parts_of(row.causes)) for row in beside[beside["scope"] == "company"].itertuples(index=False)}
    assert causes["net_revenue"] == {"orders": pytest.approx(5000.0)}
    assert set(causes["csat_mean"]) == {"surveys"}
    english, chinese = (text_of(itself / f"company.{locale}.pdf") for locale in ("en", "zh_CN"))
    assert "This revision takes the place of revision r0" in english
    assert "The month is restated as revision r1: May orders came late." in english
    assert "Net revenue ¥18,459 ¥23,459 orders +¥5,000" in english
    assert "本修订版取代修订版r0" in chinese
    june = review(company, "2026-06")
    assert june.folder is not None
    revised = read_revised((june.folder / "revised.csv").read_bytes())
    assert set(zip(revised["known_as"], revised["restated_as"], revised["reason"], strict=True)) == {("r0", "r1", "May orders came late")}
    restated = pd.read_csv(company.folder / "archive" / "2026-05" / "r1" / "figures.csv", keep_default_na=False, na_values=[""])
    net = restated[(restated["scope"] == "company") & (restated["indicator"] == "net_revenue")]["value"].item()
    told = revised[(revised["scope"] == "company") & (revised["name"] == "net_revenue")]["after"].item()
    assert told == pytest.approx(net)
    assert not [finding for finding in june.findings if finding.rule.endswith(".late")]
    assert digests(company.folder / "archive" / "2026-05" / "r0") == may


def test_a_month_that_was_restated_without_a_single_late_row_is_told_in_the_next_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company, month = small_company(tmp_path / "small"), Month.parse("2026-05")
    monkeypatch.setenv("KEPING_CLOCK", "2026-06-02T03:00:00+00:00")
    review(company, "2026-05")
    company.write("customers", [[*row, into] for row, into in zip(company.rows("customers"), merged_from(company), strict=True)])
    with quickly():
        backfill(company.settings(), BackfillRequest(month, month, "two records of one customer", promote=True))
        monkeypatch.setenv("KEPING_CLOCK", "2026-07-02T03:00:00+00:00")
        june = review(company, "2026-06")
    assert june.folder is not None
    revised = read_revised((june.folder / "revised.csv").read_bytes())
    assert set(zip(revised["month"], revised["restated_as"], revised["reason"], strict=True)) == {
        ("2026-05", "r1", "two records of one customer")
    }
    base = revised.query("what == 'figure' and scope == 'company' and name == 'customers_base'")
    assert (base["before"] - base["after"]).tolist() == [1.0]
    assert dict(parts_of(base["causes"].item())) == {"customers": -1.0}
    assert not [finding for finding in june.findings if finding.rule.endswith(".late")]


def test_a_month_to_which_nothing_happened_has_no_revised_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    company = small_company(tmp_path / "small")
    monkeypatch.setenv("KEPING_CLOCK", "2026-07-02T03:00:00+00:00")
    review(company, "2026-05")
    june = review(company, "2026-06")
    assert june.folder is not None
    assert not (june.folder / "revised.csv").exists()
    assert "(R)" not in text_of(june.folder / "company.en.pdf")
