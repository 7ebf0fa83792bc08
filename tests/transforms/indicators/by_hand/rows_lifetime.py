"""What is to be expected of customers.

The numbers of the club are those of `second_way`, which `test_second_way` finds again from raw orders.
"""

from __future__ import annotations

from tests.transforms.indicators.by_hand.club import club, fair
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, TIER, TOO_FEW, Row, Rows
from tests.transforms.indicators.by_hand.shop import shop

ROWS: Rows = {
    club: (
        Row(
            "expected_orders_12m",
            COMPANY,
            "",
            2970.901,
            "gamma rates and beta chances of leaving, integrated over 365 days",
            n=700,
            near=6e-2,
        ),
        Row(
            "expected_orders_12m",
            TIER,
            "a",
            2533.048,
            "gamma rates and beta chances of leaving, integrated over 365 days",
            n=152,
            near=5e-2,
        ),
        Row(
            "expected_orders_12m",
            TIER,
            "c",
            207.3551,
            "gamma rates and beta chances of leaving, integrated over 365 days",
            n=512,
            near=4e-3,
        ),
        Row("expected_net_12m", COMPANY, "", 418237.3, "the same times what a day of each is worth, less what comes back", n=700, near=8e0),
        Row("expected_net_12m", TIER, "a", 384331.4, "the same times what a day of each is worth, less what comes back", n=152, near=8e0),
        Row("expected_net_12m", TIER, "c", 15234.9, "the same times what a day of each is worth, less what comes back", n=512, near=3e-1),
        Row("lifetime_value_36m", COMPANY, "", 1022707, "36 months' gains, each discounted at 10 % a year", n=700, near=2e1),
        Row("lifetime_value_36m", TIER, "a", 939960.1, "36 months' gains, each discounted at 10 % a year", n=152, near=2e1),
        Row("lifetime_value_36m", TIER, "c", 37115.98, "36 months' gains, each discounted at 10 % a year", n=512, near=8e-1),
        Row(
            "share_likely_gone",
            COMPANY,
            "",
            29 / 274,
            "of those who ordered in the year, whose chance of being there is below one half",
            n=274,
            lower=0.07470819,
            upper=0.14787,
            near=1e-6,
        ),
        Row(
            "share_likely_gone",
            TIER,
            "a",
            7 / 152,
            "of those who ordered in the year, whose chance of being there is below one half",
            n=152,
            lower=0.02248434,
            upper=0.09200034,
            near=1e-6,
        ),
        Row(
            "share_likely_gone",
            TIER,
            "c",
            20 / 86,
            "of those who ordered in the year, whose chance of being there is below one half",
            n=86,
            lower=0.1558911,
            upper=0.3320959,
            near=1e-6,
        ),
        Row("net_likely_gone", COMPANY, "", 13457.23, "their net of the year", n=29, near=3e-1),
        Row("net_likely_gone", TIER, "a", 9817.6, "their net of the year", n=7, near=2e-1),
        Row("net_likely_gone", TIER, "c", 2627.31, "their net of the year", n=20, near=5e-2),
        Row("expected_orders_12m", TIER, "unrated", 0, "nobody came in the last three months", n=0),
        Row("share_likely_gone", TIER, "unrated", NO_DATA, "nobody", n=0),
    ),
    fair: (
        Row("expected_orders_12m", COMPANY, "", TOO_FEW, "200 customers are needed", n=61),
        Row("expected_net_12m", COMPANY, "", TOO_FEW, "200 customers are needed", n=61),
        Row("share_likely_gone", COMPANY, "", TOO_FEW, "200 customers are needed", n=61),
        Row("net_likely_gone", COMPANY, "", TOO_FEW, "200 customers are needed", n=61),
        Row("lifetime_value_36m", COMPANY, "", NO_DATA, "the policy assumes no rate of discount", n=0),
    ),
    shop: (
        Row("expected_orders_12m", COMPANY, "", NO_DATA, "no model was asked for", n=0),
        Row("expected_net_12m", COMPANY, "", NO_DATA, "no model was asked for", n=0),
        Row("lifetime_value_36m", COMPANY, "", NO_DATA, "no model was asked for", n=0),
        Row("share_likely_gone", COMPANY, "", NO_DATA, "no model was asked for", n=0),
        Row("net_likely_gone", COMPANY, "", NO_DATA, "no model was asked for", n=0),
    ),
}
