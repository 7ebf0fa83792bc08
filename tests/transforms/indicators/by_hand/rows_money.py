"""The orders and the money of a month and of twelve months."""

from __future__ import annotations

from functools import cache

from tests.transforms.builders import Company, canonical
from tests.transforms.indicators.by_hand.companies import reviewed
from tests.transforms.indicators.by_hand.edges import eleven, overdrawn
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, NOT_SUPPLIED, TIER, UNATTRIBUTED, Row, Rows
from tests.transforms.indicators.by_hand.shop import shop
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
    shop: (
        Row("orders", COMPANY, "", 8, "a1 2, b2 1 without the cancelled one, c3 2, u1 2, nobody's 1", n=8),
        Row("orders", TIER, "a", 2, "a1 twice on the 5th", n=2),
        Row("orders", UNATTRIBUTED, "", 1, "the order of the 8th", n=1),
        Row("gross_revenue", COMPANY, "", 770, "400 + 75 + 150 + 100 + 45", n=8),
        Row("gross_revenue", TIER, "a", 400, "250 + 150", n=2),
        Row("gross_revenue", UNATTRIBUTED, "", 45, "the order of the 8th", n=1),
        Row("refunds", COMPANY, "", 105, "100 for an order of October + 5", n=8),
        Row("refunds", TIER, "a", 100, "a2", n=2),
        Row("refunds", UNATTRIBUTED, "", 5, "nobody's", n=1),
        Row("net_revenue", COMPANY, "", 665, "770 - 105", n=8),
        Row("net_revenue", TIER, "a", 300, "400 - 100", n=2),
        Row("net_revenue", UNATTRIBUTED, "", 40, "45 - 5", n=1),
        Row("net_revenue_12m", COMPANY, "", 3025, "800 + 800 + 500 + 375 - 60 + 150 + 70 + 10 + 100 + 40 + nobody's 245 - 5", n=17),
        Row("net_revenue_12m", TIER, "a", 1600, "800 + 900 - 100", n=5),
        Row("net_revenue_12m", UNATTRIBUTED, "", 240, "45 + 200 - 5", n=2),
        Row("average_order_value", COMPANY, "", 96.25, "770 / 8", n=8),
        Row("average_order_value", TIER, "a", 200, "400 / 2, gross", n=2),
        Row("average_order_value", UNATTRIBUTED, "", 45, "45 / 1", n=1),
        Row("discounted_orders_share", COMPANY, "", NOT_SUPPLIED, "no order tells a discount", n=None),
    ),
    overdrawn: (
        Row("orders", COMPANY, "", 0, "none in March", n=0),
        Row("average_order_value", COMPANY, "", NO_DATA, "no order to divide by", n=0),
        Row("average_order_value", UNATTRIBUTED, "", NO_DATA, "no order to divide by", n=0),
    ),
    eleven: (Row("net_revenue_12m", COMPANY, "", 110, "11 x 10", n=11),),
    haggled: (
        Row("discounted_orders_share", COMPANY, "", 3 / 4, "big 1 of 2, low 1, nobody's 1", n=4, lower=0.300642, upper=0.954413),
        Row("discounted_orders_share", TIER, "a", 1 / 2, "the order of the 5th, not that of the 20th", n=2),
        Row("discounted_orders_share", TIER, "b", NO_DATA, "mid ordered in February", n=0),
        Row("discounted_orders_share", TIER, "c", 1, "the cancelled one does not count", n=1),
    ),
}
