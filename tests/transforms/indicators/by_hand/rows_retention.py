"""Who stays, and what stays of their money."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.bench import bench
from tests.transforms.indicators.by_hand.edges import eleven, overdrawn
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, TIER, Row, Rows
from tests.transforms.indicators.by_hand.shop import shop

ROWS: Rows = {
    shop: (
        Row(
            "repeat_purchase_rate",
            COMPANY,
            "",
            3 / 9,
            "a1, b2, u1 on two days or more, of 9 active; c3's two orders are of one day",
            n=9,
            lower=0.120584,
            upper=0.645798,
        ),
        Row("repeat_purchase_rate", TIER, "a", 1 / 2, "a1 of a1, a2", n=2),
        Row("retention_rate", COMPANY, "", 4 / 7, "a1, a2, b1, c4 of these and c1, c2, c5", n=7, lower=0.250458, upper=0.841780),
        Row("retention_rate", TIER, "c", 1 / 4, "c4 of c1, c2, c4, c5", n=4),
        Row("churn_rate", COMPANY, "", 3 / 7, "1 - 4/7", n=7, lower=0.158220, upper=0.749542),
        Row("churn_rate", TIER, "c", 3 / 4, "1 - 1/4", n=4),
        Row("nrr", COMPANY, "", 2110 / 2900, "(800 + 800 + 500 - 60 + 70) / (500 + 1000 + 200 + 600 + 200 + 350 + 50)", n=7),
        Row("nrr", TIER, "a", 1600 / 1500, "(800 + 800) / (500 + 1000); a1 or a2 alone in every fourth draw", n=2, lower=0.8, upper=1.6),
        Row("nrr", TIER, "b", 2.5, "500 / 200, b2 did not buy before; one customer has no interval", n=1, lower=None, upper=None),
        Row("grr", COMPANY, "", 1510 / 2900, "(500 + 800 + 200 - 60 + 70) / 2900", n=7),
        Row("grr", TIER, "a", 1300 / 1500, "(500 + 800) / 1500; alone a1 has 1, a2 0.8", n=2, lower=0.8, upper=1),
    ),
    overdrawn: (
        Row("repeat_purchase_rate", TIER, "a", NO_DATA, "nobody is of A", n=0),
        Row(
            "retention_rate",
            COMPANY,
            "",
            NO_DATA,
            "nobody bought before April 2023",
            n=0,
            method="the earlier twelve months are known for 0 only",
        ),
        Row("nrr", COMPANY, "", NO_DATA, "nobody bought before April 2023", n=0),
        Row("grr", COMPANY, "", NO_DATA, "nobody bought before April 2023", n=0),
    ),
    bench: (
        Row(
            "retention_rate",
            COMPANY,
            "",
            1,
            "k01 to k10; the history begins just with the twelve months before, so nothing is to be said of it",
            n=10,
            method="12 months against the 12 before; Wilson interval",
        ),
    ),
    eleven: (
        Row(
            "retention_rate",
            COMPANY,
            "",
            NO_DATA,
            "14 of 24 months are known",
            n=0,
            method="the earlier twelve months are known for 2 only",
        ),
    ),
}
