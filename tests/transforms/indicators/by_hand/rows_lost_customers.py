"""What it costs to lose a customer, and what keeping more would bring."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.leaving import ended, leavers, singles
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, TIER, Row, Rows
from tests.transforms.indicators.by_hand.trade import trade

WEEKS = 365.25 / 7

ROWS: Rows = {
    trade: (
        Row(
            "lost_customer_cost",
            COMPANY,
            "",
            35 * WEEKS * 633 / 243,
            "los: 140 in 14 + 14 days are 35 a week; four of six stayed: 1 + 2/3 + 4/9 + 8/27 + 16/81 = 211/81 = 633/243 years",
            n=1,
            lower=None,
            near=1e-9,
        ),
        Row(
            "lost_customer_cost",
            TIER,
            "c",
            35 * WEEKS * 633 / 243,
            "los costs the same in every pack: the years are those of the company, of whose six four stayed",
            n=1,
            near=1e-9,
        ),
        Row("lost_customer_cost", TIER, "a", 0, "nobody of a was lost", n=0),
        Row(
            "retention_plus_5_value",
            COMPANY,
            "",
            (1 - (43 / 66) ** 6) / (1 - 43 / 66) / ((1 - (20 / 33) ** 6) / (1 - 20 / 33)) - 1,
            "r = 4/6: terms of r / 1.1 = 20/33 and (r + 0.05) / 1.1 = 43/66, six of each, added up as geometric series",
            n=4,
            lower=None,
            near=1e-9,
        ),
        Row(
            "retention_plus_5_value",
            TIER,
            "c",
            (1 - (23 / 66) ** 6) / (1 - 23 / 66) / ((1 - (10 / 33) ** 6) / (1 - 10 / 33)) - 1,
            "r = 1/3: 10/33 and 23/66",
            n=1,
            near=1e-9,
        ),
        Row("retention_plus_5_value", TIER, "a", NO_DATA, "all stayed: five points more are not possible", n=2),
        Row("retention_plus_5_value", TIER, "unrated", NO_DATA, "no earlier year", n=0),
    ),
    leavers: (
        Row(
            "lost_customer_cost",
            COMPANY,
            "",
            (35 + 1 + 0) * WEEKS * 341 / 256,
            "smith 35 a week; once has the middle one of smith 35, kept 104 in 728 days = 1, back -30 in 56 days; "
            "back got more than it gave: 0; one of four stayed: 1 + 1/4 + 1/16 + 1/64 + 1/256 years",
            n=3,
            near=1e-9,
        ),
    ),
    singles: (Row("lost_customer_cost", COMPANY, "", NO_DATA, "one purchase day tells no weekly spend, and there is nobody else", n=1),),
    ended: (
        Row("lost_customer_cost", COMPANY, "", NO_DATA, "con spent 15 a week, but no earlier year tells how long customers stay", n=1),
        Row("retention_plus_5_value", COMPANY, "", NO_DATA, "no earlier year", n=0),
    ),
}
