"""One month of orders as one row per customer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.transforms.builders import ZONE, canonical, orders, refunds
from transforms.facts.orders import first_day, last_day, order_facts
from transforms.month import Month

MARCH = Month(2024, 3)


def test_a_customers_month_is_orders_gross_refunds_and_purchase_days():
    sold = orders(("b", "2024-03-01 00:00", 10), ("b", "2024-03-31 23:59", 5), ("a", "2024-03-10 12:00", "2.50"))
    facts = order_facts(sold, refunds(("b", "2024-03-20", 4)), MARCH, ZONE)
    assert facts.to_dict("list") == {
        "customer_id": ["a", "b"],
        "orders": [1, 2],
        "gross": [25_000, 150_000],
        "refunds": [0, 40_000],
        "purchase_days": [1 << 9, (1 << 0) | (1 << 30)],
        "first_day_gross": [25_000, 100_000],
        "second_day_gross": [0, 50_000],
    }


def test_cancelled_and_negative_orders_are_no_orders_and_open_and_returned_ones_are():
    sold = orders(
        ("a", "2024-03-01", 10, "cancelled"),
        ("a", "2024-03-02", -10, "completed"),
        ("a", "2024-03-03", 7, "open"),
        ("a", "2024-03-04", 8, "returned"),
        ("a", "2024-03-05", 9, None),
        ("a", "2024-03-06", 0, "completed"),
    )
    facts = order_facts(sold, None, MARCH, ZONE)
    assert facts["orders"].tolist() == [4]
    assert facts["gross"].tolist() == [240_000]


def test_a_refund_column_of_an_order_is_not_looked_at():
    sold = canonical("orders", [{"order_id": "1", "customer_id": "a", "ordered_at": "2024-03-01", "amount": 10, "refund_amount": 10}])
    assert order_facts(sold, None, MARCH, ZONE)["refunds"].tolist() == [0]


def test_rows_without_a_customer_are_kept_apart_under_the_empty_id():
    facts = order_facts(orders((None, "2024-03-01", 10), ("a", "2024-03-01", 1)), refunds((None, "2024-03-02", 3)), MARCH, ZONE)
    assert facts["customer_id"].tolist() == ["", "a"]
    assert facts["gross"].tolist() == [100_000, 10_000]
    assert facts["refunds"].tolist() == [30_000, 0]


def test_days_are_local_days():
    """2024-03-01 00:30 in Shanghai is still February in UTC."""
    facts = order_facts(orders(("a", "2024-03-01 00:30", 1)), None, MARCH, ZONE)
    assert facts["purchase_days"].tolist() == [1]


def test_a_row_of_another_month_is_refused():
    with pytest.raises(ValueError, match="orders 2024-03: 1 of 1 rows are dated outside the month"):
        order_facts(orders(("a", "2024-04-01 00:00", 1)), None, MARCH, ZONE)
    with pytest.raises(ValueError, match="refunds 2024-03"):
        order_facts(None, refunds(("a", "2024-02-29 23:59", 1)), MARCH, ZONE)


def test_a_month_without_rows_has_no_facts():
    facts = order_facts(None, None, MARCH, ZONE)
    assert facts.empty
    assert list(facts.columns) == ["customer_id", "orders", "gross", "refunds", "purchase_days", "first_day_gross", "second_day_gross"]


def test_cost_and_discount_are_there_only_where_an_order_tells_them():
    rows = [
        {"order_id": "1", "customer_id": "a", "ordered_at": "2024-03-01", "amount": 10, "cost": 6},
        {"order_id": "2", "customer_id": "a", "ordered_at": "2024-03-02", "amount": 10},
    ]
    facts = order_facts(canonical("orders", rows), None, MARCH, ZONE)
    assert facts["cost"].tolist() == [60_000]
    assert facts["costed_orders"].tolist() == [1]
    assert "discount" not in facts


def test_first_and_last_day_are_read_from_the_bits():
    masks = np.array([0, 1, 1 << 30, (1 << 4) | (1 << 20), (1 << 31) - 1], dtype=np.int64)
    assert first_day(masks).tolist() == [0, 1, 31, 5, 1]
    assert last_day(masks).tolist() == [0, 1, 31, 21, 31]


def test_an_order_whose_discount_is_not_known_is_not_counted_as_discounted():
    sold = orders(("a", "2024-03-01", 10), ("a", "2024-03-02", 10), ("a", "2024-03-03", 10))
    facts = order_facts(sold.assign(discount=pd.array([20_000, 0, None], dtype="Int64")), None, MARCH, ZONE)
    assert facts["discounted_orders"].tolist() == [1]
    assert facts["discount"].tolist() == [20_000]
