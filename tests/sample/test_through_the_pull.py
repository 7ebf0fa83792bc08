"""What the pull makes of the sample's sources is what the sample's own books and its list of dirt say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from expectations.findings import holds
from flows.intake.pull import pull
from flows.sample import SampleCompany, make
from flows.settings import load
from flows.snapshots.store import Pulled, read_snapshot
from transforms.money import UNITS


@pytest.fixture(scope="module")
def pulled(company: SampleCompany, tmp_path_factory: pytest.TempPathFactory) -> Pulled:
    made = make(tmp_path_factory.mktemp("pulled"), until=company.until)
    settings = load(made.settings_path, {})
    return pull(settings, None, company.until, now=datetime(2026, 11, 1, tzinfo=UTC), progress=lambda message: None)


def test_orders_and_money_of_every_month_are_those_of_the_books(pulled: Pulled, planted: dict[str, Any]):
    for month, book in planted["books"].items():
        orders = read_snapshot(pulled.snapshots["orders"][month])
        counted = orders[(orders["status"] != "cancelled") & (orders["amount"] >= 0)]
        refunds = read_snapshot(pulled.snapshots["refunds"][month])
        assert (month, len(counted), int(counted["customer_id"].isna().sum())) == (month, book["orders"], book["orders_unattributed"])
        assert counted["amount"].sum() == round(book["gross_revenue"] * UNITS)
        assert refunds["amount"].sum() == round(book["refunds"] * UNITS)


def test_answers_and_tickets_of_every_month_are_those_of_the_books(pulled: Pulled, planted: dict[str, Any]):
    for month, book in planted["books"].items():
        answers = read_snapshot(pulled.snapshots["surveys"][month])
        satisfaction = answers[answers["instrument"] == "csat"]
        assert (month, len(satisfaction), int((answers["instrument"] == "nps").sum())) == (month, book["csat_answers"], book["nps_answers"])
        assert satisfaction["score"].mean() == pytest.approx(book["csat_mean"], abs=1e-6)
        assert (satisfaction["scale_max"] == (10 if month >= "2026-06" else 5)).all()
        opened = pulled.quality[(pulled.quality["table"] == "tickets") & (pulled.quality["month"] == month)]
        assert int(opened["accepted"].iloc[0]) == book["tickets_opened"]


def test_lines_quotes_and_contacts_of_every_month_are_those_of_the_books(pulled: Pulled, planted: dict[str, Any]):
    quality = pulled.quality.set_index(["table", "month"])["accepted"]
    for month, book in planted["books"].items():
        assert {name: int(quality[name, month]) for name in ("order_lines", "quotes", "contacts")} == {
            name: book[name] for name in ("order_lines", "quotes", "contacts")
        }


def test_the_lines_of_an_order_add_up_to_it_in_the_reporting_currency_too(pulled: Pulled):
    abroad = 0
    for month in ("2025-06", "2026-10"):
        lines, orders = (read_snapshot(pulled.snapshots[name][month]) for name in ("order_lines", "orders"))
        sums = lines.groupby("order_id")["line_amount"].sum()
        whole = orders[orders["amount"] >= 0].set_index("order_id")["amount"]
        assert set(sums.index) == set(whole.index)
        assert ((sums - whole).abs() <= 4).all()  # each line is rounded for itself
        abroad += int((orders["currency"] != "CNY").sum())
    assert abroad > 5


def test_exactly_the_planted_dirt_is_refused_and_none_of_it_holds_the_month(pulled: Pulled, planted: dict[str, Any]):
    refused = set(pulled.quarantine["value"].fillna("")) | {place.split("=")[-1] for place in pulled.quarantine["place"]}
    for item in planted["dirt"]:
        if item["fate"] in ("quarantined", "disputed") and item["table"] in ("orders", "tickets", "quotes", "order_lines"):
            assert set(item["keys"]) <= refused, item["kind"]
    expected = {
        name: sum(
            item["rows"] * (2 if item["fate"] == "disputed" else 1)
            for item in planted["dirt"]
            if item["table"] == name and item["fate"] in ("quarantined", "disputed")
        )
        for name in ("campaigns", "contacts", "customers", "order_lines", "orders", "quotes", "registers", "surveys", "tickets")
    }
    assert pulled.quarantine.groupby("table").size().to_dict() == expected
    assert holds(pulled.findings) == []


def test_names_that_look_like_missing_values_survive(pulled: Pulled):
    (snapshot,) = pulled.snapshots["customers"].values()
    names = read_snapshot(snapshot).set_index("customer_id")["name"]
    assert {"NA", "Null", "龚䶮", "𠮷野茶馆（样例）"} <= set(names.dropna())
    assert names["007"] == "007"


def test_tables_without_months_arrive_whole(pulled: Pulled, company: SampleCompany):
    def of(table: str) -> int:
        return sum(len(read_snapshot(snapshot)) for snapshot in pulled.snapshots[table].values())

    assert (of("recipients"), of("costs"), of("plans")) == (8, 144, 60)
    assert (of("campaigns"), of("registers")) == (company.rows["campaigns"] - 1, company.rows["registers"] - 2)
    assert of("fx_rates") >= 2 * 730
