"""Which needs are named."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.office import idle_office, office
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, SEGMENT, Row, Rows
from tests.transforms.indicators.by_hand.shares import share

ROWS: Rows = {
    office: (
        share("need_share", SEGMENT, "need=speed", 2, 5, "hal (twice) and mac of hal, mac, lou, lux and a nameless one"),
        share("need_share", SEGMENT, "need=price", 2, 5, "lou and the nameless one; max spoke in February"),
        share("need_share", SEGMENT, "need=other", 2, 5, "hal and lux"),
        Row(
            "needs_uncoded",
            COMPANY,
            "",
            2,
            "hal's other one and mac's without a score; lou's has a code, lux says nothing more",
            n=9,
            lower=None,
        ),
    ),
    idle_office: (Row("needs_uncoded", COMPANY, "", NO_DATA, "nobody was asked about needs", n=0),),
}
