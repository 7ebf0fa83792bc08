"""What a customer was, is and may become worth."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.edges import overdrawn
from tests.transforms.indicators.by_hand.rows import COMPANY, TIER, Row, Rows
from tests.transforms.indicators.by_hand.shop import shop, shop_with_model

POTENTIAL_C = 600 * (1 - 16 / (3 * 745)) + 680 * (1 - 335 / (3 * 304)) + 750 * (1 - 467 / (3 * 183)) + 740 * (1 - 107 / 365)
"""c3, c4, c5, c6: what is lacking to 750, the third quarter of the frozen values, as far as their silence lets hope; c1 and c2 are lost."""
POTENTIAL = 375 + POTENTIAL_C + 650 * (1 - 11 / 365) + 710 * (1 - 142 / 365)
"""And b2, who bought today, u1 and e1; a1 and a2 have more than 750, b1 is lost."""

ROWS: Rows = {
    shop: (
        Row("historic_value", COMPANY, "", 2990, "500 + 1000 + 200 + 600 + 200 + 90 + 350 + 50", n=12),
        Row("historic_value", TIER, "a", 1500, "500 + 1000", n=2),
        Row("current_value", COMPANY, "", 2785, "all", n=12),
        Row("current_value", TIER, "a", 1600, "800 + 800", n=2),
        Row("potential_value", COMPANY, "", POTENTIAL, "see above; each to a ten-thousandth", n=12, near=1e-3),
        Row("potential_value", TIER, "c", POTENTIAL_C, "see above", n=6, near=1e-3),
    ),
    shop_with_model: (
        Row("potential_value", TIER, "c", POTENTIAL_C + 680 * 0.4 - 680 * (1 - 335 / 912), "c4 by P(alive) 0.4", n=6, near=1e-3),
    ),
    overdrawn: (Row("current_value", COMPANY, "", 50, "100 + 10 - 60", n=2),),
}
