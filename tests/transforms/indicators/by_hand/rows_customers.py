"""How many customers there are, and who is new, current, lost or came back."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.rows import COMPANY, TIER, Row, Rows
from tests.transforms.indicators.by_hand.shop import shop

ROWS: Rows = {
    shop: (
        Row("customers_base", COMPANY, "", 12, "12 with an order ever; p1 to p3 never bought", n=12),
        Row("customers_base", TIER, "c", 6, "c1 to c6", n=6),
        Row("customers_base", TIER, "unrated", 2, "u1 and the employee", n=2),
        Row("customers_current", COMPANY, "", 9, "12 - b1, c1, c2", n=9),
        Row("customers_current", TIER, "b", 1, "b2; the contract of b1 has ended", n=1),
        Row("customers_current", TIER, "c", 4, "c3, c4, c6, and c5 whose interval is long", n=4),
        Row("customers_active_12m", COMPANY, "", 9, "a1, a2, b1, b2, c3, c4, c6, u1, e1", n=9),
        Row("customers_active_12m", TIER, "b", 2, "b1, b2", n=2),
        Row("customers_active_12m", TIER, "c", 3, "c3, c4, c6", n=3),
        Row("customers_new", COMPANY, "", 1, "u1", n=1),
        Row("customers_new", TIER, "unrated", 1, "u1", n=1),
        Row("customers_new", TIER, "c", 0, "c3 bought before", n=0),
        Row("customers_lost", COMPANY, "", 2, "b1 by contract, c2 by silence; c1 was lost before", n=2),
        Row("customers_lost", TIER, "b", 1, "b1", n=1),
        Row("customers_lost", TIER, "c", 1, "c2", n=1),
    ),
}
