"""The companies that the table is worked out of. Every number in them was chosen so that a person can reckon with it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd

from tests.transforms.builders import Company, canonical, orders, refunds, windows
from transforms.classes.value import with_p_alive
from transforms.indicators.summary import scopes, summarise
from transforms.inputs import MonthInputs, SurveyRules
from transforms.money import to_units
from transforms.month import Month, months
from transforms.policy.rules import Policy, Reference, Weights, builtin
from transforms.review import History, MonthReview, no_history, replay_month

MARCH = Month(2024, 3)
"""The month that is reviewed: its twelve months begin on 2023-04-01, the twelve before them on 2022-04-01."""


FIRST = Month(2022, 3)


def evenly(top: float) -> tuple[float, ...]:
    """A frozen distribution in which a value's rank is 100 x value / top."""
    return tuple(top * step / 1000 for step in range(1001))


EVEN = {
    "tenure_months": evenly(50),
    "recency_days": evenly(1000),
    "orders_per_month": evenly(1),
    "annual_net": evenly(1000),
    "net_12m": evenly(1000),
    "historic_net": evenly(1000),
}
"""Ranks by rule of three: 20 months with us rank 40, 250 days of silence 25, an order every second month 50, a net of 640 ranks 64."""

BY_MONEY = replace(
    builtin(),
    weights=Weights(0.0, 0.0, 1.0),
    reference=Reference("2024-03", 100, EVEN),
    loyalty=replace(builtin().loyalty, behaviour_cut=30.0),
)
"""The score is the yearly net / 10: A from 700 a year, B from 400, C below, by the cuts 70 and 40."""


def reviewed(company: Company, month: Month = MARCH, policy: Policy = BY_MONEY, history: History | None = None) -> MonthReview:
    """The review of one month."""
    return replay_month(company.inputs(month), history or no_history(), policy)


def remembered(review: MonthReview, **more: Any) -> History:
    """What the next month knows of a review."""
    return History(review.customers, review.figures.assign(month=str(review.month)), **more)


def answered(*rows: tuple[str | None, str, str, float], **more: Any) -> list[dict[str, Any]]:
    """Answers from (customer, local time, instrument, score); `more` is what they have in common, as a scale of their own."""
    names = ("customer_id", "answered_at", "instrument", "score")
    return [{"item": "overall", **dict(zip(names, row, strict=True)), **more} for row in rows]


def judged(response: str, customer: str, *items: tuple[str, str, float, float]) -> list[dict[str, Any]]:
    """One servqual response from (dimension, item, perception, expectation)."""
    names = ("dimension", "item", "score", "expectation")
    own = {"response_id": response, "customer_id": customer, "answered_at": "2024-03-15", "instrument": "servqual"}
    return [{**own, **dict(zip(names, item, strict=True))} for item in items]


def surveys(*listed: list[dict[str, Any]]) -> pd.DataFrame:
    """Answers, each a response of its own unless it says which it belongs to."""
    rows = [row for some in listed for row in some]
    return canonical("surveys", [{"response_id": f"s{number:03}", **row} for number, row in enumerate(rows)])


# ---- the shop: 12 customers ----

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


def told(*rows: tuple[str, str, float, int], scale: tuple[float, float] = (math.nan, math.nan)) -> pd.DataFrame:
    """Last month's figures as somebody might have written them down: (tier or nothing, indicator, value, n)."""
    listed = [
        {"scope": "tier" if tier else "company", "scope_value": tier or None, "indicator": name, "value": value, "n": n}
        for tier, name, value, n in rows
    ]
    return pd.DataFrame(listed).assign(month=str(MARCH - 1), scale_low=scale[0], scale_high=scale[1])


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
    return replace(review, figures=summarise(parts, no_history()))


# ---- the edges ----


@cache
def overdrawn() -> MonthReview:
    """Two customers who bought in October; one gave back more. Its first month was reviewed by nobody, and March is without an order."""
    return reviewed(
        Company(
            orders(("h1", "2023-10-01", 100), ("h2", "2023-10-01", 10)),
            refunds(("h2", "2023-11-01", 60)),
            customers=({"customer_id": "h1", "region": "north"}, {"customer_id": "h2", "region": "south"}),
            surveys=surveys(
                answered(("h1", "2024-02-10", "csat", 4)),
                [
                    {
                        "response_id": "j",
                        "customer_id": "h1",
                        "answered_at": "2024-03-10",
                        "instrument": "servqual",
                        "item": "r1",
                        "score": 4,
                    }
                ],
            ),
        )
    )


@cache
def nothing_left() -> MonthReview:
    """What one customer brought, the other was given back; an expectation is told without its dimension."""
    return reviewed(
        Company(
            orders(("n1", "2023-10-01", 100), ("n2", "2023-10-01", 10)),
            refunds(("n2", "2023-11-01", 110)),
            surveys=surveys(
                [
                    {
                        "customer_id": "n1",
                        "answered_at": "2024-03-10",
                        "instrument": "servqual",
                        "item": "r1",
                        "score": 4,
                        "expectation": 5,
                    },
                ]
            ),
        )
    )


@cache
def eleven() -> MonthReview:
    """Eleven customers with 10 each, who all came on the first day of the twelve months; the history begins two months before."""
    return reviewed(
        Company(
            orders(*((f"k{number:02}", "2023-04-01", 10) for number in range(11))),
            first=Month(2023, 2),
            customers=({"customer_id": "k00", "source_channel": "web"},),
            campaigns=canonical("campaigns", [{"campaign_id": "1", "starts_on": "2023-04-01", "source_channel": "web", "amount": 50}]),
        )
    )


@cache
def all_back() -> MonthReview:
    """One customer, who was given everything back."""
    return reviewed(Company(orders(("g1", "2023-10-01", 10)), refunds(("g1", "2023-10-02", 10))))


@cache
def asked_inputs() -> MonthInputs:
    names = ("q1", "q2", "q3", "q4")
    return Company(
        orders(*((name, "2023-06-01", 10) for name in names)),
        customers=tuple(
            {
                "customer_id": name,
                "region": "south" if name == "q4" else "north",
                "source_channel": "web" if name in ("q1", "q2") else "fair",
            }
            for name in names
        ),
        rules=SurveyRules(min_n=3, flag_n=3),
        surveys=surveys(
            answered(("q1", "2024-03-01", "csat", 4), ("q2", "2024-03-31 23:59", "csat", 1)),
            answered(("q3", "2024-03-05", "csat", 9), ("q4", "2024-03-05", "csat", 1), scale_min=1, scale_max=10),
            answered(("q1", "2024-03-05", "csat", 5), scale_min=5, scale_max=5),  # a scale without length says nothing
            answered(("q1", "2024-03-05", "nps", 10), ("q2", "2024-03-05", "nps", 9)),
            answered(("q1", "2024-03-05", "ces", 1), ("q2", "2024-03-05", "ces", 2), ("q3", "2024-03-05", "ces", 6)),
            answered(("q1", "2024-02-29", "ces", 7), ("q1", "2024-04-01 00:00", "ces", 7)),
            judged("j", "q1", ("reliability", "r1", 6, 7)),
        ),
    ).inputs(MARCH)


@cache
def asked() -> MonthReview:
    """Four customers, of whom figures rest on three answers at least; two answer on another scale than the other two."""
    return replay_month(asked_inputs(), no_history(), BY_MONEY)


@cache
def asked_too_few() -> MonthReview:
    """The same, where figures must rest on five answers."""
    return replay_month(replace(asked_inputs(), rules=SurveyRules(min_n=5, flag_n=5)), no_history(), BY_MONEY)


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


# ---- the standard: 11 customers, reviewed in January, February and March ----

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
    span = tuple(months(BENCH.begin, MARCH))
    states = dict(zip(span, windows(span[0], MARCH, BENCH.sold, BENCH.back), strict=True))
    return {month: BENCH.inputs(month, states) for month in span[-3:]}


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
