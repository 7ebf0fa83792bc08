"""What winning customers costs against keeping them, quotes and referrals."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, NOT_SUPPLIED, TIER, Row, Rows
from tests.transforms.indicators.by_hand.shares import share
from tests.transforms.indicators.by_hand.trade import deficit, thrift, trade

ROWS: Rows = {
    trade: (
        Row("acquisition_cost_per_new", COMPANY, "", 40, "(100 + 60) / lea, ref, fre and ano; March 2023 is over", n=4, lower=None),
        Row("acquisition_cost_per_new", TIER, "c", 30, "60 booked to c / lea and ref", n=2),
        Row("acquisition_cost_per_new", TIER, "a", NOT_SUPPLIED, "nothing of the kind is booked to a", n=None),
        Row("retention_cost_per_kept", COMPANY, "", 30, "(70 + 40 + 10) / tom, sue, non and una; neg was away the year before", n=4),
        Row("retention_cost_per_kept", TIER, "a", 20, "40 / tom and sue", n=2),
        Row("retention_cost_per_kept", TIER, "c", 10, "10 / una", n=1),
        Row("retention_cost_per_kept", TIER, "b", NOT_SUPPLIED, "nothing of the kind is booked to b", n=None),
        Row("win_to_keep_ratio", COMPANY, "", 40 / 30, "40 against 30; four won and four kept", n=8),
        Row("win_to_keep_ratio", TIER, "c", 3, "30 against 10", n=3),
        Row("win_to_keep_ratio", TIER, "a", NOT_SUPPLIED, "20 for keeping, and no cost of winning to set against it", n=None),
        Row("service_cost_ratio", COMPANY, "", 0.05, "(139 + 25) / (3,240 + 60 - 20 of nobody's)", n=11),
        Row("service_cost_ratio", TIER, "b", 0.05, "25 / 500", n=1),
        Row("service_cost_ratio", TIER, "a", NOT_SUPPLIED, "no service is booked to a", n=None),
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
        share("referred_new_share", COMPANY, "", 2, 3, "ref and fre, of those two and lea; of ano nothing is known, non is not new"),
        share("referred_new_share", TIER, "c", 1, 2, "ref, not lea"),
        Row("referred_new_share", TIER, "a", NO_DATA, "nobody of a is new", n=0),
        Row("referred_net_per_customer", COMPANY, "", 128, "(190 of ref + 66 of fre) / 2", n=2, lower=None),
        Row("referred_net_per_customer", TIER, "c", 190, "ref", n=1),
        Row("referred_net_per_customer", TIER, "a", NO_DATA, "nobody of a is new", n=0),
    ),
    thrift: (
        Row("acquisition_cost_per_new", COMPANY, "", 10, "(6 + 4) for the new one", n=1),
        Row("acquisition_cost_per_new", TIER, "c", NO_DATA, "4 booked to c, where nobody is new", n=0),
        Row("retention_cost_per_kept", COMPANY, "", 0, "nothing is booked as nothing", n=1),
        Row("retention_cost_per_kept", TIER, "unrated", NO_DATA, "booked as nothing, and none of the unrated is kept", n=0),
        Row("win_to_keep_ratio", COMPANY, "", NO_DATA, "10 against nothing", n=1),
        Row("win_to_keep_ratio", TIER, "c", NO_DATA, "nobody is new, no cost of winning one", n=0),
        Row("win_to_keep_ratio", TIER, "unrated", NO_DATA, "6 for the new one, but nobody was kept", n=0),
        Row("service_cost_ratio", COMPANY, "", NO_DATA, "all that was sold was given back", n=2),
        Row("referred_new_share", COMPANY, "", NOT_SUPPLIED, "the customers table tells names alone", n=None),
        Row("referred_net_per_customer", COMPANY, "", NOT_SUPPLIED, "the customers table tells names alone", n=None),
    ),
    deficit: (
        Row("service_cost_ratio", COMPANY, "", NO_DATA, "more came back than was sold", n=1),
        Row("win_rate_new", COMPANY, "", NOT_SUPPLIED, "no quotes", n=None),
        Row("acquisition_cost_per_new", COMPANY, "", NOT_SUPPLIED, "the books hold service alone", n=None),
    ),
}
