"""Strategies and actions."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.desk import desk, mute_desk
from tests.transforms.indicators.by_hand.office import idle_office, office, strict_office
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, NOT_SUPPLIED, TIER, TOO_FEW, Row, Rows

ROWS: Rows = {
    office: (
        Row(
            "strategy_cells_missing",
            COMPANY,
            "",
            6,
            "of nine: s1 and s2 are of one cell, s4 holds on its last day, s6 is not closed yet; s3 is, s5 is of April, s7 of no class",
            n=9,
        ),
        Row("actions_due", COMPANY, "", 3, "a01 on the first day, a02 on the last, a06", n=3),
        Row("actions_due", TIER, "a", 1, "hal's a01", n=1),
        Row("actions_due", TIER, "b", 1, "a02 names the tier", n=1),
        Row("actions_due", TIER, "unrated", 0, "ned's was due in February", n=0),
        Row("actions_done", COMPANY, "", 4, "a01 and a12 on the first day, a06 on the last, a07", n=4),
        Row("actions_done", TIER, "a", 3, "hal's a01, hob's a12, and a07 names the tier", n=3),
        Row("actions_done", TIER, "b", 0, "max's was done in February", n=0),
        Row("actions_overdue", COMPANY, "", 2, "a02 on its last day, and a03, which was done in April", n=2),
        Row("actions_overdue", TIER, "a", 0, "a04 is due in April", n=0),
        Row("actions_overdue", TIER, "unrated", 1, "ned's a03", n=1),
        Row(
            "actions_effect",
            COMPANY,
            "",
            100 * (0.5 - 2 - 1) / 4,
            "treated from December to February: hal (ordered; of hob and hub one did), max and mel (did not, mac did), "
            "lou (did not, lux did); ned has nobody to compare with, mac was treated before and hob after",
            n=4,
            lower=None,
        ),
    ),
    strict_office: (Row("actions_effect", COMPANY, "", TOO_FEW, "four treated customers, and seven are needed", n=4),),
    idle_office: (
        Row("strategy_cells_missing", COMPANY, "", 9, "the strategy of a region is none of a cell", n=9),
        Row("actions_effect", COMPANY, "", NO_DATA, "nobody was treated", n=0),
    ),
    desk: (Row("actions_due", COMPANY, "", 0, "the one action has no due day", n=0),),
    mute_desk: (Row("actions_overdue", COMPANY, "", NOT_SUPPLIED, "no registers", n=None),),
}
