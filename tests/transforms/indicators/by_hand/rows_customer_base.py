"""From the customers of the month before to those of now."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.edges import overdrawn
from tests.transforms.indicators.by_hand.rows import COMPANY, NOT_SUPPLIED, TIER, Row, Rows
from tests.transforms.indicators.by_hand.shop import shop

ROWS: Rows = {
    shop: (
        Row(
            "base_opening",
            COMPANY,
            "",
            9,
            "in February a1, a9, a2, b1, b2, c2, c4, c5, e1; c1, c9 and c3 were lost, c6 not known",
            n=9,
            method="last month's review",
        ),
        Row("base_opening", TIER, "a", 2, "a1, a2", n=2),
        Row("base_opening", TIER, "c", 4, "c2, c4, c5 and, as known today, c6", n=4),
        Row("base_opening", TIER, "unrated", 1, "e1; u1 is new", n=1),
        Row("base_reactivated", COMPANY, "", 1, "c3", n=1),
        Row("base_reactivated", TIER, "c", 1, "c3", n=1),
        Row("base_reactivated", TIER, "a", 0, "nobody", n=0),
        Row("base_merged", COMPANY, "", 1, "a9 is a1; c9 was lost before it became c1", n=1),
        Row("base_restated", COMPANY, "", 1, "9 - (9 + 1 new + 1 back - 2 lost - 1 merged): c6, whose order came late", n=9),
        Row("customers_bought", COMPANY, "", 4, "a1, b2, c3, u1", n=4),
        Row("customers_bought", TIER, "c", 1, "c3", n=1),
        Row("prospects", COMPANY, "", 3, "p1, seen first on the last day, p4, and p2; p3 comes in April", n=3),
    ),
    overdrawn: (
        Row(
            "base_opening",
            COMPANY,
            "",
            2,
            "no review of February, so as known today: h1, h2",
            n=2,
            method="worked out now for last month's end",
        ),
        Row("base_merged", COMPANY, "", NOT_SUPPLIED, "no review of February", n=None),
        Row("base_restated", COMPANY, "", 0, "2 - (2 + 0 + 0 - 0 - 0)", n=2),
        Row("customers_bought", COMPANY, "", 0, "nobody in March", n=0),
        Row("prospects", COMPANY, "", 0, "both bought", n=0),
    ),
}
