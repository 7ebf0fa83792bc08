"""What winning a customer costs against keeping one."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, NOT_SUPPLIED, TIER, Row, Rows
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
    ),
    deficit: (
        Row("service_cost_ratio", COMPANY, "", NO_DATA, "more came back than was sold", n=1),
        Row("acquisition_cost_per_new", COMPANY, "", NOT_SUPPLIED, "the books hold service alone", n=None),
    ),
}
