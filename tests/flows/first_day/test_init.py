"""From `keping init` to rows: products are found in their databases, what was taken stands in the file, figures equal sums by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from flows.first_day.init import InitRequest, WrittenConfiguration, write_configuration
from flows.settings import load
from flows.snapshots.store import Pulled
from tests.flows.first_day.products import fill, limesurvey, osticket, woocommerce
from tests.flows.intake.builders import database, pulled
from tests.flows.intake.ways import cells
from transforms.errors import UsageError
from transforms.tables.identities import pseudonym_of

GUEST = pseudonym_of("email", "guest@example.net")
STRANGER = pseudonym_of("email", "stranger@example.com")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Three databases on one server."""
    folder = tmp_path_factory.mktemp("shop")
    with ExitStack() as stack:
        places = {}
        for name, tables in (("woocommerce", woocommerce()), ("osticket", osticket()), ("limesurvey", limesurvey())):
            places[name] = stack.enter_context(database("mariadb", folder))
            fill(places[name], tables)
        yield places


def init(folder: Path, places: dict[str, str], answers: dict[str, str] | None = None, **more: object) -> WrittenConfiguration:
    asked = InitRequest(folder / "keping.toml", tuple(places), places, answers or {}, **more)  # type: ignore[arg-type]
    return write_configuration(asked, lambda question: question.default, lambda name: "secret")


def read(folder: Path) -> Pulled:
    path = folder / "keping.toml"
    path.write_text(
        path.read_text(encoding="utf-8")
        + '\n[sources.drops]\npath = "."\n[[tables.fx_rates]]\nsource = "drops"\nfiles = "fx.csv"\nmax_age_days = 31\n',
        encoding="utf-8",
    )
    (folder / "fx.csv").write_text("date,currency,rate\n2024-06-01,USD,0.9\n", encoding="utf-8")
    return pulled(load(path))


def test_a_shop_a_help_desk_and_a_survey_tool_from_init_to_rows(shop: dict[str, str], tmp_path: Path) -> None:
    written = init(tmp_path, shop, {"tax": "without", "status.wc-shipped": "completed"})
    text = written.path.read_text(encoding="utf-8")
    assert 'name = "Nordlicht"' in text and 'timezone = "Europe/Berlin"' in text and 'currency = "EUR"' in text
    assert "# status there: wc-completed 7" in text and "Taken: without" in text
    result = read(tmp_path)
    orders = {row["order_id"]: (row["customer_id"], row["amount"] / 10_000, row["status"]) for row in cells(result)}
    assert orders == {
        "1": ("11", 100.0, "completed"), "2": ("12", 20.0, "completed"), "3": (GUEST, 50.0, "completed"), "4": (GUEST, 70.0, "completed"),
        "5": ("11", 30.0, "completed"), "6": ("11", 500.0, "cancelled"), "7": ("12", 900.0, "pending"), "8": ("12", 40.0, "returned"),
        "10": ("11", 18.0, "completed"), "12": ("12", 10.0, "completed"),
    }  # fmt: skip
    assert result.quarantine[result.quarantine["table"] == "orders"]["rule"].tolist() == ["orders.ordered_at.missing"]
    refunds = [(row["order_id"], row["customer_id"], row["amount"] / 10_000) for row in cells(result, "refunds")]
    assert sorted(refunds) == [("1", "11", 10.0), ("8", "12", 40.0)]
    customers = {row["customer_id"]: (row["name"], row["region"]) for row in cells(result, "customers", "")}
    assert customers == {"11": ("Ann", "DE"), "12": ("Bob", None), GUEST: ("Gus Guest", "AT")}
    tickets = {
        row["ticket_id"]: (row["customer_id"], row["type"], row["reopened_count"], row["transfers"]) for row in cells(result, "tickets")
    }
    assert tickets == {"100001": ("11", "complaint", 2, 0), "100002": (STRANGER, "enquiry", 0, 0), "100003": ("12", "request", 0, 1)}
    first = next(row for row in cells(result, "tickets") if row["ticket_id"] == "100001")
    assert (str(first["opened_at"]), str(first["first_response_at"])) == ("2024-06-03 07:00:00+00:00", "2024-06-03 09:00:00+00:00")
    assert all(row["resolved_at"] is None for row in cells(result, "tickets") if row["ticket_id"] == "100003")
    answers = {
        (row["response_id"], row["item"]): (row["customer_id"], row["instrument"], row["score"], row["scale_max"])
        for row in cells(result, "surveys")
    }
    assert answers == {
        ("1234-1", "NPS"): ("11", "nps", 9.0, 10.0), ("1234-2", "NPS"): (STRANGER, "nps", 0.0, 10.0),
        ("1234-5", "NPS"): (None, "nps", 10.0, 10.0),
        ("1234-1", "OVER"): ("11", "csat", 5.0, 5.0), ("1234-2", "OVER"): (STRANGER, "csat", 1.0, 5.0),
        ("1234-1", "GRID_SQ001"): ("11", "csat", 4.0, 5.0), ("1234-2", "GRID_SQ001"): (STRANGER, "csat", 2.0, 5.0),
        ("1234-2", "GRID_SQ002"): (STRANGER, "csat", 1.0, 5.0), ("1234-1", "REC5"): ("11", "recommendation", 5.0, 5.0),
        ("999-1", "ANON"): (None, "csat", 3.0, 5.0),
    }  # fmt: skip


def test_a_word_that_nobody_knows_is_refused_and_stands_in_the_file(shop: dict[str, str], tmp_path: Path) -> None:
    text = init(tmp_path, {"woocommerce": shop["woocommerce"]}).path.read_text(encoding="utf-8")
    assert "# map.status: nobody says yet what these mean: wc-shipped" in text and "wc-shipped =" not in text
    refused = read(tmp_path).quarantine
    assert ("orders.status.choice", "wc-shipped") in zip(refused["rule"], refused["value"], strict=True)


def test_no_password_stands_in_the_file(shop: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_PASSWORD", raising=False)
    place = shop["woocommerce"].replace("root@", "root:@")
    assert init(tmp_path, {"woocommerce": place}).variables == ()
    literal = InitRequest(tmp_path / "b" / "keping.toml", ("woocommerce",), {"woocommerce": "mysql+pymysql://root:hush-hush@127.0.0.1:1/x"})
    with pytest.raises(Exception, match="connection refused") as trouble:
        write_configuration(literal, lambda question: question.default, lambda name: "")
    assert "hush-hush" not in str(trouble.value) and not (tmp_path / "b").exists()


def test_a_file_that_is_there_stays_unless_it_is_said(shop: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "keping.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="--force"):
        init(tmp_path, {"osticket": shop["osticket"]})
    assert (tmp_path / "keping.toml").read_text(encoding="utf-8") == "mine"
    assert "ost_ticket" in init(tmp_path, {"osticket": shop["osticket"]}, force=True).path.read_text(encoding="utf-8")


def test_slips_of_the_pen_are_told(shop: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no preset for 'woocomerce'; did you mean"):
        init(tmp_path, {"woocomerce": "x"})
    with pytest.raises(UsageError, match="that is no database URL, such as"):
        init(tmp_path, {"woocommerce": "exports"})
    with pytest.raises(UsageError, match="nobody asks for 'taxes'"):
        init(tmp_path, {"woocommerce": shop["woocommerce"]}, {"taxes": "with"})
    with pytest.raises(UsageError, match="is none of with, without"):
        init(tmp_path, {"woocommerce": shop["woocommerce"]}, {"tax": "yes"})
    with pytest.raises(UsageError, match=r"(?s)this database is none of its.*Tables there: ost_"):
        init(tmp_path, {"woocommerce": shop["osticket"]})
    assert not (tmp_path / "keping.toml").exists()


def test_a_preset_of_ones_own_goes_before_the_shipped_one(shop: dict[str, str], tmp_path: Path) -> None:
    own = tmp_path / "presets"
    own.mkdir()
    (own / "till.toml").write_text(
        'name = "till"\nproduct = "Till"\nsource = "till"\nprefix_of = "users"\ntimezone = "UTC"\n[[tables]]\ntable = "customers"\n'
        'query = "select ID as customer_id from {prefix}users"\n',
        encoding="utf-8",
    )
    text = init(tmp_path, {"till": shop["woocommerce"]}, presets=(own,)).path.read_text(encoding="utf-8")
    assert "select ID as customer_id from wp_users" in text
    (own / "till.toml").write_text(
        'name = "till"\nproduct = "Till"\nsource = "t"\n[[tables]]\ntable = "costumers"\nquery = "select 1"\n', encoding="utf-8"
    )
    with pytest.raises(UsageError, match="no such table: 'costumers'; did you mean"):
        init(tmp_path, {"till": shop["woocommerce"]}, presets=(own,), force=True)
