"""Rows that cannot be meant as they stand are told before they make figures: each case with its right value."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from expectations.steadiness import check_strange_buyers, note_merges
from flows.facts.rows import filled_columns
from flows.intake.strays import stray_months
from flows.snapshots.store import read_snapshot, write_snapshot
from tests.flows.intake.builders import pulled
from tests.flows.intake.test_books import drops
from tests.flows.intake.ways import balance, cells, refusals
from transforms.month import Month


def order_rows(*days: str) -> list[dict[str, str]]:
    return [{"order_id": f"O{n}", "customer_id": f"C{n % 4}", "ordered_at": f"{day} 10:00", "amount": "100"} for n, day in enumerate(days)]


def test_one_mistyped_year_does_not_make_history_begin_there(tmp_path: Path) -> None:
    days = ["2002-06-15", *(f"2024-{month}-{day:02d}" for month in ("05", "06") for day in (5, 11, 17, 23))]
    result = pulled(drops(tmp_path, {"orders": order_rows(*days)}))
    assert str(result.first) == "2024-05" and sorted(result.snapshots["orders"]) == ["2024-05", "2024-06"]
    assert refusals(result) == [("orders.ordered_at.stray", "2002-06-15 18:00")]
    assert balance(result) == {"read": 9, "accepted": 8, "quarantined": 1, "duplicates": 0}
    told = {finding.rule: finding for finding in result.findings}["orders.ordered_at.stray"]
    assert told.severity.value == "warning" and "set company.history_from" in told.message and "orders.csv:2" in told.message
    again = pulled(drops(tmp_path, {"orders": order_rows(*days)}), first="2002-06")
    assert str(again.first) == "2002-06" and refusals(again) == []


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ({100: 1, 400: 8}, [100]), ({100: 2, 250: 1, 400: 8}, [100, 250]), ({100: 4, 400: 80}, []), ({100: 1, 130: 8}, []),
        ({100: 1, 400: 4}, []), ({100: 1, 101: 9, 400: 9}, []), ({-1: 3, 5: 7}, []), ({}, []), ({100: 1, 137: 50, 300: 50}, [100]),
    ],
)  # fmt: skip
def test_which_months_are_a_slip_and_which_a_beginning(rows: dict[int, int], wanted: list[int]) -> None:
    assert stray_months(rows) == wanted


def test_a_month_without_rows_fills_no_column(tmp_path: Path) -> None:
    assert filled_columns(write_snapshot(pd.DataFrame(), "tickets", "2024-06", tmp_path)) == frozenset()


def test_a_merge_into_nobody_is_told() -> None:
    found = note_merges({"C1": "C9", "C2": "C3"}, pd.Series(["C3", "C4"]), Month(2024, 6))
    assert [(one.rule, one.severity.value, one.examples) for one in found] == [
        ("customers.merged", "info", ("C1 -> C9", "C2 -> C3")), ("customers.merged_into.unknown", "warning", ("C1 -> C9",)),
    ]  # fmt: skip
    assert len(note_merges({"C2": "C3"}, pd.Series(["C3"]), Month(2024, 6))) == 1


def test_customers_who_order_and_are_in_no_list_are_told_with_those_that_differ_in_capitals() -> None:
    ids, listed = pd.Series(["C1", "c2", "c2", "X", None]), pd.Series(["C1", "C2"])
    (found,) = check_strange_buyers(ids, listed, Month(2024, 6))
    assert (found.rule, found.rows, found.of_rows, found.examples) == ("orders.customer_id.unknown", 3, 5, ("X", "c2"))
    assert "1 of them differ from a known one in capitals alone (c2 / C2)" in found.message
    assert check_strange_buyers(pd.Series(["C1", None]), listed, Month(2024, 6)) == []


@pytest.mark.parametrize("scale", [(1, 5), (1, 10), (0, 100)])
def test_a_recommendation_on_another_scale_is_no_nps(scale: tuple[int, int], tmp_path: Path) -> None:
    answers = [
        {
            "response_id": f"R{n}",
            "customer_id": f"C{n}",
            "answered_at": "2024-06-03 10:00",
            "score": "5",
            "scale_min": low,
            "scale_max": high,
        }
        for n, (low, high) in enumerate([scale, scale, ("0", "10"), ("", "")])
    ]
    more = {"surveys": 'constants = { instrument = "nps", item = "recommend" }'}
    result = pulled(drops(tmp_path, {"surveys": answers, "orders": order_rows("2024-06-03")}, **more))
    assert refusals(result, "surveys") == [("surveys.score.nps_scale", f"{scale[0]} to {scale[1]}")] * 2
    assert [r["response_id"] for r in cells(result, "surveys")] == ["R2", "R3"]


RATES = [{"date": "2024-05-03", "currency": "USD", "rate": "7"}, {"date": "2024-06-20", "currency": "USD", "rate": "8"}]


def test_a_foreign_refund_is_the_same_money_in_an_order_and_as_a_row_of_its_own(tmp_path: Path) -> None:
    """USD 100 of 3 May (rate 7), given back on 20 June (rate 8): 800.00 either way."""
    order = {"order_id": "O1", "customer_id": "C1", "ordered_at": "2024-05-03 10:00", "amount": "100", "currency": "USD"}
    back = {"refund_id": "R1", "customer_id": "C1", "refunded_at": "2024-06-20 10:00", "amount": "100", "currency": "USD", "order_id": "O1"}
    carried = [{**order, "refund_amount": "100", "refunded_at": "2024-06-20 10:00"}]
    for name, files in {
        "column": {"orders": carried, "fx_rates": RATES},
        "rows": {"orders": [order], "refunds": [back], "fx_rates": RATES},
    }.items():
        (tmp_path / name).mkdir()
        result = pulled(drops(tmp_path / name, files))
        assert [r["amount"] for r in cells(result, "refunds")] == [8_000_000], name
        assert read_snapshot(result.snapshots["orders"]["2024-05"])["amount"].tolist() == [7_000_000]


def test_a_refund_after_the_last_month_needs_no_rate_yet(tmp_path: Path) -> None:
    order = {"order_id": "O1", "customer_id": "C1", "ordered_at": "2024-06-20 10:00", "amount": "100", "currency": "USD"}
    result = pulled(drops(tmp_path, {"orders": [{**order, "refund_amount": "40", "refunded_at": "2024-07-20 10:00"}], "fx_rates": RATES}))
    assert [r["amount"] for r in cells(result)] == [8_000_000] and refusals(result) == []
