"""Customers who came by word of mouth."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, NOT_SUPPLIED, TIER, Row, Rows
from tests.transforms.indicators.by_hand.shares import share
from tests.transforms.indicators.by_hand.trade import thrift, trade

ROWS: Rows = {
    trade: (
        Row(
            "referred_new_share",
            COMPANY,
            "",
            2 / 3,
            "ref and fre, of those two and lea; of ano nothing is known, non is not new",
            n=3,
            lower=0.207660,
            upper=0.938508,
            method="source unknown for 1 of 4; Wilson interval",
        ),
        share("referred_new_share", TIER, "c", 1, 2, "ref, not lea"),
        Row("referred_new_share", TIER, "a", NO_DATA, "nobody of a is new", n=0),
        Row("referred_net_per_customer", COMPANY, "", 128, "(190 of ref + 66 of fre) / 2", n=2, lower=None),
        Row("referred_net_per_customer", TIER, "c", 190, "ref", n=1),
        Row("referred_net_per_customer", TIER, "a", NO_DATA, "nobody of a is new", n=0),
    ),
    thrift: (
        Row("referred_new_share", COMPANY, "", NOT_SUPPLIED, "the customers table tells names alone", n=None),
        Row("referred_net_per_customer", COMPANY, "", NOT_SUPPLIED, "the customers table tells names alone", n=None),
    ),
}
