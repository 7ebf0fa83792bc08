"""The club's rows are what a second way of reckoning makes of its raw orders."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from tests.transforms.indicators.by_hand.club import club, members
from tests.transforms.indicators.by_hand.rows import Row, whole_table
from tests.transforms.indicators.by_hand.second_way import Found, figures
from transforms.figures import Reason

ENDS = (date(2021, 3, 31), date(2022, 3, 31), date(2023, 3, 31), date(2024, 3, 31))
CLUB = tuple(row for company, row in whole_table() if company is club and not isinstance(row.value, Reason) and row.n)


@cache
def found() -> dict[tuple[str, str], Found]:
    made, people = members(), club().customers
    assert made.back is not None
    tiers = dict(zip(people["customer_id"].astype(str), people["tier"].astype(str), strict=True))
    return figures(made.sold, made.back.rename(columns={"refunded_at": "ordered_at"}), ENDS, tiers)


@pytest.mark.parametrize("row", CLUB, ids=[f"{row.indicator}-{row.scope_value or row.scope}" for row in CLUB])
def test_a_second_way_comes_to_the_same(row: Row) -> None:
    value, n, lower, upper = found()[row.indicator, row.scope_value]
    assert (value, n) == (pytest.approx(row.value, rel=1e-6), row.n)
    if row.lower is not ...:
        assert (lower, upper) == (pytest.approx(row.lower, rel=1e-6, abs=1e-6), pytest.approx(row.upper, rel=1e-6, abs=1e-6))
