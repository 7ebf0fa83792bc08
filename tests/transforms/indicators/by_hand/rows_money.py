"""The orders and the money of a month."""

from __future__ import annotations

from functools import cache

from tests.transforms.builders import Company, canonical
from tests.transforms.indicators.by_hand.companies import reviewed, shop
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, NOT_SUPPLIED, TIER, Row, Rows
from transforms.review import MonthReview

_ORDERS = (
    # big, A: 900 in the twelve months
    ("big", "2022-05-01", 100, None, "paid"),
    ("big", "2024-02-28", 100, 10, "paid"),
    ("big", "2024-03-05", 500, 50, "paid"),
    ("big", "2024-03-20", 300, 0, "paid"),
    # mid, B: 500, nothing in March
    ("mid", "2022-06-01", 100, None, "paid"),
    ("mid", "2024-02-29 23:59", 500, 5, "paid"),
    # low, C
    ("low", "2022-07-01", 10, None, "paid"),
    ("low", "2024-03-07", 20, 5, "paid"),
    ("low", "2024-03-08", 20, 5, "cancelled"),
    # nobody's
    (None, "2024-03-09", 40, 4, "paid"),
)


@cache
def haggled() -> MonthReview:
    """A company whose orders tell their discounts."""
    names = ("customer_id", "ordered_at", "amount", "discount", "status")
    rows = [{"order_id": f"o{number}", **dict(zip(names, row, strict=True))} for number, row in enumerate(_ORDERS)]
    return reviewed(Company(canonical("orders", rows)))


ROWS: Rows = {
    haggled: (
        Row("discounted_orders_share", COMPANY, "", 3 / 4, "big 1 of 2, low 1, nobody's 1", n=4, lower=0.300642, upper=0.954413),
        Row("discounted_orders_share", TIER, "a", 1 / 2, "the order of the 5th, not that of the 20th", n=2),
        Row("discounted_orders_share", TIER, "b", NO_DATA, "mid ordered in February", n=0),
        Row("discounted_orders_share", TIER, "c", 1, "the cancelled one does not count", n=1),
    ),
    shop: (Row("discounted_orders_share", COMPANY, "", NOT_SUPPLIED, "no order tells a discount", n=None),),
}
