"""Companies at the edge: more given back than bought, nothing left, a history that has just begun."""

from __future__ import annotations

from functools import cache

from tests.transforms.builders import Company, canonical, orders, refunds
from tests.transforms.indicators.by_hand.companies import answered, reviewed, surveys
from transforms.month import Month
from transforms.review import MonthReview


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
