"""A trading house that holds its costs, quotes, contacts and sources: the company of the value section's rows."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd

from tests.transforms.builders import Company, answers, canonical, refunds
from tests.transforms.indicators.by_hand.companies import BY_MONEY, MARCH, reviewed
from transforms.month import Month
from transforms.policy.rules import Loyalty
from transforms.review import MonthReview


def _sold(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Orders from (customer, local time, amount[, discount])."""
    named = [dict(zip(("customer_id", "ordered_at", "amount", "discount"), row, strict=False)) for row in rows]
    return canonical("orders", [{"order_id": f"o{number}", **row} for number, row in enumerate(named)])


SOLD = _sold(
    # tom, A: 900 in three orders, with us for 21 months: behaves loyally, (90 + 2.5 + 21) / 3 = 37.8
    ("tom", "2022-06-10", 600),
    ("tom", "2023-06-10", 500),
    ("tom", "2024-01-10", 300, 30),
    ("tom", "2024-03-10", 100),
    # sue, A: 950 - 50, for 17 months: behaves loyally too, (90 + 0.8 + 17) / 3 = 35.9
    ("sue", "2022-10-10", 500),
    ("sue", "2023-08-10", 950, 20),
    # non, B: 500 after 400, a quarter more
    ("non", "2022-07-01", 400),
    ("non", "2023-07-01", 500),
    # una, C: 374 after 300, a little less than a quarter more
    ("una", "2022-08-01", 300),
    ("una", "2023-08-15", 374),
    # lea, C: won in May, with two orders on her first day; 300 in eleven months
    ("lea", "2023-05-20", 150),
    ("lea", "2023-05-20 18:00", 50),
    ("lea", "2023-09-20", 100, 10),
    # ref, C: won in October by tom's word; 190 in six months
    ("ref", "2023-10-05", 110),
    ("ref", "2023-11-05", 80),
    # neg, C: bought for 50 after more than a year and got 80 back
    ("neg", "2022-01-05", 200),
    ("neg", "2023-05-05", 50),
    # old, C: left; lost before March
    ("old", "2022-09-01", 250),
    # los, C: twice 70 in fourteen days; silent for 361 days at the end of February, 392 at the end of March
    ("los", "2023-02-19", 70),
    ("los", "2023-03-05", 70),
    # fre, unrated: won in February, by word of mouth
    ("fre", "2024-02-12", 66),
    # ano, unrated: won in January; nobody knows where from
    ("ano", "2024-01-15", 40),
    # nobody's
    (None, "2023-12-24", 60),
)
BACK = refunds(("sue", "2023-09-01", 50), ("neg", "2023-05-10", 80), (None, "2023-12-27", 20))
"""Net of the twelve months: 900 + 900 + 500 + 374 + 300 + 190 - 30 + 66 + 40 = 3,240 of customers, 40 of nobody's."""

SAID = answers(
    ("tom", "2023-06-11", "csat", 5, 1, 5),
    ("sue", "2023-08-11", "csat", 2, 1, 5),
    ("non", "2023-07-02", "csat", 3, 1, 5),
    ("lea", "2023-09-21", "csat", 4, 1, 5),
    ("ref", "2023-11-06", "csat", 5, 1, 5),
    ("neg", "2023-05-06", "csat", 5, 1, 5),
    ("old", "2023-06-01", "csat", 5, 1, 5),
    ("tom", "2023-06-11", "nps", 9, 0, 10),
    ("sue", "2023-08-11", "nps", 3, 0, 10),
    ("non", "2023-07-02", "nps", 0, 0, 10),
    ("lea", "2023-09-21", "nps", 10, 0, 10),
    ("neg", "2023-05-06", "nps", 8, 0, 10),
)
"""Satisfied from 75: tom 100, lea 75, ref 100, neg 100; not: non 50, sue 25.

Types: tom true, sue spurious, lea and neg latent, non none; the others were not asked what they recommend.
"""

PEOPLE = (
    {"customer_id": "tom", "source_channel": "Fair"},
    {"customer_id": "lea", "source_channel": "Fair"},
    {"customer_id": "ref", "referred_by": "tom"},
    {"customer_id": "fre", "source_channel": "转介绍"},
    {"customer_id": "non", "source_channel": "Referral", "referred_by": "sue"},
    {"customer_id": "pat", "referred_by": "tom"},  # has not ordered yet
)


def _cost(month: str, kind: str, amount: float, tier: str | None = None) -> dict[str, Any]:
    return {"month": month, "kind": kind, "amount": amount, "tier": tier}


COSTS = canonical(
    "costs",
    [
        _cost("2023-04", "acquisition", 100),
        _cost("2024-03", "Acquisition", 60, "c"),
        _cost("2023-03", "acquisition", 999),
        _cost("2023-08", "retention", 70),
        _cost("2023-08", "retention", 40, "a"),
        _cost("2024-01", "retention", 10, "c"),
        _cost("2024-02", "service", 139),
        _cost("2023-12", "service", 25, "b"),
        _cost("2024-01", "rent", 5000, "b"),
    ],
)


def _quote(
    number: int, customer: str | None, when: str, result: str | None, reason: str | None = None, rival: float | None = None
) -> dict[str, Any]:
    told = {"amount": 100, "result": result, "reason": reason, "competitor_price": rival}
    return {"quote_id": f"q{number:02}", "customer_id": customer, "quoted_at": when, **told}


QUOTES = canonical(
    "quotes",
    [
        _quote(1, "tom", "2023-05-02", "won", "Service", 90),
        _quote(2, "tom", "2023-06-02", "lost", "Price", 80),
        _quote(3, "sue", "2023-07-02", "lost", "delivery"),
        _quote(4, "lea", "2023-05-20 00:30", "won", "service", 120),  # her first day: had not ordered before it
        _quote(5, "ref", "2023-09-01", "won", "reliability", 100),
        _quote(6, "stranger", "2024-01-01", "lost", "价格"),
        _quote(7, "stranger", "2024-02-01", "won"),
        _quote(8, "una", "2024-03-01", None, "price", 90),
        _quote(9, "lea", "2023-05-21 00:30", "lost"),
        _quote(10, "sue", "2023-12-01", "won", "price", 90),
        _quote(11, "lea", "2023-06-30 00:00", "lost"),
        _quote(12, "neg", "2023-06-29 23:59", "lost"),
        _quote(13, None, "2023-08-01", "lost", "taste", 70),
        _quote(14, "tom", "2023-03-31 23:59", "won", "service", 10),
    ],
)


def _talk(number: int, customer: str | None, when: str, direction: str | None, purpose: str | None = None) -> dict[str, Any]:
    return {"contact_id": f"k{number:02}", "customer_id": customer, "contacted_at": when, "direction": direction, "purpose": purpose}


TALKS = canonical(
    "contacts",
    [
        _talk(1, "tom", "2023-06-01", "out"),
        _talk(2, "tom", "2023-07-01", None),
        _talk(3, "tom", "2023-07-02", "in"),
        _talk(4, "lea", "2023-09-19", "out", "sales"),
        _talk(5, "sue", "2023-08-09", "out", "sales"),
        _talk(6, "ano", "2024-01-14", "out", "sales"),
        _talk(7, "stranger", "2024-01-31", "out", "non-sales"),
        _talk(8, None, "2024-01-31", "out"),
        _talk(9, "sue", "2023-04-03 00:00", "in", "non-sales"),  # 90 days before q03, to the minute
        _talk(10, "sue", "2023-09-01 23:59", "in", "non-sales"),  # one minute more than 90 days before q10
        _talk(11, "sue", "2023-12-01 00:00", "in", "non-sales"),  # with q10, not before it
        _talk(12, "ref", "2023-08-30", "in", "sales"),
    ],
)


def _line(number: int, customer: str | None, when: str, sku: str, amount: float) -> dict[str, Any]:
    priced = {"quantity": 1, "unit_price": amount}
    return {"order_id": f"l{number}", "line_id": "1", "customer_id": customer, "ordered_at": when, "sku": sku, **priced}


_LINES = canonical(
    "order_lines",
    [
        _line(1, "tom", "2022-06-10", "kettle", 600),
        _line(2, "tom", "2023-06-10", "kettle", 400),
        _line(3, "tom", "2024-01-10", "lamp", 300),
        _line(4, "sue", "2023-08-10", "lamp", 150),
        _line(5, "sue", "2023-08-11", "kettle", -50),
        _line(6, "lea", "2023-09-20", "kettle", 100),
        _line(7, None, "2023-12-24", "lamp", 100),
        _line(8, "non", "2023-09-01", "lamp", 100),
        _line(9, "non", "2023-09-02", "kettle", -20),
        _line(10, "fre", "2024-02-12", "kettle", 30),
        _line(11, "fre", "2024-02-13", "lamp", -10),
        _line(12, "una", "2023-03-31 23:59", "pot", 70),  # launched a minute before the twelve months
        _line(13, "una", "2023-05-20", "pot", 100),
        _line(14, "una", "2023-04-01 00:00", "jug", 50),
    ],
)
LINES = _LINES.assign(line_amount=_LINES["unit_price"])
"""The kettle is sold since June 2022, the pot since March 2023, the jug since April, the lamp since August."""

LOYAL_FROM_35 = replace(BY_MONEY, loyalty=Loyalty(behaviour_cut=35.0))


@cache
def trade() -> MonthReview:
    """Ten customers who ordered, of whom eight and neg in the twelve months; quotes, costs, contacts and sources are all told."""
    told = {"quotes": QUOTES, "costs": COSTS, "contacts": TALKS, "lines": LINES}
    return reviewed(Company(SOLD, BACK, surveys=SAID, customers=PEOPLE, **told), MARCH, LOYAL_FROM_35)


@cache
def thrift() -> MonthReview:
    """A customer kept and one won, who both gave back all that they bought; keeping costs nothing, and of sources nothing is told."""
    sold = _sold(("kay", "2023-01-10", 100), ("kay", "2023-06-10", 100), ("wim", "2024-03-02", 20))
    back = refunds(("kay", "2023-06-11", 100), ("wim", "2024-03-03", 20))
    booked = [
        _cost("2024-03", "acquisition", 6, "unrated"),
        _cost("2024-03", "acquisition", 4, "c"),
        _cost("2024-03", "retention", 0, "unrated"),
        _cost("2024-03", "service", 5),
    ]
    lines = [
        _line(0, "kay", "2023-01-10", "kettle", 100),
        _line(1, "kay", "2023-06-10", "kettle", 100),
        _line(2, "wim", "2024-03-02", "lamp", 20),
    ]
    told = canonical("order_lines", lines)
    people = [{"customer_id": "kay", "name": "Kay"}]
    costs, calls = (
        canonical("costs", booked),
        canonical("contacts", [_talk(1, "kay", "2023-08-01", "out"), _talk(2, "wim", "2024-03-05", "out")]),
    )
    lines = told.assign(line_amount=told["unit_price"])
    return reviewed(Company(sold, back, customers=people, costs=costs, contacts=calls, first=Month(2023, 1), lines=lines))


@cache
def deficit() -> MonthReview:
    """One customer who got more back than was sold; the books hold service alone."""
    sold, back = _sold(("dee", "2023-05-05", 20)), refunds(("dee", "2023-05-10", 30))
    return reviewed(Company(sold, back, costs=canonical("costs", [_cost("2024-02", "service", 5)])))


@cache
def margins() -> MonthReview:
    """Twenty orders, of which nineteen tell their cost: just enough for margins. mia brings 50, ned loses 9."""
    days = [f"2023-{month:02}-10" for month in range(6, 13)] + [f"2024-{month:02}-10" for month in range(1, 4)]
    rows = [{"customer_id": "mia", "ordered_at": day, "amount": 10, "cost": 5} for day in days]
    rows += [{"customer_id": "ned", "ordered_at": day, "amount": 10, "cost": 11} for day in days[:9]]
    rows += [{"customer_id": "oda", "ordered_at": "2024-03-05", "amount": 10}]
    said = answers(*((name, "2024-03-06", "csat", score, 1, 5) for name, score in (("mia", 5), ("ned", 5), ("oda", 2))))
    return reviewed(Company(canonical("orders", [{"order_id": f"m{number}", **row} for number, row in enumerate(rows)]), surveys=said))
