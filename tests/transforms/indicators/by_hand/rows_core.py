"""What the base leans on: inequality, the greatest customers, the core."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.edges import all_back, eleven, nothing_left, overdrawn
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, TIER, Row, Rows
from tests.transforms.indicators.by_hand.shop import shop

ROWS: Rows = {
    shop: (
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
    ),
    overdrawn: (
        Row("gini", COMPANY, "", 0.5, "100 and -50, which counts as 0: (-0 + 100) / (2 x 100)", n=2),
        Row("gini", TIER, "a", NO_DATA, "nobody is of A", n=0),
        Row("top1_customers_share", COMPANY, "", 1, "100 / (100 + 0)", n=2),
    ),
    nothing_left: (Row("top1_customers_share", COMPANY, "", 1, "100 / 100", n=2),),
    eleven: (
        Row("top1_customers_share", COMPANY, "", 1 / 11, "10 / 110", n=11),
        Row("top5_customers_share", COMPANY, "", 5 / 11, "50 / 110", n=11),
        Row("top10_customers_share", COMPANY, "", 10 / 11, "100 / 110", n=11),
        Row("gini", COMPANY, "", 0, "all alike", n=11),
    ),
    all_back: (
        Row("top1_customers_share", COMPANY, "", NO_DATA, "nobody has any value", n=1),
        Row("gini", COMPANY, "", NO_DATA, "nobody has any value", n=1),
    ),
}
