"""What the figures of the shop moved by since last month, whose figures stand in `companies.LAST_MONTH`.

mix of a tier = (share now - share then) x (mean of its two means - mean of the company's two); rate = mean of its shares x change of its
mean. A tier that was not there takes its other mean. The part of the company's mean comes to 0 in the sum. `outside` has what no tier has.
"""

from __future__ import annotations

from tests.transforms.indicators.by_hand.edges import overdrawn
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, NOT_SUPPLIED, TIER, Row, Rows
from tests.transforms.indicators.by_hand.rows_loyalty import LOYALTY, LOYALTY_A
from tests.transforms.indicators.by_hand.shop import shop

SIZE_A = 4 * ((3 / 8 * 80 + 1 / 6 * 150) / 3 + (3 / 8 * 150 + 1 / 6 * 80) / 6)
SIZE_C = 4 * ((5 / 8 * 40 + 1 / 2 * 25) / 3 + (5 / 8 * 25 + 1 / 2 * 40) / 6)
SIZE_NEW = 4 * (1 / 6 * (37.5 + 50) / 3 + 1 / 6 * (37.5 + 50) / 6)
MIX_A = (1 / 6 - 3 / 8) * ((8 * 80 + 12 * 150) / 3 + (8 * 150 + 12 * 80) / 6)
MIX_C = (1 / 2 - 5 / 8) * ((8 * 40 + 12 * 25) / 3 + (8 * 25 + 12 * 40) / 6)
MIX_NEW = 1 / 6 * (37.5 + 50) * (8 + 12) / 2
RATE_A = (150 - 80) * ((8 * 3 / 8 + 12 * 1 / 6) / 3 + (8 * 1 / 6 + 12 * 3 / 8) / 6)
RATE_C = (25 - 40) * ((8 * 5 / 8 + 12 * 1 / 2) / 3 + (8 * 1 / 2 + 12 * 5 / 8) / 6)
assert round(SIZE_A + SIZE_C + SIZE_NEW + MIX_A + MIX_C + MIX_NEW + RATE_A + RATE_C, 9) == (665 - 40) - (500 - 60)

ROWS: Rows = {
    shop: (
        Row("score_mean", COMPANY, "", 28.5, "(80 + 80 + 50 + 50 + 15 + 7 + 3) / 10", n=10, lower=4.701911, upper=52.298089),
        Row("score_mean", TIER, "b", 50, "(50 + 50) / 2", n=2),
        # all alike: Wilson of 0.8 of the scale
        Row("score_mean", TIER, "a", 80, "(80 + 80) / 2", n=2, lower=22.305514, upper=98.237300),
        Row("score_mean", TIER, "c", 25 / 6, "(15 + 7 + 3) / 6", n=6, lower=0, upper=10.442842),
        Row("score_mean", TIER, "unrated", NO_DATA, "without a score", n=0),
        # then a 2 x 4, c 2 x 2; now a 2 x 4.5, b 1 x 3, c 3 x 4, outside 1 x 1; 3 -> 25 / 7
        Row("csat_mean_by_mix", COMPANY, "", -7.75 / 14, "-3/14 x 4.25 + 1/7 x 3 - 1/14 x 3 + 1/7 x 1", n=7),
        Row("csat_mean_by_mix", TIER, "a", -3 / 14 * (4.25 - 23 / 7), "(2/7 - 1/2) x (4.25 - (3 + 25/7) / 2)", n=2),
        Row("csat_mean_by_mix", TIER, "b", 1 / 7 * (3 - 23 / 7), "(1/7 - 0) x (3 - 23/7)", n=1),
        Row("csat_mean_by_rate", COMPANY, "", 31.5 / 28, "11/28 x 0.5 + 13/28 x 2", n=7),
        Row("csat_mean_by_rate", TIER, "a", 5.5 / 28, "(1/2 + 2/7) / 2 x (4.5 - 4)", n=2),
        # then a 1 x 100, c 1 x 0; now a 3 x 275/3, b 1 x 50, c 3 x 75, outside 1 x 0; 50 -> 68.75
        Row("satisfaction_index_by_mix", COMPANY, "", (-575 / 6 + 50 - 37.5) / 8, "-1/8 x 575/6 + 1/8 x 50 - 1/8 x 37.5 + 1/8 x 0", n=8),
        Row("satisfaction_index_by_mix", TIER, "a", -1 / 8 * (575 / 6 - 59.375), "(3/8 - 1/2) x (575/6 - (50 + 68.75) / 2)", n=3),
        Row("satisfaction_index_by_rate", COMPANY, "", 7 / 16 * (75 - 25 / 3), "7/16 x (275/3 - 100) + 7/16 x 75", n=8),
        Row("satisfaction_index_by_rate", TIER, "a", -7 / 16 * 25 / 3, "(1/2 + 3/8) / 2 x (275/3 - 100)", n=3),
        # then a 2 x 50, c 2 x -50; now a 2 x 0, b 1 x 0, c 2 x -50, outside 2 x 0; 0 -> -100 / 7
        Row("nps_by_mix", COMPANY, "", 75 / 14, "-3/14 x 25 - 3/14 x -50", n=7),
        Row("nps_by_mix", TIER, "a", -3 / 14 * (25 + 50 / 7), "(2/7 - 1/2) x ((50 + 0) / 2 - (0 - 100/7) / 2)", n=2),
        Row("nps_by_rate", COMPANY, "", -275 / 14, "11/28 x (0 - 50) + 0", n=7),
        Row("nps_by_rate", TIER, "a", -275 / 14, "(1/2 + 2/7) / 2 x (0 - 50)", n=2),
        # then a 1 x 40; now a 2, b 2, c 6
        Row(
            "loyalty_index_by_mix",
            COMPANY,
            "",
            (10 * LOYALTY - 2 * LOYALTY_A) / 10 - 0.8 * (40 + LOYALTY_A) / 2,
            "b and c came in with their sums / 10; a fell from 1 to 0.2",
            n=10,
        ),
        Row(
            "loyalty_index_by_mix",
            TIER,
            "a",
            -0.8 * ((40 + LOYALTY_A) / 2 - (40 + LOYALTY) / 2),
            "(0.2 - 1) x (its mean of both months - the company's)",
            n=2,
        ),
        Row("loyalty_index_by_rate", COMPANY, "", 0.6 * (LOYALTY_A - 40), "(1 + 0.2) / 2 x the change of a; b and c were not there", n=10),
        Row("loyalty_index_by_rate", TIER, "a", 0.6 * (LOYALTY_A - 40), "(1 + 0.2) / 2 x its change", n=2),
        # then a 1 x 70, c 1 x 10; now a 2 x 80, b 2 x 50, c 6 x 25/6; 40 -> 28.5
        Row("score_mean_by_mix", COMPANY, "", -22.5 + 10 + 8.5 / 12, "-0.3 x 75 + 0.2 x 50 + 0.1 x (10 + 25/6) / 2", n=10),
        Row("score_mean_by_mix", TIER, "a", -0.3 * (75 - 34.25), "(0.2 - 0.5) x (75 - (40 + 28.5) / 2)", n=2),
        Row("score_mean_by_rate", COMPANY, "", 3.5 - 0.55 * 35 / 6, "0.35 x 10 + 0.55 x (25/6 - 10)", n=10),
        Row("score_mean_by_rate", TIER, "a", 3.5, "(0.5 + 0.2) / 2 x (80 - 70)", n=2),
        # then 8 customers: a 3/8 x 80, c 5/8 x 40; now 12: a 1/6 x 150, b 1/6 x 37.5, c 1/2 x 25, unrated 1/6 x 50; printed to a millionth.
        # a part is its change x (both others then + both now) / 3 + (one then, one now, and the other way round) / 6
        Row("net_revenue_by_size", COMPANY, "", SIZE_A + SIZE_C + SIZE_NEW, "4 more customers", n=12, near=1e-6),
        Row("net_revenue_by_size", TIER, "a", SIZE_A, "4 x ((3/8 x 80 + 1/6 x 150) / 3 + (3/8 x 150 + 1/6 x 80) / 6)", n=2, near=1e-6),
        Row("net_revenue_by_mix", COMPANY, "", MIX_A + MIX_C + MIX_NEW, "other shares of the tiers", n=12, near=1e-6),
        Row("net_revenue_by_mix", TIER, "a", MIX_A, "(1/6 - 3/8) x ((8 x 80 + 12 x 150) / 3 + (8 x 150 + 12 x 80) / 6)", n=2, near=1e-6),
        Row("net_revenue_by_rate", COMPANY, "", RATE_A + RATE_C, "other nets per customer; b and unrated were not there", n=12, near=1e-6),
        Row("net_revenue_by_rate", TIER, "a", RATE_A, "(150 - 80) x ((8 x 3/8 + 12 x 1/6) / 3 + (8 x 1/6 + 12 x 3/8) / 6)", n=2, near=1e-6),
        Row("net_revenue_by_outside", COMPANY, "", -20, "nobody's 40 now, 500 - 240 - 200 = 60 then", n=12),
    ),
    overdrawn: (
        Row("csat_mean_by_mix", COMPANY, "", NO_DATA, "no month before", n=None),
        Row("nps_by_rate", COMPANY, "", NOT_SUPPLIED, "never asked", n=None),
        Row("net_revenue_by_outside", COMPANY, "", NO_DATA, "no month before", n=None),
    ),
}
