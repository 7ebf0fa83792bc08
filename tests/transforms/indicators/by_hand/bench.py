"""The standard: eleven customers, reviewed in January, February and March."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import pandas as pd

from tests.transforms.builders import Company, canonical, orders, refunds
from tests.transforms.indicators.by_hand.companies import BY_MONEY, MARCH, remembered
from transforms.inputs import MonthInputs
from transforms.month import Month, months
from transforms.policy.rules import Policy, Weights
from transforms.review import MonthReview, no_history, replay_month

BENCH = Company(
    first=Month(2022, 4),
    sold=orders(
        *((f"k{number:02}", "2022-06-10", 1) for number in range(1, 11)),
        ("k01", "2023-05-10", 720),
        ("k02", "2023-05-10", 800),
        ("k03", "2023-05-10", 600),
        ("k03", "2024-03-05", 110),
        ("k04", "2023-05-10", 721),
        ("k05", "2023-05-10", 500),
        ("k06", "2023-05-10", 380),
        ("k07", "2023-05-10", 379),
        ("k08", "2023-05-10", 500),
        ("k09", "2023-05-10", 100),
        ("k10", "2023-05-10", 300),
        ("k10", "2024-02-10", 200),
        ("k11", "2024-02-20", 90),
    ),
    back=refunds(("k02", "2024-03-10", 110), ("k10", "2024-03-10", 110)),
    registers=canonical(
        "registers",
        [
            {"register": "override", "entry_id": entry, "customer_id": name, "field_value": grade, "author": "Mo", "reason": "known"}
            | {"opened_on": "2024-03-01", "due_on": until}
            for entry, name, grade, until in (
                ("1", "k05", "A", "2024-03-31"),  # its last day is the month's
                ("2", "k06", "A", "2024-03-30"),  # it ended the day before
                ("3", "k09", "A", "2024-12-31"),  # two at once: neither counts
                ("4", "k09", "B", "2024-12-31"),
            )
        ],
    ),
)
A_YEAR_AGO = pd.DataFrame(
    {
        "customer_id": [f"k{number:02}" for number in range(1, 11)],
        "score": [90.0, 80, 85, 60, 50, 30, 45, 20, 10, 30],
        "grade": ["A", "A", "A", "B", "B", "C", "B", "C", "C", "C"],
    }
).astype({"customer_id": "str", "grade": "str"})


@cache
def bench_inputs() -> Mapping[Month, MonthInputs]:
    return {month: BENCH.inputs(month) for month in months(MARCH - 2, MARCH)}


@cache
def bench_in_february() -> MonthReview:
    january, february, _ = bench_inputs().values()
    return replay_month(february, remembered(replay_month(january, no_history(), BY_MONEY)), BY_MONEY)


def _bench(then: pd.DataFrame, policy: Policy = BY_MONEY) -> MonthReview:
    return replay_month(bench_inputs()[MARCH], remembered(bench_in_february(), year_ago=then), policy)


@cache
def bench() -> MonthReview:
    """Ten customers whose score and grade of a year ago are known, and a new one."""
    return _bench(A_YEAR_AGO)


@cache
def bench_of_nine() -> MonthReview:
    """The same, but a year ago only nine were scored."""
    return _bench(A_YEAR_AGO.iloc[:9])


@cache
def bench_agreed() -> MonthReview:
    """The same, but a year ago the scores stood in the order of what came."""
    return _bench(A_YEAR_AGO.assign(score=[72.0, 69, 71, 72.1, 50, 38, 37.9, 50, 10, 39]))


@cache
def bench_turned() -> MonthReview:
    """The same, but a year ago all had one score, and grades A and C stood the other way round."""
    return _bench(A_YEAR_AGO.assign(score=50.0, grade=A_YEAR_AGO["grade"].map({"A": "C", "B": "B", "C": "A"}).astype("str")))


@cache
def bench_of_two_inputs() -> MonthReview:
    """A standard of amount and of time with us alone; a year ago two customers had the grades A and B, who brought the same since."""
    two = A_YEAR_AGO[A_YEAR_AGO["customer_id"].isin(["k05", "k08"])].assign(grade=pd.Series(["A", "B"], index=[4, 7], dtype="str"))
    return _bench(two, replace(BY_MONEY, weights=Weights(0.5, 0.0, 0.5)))


@cache
def bench_without_amount() -> MonthReview:
    """A standard that asks for no money; a year ago only one grade was given."""
    return _bench(A_YEAR_AGO.iloc[:1], replace(BY_MONEY, weights=Weights(0.5, 0.5, 0.0)))
