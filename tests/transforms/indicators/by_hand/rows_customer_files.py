"""What the customer files tell, and what they leave out."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.edges import nothing_left, overdrawn
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, NOT_SUPPLIED, TIER, Row, Rows
from tests.transforms.indicators.by_hand.shop import shop

ROWS: Rows = {
    shop: (
        Row("unknown_role_share", COMPANY, "", 5 / 12, "b2, c2, c3, c5, u1", n=12, lower=0.193260, upper=0.680489),
        Row("unknown_role_share", TIER, "b", 1 / 2, "b2", n=2),
        Row("unknown_industry_share", COMPANY, "", 9 / 12, "all but a1, b2, c4", n=12, lower=0.467695, upper=0.911058),
        Row("unknown_industry_share", TIER, "c", 5 / 6, "all but c4", n=6),
        Row("unknown_source_share", COMPANY, "", 4 / 12, "c1, c2, c5, e1", n=12, lower=0.138120, upper=0.609378),
        Row("unknown_source_share", TIER, "c", 3 / 6, "c1, c2, c5", n=6),
        Row("file_completeness", COMPANY, "", 30 / 96, "(8 + 3 + 2 + 3 + 2 + 1 + 1 + 4 + 0 + 2 + 2 + 2) / (12 x 8)", n=12),
        Row("file_completeness", TIER, "a", 11 / 16, "(8 + 3) / (2 x 8)", n=2),
    ),
    overdrawn: (
        Row("file_completeness", TIER, "a", NO_DATA, "nobody is of A", n=0),
        Row("unknown_role_share", TIER, "a", NO_DATA, "nobody is of A", n=0),
    ),
    nothing_left: (Row("unknown_role_share", COMPANY, "", NOT_SUPPLIED, "no customers table", n=None),),
}
