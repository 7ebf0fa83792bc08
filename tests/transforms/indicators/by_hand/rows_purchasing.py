"""How often customers buy."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.edges import overdrawn
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, NOT_SUPPLIED, TIER, Row, Rows
from tests.transforms.indicators.by_hand.shop import shop

ROWS: Rows = {
    shop: (
        Row("gap_median_days", COMPANY, "", 274, "19, 59, 183, 245, 274, 304, 306, 317, 745; c1, c6, e1 have one purchase day", n=9),
        Row("gap_median_days", TIER, "a", 311.5, "306, 317", n=2),
        Row("orders_per_opening", COMPANY, "", 17 / 4, "15 + nobody's 2 / the quotes since 2023-04-01, p1's too", n=4),
        Row("orders_per_opening", TIER, "a", 5 / 2, "5 / 2 of a1", n=2),
        Row("orders_per_opening", TIER, "c", NO_DATA, "the quote to c4 is too old", n=0),
    ),
    overdrawn: (
        Row("orders_per_opening", COMPANY, "", NOT_SUPPLIED, "no quotes", n=None),
        Row("gap_median_days", COMPANY, "", NO_DATA, "one purchase day each", n=0),
    ),
}
