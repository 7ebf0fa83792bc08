"""Habits of buying: seasons, the trend of baskets, intervals in bands, and how steady a group's months are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.builders import ZONE, Company, canonical, of_month, orders, refunds
from transforms.classes.profile import gap_band
from transforms.facts.baskets import basket_facts, basket_slopes
from transforms.facts.monthly import monthly_facts, season_start, spread_of_months
from transforms.facts.orders import order_facts
from transforms.money import UNITS
from transforms.month import Month, months
from transforms.policy.rules import builtin
from transforms.review import no_history, review_month

DECEMBER = Month(2024, 12)


def spread(months_of: list[int], year: int, who: str = "a"):
    return [(who, f"{year}-{month:02}-10", 10) for month in months_of]


def season(*rows, month=DECEMBER):
    sold = orders(*rows)
    facts = {month.index - one.index: order_facts(of_month(sold, "ordered_at", one), None, one, ZONE) for one in months(month - 23, month)}
    return season_start(monthly_facts(pd.Series(["a", "b"], dtype="str"), facts), 2, month).tolist()


@pytest.mark.parametrize(
    ("first", "second", "start"),
    [
        ([3, 4, 5, 9], [3, 3, 4, 10], 3),  # three of four in March to May, both years
        ([3, 4, 5, 9], [3, 3, 9, 10], None),  # two of four in the second year
        ([11, 12, 1, 1], [11, 12, 12, 1], 11),  # a season may lie over the turn of the year
        ([3, 4, 5], [3, 4, 5, 5], None),  # three orders in a year say too little
        ([6, 6, 6, 6], [7, 7, 7, 7], 5),  # June and July: the first stretch that holds both
    ],
)
def test_a_season_needs_two_years_of_three_quarters_in_the_same_three_months(first: list[int], second: list[int], start: int | None):
    found = season(*spread(first, 2023), *spread(second, 2024), ("b", "2024-05-01", 1))
    assert np.isnan(found[1]) and (np.isnan(found[0]) if start is None else found[0] == start)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 23), st.integers(0, 1)), max_size=30), st.integers(1, 12))
def test_seasons_are_those_of_a_plain_second_version(bought: list[tuple[int, int]], number: int):
    month = Month(2024, number)
    monthly = pd.DataFrame(
        [{"row": who, "back": back, "orders": 1, "net": 0} for back, who in bought], columns=["row", "back", "orders", "net"]
    )
    found = season_start(monthly.astype("int64"), 2, month)
    for who in (0, 1):
        years = [[(month - back).number for back, one in bought if one == who and back // 12 == year] for year in (0, 1)]
        best, start = 0.0, None
        if min(map(len, years)) >= 4:
            for first in range(1, 13):
                wanted = {(first - 1 + ahead) % 12 + 1 for ahead in range(3)}
                share = min(sum(one in wanted for one in year) / len(year) for year in years)
                if share > best:
                    best, start = share, first
        assert np.isnan(found[who]) if best < 0.75 else found[who] == start


def slopes(*rows):
    sold = orders(*rows)
    return basket_slopes(
        pd.Series(["a", "b"], dtype="str"), [basket_facts(of_month(sold, "ordered_at", one)) for one in months(DECEMBER - 11, DECEMBER)]
    )


def test_baskets_that_grow_by_ten_a_time_around_sixty_have_a_slope_of_a_sixth():
    """The last six of seven: 35, 45, ... 85, mean 60; the cancelled one and the customer of five orders do not count."""
    rows = [("a", f"2024-{month:02}-10", amount) for month, amount in zip(range(1, 8), (999, 35, 45, 55, 65, 75, 85), strict=True)]
    five = [("b", f"2024-{month:02}-10", 10) for month in range(1, 6)]
    found = slopes(*rows, *five, ("b", "2024-09-01", 10, "cancelled"))
    assert found[0] == pytest.approx(10 / 60) and np.isnan(found[1])


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(1, 28), st.integers(1, 500)), min_size=6, max_size=15, unique_by=lambda one: one[:2])
)
def test_the_slope_is_that_of_a_fitted_line(bought: list[tuple[int, int, int]]):
    found = slopes(*(("a", f"2024-{month:02}-{day:02}", amount) for month, day, amount in bought))[0]
    last = np.array([amount for *_, amount in sorted(bought)[-6:]], dtype=float)
    assert found == pytest.approx(np.polyfit(np.arange(6), last, 1)[0] / last.mean(), abs=1e-9)


def test_the_spread_of_months_is_that_of_the_customers_taken_together():
    """a and b turn about, so that together every month brings 10, and one refund makes the last one 4."""
    sold = orders(*(("ab"[month % 2], f"2024-{month:02}-10", 10) for month in range(1, 13)))
    monthly = Company(sold, refunds(("a", "2024-12-20", 6)), models=True).inputs(DECEMBER).monthly
    together = spread_of_months(monthly, np.array([True, True]))
    nets = np.array([10.0] * 11 + [4.0])
    assert together == pytest.approx(nets.std() / nets.mean())
    assert spread_of_months(monthly, np.array([False, True])) == pytest.approx(1.0)  # every other month nothing
    assert monthly["net"].sum() == 114 * UNITS
    assert spread_of_months(monthly, np.array([False, False])) is None


def test_intervals_have_bands_and_a_single_purchase_day_its_own():
    words = ["to 7 days", "8-30 days", "8-30 days", "31-90 days", "over 180 days", "one purchase day"]
    assert gap_band(np.array([7.5, 8.0, 30.0, 31.0, 181.0, np.nan])).tolist() == words


def test_a_review_tells_each_customers_habits_and_how_many_quotes_an_order_takes():
    """Interval, its spread, channel, category, basket and season of one customer; six orders to three quotes."""
    sold = [
        {"order_id": f"o{month}", "customer_id": "a", "ordered_at": f"2024-{month:02}-10", "amount": 10 * month} for month in range(7, 13)
    ]
    lines = [
        {"order_id": "o7", "sku": "x", "customer_id": "a", "ordered_at": "2024-07-10", "quantity": 1, "unit_price": 70, "category": "tea"}
    ]
    made = Company(
        canonical("orders", [{**row, "channel": "web"} for row in sold]),
        lines=canonical("order_lines", lines).assign(line_amount=pd.Series([70 * UNITS], dtype="Int64")),
        quotes=canonical("quotes", [{"quote_id": str(n), "customer_id": "a", "quoted_at": "2024-08-01", "amount": 5} for n in range(3)]),
        channels=True,
        models=True,
    )
    review = review_month(made.inputs(DECEMBER), no_history(), builtin())
    row = review.customers.iloc[0]
    gaps = np.array([31, 31, 30, 31, 30])
    assert (row["median_gap_days"], row["gap_spread"], row["gap_band"]) == (31, pytest.approx(gaps.std() / gaps.mean()), "31-90 days")
    assert (row["main_channel"], row["main_category"]) == ("web", "tea")
    assert row["basket_slope"] == pytest.approx(10 / 95) and np.isnan(row["season_start"])  # no two years: no season is claimed
    figures = review.figures.set_index(["scope", "indicator"])["value"]
    assert figures["company", "orders_per_opening"] == 2
