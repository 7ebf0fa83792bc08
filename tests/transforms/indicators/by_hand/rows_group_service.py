"""Whether classes are served differently."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.desk import desk
from tests.transforms.indicators.by_hand.leaving import singles
from tests.transforms.indicators.by_hand.office import idle_office, office, strict_office
from tests.transforms.indicators.by_hand.rows import NO_DATA, NOT_SUPPLIED, SEGMENT, TOO_FEW, Row, Rows

ROWS: Rows = {
    office: (
        Row("group_contacts", SEGMENT, "value_class=high", 1, "hal 2, hob 1, hub 0", n=3),
        Row("group_contacts", SEGMENT, "value_class=low", 0, "lou and lux", n=2),
        Row("group_contacts", SEGMENT, "source_channel=web", 1, "hal 2, hub 0", n=2),
        Row("group_contacts", SEGMENT, "region=unknown", 0.25, "max 1, mel, lux, ned", n=4),
        Row("group_contacts", SEGMENT, "region=north", TOO_FEW, "two, and four are needed", n=2),
        Row("group_visits", SEGMENT, "value_class=high", 1 / 3, "hal 1; the second was a phone call", n=3),
        Row("group_visits", SEGMENT, "value_class=mid", 2 / 3, "mac 2, a third one lies a minute too early", n=3),
        Row("group_discount_share", SEGMENT, "value_class=high", 80 / 2380, "30 + 50 of 2,300 + 80", n=3),
        Row("group_discount_share", SEGMENT, "value_class=low", 0, "nothing of 190", n=2),
        Row(
            "group_first_response_hours",
            SEGMENT,
            "value_class=high",
            2,
            "1, 2 and 6 hours; one is not answered yet, and one of hob's is February's",
            n=3,
        ),
        Row("group_first_response_hours", SEGMENT, "value_class=mid", 0.5, "half an hour", n=1),
        Row("group_first_response_hours", SEGMENT, "value_class=low", NO_DATA, "lou was not answered", n=0),
    ),
    strict_office: (Row("group_contacts", SEGMENT, "region=unknown", TOO_FEW, "four, and seven are needed", n=4),),
    idle_office: (
        Row("group_first_response_hours", SEGMENT, "value_class=high", NOT_SUPPLIED, "tickets have no such column", n=None),
        Row("group_contacts", SEGMENT, "value_class=high", NOT_SUPPLIED, "no contacts", n=None),
    ),
    desk: (Row("group_discount_share", SEGMENT, "value_class=mid", NOT_SUPPLIED, "no order tells a discount", n=None),),
    singles: (Row("group_discount_share", SEGMENT, "value_class=low", NO_DATA, "nothing was sold in the twelve months", n=1),),
}
