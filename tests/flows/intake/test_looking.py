"""`keping check` tells what a run would tell: a few rows through the real intake, the values themselves and their counts."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from flows.check import CheckLine, check_everything
from flows.intake import look, looking
from flows.settings import Settings
from tests.flows.company import Small
from tests.flows.intake.builders import database, settings, write_table
from transforms.errors import Exit
from transforms.month import Month

CONFIG = '''
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
query = """select id as order_id, who as customer_id, at as ordered_at, amount, state as status, channel
from sales where at >= :start and at < :end"""
timezone = "Asia/Shanghai"
[[tables.customers]]
source = "files"
files = "customers.csv"
[[tables.surveys]]
source = "files"
files = "surveys*.csv"
timezone = "Asia/Shanghai"
'''


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPING_CLOCK", "2026-07-02T03:00:00+00:00")


def company(tmp_path: Path, sales: Sequence[Sequence[object]], answers: Sequence[Sequence[object]] = ()) -> Small:
    made = Small(tmp_path / "look")
    made.data.mkdir(parents=True)
    made.config.write_text(CONFIG, encoding="utf-8")
    made.write("customers", [["customer_id", "name", "region"], *([f"C{number}", f"N {number}", "North"] for number in range(40))])
    head = ["response_id", "customer_id", "answered_at", "instrument", "item", "score", "scale_min", "scale_max"]
    made.write("surveys-2026-06", [head, *(answers or [["S1", "C1", "2026-06-04 10:00:00", "csat", "overall", 4, 1, 5]])])
    with sqlite3.connect(made.folder / "shop.db") as base:
        base.execute("create table sales (id text, who text, at text, amount text, state text, channel text)")
        base.executemany("insert into sales values (?, ?, ?, ?, ?, ?)", sales)
    base.close()
    return made


def sale(number: int, **other: object) -> list[object]:
    row = {"id": f"O{number}", "who": f"C{number % 40}", "at": f"2026-06-{1 + number % 28:02d} 10:00:00", "amount": "10.00"}
    return list((row | {"state": "completed", "channel": "web"} | other).values())


def looked(made: Small, start: str = "") -> list[CheckLine]:
    """The lines about values, in the order in which they are printed."""
    return [
        line
        for line in check_everything(made.settings())
        if "(tables." in line.what and "@" not in line.what and line.what.startswith(start)
    ]


def test_values_that_would_be_refused_are_told_with_their_counts(tmp_path: Path) -> None:
    states = ["wc-completed"] * 43 + ["wc-processing"] * 6 + ["completed"] * 60
    made = company(tmp_path, [sale(number, state=state) for number, state in enumerate(states)])
    money, status = looked(made)
    assert (money.what, money.exit_code) == ("orders.money (tables.orders[1])", Exit.HELD)
    assert money.problem.startswith("orders 2026-06: 45% of the month's money is refused (49 of 109 rows")
    assert (status.exit_code, status.warning.split(". ")[0]) == (
        Exit.DONE,
        "49 of 109 rows would be refused: wc-completed 43, wc-processing 6",
    )


def test_the_lines_say_column_counts_and_what_to_write(tmp_path: Path) -> None:
    states = ["wc-completed"] * 4 + ["wc-processing"] * 2 + ["completed"] * 94
    made = company(tmp_path, [sale(number, state=state) for number, state in enumerate(states)])
    (line,) = looked(made)
    assert (line.what, line.problem, line.exit_code) == ("orders.status (tables.orders[1])", "", Exit.DONE)
    assert line.warning == (
        "6 of 100 rows would be refused: wc-completed 4, wc-processing 2. Known are completed, cancelled, returned, open, pending. "
        'Say what they mean: map.status = { "..." = "..." }'
    )
    assert any(
        line.line()
        == "ok      tables.orders[1] (orders@shop): 6 of 16 columns: as the contract needs them; 100 row(s) of 2026-06 looked at"
        for line in check_everything(made.settings())
    )


def test_most_rows_refused_end_the_check_as_they_would_end_the_run_and_stand_first(tmp_path: Path) -> None:
    made = company(tmp_path, [sale(number, amount="n/a" if number < 60 else "10") for number in range(100)])
    lines = check_everything(made.settings())
    assert (lines[0].what, lines[0].exit_code) == ("orders.amount (tables.orders[1])", Exit.HELD)
    assert lines[0].problem.startswith("60 of 100 rows would be refused: n/a 60 (words for nothing). Name them in empty = [...]")
    assert [bool(line.problem) for line in lines] == sorted((bool(line.problem) for line in lines), reverse=True)


def test_seconds_since_1970_are_told_as_such(tmp_path: Path) -> None:
    made = company(tmp_path, [sale(number) for number in range(50)])
    made.append("surveys-2026-06", *([f"S{n}", "C1", 1_780_000_000 + n, "csat", "overall", 4, 1, 5] for n in range(2, 9)))
    (line,) = looked(made, "surveys.answered_at")
    assert line.exit_code is Exit.HELD
    assert line.problem == (
        "7 of 8 rows would be refused: 1780000002 1, 1780000003 1, 1780000004 1, 1780000005 1, 1780000006 1 and 2 more "
        '(seconds since 1970). Say that they are: epoch = "s"'
    )


def test_json_words_for_nothing_and_customers_who_are_nobody_unknown_or_everybody_are_told(tmp_path: Path) -> None:
    sales = [sale(number, channel="NULL" if number % 4 else '{"via": "web"}') for number in range(30)]
    sales += [sale(number, who="guest", channel="N/A") for number in range(30, 70)] + [sale(99, who="X9")]
    made = company(tmp_path, sales)
    told = {line.what.split(" ")[0]: line.warning for line in looked(made) if line.what.startswith("orders.channel")}
    assert "words for nothing (N/A 40), which would count as values" in told["orders.channel"]
    words = [line.warning for line in looked(made, "orders.customer_id")]
    assert any("40 of 71 rows name a customer who is nobody (guest 40)" in word for word in words)
    assert any("41 of 71 rows name a customer that the table of customers does not know (guest 40, X9 1)" in word for word in words)
    everybody = company(tmp_path / "b", [sale(number, who="C1") for number in range(30)])
    (line,) = looked(everybody, "orders.customer_id")
    assert "30 of 30 rows name one customer (C1)" in line.warning
    objects = company(tmp_path / "c", [sale(number, channel='{"via": "web"}') for number in range(30)])
    (line,) = looked(objects, "orders.channel")
    assert line.warning.startswith("30 of 30 rows hold JSON (such as")


def test_a_scale_that_no_answer_uses_or_that_answers_leave_is_told(tmp_path: Path) -> None:
    def answers(scores: Sequence[int], high: object) -> list[list[object]]:
        return [[f"S{n}", f"C{n % 40}", "2026-06-04 10:00:00", "csat", "overall", score, 1, high] for n, score in enumerate(scores)]

    narrow = company(tmp_path / "a", [sale(n) for n in range(30)], answers([1, 2, 3, 4, 5] * 8, 10))
    (line,) = looked(narrow, "surveys.score")
    assert line.warning == "csat overall: 40 answers from 1 to 5, declared is 1 to 10"
    wide = company(tmp_path / "b", [sale(n) for n in range(30)], answers([1, 4, 5] * 9 + [9, 10], 5))
    scale, refused = looked(wide, "surveys.score")
    assert scale.warning == "csat overall: 29 answers from 1 to 10, declared is 1 to 5"
    assert refused.warning.startswith("2 of 29 rows would be refused: 10 1, 9 1")
    unsaid = company(tmp_path / "c", [sale(n) for n in range(30)], answers([1, 5], ""))
    (line,) = looked(unsaid, "surveys.score")
    assert line.warning == "csat overall: 2 answers from 1 to 5, and no scale is declared: give scale_min and scale_max"
    fits = company(tmp_path / "d", [sale(n) for n in range(30)], answers([1, 2, 3, 4, 5] * 8, 5))
    assert looked(fits) == []


def test_a_newest_month_without_orders_ends_the_check_as_it_would_hold_the_run(tmp_path: Path) -> None:
    made = company(tmp_path, [sale(number, at="2026-05-04 10:00:00") for number in range(30)])
    (line,) = looked(made)
    assert line.problem == "orders 2026-06: no rows. Ask whether the month's data have arrived, then run it again."
    assert line.exit_code is Exit.HELD


def test_a_look_is_bounded_and_what_it_says_is_capped_and_holds_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "ROWS", 100)
    made = company(tmp_path, [sale(number, state="hush-hush" if number < 5 else "completed") for number in range(500)])
    text = made.config.read_text().replace('url = "sqlite:///keping.db"', 'url = "sqlite:///keping.db?token=hush-hush"')
    made.config.write_text(text)
    (line,) = looked(made, "orders.status")
    assert line.warning.startswith("5 of 100 rows would be refused: *** 5.")


def on_server(folder: Path, url: str, query: str, timezone: str = "UTC") -> Settings:
    block = f"[[tables.orders]]\nsource = \"shop\"\ntimezone = \"{timezone}\"\nquery = '''{query}'''\n"
    return settings(folder, block, sources=f'[sources.shop]\nurl = "{url}"')


@pytest.mark.parametrize("backend", ["postgresql", "mariadb"])
def test_a_look_asks_a_server_for_a_few_rows_of_the_newest_month(backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "ROWS", 30)
    with database(backend, tmp_path) as url:
        rows = [
            {
                "order_id": f"O{n}",
                "customer_id": f"C{n}",
                "ordered_at": f"2026-0{5 + n % 2}-1{n % 10} 10:00:00",
                "amount": "5.00",
                "state": "new",
            }
            for n in range(100)
        ]
        write_table(url, "orders", rows)
        query = (
            "select order_id, customer_id, ordered_at, amount, state as status from orders where ordered_at >= :start and ordered_at < :end"
        )
        (one,) = look(on_server(tmp_path, url, query), Month(2026, 6))
    assert (one.rows, one.which, one.error) == (30, "2026-06", None)
    assert [(finding.rule, finding.rows, finding.of_rows) for finding in one.findings] == [("orders.status.choice", 30, 30)]


def test_a_zone_that_the_server_does_not_know_is_told_before_a_run(tmp_path: Path) -> None:
    with database("mariadb", tmp_path) as url:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            known = connection.execute(sa.text("select convert_tz('2026-06-01', 'UTC', 'America/New_York')")).scalar() is not None
            connection.execute(sa.text("create table sales (id int, who int, at timestamp, amount int)"))
            connection.execute(sa.text("insert into sales values (1, 1, '2026-06-03 10:00:00', 5)"))
        engine.dispose()
        query = "select id as order_id, who as customer_id, at as ordered_at, amount from sales where at >= :start and at < :end"
        (one,) = look(on_server(tmp_path, url, query, "America/New_York"), Month(2026, 6))
    if known:
        assert (one.rows, one.error) == (1, None)
    else:
        assert one.error is not None
        assert "the server does not know the time zone 'America/New_York'" in str(one.error)


@pytest.mark.parametrize(
    "block",
    ['files = "rates-*.csv"', 'query = """select * from "rates-a" union all select * from "rates-b" """'],
    ids=["files", "folder SQL"],
)
def test_rates_are_looked_at_to_their_last_row_so_that_no_amount_is_called_unknown(tmp_path: Path, block: str) -> None:
    """The dollar stands in the older file, the euro in the second piece of the query; a run would convert both, and nobody the yen."""
    made = company(
        tmp_path, [*(sale(number) for number in range(7)), sale(7, channel="USD"), sale(8, channel="EUR"), sale(9, channel="JPY")]
    )
    text = made.config.read_text(encoding="utf-8").replace(
        "amount, state as status, channel", "amount, state as status, channel as currency"
    )
    text += f'[[tables.fx_rates]]\nsource = "files"\n{block}\n'
    made.config.write_text(text, encoding="utf-8")
    with sqlite3.connect(made.folder / "shop.db") as base:
        base.execute("update sales set channel = 'CNY' where channel = 'web'")
    base.close()
    for name, currency in (("rates-a", "USD"), ("rates-b", "EUR")):
        days = [f"2026-{month:02d}-{day:02d}" for month in (5, 6) for day in (1, 8, 15, 22, 29)]
        made.write(name, [["date", "currency", "rate"], *([day, currency, 7] for day in days)])
    (line,) = looked(made, "orders.currency")
    assert "1 of 10 rows would be refused: JPY 1" in (line.warning or line.problem) and not {"EUR", "USD"} & set(
        (line.warning + line.problem).split()
    )
