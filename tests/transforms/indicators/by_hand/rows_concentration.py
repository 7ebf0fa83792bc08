"""What the base leans on, and what may be lost."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.bench import bench
from tests.transforms.indicators.by_hand.edges import all_back, eleven, nothing_left, overdrawn
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, TIER, Row, Rows
from tests.transforms.indicators.by_hand.shop import shop

ROWS: Rows = {
    shop: (
        Row("top20_share", COMPANY, "", 1600 / 2845, "2 of 9 rounded up: (800 + 800) / (2785 + 60, as c1 is not active)", n=9),
        Row("top20_share", TIER, "c", 150 / 230, "1 of 3: 150 / (150 + 70 + 10)", n=3),
        Row("revenue_at_risk", COMPANY, "", 870, "a2, silent for 180 days, 800 + c4 70; b1 for 179, c2 not active", n=2),
        Row("revenue_at_risk", TIER, "a", 800, "900 - 100", n=1),
        Row("revenue_at_risk", TIER, "b", 0, "179 days are not enough", n=0),
    ),
    overdrawn: (
        Row("top20_share", COMPANY, "", 1, "100 / (100 + 10 - 60) is 2, and a share is 1 at most", n=2),
        Row("top20_share", TIER, "a", NO_DATA, "nobody is of A", n=0),
    ),
    nothing_left: (Row("top20_share", COMPANY, "", NO_DATA, "100 + 10 - 110 = 0 cannot be shared out", n=2),),
    all_back: (Row("top20_share", COMPANY, "", NO_DATA, "10 - 10 = 0 cannot be shared out", n=1),),
    bench: (Row("top20_share", TIER, "unrated", 1, "k11 alone", n=1),),
    eleven: (Row("top20_share", COMPANY, "", 3 / 11, "3 of 11 rounded up", n=11),),
}
