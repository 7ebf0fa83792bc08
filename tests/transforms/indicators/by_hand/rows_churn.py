"""Who goes, who comes back, and for how long customers stay."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.edges import overdrawn
from tests.transforms.indicators.by_hand.old import faithful, old, one_gone
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, NOT_SUPPLIED, TIER, Row, Rows
from tests.transforms.indicators.by_hand.shop import shop, shop_with_model

ROWS: Rows = {
    shop: (
        Row(
            "churn_rate_silent",
            COMPANY,
            "",
            5 / 7,
            "a2 (180 days), c1, c2, c4, c5 of the 7 who bought before; b1 only for 179",
            n=7,
            lower=0.358934,
            upper=0.917781,
        ),
        Row("churn_rate_silent", TIER, "a", 1 / 2, "a2 of a1, a2", n=2),
        Row("churn_rate_lost", COMPANY, "", 3 / 7, "b1, c1, c2 of the 7", n=7, lower=0.158220, upper=0.749542),
        Row("churn_rate_lost", TIER, "c", 2 / 4, "c1, c2 of c1, c2, c4, c5", n=4),
        Row("churn_rate_model", COMPANY, "", NOT_SUPPLIED, "no model", n=None),
        Row("customers_reactivated_12m", COMPANY, "", 1, "c3; b2, c6, e1, u1 are won, the others bought before", n=1),
        Row("customers_reactivated_12m", TIER, "c", 1, "c3", n=1),
        Row("customers_reactivated_12m", TIER, "a", 0, "nobody", n=0),
        Row("revenue_churn_rate", COMPANY, "", 1390 / 2900, "1 - (500 + 800 + 200 - 60 + 70) / 2900", n=7),
        Row("revenue_churn_rate", TIER, "a", 200 / 1500, "1 - 1300 / 1500; alone a1 lost 0, a2 0.2", n=2, lower=0, upper=0.2),
        Row("revenue_left_rate", COMPANY, "", 850 / 2900, "(c1 600 + c2 200 + c5 50) / 2900; c4 bought less but did not leave", n=7),
        Row(
            "revenue_left_rate",
            TIER,
            "c",
            850 / 1200,
            "of 256 draws 1 gives 0, 4 give 50/1100, 6 then 50/400: 4.3 %",
            n=4,
            lower=50 / 400,
            upper=1,
        ),
        Row("revenue_left_rate", TIER, "a", 0, "nobody of A left, so no draw differs", n=2, lower=None, upper=None),
        Row("replacement_ratio", COMPANY, "", 525 / 850, "(b2 375 + c6 10 + u1 100 + e1 40) / (600 + 200 + 50)", n=7),
        Row("replacement_ratio", TIER, "c", 10 / 850, "c6 for c1, c2, c5", n=4),
        Row("replacement_ratio", TIER, "b", NO_DATA, "nobody left", n=0),
        Row("replacement_ratio_customers", COMPANY, "", 4 / 3, "b2, c6, u1, e1 for c1, c2, c5", n=7),
        Row("replacement_ratio_customers", TIER, "c", 1 / 3, "c6 for c1, c2, c5", n=4),
        Row("replacement_ratio_customers", TIER, "b", NO_DATA, "b2 was won, nobody left", n=1),
        Row(
            "customer_survival_5y",
            COMPANY,
            "",
            NO_DATA,
            "known: b1, c1, c2 as lost, c5 for 650 - 549 days",
            n=4,
            method="the longest known customer can be followed for 0.9 years",
        ),
    ),
    shop_with_model: (
        Row("churn_rate_model", COMPANY, "", 0.55, "1 - (0.9 + 0.5 + 0.6 + 0.1 + 0.2 + 0.4) / 6, c5 is not known", n=6),
        Row("churn_rate_model", TIER, "a", 0.3, "1 - (0.9 + 0.5) / 2", n=2),
    ),
    overdrawn: (
        Row("revenue_churn_rate", COMPANY, "", NO_DATA, "nobody bought before April 2023", n=0),
        Row("replacement_ratio", COMPANY, "", NO_DATA, "nobody to replace", n=0),
        Row("replacement_ratio_customers", COMPANY, "", NO_DATA, "no year before the last", n=0),
    ),
    old: (
        Row("customers_reactivated_12m", COMPANY, "", 1, "o3, silent from 2018 to March; o1, o2 did not come back, o6, o7 are won", n=1),
        # log-log: 0.4 ^ exp(+-1.959964 x sqrt(1 / (5 x 4) + 1 / (2 x 1)) / -ln 0.4)
        Row(
            "customer_survival_5y",
            COMPANY,
            "",
            0.4,
            "after 30 days 4 of 5, after 731 days 1 of 2: o4 and o5 are followed no longer",
            n=6,
            lower=0.011369,
            upper=0.828996,
        ),
    ),
    one_gone: (
        # log-log: 0.5 ^ exp(+-1.959964 x sqrt(1 / (2 x 1)) / -ln 0.5)
        Row("customer_survival_5y", COMPANY, "", 0.5, "after 30 days 1 of 2", n=2, lower=0.005983, upper=0.910410),
    ),
    faithful: (Row("customer_survival_5y", COMPANY, "", 1, "nobody was lost; o3, o4, o5 are followed", n=3, lower=None, upper=None),),
}
