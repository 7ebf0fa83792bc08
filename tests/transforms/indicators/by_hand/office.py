"""A head office in March 2024: registers, value classes, contacts and tickets by class, needs and stated markets."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from tests.transforms.builders import Company, canonical
from tests.transforms.indicators.by_hand.companies import reviewed
from transforms.inputs import SurveyRules
from transforms.review import MonthReview

_ROWS: tuple[tuple[Any, ...], ...] = (
    # value = (rank before the twelve months + twice the rank in them) / 3; a rank is money / 10, 100 at most
    # high: hal (100 + 2 x 70) / 3, hob and hub (100 + 2 x 80) / 3
    ("hal", "2022-05-10", 1200),
    ("hal", "2023-06-10", 600),
    ("hal", "2024-03-04", 100, 30),
    ("hob", "2022-05-10", 1000),
    ("hob", "2023-07-10", 800),
    ("hub", "2022-05-10", 1000),
    ("hub", "2024-03-06", 800, 50),
    # mid: mac and max (40 + 2 x 50) / 3, mel (0 + 2 x 64) / 3
    ("mac", "2022-10-10", 400),
    ("mac", "2023-05-10", 400, 7),
    ("mac", "2024-03-09", 100),
    ("max", "2022-10-10", 400),
    ("max", "2023-08-10", 500),
    ("mel", "2023-04-10", 640),
    # low
    ("lou", "2023-09-10", 100),
    ("lux", "2023-10-10", 50),
    ("lux", "2024-03-20", 40),
    # unrated
    ("ned", "2024-03-02", 30),
)
SOLD = canonical(
    "orders",
    [
        {"order_id": f"o{number}", **dict(zip(("customer_id", "ordered_at", "amount", "discount"), row, strict=False))}
        for number, row in enumerate(_ROWS)
    ],
)

PEOPLE = (
    {"customer_id": "hal", "region": "north", "source_channel": "web"},
    {"customer_id": "hob", "region": "north", "source_channel": "fair"},
    {"customer_id": "hub", "region": "south", "source_channel": "web"},
    {"customer_id": "mac", "region": "south"},
    {"customer_id": "lou", "region": "east"},
)

TALKS = canonical(
    "contacts",
    [
        {"contact_id": f"k{number}", "customer_id": who, "contacted_at": when, "direction": way, "method": method}
        for number, (who, when, way, method) in enumerate(
            (
                ("hal", "2023-04-01 00:00", "out", "Visit"),
                ("hal", "2024-03-31 23:59", "in", "phone"),
                ("hob", "2023-09-01", "out", "mail"),
                ("mac", "2023-09-01", "out", "visit"),
                ("mac", "2023-09-02", "out", "visit"),
                ("max", "2023-10-10", "out", "mail"),
                ("mac", "2023-03-31 23:59", "out", "visit"),  # a minute too early
                (None, "2023-09-01", "out", "visit"),
            )
        )
    ],
)

TICKETS = canonical(
    "tickets",
    [
        {"ticket_id": f"t{number}", "customer_id": who, "opened_at": opened, "first_response_at": answered}
        for number, (who, opened, answered) in enumerate(
            (
                ("hal", "2024-03-01 00:00", "2024-03-01 02:00"),
                ("hub", "2024-03-10 00:00", "2024-03-10 06:00"),
                ("hub", "2024-03-31 12:00", "2024-04-01 00:00"),  # answered as the month is over
                ("hob", "2024-02-29 23:59", "2024-03-05 00:00"),  # February's
                ("mac", "2024-03-10 00:00", "2024-03-10 00:30"),
                ("lou", "2024-03-10 00:00", None),
                ("stranger", "2024-03-10 00:00", "2024-03-14 00:00"),
                (None, "2024-03-10 00:00", "2024-03-15 00:00"),
                ("hob", "2024-03-11 00:00", "2024-03-11 01:00"),
            )
        )
    ],
)

_SAID: tuple[tuple[Any, ...], ...] = (
    # customer, time, instrument, item, score, comment
    ("hal", "2024-03-02", "need", "speed", 1),
    ("hal", "2024-03-02", "pain", "speed", 1),
    ("hal", "2024-03-02", "need", "other", 1, "a quieter engine"),
    ("mac", "2024-03-02", "need", "speed", 1),
    ("mac", "2024-03-02", "pain", "noise", None, "too loud"),
    ("lou", "2024-03-02", "need", "price", 1, "cheaper"),
    ("lux", "2024-03-02", "expectation", "speed", 0),
    ("lux", "2024-03-02", "need", "other", 1, "a longer cable"),
    ("max", "2024-03-04", "need", "other", 1),
    (None, "2024-03-31 23:59", "motive", "price", 1),
    ("max", "2024-02-29 23:59", "need", "price", 1),
    ("hub", "2024-03-03", "csat", "overall", 5, "fine"),
    ("hal", "2024-03-03", "nps", "overall", 10),
    ("mac", "2024-03-03", "nps", "overall", 8),
    ("lou", "2024-03-03", "nps", "overall", 6),
    ("ned", "2024-03-03", "nps", "overall", 0),
)
SURVEYS = canonical(
    "surveys",
    [
        {
            "response_id": f"s{number:02}",
            **dict(zip(("customer_id", "answered_at", "instrument", "item", "score", "comment"), row, strict=False)),
            **({"scale_min": 1, "scale_max": 5} if row[2] == "csat" else {"scale_min": 0, "scale_max": 10} if row[2] == "nps" else {}),
        }
        for number, row in enumerate(_SAID)
    ],
)


def _strategy(number: int, value: str, behaviour: str, **told: Any) -> dict[str, Any]:
    return {"register": "strategy", "entry_id": f"s{number}", "value_class": value, "behaviour_class": behaviour, **told}


def _action(number: int, **told: Any) -> dict[str, Any]:
    return {"register": "action", "entry_id": f"a{number:02}", **told}


def _market(number: int, field: str | None, group: str | None, value: float | None, **told: Any) -> dict[str, Any]:
    return {"register": "market", "entry_id": f"m{number}", "field": field, "field_value": group, "value": value, **told}


REGISTERS = canonical(
    "registers",
    [
        _strategy(1, "high", "loyal", opened_on="2024-01-01"),
        _strategy(2, "high", "loyal", opened_on="2024-02-01"),
        _strategy(3, "low", "latent", closed_on="2024-03-30"),
        _strategy(4, "mid", "active", closed_on="2024-03-31"),  # in force on its last day
        _strategy(5, "low", "active", opened_on="2024-04-01"),
        _strategy(6, "high", "latent", closed_on="2024-04-05"),
        _strategy(7, "middling", "loyal"),
        _action(1, customer_id="hal", due_on="2024-03-01", closed_on="2024-03-01"),
        _action(2, tier="b", due_on="2024-03-31"),
        _action(3, customer_id="ned", due_on="2024-02-10", closed_on="2024-04-02"),
        _action(4, customer_id="hal", due_on="2024-04-01"),
        _action(5, customer_id="max", due_on="2024-02-28", closed_on="2024-02-29"),
        _action(6, due_on="2024-03-15", closed_on="2024-03-31"),
        _action(7, tier="a", customer_id="stranger", closed_on="2024-03-10"),
        _action(8, customer_id="hal", closed_on="2023-12-01"),
        _action(9, customer_id="lou", closed_on="2024-01-15"),
        _action(10, customer_id="ned", closed_on="2024-01-10"),
        _action(11, customer_id="mac", closed_on="2023-11-30"),
        _action(12, customer_id="hob", closed_on="2024-03-01"),
        _action(13, customer_id="mel", closed_on="2024-02-10"),
        _market(1, "region", "north", 15000.0, source="yearbook"),
        _market(2, None, None, 41600.0),
        _market(3, "region", "south", 100.0),
        _market(4, "region", "east", 100.0),
        _market(5, "size", "large", 100.0),
        _market(6, "region", "unknown", 1280.0, subject="size"),
        _market(7, "region", "north", 9000.0, closed_on="2024-02-01"),
        _market(8, "region", "north", 0.03, subject="growth"),
        _market(9, "region", "west", None),
        _market(10, "region", "south", 1000.0),
        _market(11, "region", None, 41600.0),
    ],
)
OFFICE = Company(
    SOLD, customers=PEOPLE, contacts=TALKS, tickets=TICKETS, surveys=SURVEYS, registers=REGISTERS, rules=SurveyRules(min_n=4, flag_n=4)
)


@cache
def office() -> MonthReview:
    """Nine customers: three of high value, three of middle, two of low and a new one; four of a kind are enough to be told."""
    return reviewed(OFFICE)


@cache
def strict_office() -> MonthReview:
    """The same, where seven are needed."""
    return reviewed(replace(OFFICE, rules=SurveyRules(min_n=7, flag_n=7)))


@cache
def idle_office() -> MonthReview:
    """The same customers, of whom nobody is called or asked about needs; a strategy of a group is all that the registers hold."""
    asked = canonical(
        "surveys", [{"response_id": "s", "customer_id": "hub", "answered_at": "2024-03-03", "instrument": "csat", "score": 5}]
    )
    entered = canonical("registers", [{"register": "strategy", "entry_id": "s1", "field": "region", "field_value": "north"}])
    return reviewed(Company(SOLD, tickets=TICKETS.drop(columns="first_response_at"), surveys=asked, registers=entered))
