"""The companies that the table is worked out of. Every number in them was chosen so that a person can reckon with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from tests.transforms.builders import Company, orders, refunds
from transforms.month import Month
from transforms.policy.rules import Policy, Reference, Weights, builtin
from transforms.review import History, MonthReview, no_history, review_month

MARCH = Month(2024, 3)
"""The month that is reviewed: its twelve months begin on 2023-04-01, the twelve before them on 2022-04-01."""


def evenly(top: float) -> tuple[float, ...]:
    """A frozen distribution in which a value's rank is 100 x value / top."""
    return tuple(top * step / 1000 for step in range(1001))


EVEN = {
    "tenure_months": evenly(100),
    "recency_days": evenly(1000),
    "orders_per_month": evenly(10),
    "annual_net": evenly(1000),
    "net_12m": evenly(1000),
    "historic_net": evenly(1000),
}
"""Ranks by rule of three: 80 months with us rank 80, 250 days of silence 25, 3 orders a month 30, a net of 640 ranks 64."""

BY_MONEY = replace(builtin(), weights=Weights(0.0, 0.0, 1.0), reference=Reference("2024-03", 100, EVEN))
"""The score is the yearly net / 10: A from 700 a year, B from 400, C below, by the cuts 70 and 40."""


def reviewed(company: Company, month: Month = MARCH, policy: Policy = BY_MONEY, history: History | None = None) -> MonthReview:
    """The review of one month."""
    return review_month(company.inputs(month), history or no_history(), policy)


def remembered(review: MonthReview, **more: Any) -> History:
    """What the next month knows of a review."""
    return History(review.customers, review.figures.assign(month=str(review.month)), **more)


SOLD = orders(
    # A: 800 in the twelve months, 500 in the twelve before
    ("a1", "2022-06-10", 500),
    ("a1", "2023-06-10", 400),
    ("a1", "2024-03-05", 400),
    # A: 900 - 100; silent for exactly 180 days (2023-10-03 to 2024-03-31)
    ("a2", "2022-12-01", 300),
    ("a2", "2023-10-03", 900),
    # B: 500; silent for 179 days
    ("b1", "2023-02-01", 200),
    ("b1", "2023-10-04", 500),
    # B: won in July, 375 in nine months are 500 a year; the last order one minute before the month's end, a cancelled one does not count
    ("b2", "2023-07-01", 300),
    ("b2", "2024-03-31 23:59", 75),
    ("b2", "2024-03-20", 999, "cancelled"),
    # C: left; lost since 2023-05-16
    ("c1", "2022-05-15", 600),
    # C: lost in March: 356 days of silence at the end of February, 387 now
    ("c2", "2023-01-10", 80),
    ("c2", "2023-03-10", 120),
    # C: came back in March after two years
    ("c3", "2022-03-01", 90),
    ("c3", "2024-03-15", 150),
    # C: 400 - 50 before, 100 - 30 now
    ("c4", "2022-07-01", 400),
    ("c4", "2023-05-01", 100),
    # unrated: new in March
    ("u1", "2024-03-01", 60),
    ("u1", "2024-03-20", 40),
    # nobody's: one order in March, one in August
    (None, "2024-03-08", 45),
    (None, "2023-08-01", 200),
)
BACK = refunds(
    ("a2", "2024-03-10", 100),
    ("c4", "2022-08-01", 50),
    ("c4", "2023-06-01", 30),
    (None, "2024-03-09", 5),
)
PEOPLE: tuple[Mapping[str, Any], ...] = ()


@cache
def shop() -> MonthReview:
    """Nine customers: two of A, two of B, four of C and a new one; and money that belongs to nobody."""
    return reviewed(Company(SOLD, BACK, customers=PEOPLE))
