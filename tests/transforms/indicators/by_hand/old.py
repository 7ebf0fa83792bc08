"""A company from spring 2018, whose customers are followed for years."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from tests.transforms.builders import Company, orders
from tests.transforms.indicators.by_hand.companies import BY_MONEY, MARCH
from transforms.inputs import MonthInputs
from transforms.review import MonthReview, no_history, replay_month

OLD = Company(
    orders(
        # bought for 30 days
        ("o1", "2018-05-01", 10),
        ("o1", "2018-05-31", 10),
        # bought for 731 days; its own interval is 10 days
        ("o2", "2018-05-01", 10),
        ("o2", "2018-05-11", 10),
        ("o2", "2018-05-21", 10),
        ("o2", "2020-05-01", 10),
        # still buys: 2191 days, of which the last 365 say nothing yet: followed for 1826
        ("o3", "2018-04-01", 10),
        ("o3", "2018-04-11", 10),
        ("o3", "2018-04-21", 10),
        ("o3", "2024-03-01", 10),
        # followed for 730 - 365
        ("o4", "2022-04-01", 10),
        ("o4", "2022-04-11", 10),
        ("o4", "2022-04-21", 10),
        ("o4", "2024-03-01", 10),
        # buys every 300 days, so that silence is judged after 900: followed for 1551 - 900
        ("o5", "2020-01-01", 10),
        ("o5", "2020-10-27", 10),
        ("o5", "2021-08-23", 10),
        ("o5", "2022-06-19", 10),
        ("o5", "2023-04-15", 10),
        # too new to be judged, and just old enough: followed for no day
        ("o6", "2024-01-01", 10),
        ("o7", "2023-04-01", 10),
    )
)


@cache
def old_inputs() -> MonthInputs:
    return OLD.inputs(MARCH)


@cache
def old() -> MonthReview:
    """Six customers, the first from spring 2018: two are lost, the others are followed for as long as a silence can be judged."""
    return replay_month(old_inputs(), no_history(), BY_MONEY)


def _old(*names: str) -> MonthReview:
    window = old_inputs().window
    alone = window[window["customer_id"].isin(names)].reset_index(drop=True)
    return replay_month(replace(old_inputs(), window=alone), no_history(), BY_MONEY)


@cache
def faithful() -> MonthReview:
    """Those of the old ones who still buy: followed for five years to the day at most."""
    return _old("o3", "o4", "o5", "o6")


@cache
def one_gone() -> MonthReview:
    """One of them who went after 30 days, and one who did not."""
    return _old("o1", "o3")
