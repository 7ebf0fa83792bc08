"""The groups of customers and what the base leans on.

Current value is the net of the twelve months: a1 800, a2 800, b1 500, b2 375, c1 -60, c2 0, c3 150, c4 70, c5 0, c6 10, u1 100, e1 40:
2785 in all, 2845 without c1. Value score = (historic / 10 / 4 + current / 10 / 2) / 0.75: a1 70 and a2 86.7 are high,
b1 40 is mid, u1 and e1 are unrated.
"""

from __future__ import annotations

from tests.transforms.indicators.by_hand.companies import asked, eleven, nothing_left, overdrawn, shop, shop_with_model
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, NOT_SUPPLIED, SEGMENT, TIER, TOO_FEW, Row, Rows

POTENTIAL_C = 600 * (1 - 16 / (3 * 745)) + 680 * (1 - 335 / (3 * 304)) + 750 * (1 - 467 / (3 * 183)) + 740 * (1 - 107 / 365)
"""c3, c4, c5, c6: what is lacking to 750, the third quarter of the frozen values, as far as their silence lets hope; c1 and c2 are lost."""
POTENTIAL = 375 + POTENTIAL_C + 650 * (1 - 11 / 365) + 710 * (1 - 142 / 365)
"""And b2, who bought today, u1 and e1; a1 and a2 have more than 750, b1 is lost."""

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
        Row("group_value_share", SEGMENT, "region=west", NO_DATA, "c1 has -60", n=1),
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
        # sorted upwards: 10, 40, 70, 100, 150, 375, 500, 800, 800 with weights -8, -6, ... 8
        Row("gini", COMPANY, "", 13150 / (9 * 2845), "(-80 - 240 - 280 - 200 + 0 + 750 + 2000 + 4800 + 6400) / (9 x 2845)", n=9),
        Row("gini", TIER, "b", 125 / (2 * 875), "(-375 + 500) / (2 x 875)", n=2),
        Row("gini", TIER, "c", 280 / (3 * 230), "(-2 x 10 + 0 x 70 + 2 x 150) / (3 x 230); c1, c2, c5 are not active", n=3),
        Row("top1_customers_share", COMPANY, "", 800 / 2845, "a1", n=12),
        Row("top5_customers_share", COMPANY, "", 2625 / 2845, "800 + 800 + 500 + 375 + 150", n=12),
        Row("top10_customers_share", COMPANY, "", 1, "all who have any", n=12),
        Row("core_customers", COMPANY, "", 5, "800 + 800 + 500 + 375 first reach 80 % of 2805 without e1; c4 by hand", n=12),
        Row("core_customers", TIER, "b", 2, "b1, b2", n=2),
        Row("core_customers", TIER, "c", 1, "c4 by hand; c5 was named by nobody", n=6),
        Row("historic_value", COMPANY, "", 2990, "500 + 1000 + 200 + 600 + 200 + 90 + 350 + 50", n=12),
        Row("historic_value", TIER, "a", 1500, "500 + 1000", n=2),
        Row("current_value", COMPANY, "", 2785, "all", n=12),
        Row("current_value", TIER, "a", 1600, "800 + 800", n=2),
        Row("potential_value", COMPANY, "", POTENTIAL, "see above; each to a ten-thousandth", n=12, near=1e-3),
        Row("potential_value", TIER, "c", POTENTIAL_C, "see above", n=6, near=1e-3),
        Row("unknown_role_share", COMPANY, "", 5 / 12, "b2, c2, c3, c5, u1", n=12, lower=0.193260, upper=0.680489),
        Row("unknown_role_share", TIER, "b", 1 / 2, "b2", n=2),
        Row("unknown_industry_share", COMPANY, "", 9 / 12, "all but a1, b2, c4", n=12, lower=0.467695, upper=0.911058),
        Row("unknown_industry_share", TIER, "c", 5 / 6, "all but c4", n=6),
        Row("unknown_source_share", COMPANY, "", 4 / 12, "c1, c2, c5, e1", n=12, lower=0.138120, upper=0.609378),
        Row("unknown_source_share", TIER, "c", 3 / 6, "c1, c2, c5", n=6),
        Row("file_completeness", COMPANY, "", 29 / 96, "(8 + 3 + 2 + 3 + 2 + 0 + 1 + 4 + 0 + 2 + 2 + 2) / (12 x 8)", n=12),
        Row("file_completeness", TIER, "a", 11 / 16, "(8 + 3) / (2 x 8)", n=2),
        Row("gap_median_days", COMPANY, "", 274, "19, 59, 183, 245, 274, 304, 306, 317, 745; c1, c6, e1 have one purchase day", n=9),
        Row("gap_median_days", TIER, "a", 311.5, "306, 317", n=2),
        Row("orders_per_opening", COMPANY, "", 17 / 4, "15 + nobody's 2 / the quotes since 2023-04-01, p1's too", n=4),
        Row("orders_per_opening", TIER, "a", 5 / 2, "5 / 2 of a1", n=2),
        Row("orders_per_opening", TIER, "c", NO_DATA, "the quote to c4 is too old", n=0),
    ),
    shop_with_model: (
        Row("potential_value", TIER, "c", POTENTIAL_C + 680 * 0.4 - 680 * (1 - 335 / 912), "c4 by P(alive) 0.4", n=6, near=1e-3),
    ),
    overdrawn: (
        Row("gini", COMPANY, "", 0.5, "100 and -50, which counts as 0: (-0 + 100) / (2 x 100)", n=2),
        Row("gini", TIER, "a", NO_DATA, "nobody is of A", n=0),
        Row("top1_customers_share", COMPANY, "", 1, "100 / (100 + 0)", n=2),
        Row("group_value_share", SEGMENT, "region=north", NO_DATA, "100 of 50 is no share", n=1),
        Row("group_value_share", SEGMENT, "region=south", NO_DATA, "-50", n=1),
        Row("current_value", COMPANY, "", 50, "100 + 10 - 60", n=2),
        Row("orders_per_opening", COMPANY, "", NOT_SUPPLIED, "no quotes", n=None),
        Row("file_completeness", TIER, "a", NO_DATA, "nobody is of A", n=0),
        Row("gap_median_days", COMPANY, "", NO_DATA, "one purchase day each", n=0),
        Row("unknown_role_share", TIER, "a", NO_DATA, "nobody is of A", n=0),
    ),
    nothing_left: (
        Row("group_value_share", SEGMENT, "value_class=low", NO_DATA, "100 - 100 = 0 cannot be shared out", n=2),
        Row("top1_customers_share", COMPANY, "", 1, "100 / 100", n=2),
    ),
    eleven: (
        Row("top1_customers_share", COMPANY, "", 1 / 11, "10 / 110", n=11),
        Row("top5_customers_share", COMPANY, "", 5 / 11, "50 / 110", n=11),
        Row("top10_customers_share", COMPANY, "", 10 / 11, "100 / 110", n=11),
        Row("gini", COMPANY, "", 0, "all alike", n=11),
        Row("group_value_share", SEGMENT, "value_class=low", 1, "110 / 110", n=11),
        Row("unknown_role_share", COMPANY, "", NOT_SUPPLIED, "no customers table", n=None),
    ),
    asked: (
        Row("group_customers", SEGMENT, "region=north", 3, "q1, q2, q3: as many as must be", n=3),
        Row("group_customers", SEGMENT, "region=south", TOO_FEW, "q4 alone", n=1),
        Row("group_nps", SEGMENT, "value_class=low", TOO_FEW, "two answers, three are needed", n=2),
    ),
}
