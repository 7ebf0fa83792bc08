"""The groups of customers.

Current value is the net of the twelve months: a1 800, a2 800, b1 500, b2 375, c1 -60, c2 0, c3 150, c4 70, c5 0, c6 10, u1 100, e1 40:
2785 in all, 2845 without c1. Value score = (historic / 10 / 4 + current / 10 / 2) / 0.75: a1 70 and a2 86.7 are high,
b1 40 is mid, u1 and e1 are unrated.
"""

from __future__ import annotations

from tests.transforms.indicators.by_hand.asked import asked, asked_too_few
from tests.transforms.indicators.by_hand.edges import eleven, nothing_left, overdrawn
from tests.transforms.indicators.by_hand.rows import NO_DATA, NOT_SUPPLIED, SEGMENT, TOO_FEW, Row, Rows
from tests.transforms.indicators.by_hand.shop import shop

ROWS: Rows = {
    shop: (
        Row("group_customers", SEGMENT, "value_class=high", 2, "a1, a2", n=2),
        Row("group_customers", SEGMENT, "value_class=mid", 1, "b1", n=1),
        Row("group_customers", SEGMENT, "value_class=unrated", 2, "u1, e1", n=2),
        Row("group_customers", SEGMENT, "source_channel=fair", 3, "a1, b1, c4", n=3),
        Row("group_customers", SEGMENT, "source_channel=unknown", 4, "c1, c2, c5, e1", n=4),
        Row("group_customers", SEGMENT, "region=north", 3, "a1, a2, e1", n=3),
        Row("group_customers", SEGMENT, "behaviour_class+value_class=loyal+high", 1, "a1: four orders, 26 days of silence, 21 months", n=1),
        Row("group_customers", SEGMENT, "region+tier=north+a", 2, "a1, a2", n=2),
        Row("group_customer_share", SEGMENT, "value_class=high", 2 / 12, "of the base", n=2),
        Row("group_customer_share", SEGMENT, "source_channel=fair", 3 / 12, "of the base", n=3),
        Row("group_customer_share", SEGMENT, "region=north", 3 / 12, "of the base", n=3),
        Row("group_net_12m", SEGMENT, "value_class=high", 1600, "800 + 800", n=2),
        Row("group_net_12m", SEGMENT, "source_channel=fair", 1370, "800 + 500 + 70", n=3),
        Row("group_net_12m", SEGMENT, "region=north", 1640, "800 + 800 + 40", n=3),
        Row("group_net_12m", SEGMENT, "behaviour_class+value_class=loyal+high", 800, "a1", n=1),
        Row("group_value_share", SEGMENT, "value_class=high", 1600 / 2785, "(800 + 800) / 2785", n=2),
        Row("group_value_share", SEGMENT, "source_channel=fair", 1370 / 2785, "(800 + 500 + 70) / 2785", n=3),
        Row("group_value_share", SEGMENT, "region=north", 1640 / 2785, "(800 + 800 + 40) / 2785", n=3),
        Row("group_value_share", SEGMENT, "region=west", NO_DATA, "c1 has -60", n=1, method="the group's value is below 0"),
        Row("group_value_share", SEGMENT, "region=east", 0, "c2 has 0", n=1),
        Row("group_tenure_median", SEGMENT, "value_class=high", 18.5, "21, 16", n=2),
        Row("group_tenure_median", SEGMENT, "value_class=low", 21, "b2 9, c1 22, c2 14, c3 25, c4 21, c5 21, c6 3", n=7),
        Row("group_tenure_median", SEGMENT, "source_channel=fair", 21, "21, 14, 21", n=3),
        Row("group_orders_median", SEGMENT, "value_class=high", 2.5, "4, 1", n=2),
        Row("group_orders_median", SEGMENT, "source_channel=fair", 1, "4, 1, 1", n=3),
        Row("group_basket_median", SEGMENT, "value_class=high", 550, "800 / 4, 900 / 1", n=2),
        Row("group_basket_median", SEGMENT, "value_class=low", 87.5, "b2 187.5, c3 75, c4 100, c6 10; c1, c2, c5 had no order", n=4),
        Row("group_basket_median", SEGMENT, "source_channel=fair", 200, "200, 500, 100 gross", n=3),
        Row("group_satisfaction", SEGMENT, "value_class=high", 93.75, "a1 (100 + 75) / 2, a2 100", n=2, lower=14.336220, upper=100),
        Row("group_satisfaction", SEGMENT, "role=unknown", 37.5, "b2 50, c3 25; c2, c5, u1 were not asked", n=2),
        Row("group_satisfaction", SEGMENT, "region=north", 87.5, "a1 87.5, a2 100, e1 75 in December", n=3, lower=56.448279, upper=100),
        Row("group_satisfaction", SEGMENT, "region=west", NO_DATA, "c1 answered another question", n=0),
        Row("group_nps", SEGMENT, "value_class=high", 0, "a1 9, a2 6", n=2, lower=-73.335137, upper=73.335137),
        Row("group_nps", SEGMENT, "value_class=low", -20, "b2 8, c1 2, c3 6, c4 7, c6 5 of 0-5: 1/5 - 2/5", n=5),
        Row("group_nps", SEGMENT, "source_channel=fair", 200 / 3, "a1 9, b1 9.5, c4 7", n=3, lower=-21.651850, upper=88.318517),
        Row("group_retention", SEGMENT, "value_class=low", 1 / 4, "c4 of c1, c2, c4, c5", n=4, lower=0.045587, upper=0.699358),
        Row("group_retention", SEGMENT, "source_channel=fair", 1, "a1, b1, c4", n=3),
        Row("group_retention", SEGMENT, "source_channel=unknown", 0, "c1, c2, c5; e1 is new since", n=3),
        Row("group_new", SEGMENT, "source_channel=web", 1, "u1", n=5),
        Row("group_new", SEGMENT, "source_channel=fair", 0, "nobody", n=3),
        Row("group_high_share", SEGMENT, "source_channel=fair", 1 / 3, "a1 of a1, b1, c4", n=3, lower=0.061492, upper=0.792340),
        Row("group_high_share", SEGMENT, "source_channel=web", 1 / 4, "a2 of a2, b2, c3, c6; u1 is not rated", n=4),
        Row("group_acquisition_cost", SEGMENT, "source_channel=web", 200, "(350 on the first day + 250) / (b2, c6, u1)", n=3),
        Row("group_acquisition_cost", SEGMENT, "source_channel=fair", NO_DATA, "nobody came by it in twelve months", n=0),
        Row("group_acquisition_cost", SEGMENT, "source_channel=unknown", NOT_SUPPLIED, "no campaign", n=None),
        Row("group_acquisition_cost", SEGMENT, "role=dealer", NOT_SUPPLIED, "campaigns name sources", n=None),
    ),
    overdrawn: (
        Row(
            "group_value_share",
            SEGMENT,
            "region=north",
            NO_DATA,
            "100 of 50 is no share",
            n=1,
            method="the group has more than all together: others are below 0",
        ),
        Row("group_value_share", SEGMENT, "region=south", NO_DATA, "-50", n=1),
    ),
    nothing_left: (Row("group_value_share", SEGMENT, "value_class=low", NO_DATA, "100 - 100 = 0 cannot be shared out", n=2),),
    eleven: (
        Row("group_value_share", SEGMENT, "value_class=low", 1, "110 / 110", n=11),
        Row("group_acquisition_cost", SEGMENT, "source_channel=web", 50, "50 / k00, who came on the first day", n=1),
    ),
    asked_too_few: (Row("group_customers", SEGMENT, "region=north", TOO_FEW, "three of five that are needed", n=3),),
    asked: (
        Row("group_satisfaction", SEGMENT, "source_channel=web", TOO_FEW, "q1, q2; three are needed", n=2),
        Row("group_customers", SEGMENT, "region=north", 3, "q1, q2, q3: as many as must be", n=3),
        Row("group_customers", SEGMENT, "region=south", TOO_FEW, "q4 alone", n=1),
        Row("group_nps", SEGMENT, "value_class=low", TOO_FEW, "two answers, three are needed", n=2),
    ),
}
