"""How many customers, how much money, and who stays."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.companies import shop
from tests.transforms.indicators.by_hand.rows import COMPANY, TIER, UNATTRIBUTED, Row, Rows

ROWS: Rows = {
    shop: (
        Row("orders", COMPANY, "", 6, "a1, b2 (the cancelled one does not count), c3, twice u1, nobody's", n=6),
        Row("orders", TIER, "a", 1, "a1 on the 5th", n=1),
        Row("orders", UNATTRIBUTED, "", 1, "the order of the 8th", n=1),
    ),
}
