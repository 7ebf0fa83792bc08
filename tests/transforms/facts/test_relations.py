"""Facts beside the grade: what a first day brought, cohorts, channels, categories."""

from __future__ import annotations

from datetime import date

import pandas as pd

from tests.transforms.builders import Company, canonical, folded, orders, refunds
from transforms.facts.groups import channel_facts, line_facts, lines_of_year, of_counted_orders
from transforms.facts.window import customers_of
from transforms.month import Month
from transforms.tables.asof import entries_as_of, mask_later
from transforms.tables.contract import TABLES

JANUARY, MARCH = Month(2024, 1), Month(2024, 3)
SOLD = orders(
    ("a", "2024-01-05 09:00", 10),
    ("a", "2024-01-05 18:00", 5),
    ("a", "2024-01-20", 7),
    ("a", "2024-03-01", 100),
    ("b", "2024-02-02", 3),
    ("b", "2024-02-02", 4, "cancelled"),
)


def test_the_first_day_is_remembered_with_all_its_orders_and_nothing_later():
    found = customers_of(folded(JANUARY, MARCH, SOLD)).set_index("customer_id")
    assert found["first_day_gross"].to_dict() == {"a": 150_000, "b": 30_000}


def test_the_second_day_may_lie_in_the_month_of_the_first_or_in_a_later_one():
    sold = orders(
        ("a", "2024-01-05", 10), ("a", "2024-01-20", 7), ("b", "2024-01-02", 3), ("b", "2024-03-02 09:00", 4), ("b", "2024-03-02", 5)
    )
    found = customers_of(folded(JANUARY, MARCH, sold)).set_index("customer_id")
    assert found["second_day_gross"].to_dict() == {"a": 70_000, "b": 90_000}
    assert [str(pd.Timestamp(day, unit="D").date()) for day in found["second_day"]] == ["2024-01-20", "2024-03-02"]
    once = customers_of(folded(JANUARY, JANUARY, sold)).set_index("customer_id")
    assert once.loc["b", ["second_day", "second_day_gross"]].tolist() == [-1, 0]


def test_a_customer_of_next_month_is_no_customer_of_this_one_and_a_cohort_never_grows():
    company = Company(SOLD, back=refunds(("a", "2024-03-03", 20)))
    triangle = company.inputs(MARCH).cohorts
    by = {(row.cohort, row.month): (row.customers, row.active, row.orders, row.gross, row.refunds) for row in triangle.itertuples()}
    first, second = JANUARY.index, JANUARY.index + 1
    assert by == {
        (first, first): (1, 1, 3, 220_000, 0),
        (first, first + 1): (1, 0, 0, 0, 0),
        (second, second): (1, 1, 1, 30_000, 0),
        (first, first + 2): (1, 1, 1, 1_000_000, 200_000),
        (second, second + 1): (1, 0, 0, 0, 0),
    }


def test_channels_keep_promotions_and_discounts_apart_and_leave_out_what_was_cancelled():
    web = {"customer_id": "a", "ordered_at": "2024-01-02", "channel": "web"}
    rows = canonical(
        "orders",
        [
            {**web, "order_id": "1", "amount": 10, "promo_code": "X", "discount": 2},
            {**web, "order_id": "2", "amount": 20},
            {**web, "order_id": "3", "amount": 20, "status": "cancelled"},
            {"order_id": "4", "ordered_at": "2024-01-04", "amount": 1},
        ],
    )
    found = channel_facts(rows).set_index(["customer_id", "channel"]).T.to_dict()
    zero = {"discount": 0, "promo_orders": 0, "promo_gross": 0, "discounted_orders": 0}
    assert found[("a", "web")] == {
        "orders": 2,
        "gross": 300_000,
        "discount": 20_000,
        "promo_orders": 1,
        "promo_gross": 100_000,
        "discounted_orders": 1,
    }
    assert found[("", "")] == {"orders": 1, "gross": 10_000, **zero}


def test_lines_add_up_by_category_and_know_new_products():
    rows = canonical(
        "order_lines",
        [
            {"order_id": "1", "sku": "old", "customer_id": "a", "quantity": 2, "unit_price": 5, "category": "tea", "cost": 4},
            {"order_id": "1", "sku": "new", "customer_id": "a", "quantity": 1, "unit_price": 9, "category": "tea", "list_price": 10},
            {"order_id": "2", "sku": "old", "customer_id": "b", "quantity": -1, "unit_price": 5, "returned_quantity": 1},
        ],
    ).assign(line_amount=pd.array([100_000, 90_000, -50_000], dtype="Int64"))
    month = line_facts(rows, {"new": MARCH.index - 2})
    assert len(month) == 3, "a row per customer, category and launch"
    found = lines_of_year([month], MARCH.index - 3).set_index(["customer_id", "category"])
    tea = found.loc[("a", "tea")]
    assert tea[["lines", "amount", "list_amount", "cost", "costed_lines", "new_amount", "quantity"]].tolist() == [
        2, 190_000, 100_000, 40_000, 1, 90_000, 3.0,
    ]  # fmt: skip
    assert found.loc[("b", ""), ["amount", "returned_quantity"]].tolist() == [-50_000, 1.0]
    later = lines_of_year([month], MARCH.index - 2).set_index(["customer_id", "category"])
    assert later.loc[("a", "tea"), "new_amount"] == 0, "launched in the last month before the year"
    assert "new_amount" not in lines_of_year([month], None)


def test_lines_of_cancelled_orders_were_not_bought():
    rows = [{"order_id": one, "sku": "s", "quantity": 1, "unit_price": 5} for one in ("1", "2", "3")]
    orders = [
        {"order_id": one, "customer_id": "a", "ordered_at": "2024-03-05", "amount": 5, "status": status}
        for one, status in (("1", "completed"), ("2", "cancelled"))
    ]
    lines = canonical("order_lines", rows)
    assert of_counted_orders(lines, canonical("orders", orders))["order_id"].tolist() == ["1", "3"]
    assert of_counted_orders(lines, canonical("orders", [])) is lines


def test_an_entry_closed_later_is_still_open_and_one_opened_later_does_not_exist():
    done = {"closed_on": date(2024, 4, 1), "status": "done", "outcome": "x"}
    rows = canonical(
        "registers",
        [
            {"register": "action", "entry_id": "1", "opened_on": date(2024, 1, 3), **done},
            {"register": "action", "entry_id": "2", "opened_on": date(2024, 4, 1)},
            {"register": "strategy", "entry_id": "3", "due_on": date(2025, 1, 1)},
        ],
    )
    found = entries_as_of(rows, MARCH)
    assert found["entry_id"].tolist() == ["1", "3"]
    assert found.loc[0, ["closed_on", "status", "outcome"]].isna().all()
    assert entries_as_of(rows, MARCH + 1).loc[0, "outcome"] == "x"


def test_a_quote_that_is_decided_later_is_open_and_an_answer_that_comes_later_has_not_come():
    quote = {"quote_id": "q", "customer_id": "a", "quoted_at": "2024-03-05", "amount": 9}
    decided = {"result": "won", "reason": "price", "decided_at": "2024-04-02"}
    found = mask_later(canonical("quotes", [{**quote, **decided}]), TABLES["quotes"], MARCH.end("Asia/Shanghai")).iloc[0]
    assert found[["decided_at", "result", "reason"]].isna().all()
    contact = {"contact_id": "k", "customer_id": "a", "contacted_at": "2024-03-05", "answered_at": "2024-04-02", "result": "accepted"}
    answered = mask_later(canonical("contacts", [contact]), TABLES["contacts"], MARCH.end("Asia/Shanghai")).iloc[0]
    assert answered[["answered_at", "result"]].isna().all()
