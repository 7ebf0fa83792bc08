"""What customers told us, and what they were told."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.desk import desk, mute_desk
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, NOT_SUPPLIED, TIER, Row, Rows
from tests.transforms.indicators.by_hand.shares import share

ROWS: Rows = {
    desk: (
        share(
            "feedback_acknowledged",
            COMPANY,
            "",
            3,
            6,
            "t01 on the minute, t03, t13 after two days; t04 and t12 late, of t06 no call of ours is known",
        ),
        share("feedback_acknowledged", TIER, "a", 1, 2, "t01, not t12; t02 is an enquiry, t10 and t11 are February's"),
        share("feedback_acknowledged", TIER, "c", 1, 2, "t03, not t04: the call of that morning was before the ticket"),
        Row("feedback_acknowledged", TIER, "b", NO_DATA, "no feedback", n=0),
        share("feedback_closed_loop", COMPANY, "", 2, 3, "t01 on the minute and t04, of those and t13, who was called before the solution"),
        share("feedback_closed_loop", TIER, "a", 1, 1, "t01; t12 is open"),
        share("feedback_closed_loop", TIER, "unrated", 0, 1, "t13"),
        Row("feedback_closed_loop", TIER, "b", NO_DATA, "nothing solved", n=0),
        Row(
            "feedback_first_update_hours",
            COMPANY,
            "",
            48,
            "t03 at once, t01 10, t13 48, t12 48 and a minute, t04 376 (not the call before it)",
            n=5,
            lower=None,
        ),
        Row("feedback_first_update_hours", TIER, "a", (10 + 48 + 1 / 60) / 2, "t01 and t12", n=2),
        Row("feedback_first_update_hours", TIER, "c", 376 / 2, "t03 and t04", n=2),
        Row("feedback_first_update_hours", TIER, "b", NO_DATA, "no feedback", n=0),
        share(
            "feedback_adopted",
            COMPANY,
            "",
            3,
            6,
            "t01, t04, t12; t10 is February's, t06 is the name of a region there, t02 is an action's",
        ),
        share("feedback_adopted", TIER, "a", 2, 2, "t01, t12"),
        share("feedback_adopted", TIER, "c", 1, 2, "t04, not t03"),
    ),
    mute_desk: (Row("feedback_acknowledged", COMPANY, "", NOT_SUPPLIED, "no contacts", n=None),),
}
