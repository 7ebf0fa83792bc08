"""A help desk in March 2024: tickets, our contacts about them, what they told us, what became of it."""

from __future__ import annotations

from functools import cache
from typing import Any

from tests.transforms.builders import Company, canonical, orders
from tests.transforms.indicators.by_hand.companies import reviewed
from transforms.review import MonthReview

SOLD = orders(
    # ann, A: 800 a year, three orders in March
    ("ann", "2022-06-10", 100),
    ("ann", "2023-06-10", 500),
    ("ann", "2024-03-02", 100),
    ("ann", "2024-03-05", 100),
    ("ann", "2024-03-05", 100),
    # bea, B: asks nothing, buys nothing in March
    ("bea", "2023-01-10", 100),
    ("bea", "2023-06-10", 500),
    # bob, C: one order, a minute before the month's end
    ("bob", "2022-05-10", 10),
    ("bob", "2024-03-31 23:59", 10),
    # cat, unrated: one order, another cancelled
    ("cat", "2024-02-10", 50),
    ("cat", "2024-03-03", 50),
    ("cat", "2024-03-04", 50, "cancelled"),
    # dan, C: long gone
    ("dan", "2022-01-05", 10),
    # nobody's
    (None, "2024-03-07", 30),
)
"""Orders of March: ann 3, bob 1, cat 1, nobody's 1."""


def _ticket(number: int, customer: str | None, opened: str, **more: Any) -> dict[str, Any]:
    return {"ticket_id": f"t{number:02}", "customer_id": customer, "opened_at": opened, **more}


def _solved(
    answered: str | None, resolved: str, due: str | None = None, reopened: int | None = None, transfers: int | None = None
) -> dict[str, Any]:
    told = {"first_response_at": answered, "resolved_at": resolved, "sla_due_at": due}
    return {**told, "reopened_count": reopened, "transfers": transfers}


TICKETS = canonical(
    "tickets",
    [
        # answered after 2 hours, solved after 10, as the time was up
        _ticket(
            1,
            "ann",
            "2024-03-01 00:00",
            type="complaint",
            info_kind="need",
            **_solved("2024-03-01 02:00", "2024-03-01 10:00", "2024-03-01 10:00", 0, 0),
        ),
        # 4 hours; 48 hours, a day too late, but in time in the help desk's own word; opened again
        _ticket(
            2,
            "ann",
            "2024-03-05 09:00",
            type="enquiry",
            info_kind="Need",
            sla_met=True,
            **_solved("2024-03-05 13:00", "2024-03-07 09:00", "2024-03-06 09:00", 1, 0),
        ),
        # answered as the month is over, open
        _ticket(
            3,
            "bob",
            "2024-03-31 12:00",
            type="complaint",
            info_kind="innovation",
            first_response_at="2024-04-01 00:00",
            sla_due_at="2024-04-02 12:00",
        ),
        # 8 hours; 240 hours, in time; handed on twice
        _ticket(
            4,
            "bob",
            "2024-03-10 08:00",
            type="request",
            info_kind="competitor",
            **_solved("2024-03-10 16:00", "2024-03-20 08:00", "2024-03-25", 0, 2),
        ),
        # opened the minute before March, solved in it as the time was up
        _ticket(
            5, "cat", "2024-02-29 23:59", type="complaint", **_solved("2024-02-29 23:59", "2024-03-02 00:00", "2024-03-02 00:00", 0, 0)
        ),
        # of somebody who never ordered; open and past due
        _ticket(6, "stranger", "2024-03-15 12:00", type="complaint", info_kind="company", sla_due_at="2024-03-20"),
        # of nobody; 1 hour for both, due as March is over; its type and how often it came back or was handed on are not told
        _ticket(7, None, "2024-03-15 12:00", **_solved("2024-03-15 13:00", "2024-03-15 13:00", "2024-04-01 00:00")),
        # of April
        _ticket(8, "ann", "2024-04-01 00:00", type="complaint", info_kind="need", sla_due_at="2024-04-01 00:00"),
        # solved in February, due in March; the help desk says that it was late
        _ticket(9, "bob", "2024-02-10", type="enquiry", resolved_at="2024-02-12", sla_due_at="2024-03-05", sla_met=False),
        # open since February
        _ticket(10, "ann", "2024-02-20", type="suggestion", info_kind="need"),
        # solved as March is over, due a minute before: open, whatever the help desk says later
        _ticket(
            11,
            "ann",
            "2024-02-25",
            type="request",
            sla_met=True,
            reopened_count=3,
            transfers=0,
            resolved_at="2024-04-01",
            sla_due_at="2024-03-31 23:59",
        ),
        # open
        _ticket(12, "ann", "2024-03-08 09:00", type="suggestion", info_kind="gossip"),
        # never answered, solved after 72 hours
        _ticket(
            13, "cat", "2024-03-04 10:00", type="suggestion", info_kind="satisfaction", **_solved(None, "2024-03-07 10:00", None, 0, 0)
        ),
    ],
)


def _call(number: int, ticket: int, when: str, direction: str | None = "out") -> dict[str, Any]:
    return {"contact_id": f"k{number:02}", "customer_id": "x", "contacted_at": when, "direction": direction, "ticket_id": f"t{ticket:02}"}


CALLS = canonical(
    "contacts",
    [
        _call(1, 1, "2024-03-01 10:00"),  # in time to the minute, and as it was solved
        _call(2, 3, "2024-03-31 12:00"),  # at once
        _call(3, 4, "2024-03-10 07:00"),  # before the ticket: about something else
        _call(4, 4, "2024-03-26 00:00"),  # a day after the time was up, and after the solution
        _call(5, 6, "2024-03-15 13:00", "in"),
        _call(6, 6, "2024-03-16 13:00", None),  # who called is not told
        _call(7, 12, "2024-03-10 09:01"),  # two days and a minute
        _call(8, 12, "2024-03-12 09:00"),
        _call(9, 13, "2024-03-06 10:00"),  # two days; before the solution
        _call(10, 2, "2024-03-05 10:00"),  # about an enquiry
    ],
)


def _improvement(number: int, **told: Any) -> dict[str, Any]:
    return {"register": "improvement", "entry_id": f"i{number:02}", **told}


def _of_ticket(number: int, ticket: int, **told: Any) -> dict[str, Any]:
    return _improvement(number, field="ticket_id", field_value=f"t{ticket:02}", **told)


REGISTERS = canonical(
    "registers",
    [
        _of_ticket(1, 1, value=500.0),
        _of_ticket(2, 4),
        _of_ticket(3, 12),
        _of_ticket(4, 10),  # a ticket of February
        _improvement(5, field="region", field_value="t06"),  # a region of that name
        {"register": "action", "entry_id": "a1", "field": "ticket_id", "field_value": "t02"},
        _improvement(6, customer_id="ann", status="done", opened_on="2023-04-01", value=5.0),
        _improvement(7, customer_id="ann", status="done", opened_on="2023-03-31"),
        _improvement(8, customer_id="bob", status="planned"),  # always valid
        _improvement(9, customer_id="cat", status="Done", opened_on="2024-03-31"),
        _improvement(10, customer_id="stranger", status="done", opened_on="2024-01-01"),
        _improvement(11, customer_id="ann", status="done", opened_on="2024-02-01", closed_on="2024-04-05"),  # not yet
        _improvement(12, customer_id="ann", status="done", opened_on="2024-04-01"),  # of April
        {"register": "decision", "entry_id": "d1", "customer_id": "bob", "status": "done"},
    ],
)


@cache
def desk() -> MonthReview:
    """Five customers and a stranger, thirteen tickets."""
    return reviewed(Company(SOLD, tickets=TICKETS, contacts=CALLS, registers=REGISTERS))


@cache
def quick_desk() -> MonthReview:
    """Ten tickets, answered after 1, 2, ... 10 hours; whether in time the help desk says, of tickets solved in the month."""
    hours = range(1, 11)
    rows = [_ticket(hour, "ann", "2024-03-04 00:00", first_response_at=f"2024-03-04 {hour:02}:00", transfers=hour % 2) for hour in hours]
    solved = {2: True, 4: True, 6: False, 8: None}
    for hour, met in solved.items():
        rows[hour - 1] |= {"resolved_at": f"2024-03-{4 + hour:02} 00:00", "sla_met": met}
    rows += [_ticket(11, "ann", "2024-02-01", resolved_at="2024-02-02", sla_met=True)]
    return reviewed(Company(SOLD, tickets=canonical("tickets", rows)))


@cache
def mute_desk() -> MonthReview:
    """A help desk that tells when tickets were opened and how often they came back, but neither type nor answer nor solution."""
    return reviewed(Company(SOLD, tickets=canonical("tickets", [_ticket(1, "ann", "2024-03-01", reopened_count=1)])))


@cache
def often_desk() -> MonthReview:
    """A help desk that tells how often tickets came back, but not how often they changed hands."""
    rows = [_ticket(number, "ann", "2024-03-01", resolved_at="2024-03-02", reopened_count=number) for number in range(2)]
    return reviewed(Company(SOLD, tickets=canonical("tickets", rows)))
