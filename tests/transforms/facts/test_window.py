"""Windows carried from month to month agree with adding up all rows anew."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.counts import examples
from tests.transforms.builders import folded, orders, refunds
from transforms.facts.orders import order_facts
from transforms.facts.window import customers_of, empty_window, outside_of, slide
from transforms.month import Month

FIRST, LAST = Month(2022, 1), Month(2024, 6)
DAYS = (LAST.last_day - FIRST.first_day).days


def plainly(sold, back, last):
    """The same window by loops over the rows: the second implementation."""

    def month_of(text):
        return Month.parse(text[:7])

    found = defaultdict(lambda: defaultdict(int))
    days = defaultdict(set)
    for customer, on, amount in sold:
        age = last.index - month_of(on).index
        places = ["total"] + (["month"] if age == 0 else []) + (["12m"] if age < 12 else []) + (["prior"] if 12 <= age < 24 else [])
        for place in places:
            found[customer][f"{place} orders"] += 1
            found[customer][f"{place} gross"] += amount * 10_000
        days[customer].add(date.fromisoformat(on))
    for customer, on, amount in back:
        age = last.index - month_of(on).index
        places = ["total"] + (["month"] if age == 0 else []) + (["12m"] if age < 12 else []) + (["prior"] if 12 <= age < 24 else [])
        for place in places:
            found[customer][f"{place} refunds"] += amount * 10_000
    rows = {}
    for customer in sorted(days):
        seen = sorted(days[customer])
        gaps = [(later - earlier).days for earlier, later in pairwise(seen)]
        rows[customer] = (
            dict(found[customer]),
            seen[0],
            seen[-1],
            sum(last.index - Month(day.year, day.month).index < 12 for day in seen),
            median(gaps) if gaps else None,
        )
    return rows


customer = st.sampled_from(["a", "b", "c", "d", "e"])
day = st.integers(0, DAYS).map(lambda number: (FIRST.first_day + timedelta(days=number)).isoformat())
event = st.tuples(customer, day, st.integers(0, 500))


@pytest.mark.simulated
@examples(8, 100)
@given(st.lists(event, min_size=1, max_size=40), st.lists(event, max_size=10))
def test_the_carried_window_equals_adding_up_all_rows(sold, back):
    window = customers_of(folded(FIRST, LAST, orders(*sold), refunds(*back)))
    plain = plainly(sold, back, LAST)
    assert window["customer_id"].tolist() == list(plain)
    for row in window.to_dict("records"):
        sums, first, last, purchase_days, gap = plain[row["customer_id"]]
        for name in ("orders", "gross", "refunds"):
            assert row[f"month_{name}"] == sums.get(f"month {name}", 0)
            assert row[f"{name}_12m"] == sums.get(f"12m {name}", 0)
            assert row[f"prior_{name}"] == sums.get(f"prior {name}", 0)
            assert row[f"total_{name}"] == sums.get(f"total {name}", 0)
        assert row["first_order_on"].date() == first
        assert row["last_order_on"].date() == last
        assert row["days_12m"] == purchase_days
        assert (None if np.isnan(row["median_gap_days"]) else row["median_gap_days"]) == gap


def test_orders_of_one_day_are_one_purchase_day_and_leave_no_gap():
    window = customers_of(folded(FIRST, FIRST, orders(("a", "2022-01-05 09:00", 1), ("a", "2022-01-05 21:00", 1))))
    assert window["orders_12m"].tolist() == [2]
    assert window["days_12m"].tolist() == [1]
    assert np.isnan(window["median_gap_days"].iloc[0])


def test_what_belongs_to_nobody_in_the_base_stands_beside_it():
    """Orders without a customer, and a refund of somebody who never ordered: the money is not lost."""
    window = folded(FIRST, FIRST, orders((None, "2022-01-05", 7), ("a", "2022-01-06", 5)), refunds(("z", "2022-01-07", 2)))
    assert customers_of(window)["customer_id"].tolist() == ["a"]
    beside = outside_of(window)
    assert beside["month_gross"].tolist() == [70_000]
    assert beside["month_refunds"].tolist() == [20_000]
    assert beside["month_orders"].tolist() == [1]


def test_a_refund_before_the_first_order_is_the_customers_once_there_is_one():
    sold, back = orders(("z", "2022-02-01", 9)), refunds(("z", "2022-01-07", 2))
    window = customers_of(folded(FIRST, FIRST + 1, sold, back))
    assert window["refunds_12m"].tolist() == [20_000]
    assert window["month_refunds"].tolist() == [0]
    assert window["first_order_on"].dt.date.tolist() == [date(2022, 2, 1)]


def test_a_cost_that_begins_to_be_told_is_summed_from_then_on():
    first = order_facts(orders(("a", "2022-01-05", 7)), None, FIRST, "Asia/Shanghai")
    second = order_facts(orders(("a", "2022-02-05", 7)).assign(cost=pd.array([30_000], dtype="Int64")), None, FIRST + 1, "Asia/Shanghai")
    state = slide(slide(empty_window(), FIRST, first, None, None), FIRST + 1, second, None, None).state
    assert state[["month_cost", "cost_12m", "total_cost", "total_costed_orders"]].to_numpy().tolist() == [[30_000, 30_000, 30_000, 1]]


def test_an_empty_company_has_an_empty_window():
    window = folded(FIRST, FIRST + 1, orders(), refunds())
    assert customers_of(window).empty
    assert outside_of(window)["month_orders"].tolist() == [0]
