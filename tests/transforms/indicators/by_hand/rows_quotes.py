"""Quotes won and lost."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, NOT_SUPPLIED, TIER, Row, Rows
from tests.transforms.indicators.by_hand.shares import share
from tests.transforms.indicators.by_hand.trade import deficit, trade

ROWS: Rows = {
    trade: (
        share("win_rate_existing", COMPANY, "", 2, 7, "won q1, q10; lost q2, q3, q9, q11, q12; q14 is of the year before"),
        share("win_rate_existing", TIER, "a", 2, 4, "won q1, q10; lost q2, q3"),
        share("win_rate_existing", TIER, "c", 0, 3, "lost q9 (the day after lea's first), q11, q12"),
        share("win_rate_new", COMPANY, "", 3, 5, "won q4 (on lea's first day), q5, q7; lost q6 and q13, which name no customer of ours"),
        share("win_rate_new", TIER, "c", 2, 2, "won q4, q5"),
        Row("win_rate_new", TIER, "a", NO_DATA, "all quotes of a are to existing customers", n=0),
        share("lost_on_price_share", COMPANY, "", 2, 4, "q2 (Price) and q6 (价格) of q2, q3, q6, q13; the others tell no reason"),
        share("lost_on_price_share", TIER, "a", 1, 2, "q2 of q2, q3"),
        Row("lost_on_price_share", TIER, "c", NO_DATA, "q9, q11, q12 tell no reason", n=0),
        share("wins_above_rival_share", COMPANY, "", 1, 4, "q1; at 100 against 120 (q4), 100 (q5), and for the price (q10)"),
        share("wins_above_rival_share", TIER, "a", 1, 2, "q1, not q10"),
        share("wins_above_rival_share", TIER, "c", 0, 2, "q4 was below, q5 level"),
    ),
    deficit: (Row("win_rate_new", COMPANY, "", NOT_SUPPLIED, "no quotes", n=None),),
}
