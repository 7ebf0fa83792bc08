"""Where the money of twelve months comes from."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.leaving import singles
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, NOT_SUPPLIED, TIER, Row, Rows
from tests.transforms.indicators.by_hand.trade import thrift, trade

ROWS: Rows = {
    trade: (  # gross 3,370 of nine: tom 900, sue 950, non 500, una 374, lea 300, ref 190, neg 50, fre 66, ano 40
        Row("bucket_first_share", COMPANY, "", 240 / 3370, "lea's first day 150 + 50, ano 40", n=9, lower=None),
        Row(
            "bucket_satisfied_share",
            COMPANY,
            "",
            650 / 3370,
            "second days of tom 500, lea 100 and neg 50; sue and non are not satisfied",
            n=9,
        ),
        Row(
            "bucket_referral_share", COMPANY, "", 256 / 3370, "all of ref 190 and fre 66; non came by word of mouth too, but years ago", n=9
        ),
        Row("bucket_repeat_share", COMPANY, "", 2224 / 3370, "tom 400, sue 950, non 500, una 374", n=9),
        Row("bucket_first_share", TIER, "a", 0, "tom and sue came before", n=2),
        Row("bucket_satisfied_share", TIER, "a", 500 / 1850, "tom's second day; sue is not satisfied", n=2),
        Row("bucket_referral_share", TIER, "a", 0, "nobody is new", n=2),
        Row("bucket_repeat_share", TIER, "a", 1350 / 1850, "tom 400, sue 950", n=2),
        Row("bucket_first_share", TIER, "c", 200 / 914, "lea", n=4),
        Row("bucket_satisfied_share", TIER, "c", 150 / 914, "lea 100, neg 50", n=4),
        Row("bucket_referral_share", TIER, "c", 190 / 914, "ref", n=4),
        Row("bucket_repeat_share", TIER, "c", 374 / 914, "una", n=4),
    ),
    thrift: (
        Row("bucket_first_share", COMPANY, "", 20 / 120, "wim; that it came back does not change what was sold", n=2),
        Row("bucket_satisfied_share", COMPANY, "", NOT_SUPPLIED, "no surveys", n=None),
        Row("bucket_referral_share", COMPANY, "", NOT_SUPPLIED, "no source, no referrer", n=None),
        Row("bucket_repeat_share", COMPANY, "", 100 / 120, "kay", n=2),
    ),
    singles: (
        Row("bucket_first_share", COMPANY, "", NO_DATA, "nothing was sold in the twelve months", n=0),
        Row("bucket_repeat_share", COMPANY, "", NO_DATA, "nothing was sold in the twelve months", n=0),
    ),
}
