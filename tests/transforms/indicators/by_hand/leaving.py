"""Companies that lost customers in March 2024."""

from __future__ import annotations

from functools import cache

from tests.transforms.builders import Company, canonical, orders, refunds
from tests.transforms.indicators.by_hand.companies import reviewed
from transforms.review import MonthReview


@cache
def leavers() -> MonthReview:
    """Four customers of the year before; one of them bought again."""
    sold = orders(
        ("smith", "2023-02-19", 70),
        ("smith", "2023-03-05", 70),
        ("once", "2023-03-20", 500),
        ("back", "2023-02-20", 10),
        ("back", "2023-03-20", 10),
        ("kept", "2022-06-01", 52),
        ("kept", "2023-05-31", 52),
    )
    people = [{"customer_id": "kept", "referred_by": "smith"}]
    return reviewed(Company(sold, refunds(("back", "2023-03-25", 50)), customers=people))


@cache
def singles() -> MonthReview:
    """One customer, who bought once, a year ago, at a discount."""
    bought = {"order_id": "o", "customer_id": "one", "ordered_at": "2023-03-20", "amount": 500, "discount": 5}
    return reviewed(Company(canonical("orders", [bought])))


@cache
def ended() -> MonthReview:
    """A customer of half a year whose contract ended in March."""
    people = [{"customer_id": "con", "contract_end": "2024-03-15"}]
    return reviewed(Company(orders(("con", "2023-08-01", 30), ("con", "2023-08-15", 30)), customers=people))
