"""What a block says of its source holds in every way in: value maps, words for nothing, counted times, amounts as written, ids."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from flows.snapshots.store import Pulled
from tests.flows.intake.builders import database, pulled, settings
from tests.flows.intake.ways import DATABASES, FILES, balance, cells, read, refusals
from transforms.errors import UsageError

WAYS = [*FILES, *DATABASES]


def row(number: int, **more: str) -> dict[str, Any]:
    return {"order_id": f"O{number}", "customer_id": f"C{number}", "ordered_at": f"2024-06-{number:02d} 10:00:00", "amount": "100", **more}


def findings(result: Pulled) -> dict[str, str]:
    return {finding.rule: finding.message for finding in result.findings}


@pytest.mark.parametrize("way", WAYS)
def test_words_of_a_source_are_read_as_its_block_says(way: str, tmp_path: Path) -> None:
    rows = [
        row(1, status="wc-completed", refunded_at="NULL", channel="NULL"),
        row(2, status="WC-Refunded", refunded_at="0000-00-00 00:00:00", channel="web"),
        row(3, status="wc-draft", refunded_at="\\N", channel="Laden"),
        row(4, status="wc-new", refunded_at="", channel="-", customer_id="NULL"),
        row(5, status="wc-new", refunded_at=" NULL ", channel="shop"),
    ]
    more = (
        'map.status = { "wc-completed" = "completed", "wc-refunded" = "returned", "wc-draft" = "" }\n'
        'map.channel = { "Laden" = "shop" }\nempty = ["NULL", "\\\\N", "-"]\n'
    )
    result = read(way, tmp_path, rows, more=more)
    assert [(r["order_id"], r["status"], r["channel"]) for r in cells(result)] == [
        ("O1", "completed", None), ("O2", "returned", "web"), ("O3", "completed", "shop"),
    ]  # fmt: skip
    assert refusals(result) == [("orders.status.choice", "wc-new")] * 2
    assert "Values: 'wc-new' 2. Say what they mean: map.status" in findings(result)["orders.status.choice"]
    assert balance(result) == {"read": 5, "accepted": 3, "quarantined": 2, "duplicates": 0}


@pytest.mark.parametrize("way", ["csv", "query", "mariadb"])
def test_a_word_for_nothing_is_no_customer(way: str, tmp_path: Path) -> None:
    """Six orders of 100.00, four of them of nobody: two customers, 400.00 unattributed; nothing has to be said for it."""
    rows = [row(number, customer_id=who) for number, who in enumerate(["NULL", "NULL", "C1", "NULL", "C2", "NULL"], start=1)]
    found = cells(read(way, tmp_path, rows))
    assert [r["customer_id"] for r in found] == [None, None, "C1", None, "C2", None]
    assert sum(r["amount"] for r in found if r["customer_id"] is None) == 4_000_000


def test_another_list_of_words_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    rows = [row(1, customer_id="NULL"), row(2, customer_id="guest"), row(3, customer_id="Null")]
    assert [r["customer_id"] for r in cells(read("csv", tmp_path, rows, more='empty = ["guest"]\n'))] == ["NULL", None, "Null"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("unit", "factor"), [("s", 1), ("ms", 1000)])
def test_times_counted_since_1970(way: str, unit: str, factor: int, tmp_path: Path) -> None:
    seconds = 1_717_466_400  # 2024-06-04 02:00 UTC
    rows = [
        row(1, ordered_at=str(seconds * factor), delivered_at="0"),
        row(2, ordered_at=str((seconds + 60) * factor), delivered_at=str((seconds + 90) * factor)),
        row(3, ordered_at="2024-06-04 10:00:00", delivered_at=""),
    ]
    found = cells(read(way, tmp_path, rows, more=f'epoch = "{unit}"\n'))
    moment = pd.Timestamp(seconds, unit="s", tz="UTC")
    assert [r["ordered_at"] for r in found] == [moment, moment + pd.Timedelta("1min"), moment]
    assert [r["delivered_at"] for r in found] == [None, moment + pd.Timedelta("90s"), None]


@pytest.mark.parametrize("way", WAYS)
def test_amounts_as_people_write_them(way: str, tmp_path: Path) -> None:
    written = [
        "100.00",
        "(100.00)",
        "100.00-",
        "−100.00",
        "¥100",
        "100元",
        "1'234.50",
        "CNY 1,234.50",
        "（１００）",
        "-¥ 5.00",
        "$100",
        "1-1",
    ]
    result = read(way, tmp_path, [row(number, amount=text) for number, text in enumerate(written, start=1)])
    found = {r["order_id"]: r["amount"] / 10_000 for r in cells(result)}
    assert found == {
        "O1": 100,
        "O2": -100,
        "O3": -100,
        "O4": -100,
        "O5": 100,
        "O6": 100,
        "O7": 1234.5,
        "O8": 1234.5,
        "O9": -100,
        "O10": -5,
    }
    assert refusals(result) == [("orders.amount.type", "$100"), ("orders.amount.type", "1-1")]


def test_credit_notes_in_parentheses_are_taken_off(tmp_path: Path) -> None:
    """Five orders of 100.00 and four credit notes: 100.00 is left, 400.00 given back."""
    rows = [row(number, amount="100.00" if number <= 5 else "(100.00)") for number in range(1, 10)]
    result = read("csv", tmp_path, rows)
    assert sum(r["amount"] for r in cells(result)) == 1_000_000
    assert sum(r["amount"] for r in cells(result, "refunds")) == 4_000_000


def semicolons(folder: Path, amounts: list[str], *, way: str = "files", more: str = "") -> Pulled:
    """The amounts in a file that is set apart by semicolons."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"O{number};C{number};2024-06-{number:02d} 10:00;{text}" for number, text in enumerate(amounts, start=1)]
    (folder / "t.csv").write_text("\n".join(["order_id;customer_id;ordered_at;amount", *lines]), encoding="utf-8")
    found = 'files = "t.csv"' if way == "files" else 'query = "select * from t"'
    block = f'[[tables.orders]]\nsource = "s"\n{found}\ntimezone = "UTC"\n{more}'
    return pulled(settings(folder, block, sources='[sources.s]\npath = "."\n'))


@pytest.mark.parametrize("way", ["files", "query"])
def test_a_point_that_may_set_thousands_apart_is_refused_until_somebody_says_what_it_is(way: str, tmp_path: Path) -> None:
    amounts = ["1.234", "12.500", "2.000", "1.750"]
    result = semicolons(tmp_path / "a", amounts, way=way)
    assert refusals(result) == sorted(("orders.amount.ambiguous", text) for text in amounts)
    assert {f.severity.value for f in result.findings if f.rule == "orders.amount.ambiguous"} == {"critical"}
    for number, (more, total) in enumerate(
        [('thousands = "."', 17_484), ('decimal = "."', 17.484), ('decimal = ","\nthousands = "."', 17_484)]
    ):
        told = semicolons(tmp_path / str(number), amounts, way=way, more=more)
        assert sum(r["amount"] for r in cells(told)) == round(total * 10_000), more


@pytest.mark.parametrize("way", ["files", "query"])
def test_a_point_is_a_decimal_sign_where_one_cell_of_the_column_shows_it(way: str, tmp_path: Path) -> None:
    assert [r["amount"] for r in cells(semicolons(tmp_path, ["1.234", "2.5", "7"], way=way))] == [12_340, 25_000, 70_000]


@pytest.mark.parametrize("way", ["files", "query"])
def test_decimal_commas(way: str, tmp_path: Path) -> None:
    more = 'decimal = ","'
    assert [r["amount"] for r in cells(semicolons(tmp_path, ["1.234,5", "2,5", "7", "(3,25)"], way=way, more=more))] == [
        *(12_345_000, 25_000, 70_000, -32_500)
    ]


@pytest.mark.parametrize("way", WAYS)
def test_one_id_is_one_customer_however_it_is_typed(way: str, tmp_path: Path) -> None:
    typed = ["Zoë", "Zoe\u0308", "Ｃ１２", "C12\u200b", "\ufeffC12", "12345.0", '="00123"', "'00123", "7.10", "1.10101E+17", "c12"]
    if way == "xlsx":  # there it would be a formula
        typed[6] = "00123"
    rows = [row(number, customer_id=who) for number, who in enumerate(typed, start=1)]
    result = read(way, tmp_path, rows)
    assert {r["order_id"]: r["customer_id"] for r in cells(result)} == {
        "O1": "Zoë",
        "O2": "Zoë",
        "O3": "C12",
        "O4": "C12",
        "O5": "C12",
        "O6": "12345",
        "O7": "00123",
        "O8": "00123",
        "O9": "7.10",
        "O11": "c12",
    }
    assert refusals(result) == [("orders.customer_id.digits", "1.10101E+17")]
    again = cells(read(way, tmp_path / "upper", rows, more='ids = "upper"\n'))
    assert {r["customer_id"] for r in again if r["order_id"] in ("O3", "O11")} == {"C12"}


@pytest.mark.parametrize("way", WAYS)
def test_codes_that_look_like_numbers_keep_their_zeros(way: str, tmp_path: Path) -> None:
    rows = [row(number, channel=code, site=f"00{number}") for number, code in enumerate(["7.10", "7.11", "8.00"], start=1)]
    assert [(r["channel"], r["site"]) for r in cells(read(way, tmp_path, rows))] == [("7.10", "001"), ("7.11", "002"), ("8.00", "003")]


@pytest.mark.parametrize("way", WAYS)
def test_one_key_of_a_json_column(way: str, tmp_path: Path) -> None:
    rows = [
        row(1, channel='{"utm": {"source": "mail"}, "n": [1, 2]}'),
        row(2, channel='{"utm": {}}'),
        row(3, channel=""),
        row(4, channel="{not json"),
        row(5, channel='{"utm": {"source": "NULL"}}'),
    ]
    result = read(way, tmp_path, rows, more='json.channel = "utm.source"\nmap.channel = { mail = "e-mail" }\n')
    assert [r["channel"] for r in cells(result)] == ["e-mail", None, None, None, None]
    assert "channel cannot be read in 1 of 5 rows" in findings(result)["orders.channel.json"]


@pytest.mark.parametrize("way", WAYS)
def test_a_bad_optional_value_costs_the_value_and_a_telling_one_the_row(way: str, tmp_path: Path) -> None:
    rows = [
        row(1, cost="much", delivered_at="soon", refund_amount=""),
        row(2, cost="40", delivered_at="2024-06-31", refund_amount="lots"),
        row(3, cost="-", delivered_at="2024-06-09 10:00:00", refund_amount="10"),
    ]
    result = read(way, tmp_path, rows)
    assert [(r["order_id"], r["amount"], r["cost"], r["delivered_at"] is None) for r in cells(result)] == [
        ("O1", 1_000_000, None, True), ("O3", 1_000_000, None, False),
    ]  # fmt: skip
    assert refusals(result) == [("orders.refund_amount.type", "lots")]
    told = findings(result)
    assert "cost cannot be read in 2 of 3 rows and is left empty there" in told["orders.cost.type"]
    assert "Values: '-' 1, 'much' 1." in told["orders.cost.type"]
    assert "orders.delivered_at.impossible" not in told  # its row went for the refund


def test_a_map_to_an_unknown_word_and_a_sign_of_two_meanings_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    block = '[[tables.orders]]\nsource = "s"\nfiles = "t.csv"\nmap.status = { paid = "complete" }\nmap.stauts = {}\n'
    with pytest.raises(UsageError, match="'paid' cannot mean 'complete'; write completed, cancelled, returned, open") as told:
        settings(tmp_path, block, sources='[sources.s]\npath = "."\n')
    assert "orders has no column 'stauts'; did you mean 'status'?" in str(told.value)
    with pytest.raises(UsageError, match="thousands and decimal are both"):
        settings(tmp_path, block.split("map")[0] + 'thousands = "."\ndecimal = "."\n', sources='[sources.s]\npath = "."\n')


def orders_from(url: str, folder: Path, **more: Any) -> Pulled:
    block = '[[tables.orders]]\nsource = "s"\nquery = "select * from sales"\ntimezone = "Asia/Shanghai"\n'
    return pulled(settings(folder, block, sources=f'[sources.s]\nurl = "{url}"\n'), **more)


def test_zero_and_partial_dates_of_mariadb(tmp_path: Path) -> None:
    with database("mariadb", tmp_path) as url:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            for line in (
                "set sql_mode=''",
                "create table sales (order_id bigint unsigned, customer_id varchar(9), ordered_at datetime, amount decimal(12,2),"
                " delivered_at date)",
                "insert into sales values (1,'C1','2024-06-03 10:00',100,'0000-00-00'), (2,'C2','2024-06-00 00:00',100,null),"
                "(3,'C2','2024-06-09 10:00',100,'2024-06-00'), (18446744073709551615,'C3','2024-06-28 10:00',100,'2024-06-29'),"
                "(5,'C2','0000-00-00 00:00',100,null)",
            ):
                connection.exec_driver_sql(line)
        engine.dispose()
        result = orders_from(url, tmp_path)
    assert refusals(result) == [
        ("orders.ordered_at.impossible", "2024-06-00 00:00:00"),
        ("orders.ordered_at.missing", "0000-00-00 00:00:00"),
    ]
    assert sum(r["amount"] for r in cells(result)) == 3_000_000
    assert [(r["order_id"], r["delivered_at"] is None) for r in cells(result)] == [
        ("1", True),
        ("18446744073709551615", False),
        ("3", True),
    ]
    assert not [f.rule for f in result.findings if ".control." in f.rule]


def test_infinity_and_far_years_of_postgresql(tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as url:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            for line in (
                "create table sales (order_id numeric(20), customer_id text, ordered_at timestamptz, amount numeric(12,2),"
                " delivered_at timestamp, updated_at date)",
                "insert into sales values (1,'C1','2024-06-03 10:00+08',100,'infinity','infinity'), (2,'C2','infinity',100,null,null),"
                "(3,'C2','0044-03-15 10:00+00 BC',100,null,null), (4,'C2','10000-01-01 10:00+00',100,null,null),"
                "(18446744073709551615,'C3','2024-06-28 10:00:00.123456+08',100,'0044-03-15 BC','2024-06-29')",
            ):
                connection.exec_driver_sql(line)
        engine.dispose()
        result = orders_from(url, tmp_path)
    assert [value for _, value in refusals(result)] == ["0044-03-15 18:05:43+08:05:43 BC", "10000-01-01 18:00:00+08", "infinity"]
    found = cells(result)
    assert [(r["order_id"], r["delivered_at"]) for r in found] == [("1", None), ("18446744073709551615", None)]
    assert found[1]["ordered_at"] == pd.Timestamp("2024-06-28 02:00:00.123456", tz="UTC")
    assert found[1]["updated_at"] == pd.Timestamp("2024-06-28 16:00", tz="UTC")
    assert not [f.rule for f in result.findings if ".control." in f.rule]


def test_folder_sql_over_all_files_that_fit_a_pattern(tmp_path: Path) -> None:
    """Files with other columns, in another order, and one that needs no query: one table, by names."""
    (tmp_path / "sales-9.csv").write_text("order_id,customer_id,ordered_at,amount\nO1,C1,2024-06-03 10:00,100\n")
    (tmp_path / "sales-10.csv").write_text("amount,order_id,customer_id,ordered_at,channel\n50.5,O2,C2,2024-06-04 10:00,web\n")
    (tmp_path / "people.csv").write_text("customer_id,name\nC1,A\n")
    query = 'select s.*, p.name is not null as known from "sales-*" s left join people p using (customer_id) order by order_id'
    block = f'[[tables.orders]]\nsource = "s"\nquery = \'{query}\'\ntimezone = "UTC"\n'
    result = pulled(settings(tmp_path, block, sources='[sources.s]\npath = "."\n'))
    assert [(r["order_id"], r["customer_id"], r["amount"], r["channel"]) for r in cells(result)] == [
        ("O1", "C1", 1_000_000, None), ("O2", "C2", 505_000, "web"),
    ]  # fmt: skip


def test_a_function_of_the_clock_under_a_zone_that_the_server_does_not_know_is_refused(tmp_path: Path) -> None:
    with database("mariadb", tmp_path) as url:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            if connection.exec_driver_sql("select count(*) from mysql.time_zone_name").scalar():
                pytest.skip("this server knows time zones")
            connection.exec_driver_sql("create table sales (order_id int, customer_id varchar(9), ordered_at bigint, amount decimal(12,2))")
            connection.exec_driver_sql("insert into sales values (1, 'C1', 1717466400, 100)")
        engine.dispose()
        tail = f'timezone = "America/New_York"\n[sources.s]\nurl = "{url}"\n'
        turned = "select order_id, customer_id, from_unixtime(ordered_at) as ordered_at, amount from sales"
        with pytest.raises(UsageError, match=r'calls from_unixtime\(\).*"?America/New_York.*\n.*epoch = "s"'):
            pulled(settings(tmp_path, f'[[tables.orders]]\nsource = "s"\nquery = "{turned}"\n{tail}'))
        result = pulled(settings(tmp_path, f'[[tables.orders]]\nsource = "s"\nquery = "select * from sales"\nepoch = "s"\n{tail}'))
    assert [r["ordered_at"] for r in cells(result)] == [pd.Timestamp(1717466400, unit="s", tz="UTC")]
