"""A mapping that is corrected reaches every month: what was never published by itself, what was published when it is said."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import text

from flows.backfills.backfill import backfill
from flows.check import history_lines
from flows.review.outcome import Ending, RunOutcome
from flows.review.request import BackfillRequest, RunRequest
from flows.review.run import run_month
from flows.review.waivers import waive
from flows.warehouse.connection import connect, transaction, warehouse_url
from tests.flows.company import Small
from tests.flows.quick_packs import quickly
from tests.flows.tiny import copied, ended, in_environment
from transforms.month import Month

pytestmark = pytest.mark.usefixtures("quick_packs")

CONFIG = """
[company]
name = "Tiny Company"
timezone = "Asia/Shanghai"
currency = "CNY"
locales = ["en"]
[warehouse]
url = "sqlite:///keping.db"
[archive]
path = "archive"
[sources.shop]
url = "sqlite:///shop.db"
[sources.files]
path = "data"
[[tables.orders]]
source = "shop"
query = "{query}"
timezone = "Asia/Shanghai"
[[tables.recipients]]
source = "files"
files = "recipients.csv"
"""
GROSS = "select id as order_id, who as customer_id, at as ordered_at, gross as amount from sales where at >= :start and at < :end"
NET = GROSS.replace("gross as", "net as")
FIRST, LAST = Month(2026, 2), Month(2026, 6)
CUSTOMERS, MONTHS = 4, 5
"""Each customer buys once a month for 113 with tax and 100 without."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """The shop, read by the first mapping; nothing was run yet."""
    company = Small(tmp_path_factory.mktemp("made") / "shop")
    company.data.mkdir(parents=True)
    company.write("recipients", [["email", "name", "locale", "tiers"], ["an@example.com", "An", "en", "company"]])
    with sqlite3.connect(company.folder / "shop.db") as base:
        base.execute("create table sales (id text, who text, at text, gross text, net text)")
        for index in range(FIRST.index, LAST.index + 2):
            month = Month.from_index(index)
            base.executemany(
                "insert into sales values (?, ?, ?, '113.00', '100.00')",
                [(f"{month}-{who}", f"C{who}", f"{month}-{11 + who} 10:00:00") for who in range(CUSTOMERS)],
            )
    base.close()
    mapped(company, GROSS)
    return company


@pytest.fixture(scope="module")
def may_is_out(made: Small, tmp_path_factory: pytest.TempPathFactory) -> Small:
    """The shop with May published by the first mapping, and the months before it reviewed in silence."""
    company = Small(Path(shutil.copytree(made.folder, tmp_path_factory.mktemp("out") / "shop")))
    with pytest.MonkeyPatch.context() as patch, quickly():
        assert figure(review(company, LAST - 1, patch), "net_revenue_12m") == 113.0 * CUSTOMERS * (MONTHS - 1)
    return company


@pytest.fixture
def shop(may_is_out: Small, tmp_path: Path) -> Small:
    return copied(may_is_out, tmp_path / "shop")


def mapped(company: Small, query: str) -> None:
    company.config.write_text(CONFIG.format(query=query), encoding="utf-8")


def review(company: Small, month: Month, patch: pytest.MonkeyPatch, **options: bool) -> RunOutcome:
    patch.setenv("KEPING_CLOCK", f"{month + 1}-02T03:00:00+00:00")
    return run_month(company.settings(), RunRequest(month, tiers=("company",), **options))


def figure(outcome: RunOutcome, indicator: str) -> float:
    assert outcome.folder is not None
    figures = pd.read_csv(outcome.folder / "figures.csv", keep_default_na=False, na_values=[""])
    return float(figures[(figures["scope"] == "company") & (figures["indicator"] == indicator)]["value"].item())


def rules(outcome: RunOutcome) -> set[str]:
    return {finding.rule for finding in outcome.findings if ".mapping." in finding.rule}


def kept_figure(company: Small, indicator: str) -> dict[str, float]:
    """Month -> a figure of the company as the review that was kept last has it."""
    query = (
        "select month, value from figures where scope = 'company' and indicator = ? and value is not null "
        "and review_id in (select max(review_id) from reviews where kind <> 'backfill' group by month)"
    )
    base = sqlite3.connect(company.folder / "keping.db")
    found = dict(base.execute(query, [indicator]).fetchall())
    base.close()
    return found


def kept_net(company: Small) -> dict[str, float]:
    return kept_figure(company, "net_revenue")


YEAR_NET = 100.0 * CUSTOMERS * MONTHS


def test_a_published_month_holds_until_it_is_restated_and_its_revision_says_why(shop: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    mapped(shop, NET)
    held = review(shop, LAST, monkeypatch)
    assert (held.ending, held.exit_code) == (Ending.HELD, 3)
    (line,) = [line for line in held.lines() if "orders is read otherwise" in line]
    assert "tables.orders[1].query" in line
    assert "last used on 2026-06-02" in line
    assert "the rows of 4 of 4 kept month(s) differ (2026-02 to 2026-05), and 1 published month(s) stand on them (2026-05)" in line
    assert 'keping backfill 2026-05 2026-05 --reason "orders is read otherwise" --promote' in line
    assert review(shop, LAST, monkeypatch).ending is Ending.HELD  # it does not pass by being typed twice
    done = backfill(shop.settings(), BackfillRequest(LAST - 1, LAST - 1, "orders is read otherwise", promote=True))
    assert (done.exit_code, [month.revision for month in done.months]) == (0, [1])
    folder = shop.folder / "archive" / str(LAST - 1) / "r1"
    assert json.loads((folder / "manifest.json").read_text())["reason"] == "orders is read otherwise"
    told = pd.read_csv(folder / "figures.csv", keep_default_na=False, na_values=[""]).query("scope == 'company'").set_index("indicator")
    assert told["value"]["net_revenue_12m"] == 100.0 * CUSTOMERS * (MONTHS - 1)
    assert told["value"]["net_revenue"] == 100.0 * CUSTOMERS
    assert kept_net(shop) == {str(Month.from_index(index)): 100.0 * CUSTOMERS for index in range(FIRST.index, LAST.index)}
    outcome = review(shop, LAST, monkeypatch)
    assert (outcome.ending, rules(outcome)) == (Ending.PUBLISHED, set())
    assert figure(outcome, "net_revenue_12m") == YEAR_NET


def test_a_backfill_that_begins_after_the_first_published_month_holds_as_a_run_does(shop: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    mapped(shop, NET)
    monkeypatch.setenv("KEPING_CLOCK", "2026-07-02T03:00:00+00:00")
    done = backfill(shop.settings(), BackfillRequest(LAST, LAST, "orders is read otherwise", promote=True))
    assert [finding.rule for finding in done.held] == ["orders.mapping.changed"]


def test_waived_what_is_published_stays_and_the_next_month_is_made_by_one_mapping(shop: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (shop.folder / "archive" / str(LAST - 1) / "r0" / "figures.csv").read_bytes()
    mapped(shop, NET)
    assert review(shop, LAST, monkeypatch).ending is Ending.HELD
    waive(shop.settings(), "orders.mapping.changed", LAST, "packs of May were only a trial", "2026-07-20")
    outcome = review(shop, LAST, monkeypatch)
    assert outcome.ending is Ending.PUBLISHED
    assert figure(outcome, "net_revenue_12m") == YEAR_NET
    assert (shop.folder / "archive" / str(LAST - 1) / "r0" / "figures.csv").read_bytes() == before
    assert not (shop.folder / "archive" / str(LAST - 1) / "r1").exists()
    (late,) = [finding.message for finding in outcome.findings if finding.rule == "orders.late"]
    assert "2026-05 is read otherwise (orders) since it was reviewed" in late
    following = review(shop, LAST + 1, monkeypatch)
    assert (following.ending, rules(following)) == (Ending.PUBLISHED, set())
    assert figure(following, "net_revenue_12m") == YEAR_NET + 100.0 * CUSTOMERS


def test_the_month_itself_under_another_mapping_is_a_revision_that_says_so(shop: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    mapped(shop, NET)
    again = review(shop, LAST - 1, monkeypatch)
    assert (again.ending, again.revision, again.replayed) == (Ending.PUBLISHED, 1, MONTHS - 2)
    assert again.reason.startswith("orders is read otherwise (tables.orders[1].query); input changed: orders 2026-02")
    assert figure(again, "net_revenue_12m") == 100.0 * CUSTOMERS * (MONTHS - 1)


def test_what_asks_for_the_same_in_other_letters_is_no_other_mapping(shop: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    mapped(shop, GROSS.replace(" from ", "\\n  /* all of them */  from  "))
    written = 'source = "shop"\n'
    shop.config.write_text(
        shop.config.read_text().replace(written, "").replace('timezone = "Asia/Shanghai"\n[[', f'timezone = "Asia/Shanghai"\n{written}[[')
    )
    outcome = review(shop, LAST, monkeypatch)
    assert (outcome.ending, outcome.replayed, rules(outcome)) == (Ending.PUBLISHED, 0, set())


def test_another_mapping_that_gives_the_same_rows_holds_nothing_and_is_taken_over(shop: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    mapped(shop, GROSS.replace("gross as amount", "gross || '' as amount"))
    outcome = review(shop, LAST, monkeypatch)
    assert (outcome.ending, outcome.replayed, rules(outcome)) == (Ending.PUBLISHED, 0, {"orders.mapping.same"})
    assert rules(review(shop, LAST + 1, monkeypatch)) == set()


def test_months_that_the_source_gives_no_more_hold_and_stay_as_they_were_if_somebody_says_so(
    shop: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapped(shop, NET.replace("where", "where at >= '2026-04-01' and"))
    held = review(shop, LAST, monkeypatch)
    assert held.ending is Ending.HELD
    (gone,) = [finding for finding in held.findings if finding.rule == "orders.mapping.gone"]
    assert "no row of 2026-02 to 2026-03 any more, 2 month(s) that are kept with 8 rows" in gone.message
    assert 'company.history_from = "2026-04"' in gone.message
    for rule in ("orders.mapping.gone", "orders.mapping.changed"):
        waive(shop.settings(), rule, LAST, "the old shop is gone", "2026-07-20")
    outcome = review(shop, LAST, monkeypatch)
    assert outcome.ending is Ending.PUBLISHED
    assert figure(outcome, "net_revenue_12m") == CUSTOMERS * (2 * 113.0 + 3 * 100.0)
    following = review(shop, LAST + 1, monkeypatch)
    assert (following.ending, rules(following)) == (Ending.PUBLISHED, set())
    assert figure(following, "net_revenue_12m") == CUSTOMERS * (2 * 113.0 + 4 * 100.0)


def test_months_of_an_older_program_count_as_read_by_todays_mapping_once(shop: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = connect(warehouse_url(shop.settings().warehouse_url), create=False)
    with transaction(engine, writing=True) as connection:
        connection.execute(text("update snapshots set mapping = null"))
        connection.execute(text("drop trigger keep_mappings_delete"))
        connection.execute(text("delete from mappings"))
    engine.dispose()
    outcome = review(shop, LAST, monkeypatch)
    assert (outcome.ending, rules(outcome)) == (Ending.PUBLISHED, {"orders.mapping.unknown"})
    mapped(shop, NET)
    held = review(shop, LAST + 1, monkeypatch)
    assert (held.ending, rules(held)) == (Ending.HELD, {"orders.mapping.changed"})
    assert "the rows of 5 of 5 kept month(s) differ" in "\n".join(held.lines())


def test_a_table_that_is_new_is_read_of_earlier_months_too_and_holds_nothing(shop: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = [[f"T{index}", "C0", f"{Month.from_index(index)}-05 09:00:00", "enquiry"] for index in range(FIRST.index, LAST.index + 1)]
    shop.write("tickets", [["ticket_id", "customer_id", "opened_at", "type"], *tickets])
    shop.config.write_text(
        shop.config.read_text() + '\n[[tables.tickets]]\nsource = "files"\nfiles = "tickets.csv"\ntimezone = "Asia/Shanghai"\n'
    )
    outcome = review(shop, LAST, monkeypatch)
    assert (outcome.ending, rules(outcome)) == (Ending.PUBLISHED, {"tickets.mapping.new"})
    assert kept_figure(shop, "tickets_opened") == {
        str(Month.from_index(index)): 1.0 for index in range(FIRST.index, LAST.index + 1) if index != LAST.index - 1
    }
    assert rules(review(shop, LAST + 1, monkeypatch)) == set()


def run_and_die(place: str, kill_after: int) -> None:
    """In a process of its own: review June, killed once so many earlier months were kept anew."""
    in_environment({"KEPING_CLOCK": "2026-07-02T03:00:00+00:00"})
    from flows.warehouse.store import Warehouse

    keep, kept = Warehouse.keep, []

    def counted(self: Warehouse, *arguments: object, **named: object) -> int:
        review_id = keep(self, *arguments, **named)  # type: ignore[arg-type]
        kept.append(review_id)
        if len(kept) == kill_after:
            os.kill(os.getpid(), signal.SIGKILL)
        return review_id

    Warehouse.keep = counted  # type: ignore[method-assign, assignment]
    outcome = run_month(Small(Path(place)).settings(), RunRequest(LAST, tiers=("company",)))
    os._exit(int(outcome.exit_code))


@pytest.mark.parametrize("killed_again", [0, 2])
def test_months_that_nobody_was_told_of_are_read_anew_by_themselves_also_where_that_is_killed(
    made: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_again: int
) -> None:
    shop = Small(Path(shutil.copytree(made.folder, tmp_path / "shop")))
    assert ended(run_and_die, str(shop.folder), MONTHS - 2) == -signal.SIGKILL  # so many months kept, by the first mapping
    mapped(shop, NET)
    if killed_again:
        assert ended(run_and_die, str(shop.folder), killed_again) == -signal.SIGKILL  # so many of them kept by the second
    outcome = review(shop, LAST, monkeypatch)
    assert (outcome.ending, outcome.replayed) == (Ending.PUBLISHED, MONTHS - 1 - killed_again)
    assert figure(outcome, "net_revenue_12m") == YEAR_NET
    assert kept_net(shop) == {str(Month.from_index(index)): 100.0 * CUSTOMERS for index in range(FIRST.index, LAST.index + 1)}
    assert rules(outcome) == {"orders.mapping.read_anew"}
    assert rules(review(shop, LAST + 1, monkeypatch)) == set()


def test_check_says_which_tables_are_read_otherwise_and_ends_as_the_run_would(shop: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPING_CLOCK", "2026-07-02T03:00:00+00:00")
    assert [line.line() for line in history_lines(shop.settings())] == ["ok      history: every kept month was read as it would be today"]
    mapped(shop, NET)
    (line,) = history_lines(shop.settings())
    assert line.exit_code == 3
    assert line.problem.startswith("is read otherwise (tables.orders[1].query) than 4 kept month(s) (2026-02 to 2026-05)")
    assert "last used on 2026-06-02" in line.problem
    assert 'keping backfill 2026-05 2026-05 --reason "orders is read otherwise" --promote' in line.problem


def test_check_says_of_months_that_nobody_was_told_of_that_the_next_run_reads_them_anew(made: Small, tmp_path: Path) -> None:
    shop = Small(Path(shutil.copytree(made.folder, tmp_path / "shop")))
    assert history_lines(shop.settings()) == []
    assert ended(run_and_die, str(shop.folder), 2) == -signal.SIGKILL
    mapped(shop, NET)
    (line,) = history_lines(shop.settings())
    assert (line.exit_code, line.problem) == (0, "")
    assert "2 kept month(s) (2026-02 to 2026-03)" in line.found
    assert "the next run reads them anew" in line.found
