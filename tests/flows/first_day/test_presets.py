"""Each preset on its product's own tables, on real servers: money, customers, refunds, tickets and answers equal sums by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from flows.first_day.presets import SHIPPED, read_presets
from flows.settings import load
from flows.snapshots.store import Pulled
from tests.flows.first_day import more_products as products
from tests.flows.first_day.products import fill
from tests.flows.first_day.test_init import init
from tests.flows.intake.builders import database, pulled
from tests.flows.intake.ways import cells
from transforms.tables.identities import pseudonym_of

GUS = pseudonym_of("email", "gus@example.net")
NEW = pseudonym_of("email", "new@example.org")


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """All products of each server in one database, as small companies have them."""
    on = {
        "mariadb": ("prestashop", "magento", "opencart", "ecshop", "freescout", "glpi", "woocommerce_posts"),
        "postgresql": ("odoo", "zammad", "chatwoot", "formbricks"),
    }
    with ExitStack() as stack:
        places = {}
        for server, names in on.items():
            url = stack.enter_context(database(server, tmp_path_factory.mktemp(server)))
            for name in names:
                fill(url, getattr(products, name)())
            places |= {name.partition("_")[0]: url for name in names}
        yield places


@pytest.fixture
def read(servers: dict[str, str], tmp_path: Path) -> Any:
    def reading(*names: str, **answers: str) -> Pulled:
        written = init(tmp_path, {name: servers[name] for name in names}, answers, force=True)
        return pulled(load(written.path))

    return reading


def money(result: Pulled, month: str = "2024-06") -> dict[str, tuple[str | None, float, str]]:
    return {row["order_id"]: (row["customer_id"], row["amount"] / 10_000, row["status"]) for row in cells(result, "orders", month)}


def back(result: Pulled) -> list[tuple[str, str | None, float, str]]:
    return [
        (row["order_id"], row["customer_id"], row["amount"] / 10_000, f"{row['refunded_at']:%m-%d}") for row in cells(result, "refunds")
    ]


def names(result: Pulled) -> dict[str, str | None]:
    return {row["customer_id"]: row["name"] for row in cells(result, "customers", "")}


def sound(result: Pulled) -> None:
    assert result.quarantine.empty
    assert not [finding for finding in result.findings if ".control." in finding.rule]


def test_prestashop(read: Any) -> None:
    result = read("prestashop")
    assert money(result) == {
        "1": ("1", 120.0, "completed"), "2": (GUS, 24.0, "completed"), "3": (GUS, 12.0, "completed"), "4": ("1", 600.0, "pending"),
        "5": ("1", 700.0, "cancelled"), "6": ("1", 36.0, "returned"),
    }  # fmt: skip
    assert back(result) == [("6", "1", 36.0, "06-08")]
    assert names(result) == {"1": "Ann A", GUS: "Gus G"}
    sound(result)


def test_prestashop_without_tax_and_with_what_waits(read: Any) -> None:
    result = read("prestashop", tax="without", unpaid="yes")
    assert [row[1] for row in money(result).values()] == [100.0, 20.0, 10.0, 500.0, 600.0, 30.0]
    assert money(result)["4"][2] == "open" and back(result)[0][2] == 30.0


def test_magento(read: Any) -> None:
    result = read("magento", tax="without")
    assert money(result) == {
        "100": ("1", 100.0, "completed"), "101": (GUS, 20.0, "completed"), "102": ("1", 50.0, "pending"), "103": ("1", 70.0, "cancelled"),
        "104": ("1", 10.0, "returned"),
    }  # fmt: skip
    assert back(result) == [("104", "1", 10.0, "06-09")] and names(result) == {"1": "Ann A", GUS: "Gus G"}
    sound(result)


def test_opencart(read: Any) -> None:
    result = read("opencart", tax="without")
    assert money(result) == {
        "1": ("7", 100.0, "completed"), "2": (GUS, 20.0, "completed"), "5": ("7", 44.0, "pending"), "6": ("7", 55.0, "cancelled"),
    }  # fmt: skip
    assert money(result, "2024-05") == {"4": ("7", 30.0, "completed")}, "not refunded yet at the end of May"
    assert back(result) == [("4", "7", 30.0, "06-09")] and names(result) == {"7": "Ann A", GUS: "Gus G"}
    sound(result)


def test_ecshop(read: Any) -> None:
    result = read("ecshop")
    guest = pseudonym_of("email", "gast@example.cn")
    assert money(result) == {
        "S1": ("9", 100.0, "completed"), "S2": (guest, 50.0, "completed"), "S3": ("9", 70.0, "pending"), "S5": ("9", 90.0, "cancelled"),
    }  # fmt: skip
    assert back(result) == [("S4", "9", 80.0, "06-10")] and names(result) == {"9": "an", guest: "Gast"}
    sound(result)
    assert money(read("ecshop", shipping="without"))["S1"][1] == 90.0


def test_woocommerce_with_orders_as_posts(read: Any) -> None:
    result = read("woocommerce", tax="without")
    assert money(result) == {"1": ("11", 100.0, "completed"), "2": ("11", 900.0, "pending"), "3": (GUS, 50.0, "completed")}
    assert back(result) == [("1", "11", 10.0, "06-06")] and names(result) == {"11": "Ann", GUS: "Gus"}
    assert result.quarantine["rule"].tolist() == ["orders.ordered_at.missing"]


def tickets(result: Pulled) -> dict[str, tuple[Any, ...]]:
    return {
        row["ticket_id"]: (
            row["customer_id"],
            row["type"],
            row["first_response_at"] and f"{row['first_response_at']:%H}",
            row["resolved_at"] and f"{row['resolved_at']:%d}",
        )
        for row in cells(result, "tickets")
    }


def answers(result: Pulled) -> list[tuple[Any, ...]]:
    return [
        (row["response_id"], row["customer_id"], row["instrument"], row["item"], row["score"], row["scale_max"])
        for row in cells(result, "surveys")
    ]


def test_freescout_and_a_shop(read: Any) -> None:
    result = read("magento", "freescout", timezone="UTC")
    assert tickets(result) == {"501": ("1", "complaint", "12", "05"), "502": (NEW, "enquiry", None, None)}
    sound(result)


def test_glpi_and_a_shop(read: Any) -> None:
    result = read("magento", "glpi")
    found = tickets(result)
    assert found["1"][:2] == ("1", "complaint") and found["2"] == (NEW, "request", None, None) and set(found) == {"1", "2"}
    first = next(row for row in cells(result, "tickets") if row["ticket_id"] == "1")
    assert (first["first_response_at"] - first["opened_at"]).total_seconds() == 7200
    assert answers(result) == [("ticket-1", "1", "csat", "ticket", 4.0, 5.0)]
    sound(result)


def test_odoo_and_zammad(read: Any) -> None:
    """Li, who writes to the help desk, is the company that buys; dollars at Odoo's own rate of 8; Shanghai's July begins at 16:00 UTC."""
    result = read("odoo", "zammad")
    assert money(result) == {"SO1": ("2", 100.0, "completed"), "SO4": ("4", 160.0, "completed"), "SO5": ("4", 70.0, "cancelled")}
    assert back(result) == [("SO1", "2", 30.0, "06-30")] and names(result) == {"2": "Big Co", "4": "Ann"}
    assert tickets(result) == {"67001": ("2", "complaint", "11", "04"), "67002": (None, "enquiry", None, None)}
    sound(result)


def test_odoo_with_tax_and_all_companies(read: Any) -> None:
    assert {key: row[1] for key, row in money(read("odoo", tax="with", companies="all")).items()} == {
        "SO1": 113.0,
        "SO4": 160.0,
        "SO5": 70.0,
        "SO6": 80.0,
    }


def test_chatwoot_and_formbricks_with_odoo(read: Any) -> None:
    result = read("odoo", "chatwoot", "formbricks")
    assert tickets(result) == {"1-1": ("4", "complaint", "11", "05"), "1-2": (NEW, "enquiry", None, None)}
    assert [row["reopened_count"] for row in cells(result, "tickets")] == [1, 0]
    assert sorted(answers(result), key=str) == [
        ("chat-1", "4", "csat", "chat", 2.0, 5.0), ("r1", "4", "csat", "qr", 6.0, 7.0), ("r1", "4", "nps", "qn", 9.0, 10.0),
        ("r3", None, "nps", "qn", 0.0, 10.0),
    ]  # fmt: skip


def test_a_contact_may_carry_the_customers_number(read: Any) -> None:
    """The contact's identifier is 4, whoever has its address; where it has none, the address counts."""
    assert [row[0] for row in tickets(read("odoo", "chatwoot", identifier="yes")).values()] == ["4", NEW]


def test_every_shipped_preset_is_named_in_the_manual() -> None:
    manual = (Path(__file__).parents[3] / "docs" / "first-day.md").read_text(encoding="utf-8")
    assert [name for name in read_presets() if f"| `{name}` |" not in manual] == []
    assert len(list(SHIPPED.glob("*.toml"))) == sum(map(len, read_presets().values()))
