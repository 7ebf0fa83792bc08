"""What loyal customers bring, where both sides gain, who rises below the best tier."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.leaving import leavers
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, NOT_SUPPLIED, TIER, Row, Rows
from tests.transforms.indicators.by_hand.shares import share
from tests.transforms.indicators.by_hand.trade import margins, thrift, trade

ROWS: Rows = {
    trade: (
        Row(
            "loyal_revenue_share", COMPANY, "", 900 / 2600, "tom's 900 of tom, sue, lea, non and neg, whose -30 count as 0", n=5, lower=None
        ),
        Row("loyal_revenue_share", TIER, "a", 0.5, "tom's 900 of 1,800", n=2),
        Row("loyal_revenue_share", TIER, "b", 0, "non is not loyal", n=1),
        Row("loyal_revenue_share", TIER, "c", 0, "lea and neg are latent; the others were not asked", n=2),
        Row("loyal_revenue_share", TIER, "unrated", NO_DATA, "nobody's type is known", n=0),
        share(
            "win_win_share",
            COMPANY,
            "",
            3,
            6,
            "tom, lea (on the cut) and ref; sue and non are not satisfied, neg cost us 30; old bought nothing",
        ),
        share("win_win_share", TIER, "a", 1, 2, "tom, not sue"),
        share("win_win_share", TIER, "b", 0, 1, "non"),
        share("win_win_share", TIER, "c", 2, 3, "lea and ref, not neg"),
        Row("win_win_share", TIER, "unrated", NO_DATA, "nobody was asked", n=0),
        Row(
            "risers_below_top",
            COMPANY,
            "",
            1,
            "non, 400 to 500; una rose by less, sue is in the best tier, neg had nothing before",
            n=1,
            lower=None,
        ),
        Row("risers_below_top", TIER, "a", 0, "the best tier", n=0),
        Row("risers_below_top", TIER, "b", 1, "non", n=1),
        Row("risers_below_top", TIER, "c", 0, "una rose by 24.7 %", n=0),
        Row("referrals_per_100", COMPANY, "", 200, "ref and pat name tom, the one who is truly loyal; non names sue", n=1, lower=None),
    ),
    margins: (
        share("win_win_share", COMPANY, "", 1, 3, "mia; ned's orders cost more than they bring, oda is not satisfied"),
        share("win_win_share", TIER, "unrated", 0, 1, "oda, of net as of margin"),
    ),
    thrift: (Row("referrals_per_100", COMPANY, "", NOT_SUPPLIED, "nobody names anybody", n=None),),
    leavers: (
        Row("referrals_per_100", COMPANY, "", NO_DATA, "kept names smith, but without surveys nobody is known to be loyal", n=0),
        Row("win_win_share", COMPANY, "", NOT_SUPPLIED, "no surveys", n=None),
    ),
}
