"""Our share of markets that somebody stated."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.office import office
from tests.transforms.indicators.by_hand.rows import NO_DATA, SEGMENT, Row, Rows

BY_HAND = "size entered by hand, source: "

ROWS: Rows = {
    office: (
        Row("market_share", SEGMENT, "market=m1", 0.1, "hal 700 + hob 800 of 15,000", n=2, lower=None, method=f"{BY_HAND}yearbook"),
        Row("market_share", SEGMENT, "market=m2", 0.1, "everybody's 4,160 of 41,600", n=9, method=f"{BY_HAND}not told"),
        Row("market_share", SEGMENT, "market=m3", NO_DATA, "1,300 of 100 cannot be", n=2),
        Row("market_share", SEGMENT, "market=m4", 1, "lou's 100 of 100: the whole market", n=1),
        Row("market_share", SEGMENT, "market=m5", 0, "the customers table knows no field `size`: nobody is in it", n=0),
        Row("market_share", SEGMENT, "market=m6", 1260 / 1280, "max 500, mel 640, lux 90, ned 30, whose region is unknown", n=4),
        Row("market_share", SEGMENT, "market=m10", NO_DATA, "hub 800 + mac 500 of 1,000 cannot be", n=2),
        Row("market_share", SEGMENT, "market=m11", 0.1, "a field without a value names nobody apart: everybody's", n=9),
    ),
}
