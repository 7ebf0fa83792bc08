"""The cohort triangle: months to come stay empty, and large cohorts weigh more in the average."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.month import Month
from transforms.statistics.triangle import triangle

MARCH = Month(2024, 3)


def facts(*rows):
    """Rows of (cohort, month, customers, active)."""
    listed = [(Month.parse(cohort).index, Month.parse(month).index, customers, active) for cohort, month, customers, active in rows]
    return pd.DataFrame(listed, columns=["cohort", "month", "customers", "active"]).astype("int64")


SMALL = facts(
    ("2024-01", "2024-01", 30, 30),
    ("2024-01", "2024-02", 30, 12),
    ("2024-01", "2024-03", 30, 6),
    ("2024-02", "2024-02", 10, 10),
    ("2024-02", "2024-03", 10, 1),
    ("2024-03", "2024-03", 5, 5),
)


def test_what_is_still_to_come_is_empty_and_not_zero():
    found = triangle(SMALL, MARCH, ages=3)
    assert [(str(row.month), row.customers) for row in found.cohorts] == [("2024-01", 30), ("2024-02", 10), ("2024-03", 5)]
    assert [row.shares for row in found.cohorts] == [(0.4, 0.2, None), (0.1, None, None), (None, None, None)]


def test_the_average_weighs_cohorts_by_their_customers():
    found = triangle(SMALL, MARCH, ages=3)
    assert found.average == (pytest.approx(13 / 40), 0.2, None)
    assert found.behind == (40, 30, 0)


def test_a_month_of_the_past_does_not_see_what_came_later():
    assert triangle(SMALL, Month(2024, 2), ages=2).cohorts[0].shares == (0.4, None)


def test_old_cohorts_leave_the_table_but_stay_in_the_average():
    found = triangle(SMALL, MARCH, cohorts=1, ages=2)
    assert [str(row.month) for row in found.cohorts] == ["2024-03"]
    assert found.average[0] == pytest.approx(13 / 40)


def test_nobody_makes_an_empty_triangle():
    found = triangle(facts(), MARCH, ages=2)
    assert (found.cohorts, found.average, found.behind) == ((), (None, None), (0, 0))


@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(1, 50), st.integers(0, 50)), max_size=20, unique_by=lambda row: row[:2]
    )
)
def test_the_average_agrees_with_adding_up_by_hand(rows):
    start = Month(2023, 8).index
    listed = [(start + cohort, start + cohort + age, customers, min(active, customers)) for cohort, age, customers, active in rows]
    frame = pd.DataFrame(listed, columns=["cohort", "month", "customers", "active"]).astype("int64")
    found = triangle(frame, MARCH, ages=8)
    for age in range(1, 9):
        seen = [row for row in listed if row[1] - row[0] == age and row[1] <= MARCH.index]
        total = sum(row[2] for row in seen)
        assert found.average[age - 1] == (pytest.approx(sum(row[3] for row in seen) / total) if total else None)
