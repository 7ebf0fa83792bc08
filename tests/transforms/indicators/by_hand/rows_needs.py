"""Which needs are named."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.office import idle_office, office, strict_office
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, SEGMENT, TOO_FEW, Row, Rows
from tests.transforms.indicators.by_hand.shares import share

ROWS: Rows = {
    office: (
        share("need_share", SEGMENT, "need=speed", 2, 6, "hal (twice) and mac of hal, mac, max, lou, lux and a nameless one"),
        share("need_share", SEGMENT, "need=price", 2, 6, "lou and the nameless one; max said so in February"),
        share("need_share", SEGMENT, "need=other", 3, 6, "hal, lux and max"),
        Row(
            "needs_uncoded",
            COMPANY,
            "",
            3,
            "hal's and lux's other ones and mac's without a score; lou's has a code, max says nothing more",
            n=10,
            lower=None,
        ),
    ),
    strict_office: (Row("need_share", SEGMENT, "need=speed", TOO_FEW, "six, and seven are needed", n=6),),
    idle_office: (Row("needs_uncoded", COMPANY, "", NO_DATA, "nobody was asked about needs", n=0),),
}
