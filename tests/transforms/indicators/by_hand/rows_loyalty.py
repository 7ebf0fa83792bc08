"""Loyalty of behaviour and of attitude.

Rank of the yearly net: net / 10; of orders a month: 100 x orders / 12 (b2: nine months, c6: four); of time with us: 2 x months.
"""

from __future__ import annotations

from tests.transforms.indicators.by_hand.asked import asked
from tests.transforms.indicators.by_hand.edges import overdrawn
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, TIER, TOO_FEW, Row, Rows
from tests.transforms.indicators.by_hand.shop import shop

A1 = (80 + 100 * 4 / 12 + 2 * 21) / 3
A2 = (80 + 100 * 1 / 12 + 2 * 16) / 3
B1 = (50 + 100 * 1 / 12 + 2 * 14) / 3
B2 = (50 + 100 * 2 / 9 + 2 * 9) / 3
C1 = (0 + 0 + 2 * 22) / 3
C2 = (0 + 0 + 2 * 14) / 3
C3 = (15 + 100 * 2 / 12 + 2 * 25) / 3
C4 = (7 + 100 * 1 / 12 + 2 * 21) / 3
C5 = (0 + 0 + 2 * 21) / 3
C6 = (3 + 100 * 1 / 4 + 2 * 3) / 3
"""Behavioural loyalty of the ten who are graded."""

LA1 = 0.5 * A1 + 0.2 * 87.5 + 0.3 * 90
LA2 = 0.5 * A2 + 0.2 * 100 + 0.3 * 60
LB1 = (0.5 * B1 + 0.3 * 95) / 0.8
LB2 = 0.5 * B2 + 0.2 * 50 + 0.3 * 80
LC1 = (0.5 * C1 + 0.3 * 20) / 0.8
LC3 = 0.5 * C3 + 0.2 * 25 + 0.3 * 60
LC4 = 0.5 * C4 + 0.2 * 100 + 0.3 * 70
LC6 = (0.5 * C6 + 0.3 * 100) / 0.8
"""Loyalty indices with satisfaction (csat and acsi, 0-100) and recommendation (x 10); c2 and c5 said nothing: theirs are C2 and C5."""

LOYALTY_A = (LA1 + LA2) / 2
LOYALTY = (LA1 + LA2 + LB1 + LB2 + LC1 + C2 + LC3 + LC4 + C5 + LC6) / 10

ROWS: Rows = {
    shop: (
        Row(
            "behavioural_loyalty",
            COMPANY,
            "",
            (A1 + A2 + B1 + B2 + C1 + C2 + C3 + C4 + C5 + C6) / 10,
            "mean of ten",
            n=10,
            lower=14.856233,
            upper=34.425248,
        ),
        Row(
            "behavioural_loyalty",
            TIER,
            "a",
            (A1 + A2) / 2,
            "mean of a1, a2; two say so little that all is possible",
            n=2,
            lower=0,
            upper=100,
        ),
        Row("behavioural_loyalty", TIER, "unrated", NO_DATA, "too new, or not graded", n=0),
        Row(
            "loyalty_index",
            COMPANY,
            "",
            LOYALTY,
            "mean of ten",
            n=10,
            lower=25.545650,
            upper=55.022869,
            method="mean over customers; 5 of 10 with all parts; t interval",
        ),
        Row("loyalty_index", TIER, "a", LOYALTY_A, "mean of a1, a2", n=2),
        Row("loyalty_index", TIER, "unrated", NO_DATA, "of e1 only satisfaction is known, a fifth of the weight", n=0),
        # attitude is high from 80, behaviour from 30; who said nothing or is not graded is no part of it
        Row("share_true_loyalty", COMPANY, "", 2 / 8, "a1 (90; 52), b2 (80; 30.07) of 8", n=8, lower=0.071479, upper=0.590725),
        Row("share_true_loyalty", TIER, "a", 1 / 2, "a1 of a1, a2", n=2),
        Row("share_latent_loyalty", COMPANY, "", 2 / 8, "b1 (95; 29), c6 (100; 11)", n=8, lower=0.071479, upper=0.590725),
        Row("share_latent_loyalty", TIER, "c", 1 / 4, "c6 of c1, c3, c4, c6", n=4),
        Row("share_spurious_loyalty", COMPANY, "", 1 / 8, "a2 (60; 40)", n=8, lower=0.022417, upper=0.470888),
        Row("share_spurious_loyalty", TIER, "a", 1 / 2, "a2 of a1, a2", n=2),
        Row("share_no_loyalty", COMPANY, "", 3 / 8, "c1 (20; 15), c3 (60; 27), c4 (70; 19)", n=8, lower=0.136844, upper=0.694258),
        Row("share_no_loyalty", TIER, "c", 3 / 4, "c1, c3, c4 of c1, c3, c4, c6", n=4),
        Row("share_true_loyalty", TIER, "unrated", NO_DATA, "nobody there can be classified", n=0),
    ),
    asked: (Row("share_true_loyalty", COMPANY, "", TOO_FEW, "two told their attitude, three are needed", n=2),),
    overdrawn: (
        # h1: (20 + 100 / 6 + 12) / 3, satisfied by 75; h2: net below 0 ranks 0
        Row(
            "loyalty_index",
            COMPANY,
            "",
            ((0.5 * (20 + 100 / 6 + 12) / 3 + 0.2 * 75) / 0.7 + (0 + 100 / 6 + 12) / 3) / 2,
            "satisfaction and behaviour are 0.7 of the weight",
            n=2,
        ),
        Row("share_true_loyalty", COMPANY, "", NO_DATA, "nobody was asked to recommend", n=0),
    ),
}
