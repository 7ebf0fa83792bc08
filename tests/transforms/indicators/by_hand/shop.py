"""The shop: twelve customers, and money that belongs to nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd

from tests.transforms.builders import Company, canonical, orders, refunds
from tests.transforms.indicators.by_hand.companies import BY_MONEY, FIRST, MARCH, answered, judged, remembered, reviewed, surveys, told
from transforms.classes.value import with_p_alive
from transforms.indicators.comparable import Comparability
from transforms.indicators.summary import scopes, summarise
from transforms.inputs import MonthInputs
from transforms.money import to_units
from transforms.month import Month
from transforms.review import MonthReview, no_history, replay_month

SOLD = orders(
    # A: 800 in the twelve months, on two days; 500 in the twelve before
    ("a1", "2022-06-10", 500),
    ("a1", "2023-06-10 10:00", 300),
    ("a1", "2023-06-10 18:00", 100),
    ("a1", "2024-03-05 10:00", 250),
    ("a1", "2024-03-05 18:00", 150),
    # A: 900 - 100 now, 1000 before; silent for exactly 180 days
    ("a2", "2022-12-01", 1000),
    ("a2", "2023-10-03", 900),
    # B: 500 now, 200 before; silent for 179 days; the contract ends with the month
    ("b1", "2023-02-01", 200),
    ("b1", "2023-10-04", 500),
    # B: won in July, so that 375 in nine months are 500 a year; the last order a minute before the month's end
    ("b2", "2023-07-01", 300),
    ("b2", "2024-03-31 23:59", 75),
    ("b2", "2024-03-20", 999, "cancelled"),
    # C: left, lost since May 2023; 60 were given back since
    ("c1", "2022-05-15 10:00", 350),
    ("c1", "2022-05-15 18:00", 250),
    # C: lost in March: 356 days of silence at the end of February, 387 now
    ("c2", "2023-01-10", 80),
    ("c2", "2023-03-10", 120),
    # C: was lost, came back in March, with two orders on one day
    ("c3", "2022-03-01", 90),
    ("c3", "2024-03-15 10:00", 100),
    ("c3", "2024-03-15 18:00", 50),
    # C: 400 - 50 before, 100 - 30 now; silent for 335 days
    ("c4", "2022-07-01", 400),
    ("c4", "2023-05-01", 100),
    # C: silent for 467 days but not lost, as three own intervals of 183 days are longer
    ("c5", "2022-06-20", 30),
    ("c5", "2022-12-20", 20),
    # C: first order three months and a half ago, just old enough for a grade; last month's review did not know of it
    ("c6", "2023-12-15", 10),
    # unrated: new in March
    ("u1", "2024-03-01", 60),
    ("u1", "2024-03-20", 40),
    # unrated: an employee
    ("e1", "2023-11-10", 40),
    # nobody's: one order in March, one in August
    (None, "2024-03-08", 45),
    (None, "2023-08-01", 200),
    # no order of March any more
    ("a1", "2024-04-01 00:00", 7000),
)
BACK = refunds(
    ("a2", "2024-03-10", 100),
    ("c1", "2023-04-10", 60),
    ("c4", "2022-08-01", 50),
    ("c4", "2023-06-01", 30),
    (None, "2024-03-09", 5),
)
PEOPLE: tuple[Mapping[str, Any], ...] = (
    # 8 of the 8 fields of a complete file, then 3, 2, 3, 2, 1, 1, 4, (c5 has no line), 2, 2, 2
    {"customer_id": "a1", "role": "dealer", "industry": "steel", "region": "north", "source_channel": "fair", "kind": "company"}
    | {"name": "A", "account_manager": "Mo", "preferred_channel": "phone"},
    {"customer_id": "a2", "role": "consumer", "region": "north", "source_channel": "web"},
    {"customer_id": "b1", "role": "consumer", "source_channel": "fair", "contract_end": "2024-03-31"},
    {"customer_id": "b2", "industry": "steel", "region": "south", "source_channel": "web"},
    {"customer_id": "c1", "role": "consumer", "region": "west"},
    {"customer_id": "c2", "region": "east"},
    {"customer_id": "c3", "source_channel": "web"},
    {"customer_id": "c4", "role": "dealer", "industry": "food", "region": "south", "source_channel": "fair"},
    {"customer_id": "c6", "role": "consumer", "source_channel": "web"},
    {"customer_id": "u1", "kind": "person", "source_channel": "web"},
    {"customer_id": "e1", "role": "employee", "region": "north"},
    # never bought: known since the month's last day, for long, since nobody knows when, and only in April
    {"customer_id": "p1", "first_seen": "2024-03-31"},
    {"customer_id": "p2"},
    {"customer_id": "p4", "first_seen": "2023-01-01"},
    {"customer_id": "p3", "first_seen": "2024-04-01"},
)
ASKED = surveys(
    answered(
        ("a1", "2024-03-02", "csat", 5),
        ("a1", "2024-03-06", "csat", 4),
        ("b2", "2024-03-03", "csat", 3),
        ("c3", "2024-03-16", "csat", 2),
        ("c4", "2024-03-17", "csat", 5),
        (None, "2024-03-17", "csat", 1),
        ("e1", "2023-12-05", "csat", 4),
        ("a2", "2024-03-04", "acsi", 10),
        ("a1", "2024-03-02", "nps", 6),  # the later answer counts
        ("a1", "2024-03-06", "nps", 9),
        ("a2", "2024-03-04", "nps", 6),
        ("b1", "2024-03-05", "nps", 9.5),  # no whole number: no answer to the question
        ("b2", "2024-03-03", "nps", 8),
        ("c3", "2024-03-16", "nps", 6),
        ("c4", "2024-03-16", "nps", 7),
        (None, "2024-03-17", "nps", 0),
        (None, "2024-03-17", "nps", 9),
        (None, "2024-03-18", "nps", 11),  # more than there is
        ("c1", "2023-11-05", "nps", 2),
        ("b2", "2024-03-03", "ces", 7),
        ("c4", "2024-03-16", "ces", 4),
    ),
    answered(("c4", "2024-03-16", "csat", 10), scale_min=1, scale_max=10),
    answered(("c6", "2024-03-16", "nps", 5), scale_min=0, scale_max=5),
    judged("j1", "a1", ("reliability", "r1", 6, 7), ("reliability", "r2", 5, 7), ("empathy", "e1", 7, 5)),
    judged("j2", "b2", ("reliability", "r1", 4, 4), ("empathy", "e1", 6, 5)),
    judged("j3", "a2", ("tangibles", "t1", 5, 5), ("tangibles", "t2", 4, 5), ("tangibles", "t3", 3, 5)),
    judged("j4", "c3", ("tangibles", "t1", 7, 4)),
)
QUOTED = canonical(
    "quotes",
    [
        {"quote_id": f"q{number}", "customer_id": customer, "quoted_at": day, "amount": 10}
        for number, (customer, day) in enumerate(
            (("a1", "2023-04-01"), ("a1", "2024-02-01"), ("b1", "2023-09-01"), ("p1", "2023-12-01"), ("c4", "2023-03-31"))
        )
    ],
)
CAMPAIGNS = canonical(
    "campaigns",
    [
        {"campaign_id": "1", "starts_on": "2023-04-01", "source_channel": "web", "amount": 350},
        {"campaign_id": "2", "starts_on": "2023-06-01", "source_channel": "web", "amount": 250},
        {"campaign_id": "3", "starts_on": "2023-03-31", "source_channel": "web", "amount": 999},
        {"campaign_id": "4", "starts_on": "2023-06-01", "source_channel": "fair", "amount": 70},
        {"campaign_id": "6", "starts_on": "2023-06-01", "amount": 999},
        {"campaign_id": "5", "starts_on": "2023-06-01", "source_channel": "web"},
    ],
)
NAMED = canonical(
    "registers",
    [
        {"register": "strategic", "entry_id": "1", "customer_id": "c4", "author": "Mo"},
        {"register": "strategic", "entry_id": "2", "customer_id": "c5"},
    ],
)


@cache
def february() -> MonthReview:
    """The shop a month before: a1 and c1 were two records each, and the order of c6 had not come in."""
    once = SOLD["customer_id"].mask((SOLD["customer_id"] == "a1") & (SOLD["amount"] == to_units(100)), "a9")
    once = once.mask((once == "c1") & (SOLD["amount"] == to_units(250)), "c9")
    return reviewed(Company(SOLD.assign(customer_id=once)[SOLD["customer_id"] != "c6"], BACK, first=FIRST), MARCH - 1)


SHOP = Company(
    *(SOLD, BACK),
    first=FIRST,
    customers=PEOPLE,
    surveys=ASKED,
    quotes=QUOTED,
    campaigns=CAMPAIGNS,
    registers=NAMED,
)


LAST_MONTH = pd.concat(
    [
        told(("", "csat_mean", 3, 4), ("a", "csat_mean", 4, 2), ("c", "csat_mean", 2, 2), scale=(1, 5)),
        told(("", "satisfaction_index", 50, 2), ("a", "satisfaction_index", 100, 1), ("c", "satisfaction_index", 0, 1)),
        told(("", "nps", 0, 4), ("a", "nps", 50, 2), ("c", "nps", -50, 2)),
        told(("", "loyalty_index", 40, 1), ("a", "loyalty_index", 40, 1)),
        told(("", "score_mean", 40, 2), ("a", "score_mean", 70, 1), ("c", "score_mean", 10, 1)),
        told(("", "net_revenue", 500, 9), ("a", "net_revenue", 240, 4), ("c", "net_revenue", 200, 4)),
        told(("", "customers_base", 8, 8), ("a", "customers_base", 3, 3), ("c", "customers_base", 5, 5)),
    ],
    ignore_index=True,
)


@cache
def shop_inputs() -> MonthInputs:
    return SHOP.inputs(MARCH)


@cache
def shop() -> MonthReview:
    """Two customers of A, two of B, six of C, a new one and an employee; and money that belongs to nobody."""
    return replay_month(shop_inputs(), replace(remembered(february()), figures=LAST_MONTH), BY_MONEY)


@cache
def shop_with_model() -> MonthReview:
    """The shop, where a lifetime model tells of six customers how likely they are still with it."""
    review = shop()
    alive = review.customers["customer_id"].map({"a1": 0.9, "a2": 0.5, "b1": 0.6, "c1": 0.1, "c2": 0.2, "c4": 0.4})
    parts = list(scopes(shop_inputs(), with_p_alive(review.customers.assign(p_alive=alive)), BY_MONEY))
    known = Comparability(BY_MONEY, Month(1, 1))
    return replace(review, figures=summarise(parts, no_history(), known).figures)
