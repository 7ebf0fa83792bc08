"""What was answered in the month."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.asked import asked, asked_too_few
from tests.transforms.indicators.by_hand.edges import eleven, nothing_left, overdrawn
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, NOT_SUPPLIED, TIER, TOO_FEW, Row, Rows
from tests.transforms.indicators.by_hand.shop import shop

ROWS: Rows = {
    shop: (
        Row(
            "csat_mean",
            COMPANY,
            "",
            25 / 7,
            "(5 + 4 + 3 + 2 + 5 + 5 + 1) / 7: c4's 10 of 1-10 is a 5, nobody's 1 counts",
            n=7,
            lower=2.074707,
            upper=5,
        ),
        Row("csat_mean", TIER, "a", 4.5, "(5 + 4) / 2", n=2),
        Row("csat_top2_share", COMPANY, "", 4 / 7, "5, 4, 5, 5 of seven", n=7, lower=0.250458, upper=0.841780),
        Row("csat_top2_share", TIER, "c", 2 / 3, "5, 5 of 2, 5, 5", n=3),
        Row(
            "satisfaction_index",
            COMPANY,
            "",
            68.75,
            "100 x (1 + 0.75 + 0.5 + 0.25 + 1 + 1 + 0 + acsi 1) / 8",
            n=8,
            lower=35.703371,
            upper=100,
        ),
        Row("satisfaction_index", TIER, "a", 275 / 3, "100 x (1 + 0.75 + acsi 1) / 3", n=3),
        # neither 9.5 nor a 5 of 0-5 is an answer to this question
        # adjusted Wald: low = 3.75 / 10, high = 2.75 / 10, high - low +- 1.959964 x sqrt((0.65 - 0.01) / 10)
        Row(
            "nps",
            COMPANY,
            "",
            -100 / 7,
            "promoters a1, nobody's 9; passives b2, c4; detractors a2, c3, nobody's 0",
            n=7,
            lower=-59.583603,
            upper=39.583603,
        ),
        Row("nps", TIER, "a", 0, "a1 at last 9, a2 6", n=2, lower=-73.335137, upper=73.335137),
        Row("nps", TIER, "c", -50, "c3 6, c4 7", n=2),
        Row("ces", COMPANY, "", 5.5, "(7 + 4) / 2", n=2, lower=1, upper=7, method="every answer, scale 1-7; t interval"),
        Row("ces", TIER, "b", 7, "b2", n=1),
        Row("ces", TIER, "a", NO_DATA, "nobody of A was asked", n=0),
        Row("csat_mean", TIER, "unrated", NO_DATA, "e1 answered in December", n=0),
        Row("csat_top2_share", TIER, "unrated", NO_DATA, "e1 answered in December", n=0),
        # j2 answered one of two items, which is half; j4 one of three, which is less
        Row("servqual_gap", COMPANY, "", (-0.75 + 1.5 - 1) / 3, "reliability (-1.5 + 0) / 2, empathy (2 + 1) / 2, tangibles -1", n=3),
        Row("servqual_gap", TIER, "a", (-1.5 + 2 - 1) / 3, "j1 and j3", n=2),
    ),
    asked: (
        Row(
            "csat_mean",
            COMPANY,
            "",
            18.75 / 4,
            "two answers each: the wider scale; 4 of 1-5 is 7.75 of 1-10: 7.75 + 1 + 9 + 1",
            n=4,
            method="every answer, scale 1-10; 2 answers rescaled from another scale; t interval",
        ),
        Row("csat_top2_share", COMPANY, "", 1 / 4, "9 of 7.75, 1, 9, 1", n=4),
        Row("satisfaction_index", COMPANY, "", 100 * (3 / 4 + 8 / 9) / 4, "3/4, 0, 8/9, 0", n=4, lower=0, upper=100),
        Row("nps", COMPANY, "", TOO_FEW, "two answers, three are needed", n=2),
        Row("ces", COMPANY, "", 3, "(1 + 2 + 6) / 3: three are enough; those of February and April are not of the month", n=3),
        Row("servqual_gap", COMPANY, "", TOO_FEW, "one respondent, three are needed", n=1),
    ),
    asked_too_few: (
        Row("csat_mean", COMPANY, "", TOO_FEW, "four of five that are needed", n=4),
        Row("csat_top2_share", COMPANY, "", TOO_FEW, "four of five that are needed", n=4),
        Row("satisfaction_index", COMPANY, "", TOO_FEW, "four of five that are needed", n=4),
        Row("ces", COMPANY, "", TOO_FEW, "three of five that are needed", n=3),
    ),
    overdrawn: (
        Row("csat_mean", COMPANY, "", NO_DATA, "asked in February, not in March", n=0),
        Row("csat_top2_share", COMPANY, "", NO_DATA, "asked in February, not in March", n=0),
        Row("satisfaction_index", COMPANY, "", NO_DATA, "asked in February, not in March", n=0),
        Row("nps", COMPANY, "", NOT_SUPPLIED, "never asked", n=None),
        Row("ces", COMPANY, "", NOT_SUPPLIED, "never asked", n=None),
        Row("servqual_gap", COMPANY, "", NOT_SUPPLIED, "nobody told what was expected", n=None),
    ),
    nothing_left: (
        Row("servqual_gap", COMPANY, "", NO_DATA, "the answer names no dimension", n=0),
        Row("csat_mean", COMPANY, "", NOT_SUPPLIED, "never asked", n=None),
        Row("csat_top2_share", COMPANY, "", NOT_SUPPLIED, "never asked", n=None),
        Row("satisfaction_index", COMPANY, "", NOT_SUPPLIED, "never asked", n=None),
    ),
    eleven: (Row("nps", COMPANY, "", NOT_SUPPLIED, "no surveys at all", n=None),),
}
