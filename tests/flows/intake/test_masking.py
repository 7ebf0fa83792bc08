"""A month's snapshots say what was known at its end, and reading more or later changes none of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from flows.settings import Settings
from flows.snapshots.store import read_snapshot
from tests.flows.intake.builders import at, digests, order, pulled, rules, settings, write_csv
from transforms.month import Month
from transforms.tables.asof import mask_later
from transforms.tables.contract import TABLES
from transforms.tables.refunds import refunds_of


def drops(folder: Path, **tables: list[dict[str, Any]]) -> Settings:
    (folder / "drops").mkdir(exist_ok=True)
    blocks = ""
    for name, rows in tables.items():
        write_csv(folder / "drops" / f"{name}.csv", rows)
        blocks += f'[[tables.{name}]]\nsource = "drops"\nfiles = "{name}.csv"\ntimezone = "Asia/Shanghai"\n'
    return settings(folder, blocks, sources='[sources.drops]\npath = "drops"')


def ticket(ticket_id: str, opened: str, **more: Any) -> dict[str, Any]:
    return {"ticket_id": ticket_id, "customer_id": "C1", "opened_at": at(opened), **more}


TICKETS = [
    ticket(
        "T1",
        "2024-04-20 10:00",
        first_response_at=at("2024-04-21 10:00"),
        resolved_at=at("2024-06-01 00:00"),
        sla_due_at=at("2024-05-05 10:00"),
        sla_met="no",
        reopened_count=2,
        compensation="5.00",
        updated_at=at("2024-06-01 00:00"),
    ),
    ticket("T2", "2024-05-31 23:59:59", first_response_at=at("2024-06-01 00:00"), sla_due_at=at("2024-07-03 10:00")),
    ticket("T3", "2024-06-10 10:00", resolved_at=at("2024-06-11 10:00"), sla_met="yes", reopened_count=0),
]

ORDERS = [
    order("O1", "2024-05-03 09:00", "60", status="returned", refund_amount="60", refunded_at=at("2024-06-01 00:00:00"),
          delivered_at=at("2024-05-31 23:59:59"), updated_at=at("2024-06-02 09:00")),
    order("O2", "2024-05-04 09:00", "50", status="returned", refund_amount="20", refunded_at=at("2024-05-31 23:59:59")),
    order("O3", "2024-05-05 09:00", "40", refund_amount="15"),
    order("O4", "2024-05-06 09:00", "30", status="cancelled", refund_amount="30", refunded_at=at("2024-05-07 09:00")),
    order("O5", "2024-05-07 09:00", "-12.5"),
    order("O6", "2024-02-01 09:00", "10", refund_amount="4", refunded_at=at("2024-06-15 09:00")),
]  # fmt: skip


def shown(frame: pd.DataFrame, *columns: str) -> list[list[Any]]:
    return frame[list(columns)].astype(object).where(frame[list(columns)].notna(), None).to_numpy().tolist()


def test_a_ticket_is_known_in_each_month_by_what_had_happened_in_it(tmp_path: Path) -> None:
    result = pulled(drops(tmp_path, tickets=TICKETS, orders=ORDERS), "2024-07")
    months = {month: read_snapshot(snapshot) for month, snapshot in result.snapshots["tickets"].items() if snapshot.rows}
    assert {month: frame["ticket_id"].tolist() for month, frame in months.items()} == {
        "2024-04": ["T1"],
        "2024-05": ["T1", "T2"],
        "2024-06": ["T1", "T2", "T3"],
        "2024-07": ["T2"],
    }
    outcome = ("resolved_at", "sla_met", "reopened_count", "compensation", "updated_at")
    for month in ("2024-04", "2024-05"):
        assert shown(months[month].head(1), *outcome) == [[None] * 5]
    assert shown(months["2024-06"].head(1), *outcome[1:4]) == [[False, 2, 50_000]]
    assert months["2024-05"]["first_response_at"].notna().tolist() == [True, False]
    assert shown(months["2024-04"], "sla_due_at") == [[None]]
    booked = result.quality[result.quality["table"] == "tickets"].set_index("month")["read"].to_dict()
    assert {month: rows for month, rows in booked.items() if rows} == {"2024-04": 1, "2024-05": 1, "2024-06": 1}


def test_refunds_and_returns_that_were_still_to_come_are_not_known(tmp_path: Path) -> None:
    result = pulled(drops(tmp_path, orders=ORDERS), "2024-06")
    may = read_snapshot(result.snapshots["orders"]["2024-05"])
    assert shown(may, "order_id", "status", "refund_amount") == [
        ["O1", "completed", None],
        ["O2", "returned", 200_000],
        ["O3", "completed", 150_000],
        ["O4", "cancelled", 300_000],
        ["O5", "completed", None],
    ]
    assert may["refunded_at"].notna().tolist() == [False, True, False, True, False]
    assert may["delivered_at"].notna().tolist() == [True, False, False, False, False]
    assert may["updated_at"].isna().all()


def test_refunds_stand_in_the_month_of_their_own_date_and_cancelled_orders_have_none(tmp_path: Path) -> None:
    result = pulled(drops(tmp_path, orders=ORDERS), "2024-06", first="2024-05")
    refunds = {month: shown(read_snapshot(snapshot), "refund_id", "amount") for month, snapshot in result.snapshots["refunds"].items()}
    assert refunds == {
        "2024-05": [["O2#refund", 200_000], ["O3#refund", 150_000], ["O5#credit", 125_000]],
        "2024-06": [["O1#refund", 600_000], ["O6#refund", 40_000]],  # O6 was ordered before the months that were asked for
    }
    assert "orders.refund_amount.cancelled" in rules(result)
    assert "2024-02" not in result.snapshots["orders"]


def test_configured_refunds_are_united_with_those_of_orders_and_double_counting_is_told(tmp_path: Path) -> None:
    own = [
        {"refund_id": "R1", "customer_id": "C1", "refunded_at": at("2024-05-09 09:00"), "amount": "3", "order_id": name} for name in ["O3"]
    ]
    result = pulled(drops(tmp_path, orders=ORDERS, refunds=own), "2024-06")
    assert read_snapshot(result.snapshots["refunds"]["2024-05"])["refund_id"].tolist() == ["O2#refund", "O3#refund", "O5#credit", "R1"]
    assert "refunds.order_id.twice" in rules(result)


def test_reading_further_changes_no_earlier_month(tmp_path: Path) -> None:
    config = drops(tmp_path, tickets=TICKETS, orders=ORDERS)
    short, long = digests(pulled(config, "2024-05")), digests(pulled(config, "2024-07"))
    for table, months in short.items():
        assert {month: long[table][month] for month in months} == months, table


def test_reading_only_the_newest_months_gives_the_same_months(tmp_path: Path) -> None:
    config = drops(tmp_path, tickets=TICKETS, orders=ORDERS)
    late, all_months = digests(pulled(config, "2024-07", first="2024-05")), digests(pulled(config, "2024-07"))
    for table in ("orders", "refunds"):
        assert {month: all_months[table][month] for month in late[table]} == late[table]


@hypothesis_settings(max_examples=80, deadline=None)
@given(
    later=st.lists(st.datetimes(datetime(2024, 6, 1), datetime(2025, 1, 1)), min_size=2, max_size=2),
    other=st.lists(st.datetimes(datetime(2024, 6, 1), datetime(2025, 1, 1)), min_size=2, max_size=2),
)
def test_what_happens_after_a_months_end_never_shows(later: list[datetime], other: list[datetime]) -> None:
    end = Month(2024, 5).end("UTC")

    def known(moments: list[datetime]) -> pd.DataFrame:
        frame = pd.DataFrame(
            {
                "order_id": ["O1"],
                "customer_id": ["C1"],
                "ordered_at": [datetime(2024, 5, 3, tzinfo=UTC)],
                "amount": pd.array([10], dtype="Int64"),
                "status": ["returned"],
                "refund_amount": pd.array([moments[0].day], dtype="Int64"),
                "refunded_at": pd.to_datetime([moments[0]], utc=True).astype("datetime64[us, UTC]"),
                "updated_at": pd.to_datetime([moments[1]], utc=True).astype("datetime64[us, UTC]"),
            }
        )
        return mask_later(frame, TABLES["orders"], end)

    pd.testing.assert_frame_equal(known(later), known(other))


def test_refunds_sum_to_what_was_given_back() -> None:
    orders = pd.DataFrame(
        {
            "order_id": ["a", "b", "c"],
            "customer_id": ["x", None, "y"],
            "ordered_at": pd.to_datetime(["2024-05-01"] * 3, utc=True),
            "amount": pd.array([100, -30, -5], dtype="Int64"),
            "refund_amount": pd.array([40, 2, None], dtype="Int64"),
            "status": ["completed", "completed", "cancelled"],
        }
    )
    found = refunds_of(orders)
    assert found[["refund_id", "amount"]].to_numpy().tolist() == [["a#refund", 40], ["b#refund", 2], ["b#credit", 30]]
