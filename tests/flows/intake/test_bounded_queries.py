"""A query that is bounded by the day of the order still shows the refund that comes half a year later."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from flows.review.outcome import Ending, RunOutcome
from flows.review.request import RunRequest
from flows.review.run import run_month
from flows.settings import load
from transforms.month import Month

pytestmark = pytest.mark.usefixtures("quick_packs")

CONFIG = """
[company]
name = "Bounded"
timezone = "UTC"
currency = "EUR"
[warehouse]
url = "sqlite:///keping.db"
[archive]
path = "archive"
[sources.shop]
url = "sqlite:///shop.db"
[[tables.orders]]
source = "shop"
timezone = "UTC"
query = "select * from orders where ordered_at >= :start and ordered_at < :end"
[[tables.tickets]]
source = "shop"
timezone = "UTC"
query = "select * from tickets where opened_at >= :start and opened_at < :end"
"""


@pytest.fixture(autouse=True)
def _fixed_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPING_CLOCK", "2026-11-02T03:00:00+00:00")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Ten months of orders, five a month of 100 each; one of January is refunded and one ticket of it solved in September."""
    (tmp_path / "keping.toml").write_text(CONFIG)
    with sqlite3.connect(tmp_path / "shop.db") as database:
        database.execute(
            "create table orders (order_id text, customer_id text, ordered_at text, amount text, refund_amount text, refunded_at text)"
        )
        database.execute("create table tickets (ticket_id text, customer_id text, opened_at text, resolved_at text)")
        for month in range(1, 11):
            for number in range(5):
                day = f"2026-{month:02d}-{3 + 5 * number:02d} 10:00:00"
                back = (month, number) == (1, 0)
                row = (f"O{month}-{number}", f"C{number}", day, "100.00", "7.77" if back else None, "2026-09-12 09:00:00" if back else None)
                database.execute("insert into orders values (?, ?, ?, ?, ?, ?)", row)
            solved = "2026-09-13 09:00:00" if month == 1 else f"2026-{month:02d}-20 09:00:00"
            database.execute("insert into tickets values (?, ?, ?, ?)", (f"T{month}", "C1", f"2026-{month:02d}-05 09:00:00", solved))
    return tmp_path


def reviewed(shop: Path, month: str) -> RunOutcome:
    return run_month(load(shop / "keping.toml", {}), RunRequest(Month.parse(month)))


def value(outcome: RunOutcome, indicator: str) -> float:
    assert outcome.folder is not None
    figures = pd.read_csv(outcome.folder / "figures.csv").set_index(["scope", "indicator"])
    return float(figures.loc[("company", indicator), "value"])


def test_a_refund_and_an_answer_that_come_long_after_are_seen_month_by_month(shop: Path) -> None:
    for month in ("2026-06", "2026-07", "2026-08"):
        assert value(reviewed(shop, month), "refunds") == 0
    september = reviewed(shop, "2026-09")
    assert value(september, "refunds") == pytest.approx(7.77)
    assert value(september, "tickets_open") == 0


def test_a_month_read_again_keeps_the_refunds_of_orders_from_before_the_lookback(shop: Path) -> None:
    september = reviewed(shop, "2026-09")
    october = reviewed(shop, "2026-10")
    assert october.ending is Ending.PUBLISHED
    assert [finding.rule for finding in october.findings if finding.rule.endswith(".late")] == []
    assert reviewed(shop, "2026-09").ending is Ending.UNCHANGED
    assert value(september, "refunds") == pytest.approx(7.77)
