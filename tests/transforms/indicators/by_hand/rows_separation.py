"""What separates the value classes."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.office import office
from tests.transforms.indicators.by_hand.rows import NO_DATA, SEGMENT, Row, Rows

ROWS: Rows = {
    office: (
        Row(
            "separation",
            SEGMENT,
            "separates=orders_12m",
            1 / 45,
            "high 2, 1, 1; mid 2, 1, 1; low 1, 2: between 3 (4/3 - 11/8)^2 twice and 2 (3/2 - 11/8)^2 = 1/24, in all 17 - 121/8 = 15/8",
            n=8,
            lower=None,
        ),
        Row(
            "separation",
            SEGMENT,
            "separates=net_12m",
            (2300**2 / 3 + 1640**2 / 3 + 190**2 / 2 - 4130**2 / 8) / (2_697_700 - 4130**2 / 8),
            "high 700, 800, 800; mid 500, 500, 640; low 100, 90: squares of the classes' sums over their sizes less that of all, over "
            "the same of the single values, whose squares add up to 2,697,700",
            n=8,
        ),
        Row("separation", SEGMENT, "separates=nps_score", 1, "hal 10, mac 8, lou 6, each in a class of its own; ned is unrated", n=3),
        Row("separation", SEGMENT, "separates=complaints_12m", NO_DATA, "nobody complained: nothing varies", n=8),
        Row("separation", SEGMENT, "separates=satisfaction_index", NO_DATA, "hub alone was asked", n=1),
    ),
}
