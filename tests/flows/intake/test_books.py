"""Every row that is read is accepted, quarantined or a duplicate; rows that share a key are settled by content alone."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from flows.intake.books import Books
from flows.intake.calendar import UNKNOWN
from flows.intake.spool import Spool
from flows.settings import Settings
from flows.snapshots.store import Pulled, read_snapshot
from tests.flows.intake.builders import at, database, digests, order, pulled, rules, settings, write_csv, write_table
from transforms.tables.duplicates import resolve

RATES = [{"date": "2024-06-01", "currency": "USD", "rate": "7.1"}]


def drops(folder: Path, files: dict[str, list[dict[str, Any]]], **options: str) -> Settings:
    """Settings over CSV files, one block per file, named after its table (up to a dash)."""
    (folder / "drops").mkdir(exist_ok=True)
    blocks = ""
    for name, rows in files.items():
        write_csv(folder / "drops" / f"{name}.csv", rows)
        table = name.split("-")[0]
        blocks += f'[[tables.{table}]]\nsource = "drops"\nfiles = "{name}.csv"\ntimezone = "UTC"\n{options.get(table, "")}\n'
    return settings(folder, blocks, sources='[sources.drops]\npath = "drops"')


def book(result: Pulled, table: str, month: str = "2024-06") -> list[int]:
    rows = result.quality[(result.quality["table"] == table) & (result.quality["month"] == month)]
    return [int(rows.iloc[0][kind]) for kind in ("read", "accepted", "quarantined", "duplicates")]


def refused(result: Pulled) -> list[tuple[str, str]]:
    return list(zip(result.quarantine["place"], result.quarantine["rule"], strict=True))


def test_each_kind_of_fault_is_named_by_place_column_rule_and_raw_value(tmp_path: Path) -> None:
    rows = [
        order("O1", "2024-06-03 09:00", "60"),
        order("O2", "2024-06-03 09:00", "1e400"),
        order("O3", "2024-06-03 09:00", "60", status="shipped"),
        {**order("O4", "2024-06-03 09:00", "60"), "ordered_at": "2024-02-30 10:00"},
        {**order("O5", "2024-06-03 09:00", "60"), "ordered_at": "05/06/2024"},
        order("O6", "1970-01-01 00:00", "60"),
        order("O7", "2031-01-01 00:00", "60"),
        {**order("", "2024-06-03 09:00", "60")},
        {**order("O9", "2024-06-03 09:00", "60"), "amount": None},
        order("O10", "2024-06-03 09:00", "60", refund_amount="-5"),
        order("O11", "2024-06-03 09:00", "60", currency="EURO"),
        order("O12", "2024-06-03 09:00", "60", currency="XAU"),
        order("O13", "2024-06-20 09:00", "60", currency="USD"),
        order("O14", "2024-06-08 09:00", "10.05", currency="USD"),
        {**order("O15", "2024-06-03 09:00", "60"), "amount": "nan"},
    ]
    result = pulled(drops(tmp_path, {"orders": rows, "fx_rates": RATES}))
    found = result.quarantine[["month", "place", "rule", "column", "value", "money"]].astype(object).where(lambda f: f.notna(), None)
    assert found.to_numpy().tolist() == [
        ["", "orders.csv:5", "orders.ordered_at.impossible", "ordered_at", "2024-02-30 10:00", 600_000],
        ["", "orders.csv:6", "orders.ordered_at.type", "ordered_at", "05/06/2024", 600_000],
        ["", "orders.csv:7", "orders.ordered_at.implausible", "ordered_at", "1970-01-01 00:00:00", 600_000],
        ["", "orders.csv:8", "orders.ordered_at.implausible", "ordered_at", "2031-01-01 00:00:00", 600_000],
        ["2024-06", "orders.csv:3", "orders.amount.type", "amount", "1E+400", None],
        ["2024-06", "orders.csv:4", "orders.status.choice", "status", "shipped", 600_000],
        ["2024-06", "orders.csv:9", "orders.order_id.missing", "order_id", "", 600_000],
        ["2024-06", "orders.csv:10", "orders.amount.missing", "amount", "", None],
        ["2024-06", "orders.csv:11", "orders.refund_amount.range", "refund_amount", "-5", 600_000],
        ["2024-06", "orders.csv:12", "orders.currency.unknown", "currency", "EURO", None],
        ["2024-06", "orders.csv:13", "orders.currency.unknown", "currency", "XAU", None],
        ["2024-06", "orders.csv:14", "orders.currency.rate_missing", "currency", "USD", None],
        ["2024-06", "orders.csv:16", "orders.amount.type", "amount", "nan", None],
    ]
    assert book(result, "orders") == [11, 2, 9, 0]
    assert book(result, "orders", "") == [4, 0, 4, 0]
    june = read_snapshot(result.snapshots["orders"]["2024-06"])
    assert june[["order_id", "amount", "original_amount", "currency"]].to_numpy().tolist() == [
        ["O1", 600_000, 600_000, "CNY"],
        ["O14", 713_550, 100_500, "USD"],
    ]


def test_survey_scores_outside_their_scale(tmp_path: Path) -> None:
    def answer(number: int, instrument: str, score: str, low: str = "", high: str = "") -> dict[str, Any]:
        return {"response_id": f"R{number}", "customer_id": "C1", "answered_at": at("2024-06-03 09:00"), "instrument": instrument,
                "item": "overall", "score": score, "scale_min": low, "scale_max": high}  # fmt: skip

    rows = [
        *(answer(1, "nps", "10"), answer(2, "NPS", "11"), answer(3, "nps", "7.5")),
        *(answer(4, "csat", "6", "1", "5"), answer(5, "csat", "5 ", "1", "5"), answer(6, "csat", "five", "1", "5")),
        *(answer(7, "acsi", "55"), answer(8, "csat", "3", "5", "1"), answer(9, "csat", "", "1", "5")),
    ]
    result = pulled(drops(tmp_path, {"surveys": rows, "orders": [order("O1", "2024-06-03 09:00", "1")]}))
    assert refused(result) == [
        ("surveys.csv:3", "surveys.score.range"),
        ("surveys.csv:4", "surveys.score.range"),
        ("surveys.csv:5", "surveys.score.range"),
        ("surveys.csv:7", "surveys.score.type"),
        ("surveys.csv:9", "surveys.score.range"),
    ]
    june = read_snapshot(result.snapshots["surveys"]["2024-06"])
    assert june["response_id"].tolist() == ["R1", "R5", "R7", "R9"]
    assert june["scale_max"].fillna(-1).tolist() == [10, 5, -1, 5]
    assert "surveys.scale.unknown" in rules(result, "surveys")


def test_the_same_row_twice_is_kept_once_and_counted(tmp_path: Path) -> None:
    rows = [order("O1", "2024-06-03 09:00", "60"), order("O1", "2024-06-03 09:00", "60.00"), order("O2", "2024-06-03 09:00", "1")]
    result = pulled(drops(tmp_path, {"orders-1": rows, "orders-2": rows[:1]}))
    assert book(result, "orders") == [4, 2, 0, 2]
    assert result.quality["money_duplicates"].tolist() == [1_200_000]


def test_the_newest_version_of_a_row_wins_and_the_older_ones_are_quarantined(tmp_path: Path) -> None:
    rows = [
        order("O1", "2024-06-03 09:00", "60", updated_at=at("2024-06-05 09:00")),
        order("O1", "2024-05-03 09:00", "70", updated_at=at("2024-06-07 09:00")),
        order("O1", "2024-06-03 09:00", "80"),
    ]
    result = pulled(drops(tmp_path, {"orders": rows}))
    assert refused(result) == [("orders.csv:2", "orders.duplicate_key"), ("orders.csv:4", "orders.duplicate_key")]
    assert book(result, "orders", "2024-05") == [1, 1, 0, 0] and book(result, "orders") == [2, 0, 2, 0]
    assert read_snapshot(result.snapshots["orders"]["2024-05"])["amount"].tolist() == [700_000]


def test_a_contradiction_that_nothing_settles_is_quarantined_whole(tmp_path: Path) -> None:
    rows = [order("O1", "2024-06-03 09:00", "60"), order("O1", "2024-06-03 09:00", "70"), order("O2", "2024-06-03 09:00", "1")]
    result = pulled(drops(tmp_path, {"orders": rows}))
    assert refused(result) == [("orders.csv:2", "orders.conflict"), ("orders.csv:3", "orders.conflict")]
    assert result.quarantine["value"].tolist() == ["O1", "O1"]


def test_lines_without_a_key_are_kept_and_counted_unless_the_block_drops_them(tmp_path: Path) -> None:
    line = {"order_id": "O1", "sku": "A", "quantity": 2, "unit_price": "1.25", "ordered_at": at("2024-06-03 09:00"), "customer_id": "C1"}
    kept = pulled(drops(tmp_path, {"order_lines": [line, line, {**line, "sku": "B"}]}))
    assert book(kept, "order_lines") == [3, 3, 0, 0]
    finding = next(finding for finding in kept.findings if finding.rule == "order_lines.rows.identical")
    assert (finding.severity.value, finding.rows, finding.of_rows) == ("info", 1, 3)
    dropped = pulled(drops(tmp_path, {"order_lines": [line, line, {**line, "sku": "B"}]}, order_lines='duplicates = "drop"'))
    assert book(dropped, "order_lines") == [3, 2, 0, 1]
    assert read_snapshot(dropped.snapshots["orders"]["2024-06"])["amount"].tolist() == [50_000]


def test_orders_made_from_lines(tmp_path: Path) -> None:
    def line(order_id: str, when: str, quantity: int, price: str, customer: str | None = "C1") -> dict[str, Any]:
        return {
            "order_id": order_id,
            "sku": "A",
            "quantity": quantity,
            "unit_price": price,
            "ordered_at": at(when),
            "customer_id": customer,
        }

    rows = [
        line("O1", "2024-06-03 09:01", 3, "0.3333", "C2"),
        line("O1", "2024-06-03 09:00", 1, "2", None),
        line("O1", "2024-06-03 09:02", 1, "0", "C1"),
        line("C9", "2024-06-04 09:00", -2, "5.5"),
        line("O3", "2024-06-30 15:59", 1, "1"),
        line("O3", "2024-06-30 16:00", 1, "4"),
    ]
    result = pulled(drops(tmp_path, {"order_lines": rows}), "2024-07")
    june = read_snapshot(result.snapshots["orders"]["2024-06"])
    assert june[["order_id", "customer_id", "amount"]].to_numpy().tolist() == [
        ["C9", "C1", -110_000],
        ["O1", "C2", 29_999],
        ["O3", "C1", 10_000],
    ]
    assert str(june["ordered_at"].iloc[1]) == "2024-06-03 09:00:00+00:00"
    refunds = read_snapshot(result.snapshots["refunds"]["2024-06"])
    assert refunds[["order_id", "customer_id", "amount"]].to_numpy().tolist() == [["C9", "C1", 110_000]]
    assert {"orders.customer_id.torn", "orders.order_id.spread"} <= set(rules(result, "orders"))
    # what June says does not change when July is read as well
    assert digests(pulled(drops(tmp_path, {"order_lines": rows}), "2024-06"))["orders"]["2024-06"] == digests(result)["orders"]["2024-06"]


def test_lines_without_a_time_take_that_of_their_order(tmp_path: Path) -> None:
    lines = [{"order_id": name, "sku": "A", "quantity": 1, "unit_price": "1"} for name in ("O1", "O2", "O7")]
    orders = [order("O1", "2024-05-03 09:00", "1"), order("O2", "2024-06-03 09:00", "1", customer="C2")]
    result = pulled(drops(tmp_path, {"orders": orders, "order_lines": lines}))
    assert read_snapshot(result.snapshots["order_lines"]["2024-06"])[["order_id", "customer_id"]].to_numpy().tolist() == [["O2", "C2"]]
    assert book(result, "order_lines", "2024-05") == [1, 1, 0, 0]
    assert "order_lines.order_id.astray" in rules(result)


@pytest.mark.parametrize("dated", [False, True])
def test_lines_of_an_order_in_foreign_money_are_turned_at_the_rate_of_its_day(tmp_path: Path, dated: bool) -> None:
    line = {"sku": "A", "quantity": 3, "list_price": "2", "discount": "0.3", "cost": "1.11"}
    if dated:
        line["ordered_at"] = at("2024-06-03 09:00")
    lines = [{"order_id": name, "unit_price": price, **line} for name, price in (("O1", "1.9"), ("O2", "1.9"), ("O7", "5"))]
    orders = [order("O1", "2024-06-03 09:00", "5.7", currency="USD"), order("O2", "2024-06-03 09:00", "5.7")]
    result = pulled(drops(tmp_path, {"orders": orders, "order_lines": lines, "fx_rates": RATES}))
    kept = read_snapshot(result.snapshots["order_lines"]["2024-06"]).set_index("order_id")
    money = ["unit_price", "list_price", "discount", "cost", "line_amount"]
    assert kept.loc["O1", money].tolist() == [134_900, 142_000, 21_300, 78_810, 404_700]
    assert kept.loc["O2", money].tolist() == [19_000, 20_000, 3_000, 11_100, 57_000]
    assert ("O7" in kept.index) is dated
    assert read_snapshot(result.snapshots["orders"]["2024-06"])["amount"].tolist() == [404_700, 57_000]
    assert not [finding.rule for finding in result.findings if ".control." in finding.rule]


def test_orders_without_customer_are_accepted_and_their_share_is_told(tmp_path: Path) -> None:
    result = pulled(
        drops(tmp_path, {"orders": [order("O1", "2024-06-03 09:00", "1"), order("O2", "2024-06-03 09:00", "1", customer=None)]})
    )
    finding = next(finding for finding in result.findings if finding.rule == "orders.customer_id.unattributed")
    assert (finding.severity.value, finding.share) == ("warning", 0.5)


def test_severities_are_set_per_rule(tmp_path: Path) -> None:
    config = drops(tmp_path, {"orders": [order("O1", "2024-06-03 09:00", "1", customer=None), order("O2", "2024-06-03 09:00", "1")]})
    text = (tmp_path / "keping.toml").read_text(encoding="utf-8")
    (tmp_path / "keping.toml").write_text(
        text + '[quality]\nseverities = { "orders.customer_id.unattributed" = "critical" }\n', encoding="utf-8"
    )
    from flows.settings import load

    del config
    result = pulled(load(tmp_path / "keping.toml"))
    assert [finding.severity.value for finding in result.findings if finding.rule == "orders.customer_id.unattributed"] == ["critical"]


def test_books_that_do_not_balance_stop_the_program() -> None:
    books = Books()
    codes = np.array([24293], dtype=np.int64)
    books.add("orders", "read", codes, pd.Series([5], dtype="Int64"))
    with pytest.raises(AssertionError, match=r"the books of orders 2024-06 do not balance \(rows\): 1 read, 0 accepted"):
        books.frame(["orders"])


@pytest.mark.parametrize("backend", ["sqlite", "postgresql", "mariadb"])
def test_rows_lost_between_source_and_us_are_noticed(backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source whose read loses a row, its money or its newest row: the control totals tell each of them."""
    from flows.sources import sql

    with database(backend, tmp_path) as url:
        write_table(url, "orders", [order(f"O{day}", f"2024-06-{day:02d} 09:00", "10.10") for day in range(1, 6)])
        config = settings(
            tmp_path,
            '[[tables.orders]]\nsource = "db"\ntimezone = "UTC"\nquery = "select * from orders order by ordered_at"\n',
            sources=f'[sources.db]\nurl = "{url}"',
        )
        assert not [rule for rule in rules(pulled(config)) if "control" in rule]
        whole = sql._frame
        monkeypatch.setattr(sql, "_frame", lambda rows, names: whole(rows[:-1], names))
        found = [finding for finding in pulled(config).findings if "control" in finding.rule]
    assert [finding.rule for finding in found] == ["orders.control.money", "orders.control.newest", "orders.control.rows"]
    assert {finding.severity.value for finding in found} == {"critical"}
    assert found[2].message == (
        "orders@db: the source counts rows 5, but 4 arrived. "
        "The read was not whole, or a type is lost on the way. Run again; if it stays so, ask who runs the source."
    )


def test_any_mixture_of_good_and_bad_rows_balances(tmp_path: Path) -> None:
    """Random dirt: the program's own identity, and an independent count of what was written."""
    dice = random.Random(11)
    for trial in range(5):
        rows = []
        for _ in range(300):
            row = order(
                f"O{dice.randrange(200)}",
                f"2024-0{dice.randrange(4, 8)}-{dice.randrange(1, 30):02d} 09:00",
                str(dice.randrange(-50, 500) / 100),
            )
            damage = dice.random()
            if damage < 0.1:
                row["amount"] = dice.choice(["", "x", "NaN", "1,5", "12"])
            elif damage < 0.2:
                row["ordered_at"] = dice.choice(["", "2024-06-31", "soon", "0001-01-01", "9999-12-31 00:00"])
            rows.append(row)
        folder = tmp_path / str(trial)
        folder.mkdir()
        result = pulled(drops(folder, {"orders": rows}), "2024-06", first="2024-05")
        quality = result.quality[result.quality["table"] == "orders"]
        assert (quality["read"] == quality["accepted"] + quality["quarantined"] + quality["duplicates"]).all()
        assert (quality["money_read"] == quality["money_accepted"] + quality["money_quarantined"] + quality["money_duplicates"]).all()
        assert int(quality["quarantined"].sum()) == len(result.quarantine)
        kept = sum(snapshot.rows for snapshot in result.snapshots["orders"].values())
        assert int(quality["accepted"].sum()) == kept
        assert int(quality["money_accepted"].sum()) == sum(snapshot.money or 0 for snapshot in result.snapshots["orders"].values())


def test_settling_does_not_depend_on_the_order_of_rows() -> None:
    rows = pd.DataFrame(
        {
            "key": ["a", "a", "a", "b", "b", "c", "c", "d"],
            "value": [1, 1, 2, 1, 2, 1, 2, 1],
            "updated_at": pd.to_datetime(
                ["2024-01-02", "2024-01-02", "2024-01-01", "2024-01-01", "2024-01-01", None, "2024-01-01", None], utc=True
            ),
        }
    )
    wanted = ["kept", "duplicate", "duplicate_key", "conflict", "conflict", "duplicate_key", "kept", "kept"]
    assert resolve(rows, ["key"], list(rows.columns)).tolist() == wanted
    for seed in range(5):
        mixed = rows.sample(frac=1, random_state=seed)
        found = resolve(mixed, ["key"], list(rows.columns))
        assert sorted(zip(mixed["key"], mixed["value"], found, strict=True)) == sorted(zip(rows["key"], rows["value"], wanted, strict=True))


def test_a_part_of_a_key_that_is_missing_is_a_value_like_any_other() -> None:
    rows = pd.DataFrame(
        {
            "key": ["a", "a", "a", "b", "b"],
            "part": [None, None, "x", None, None],
            "value": [1, 2, 3, 1, 2],
            "updated_at": pd.to_datetime(["2024-01-02", "2024-01-01", "2024-01-01", None, None], utc=True),
        }
    )
    assert resolve(rows, ["key", "part"], list(rows.columns)).tolist() == ["kept", "duplicate_key", "kept", "conflict", "conflict"]


def test_the_books_tell_a_table_by_month_the_unknown_month_only_where_it_has_rows_and_missing_money_as_nothing() -> None:
    books = Books()
    june, unknown = np.array([24293, 24293], dtype=np.int64), np.array([UNKNOWN], dtype=np.int64)
    for kind in ("read", "accepted"):
        books.add("orders", kind, june, pd.Series([5, None], dtype="Int64"))
        books.add("tickets", kind, june[:1], None)
    books.page("orders", UNKNOWN)
    books.page("costs", UNKNOWN)
    books.page("orders", 24293).freshest = pd.Timestamp("2024-06-03 09:00", tz="UTC")
    assert (books.months("orders"), books.months("tickets")) == ([UNKNOWN, 24293], [24293])
    assert (books.total("orders", "accepted"), books.total("tickets", "accepted"), books.total("surveys", "read")) == (2, 1, 0)
    frame = books.frame(["orders", "tickets", "costs"])
    assert list(zip(frame["table"], frame["month"], strict=True)) == [("costs", ""), ("orders", "2024-06"), ("tickets", "2024-06")]
    assert frame["money_read"].fillna(-1).tolist() == [0, 5, -1]
    assert {str(frame[name].dtype) for name in ("read", "money_accepted", "source_rows", "source_money")} == {"Int64"}
    assert {str(frame[name].dtype) for name in ("freshest", "source_newest")} == {"datetime64[us, UTC]"}
    books.add("orders", "read", unknown, None)
    books.add("orders", "quarantined", unknown, None)
    assert list(books.frame(["orders"])["month"]) == ["", "2024-06"]


def test_a_spool_that_runs_over_gives_back_the_same_rows(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": pd.Series(["x", None] * 500, dtype="str"), "b": pd.array([1, None] * 500, dtype="Int64")})
    small, large = Spool(tmp_path, limit_bytes=1000), Spool(tmp_path)
    for spool in (small, large):
        for code in (1, 2, 1):
            spool.add(code, frame.assign(c=code))
        spool.add(1, frame.assign(d=pd.Timestamp("2024-01-01", tz="UTC")))
    assert any(tmp_path.iterdir())
    for code in (1, 2):
        pd.testing.assert_frame_equal(small.read(code), large.read(code))
    small.close()
    assert not any(tmp_path.iterdir())


def test_money_is_summed_exactly_over_many_small_amounts(tmp_path: Path) -> None:
    rows = [order(f"O{number}", "2024-06-03 09:00", "0.1") for number in range(1000)]
    result = pulled(drops(tmp_path, {"orders": rows}))
    assert result.snapshots["orders"]["2024-06"].money == Decimal(100) * 10_000
