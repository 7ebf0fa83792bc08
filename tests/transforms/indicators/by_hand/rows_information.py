"""What customers tell us, and what becomes of it."""

from __future__ import annotations

from functools import cache
from math import exp, log, sqrt

from tests.transforms.builders import Company, answers, orders
from tests.transforms.indicators.by_hand.companies import reviewed
from tests.transforms.indicators.by_hand.desk import desk, mute_desk
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, NOT_SUPPLIED, TIER, Row, Rows
from tests.transforms.indicators.by_hand.shares import share
from transforms.month import Month
from transforms.review import MonthReview


@cache
def sayers() -> MonthReview:
    """Who was satisfied in January 2023 and who was not, and who ordered from February to July."""
    sold = orders(
        ("s1", "2023-02-01", 10),
        ("s2", "2023-05-05", 10),
        ("s3", "2023-07-31 23:59", 10),
        ("s4", "2023-08-01", 10),  # a day late
        ("d1", "2023-03-03", 10),
        ("d2", "2023-01-31", 10),  # in the month of the answer: nothing that it could foretell
        ("mid", "2023-03-03", 10),
        ("old", "2022-10-05", 10),
        ("now", "2023-11-05", 10),
    )
    said = answers(
        *((name, "2023-01-10", "csat", 4, 1, 5) for name in ("s1", "s2", "s3", "s4")),
        *((name, "2023-01-10", "csat", 2, 1, 5) for name in ("d1", "d2", "d3", "d4")),
        ("mid", "2023-01-10", "csat", 3, 1, 5),
        ("old", "2022-09-30", "csat", 5, 1, 5),  # eighteen months ago
        ("now", "2023-10-01", "csat", 1, 1, 5),  # not followed for six months yet
    )
    return reviewed(Company(sold, surveys=said, first=Month(2022, 9)))


ERROR = sqrt(1 / 3 - 1 / 4 + 1 / 1 - 1 / 4)

ROWS: Rows = {
    sayers: (
        Row(
            "satisfied_purchase_ratio",
            COMPANY,
            "",
            3,
            "3 of 4 against 1 of 4; the error of ln 3 is the root of 1/3 - 1/4 + 1/1 - 1/4 = 0.9129",
            n=8,
            lower=exp(log(3) - 1.959964 * ERROR),
            upper=exp(log(3) + 1.959964 * ERROR),
            near=1e-5,
        ),
    ),
    desk: (
        Row("satisfied_purchase_ratio", COMPANY, "", NOT_SUPPLIED, "no surveys", n=None),
        share(
            "information_adopted_share",
            COMPANY,
            "",
            2,
            6,
            "t01 and t04 of t01, t02, t03, t04, t06, t13; t12 tells gossip, t10 is February's",
        ),
        share("information_adopted_share", TIER, "a", 1, 2, "t01 of t01, t02: an action is no improvement"),
        share("information_adopted_share", TIER, "c", 1, 2, "t04 of t03, t04"),
        Row("information_adopted_share", TIER, "b", NO_DATA, "bea told nothing", n=0),
        Row(
            "information_items_per_100",
            COMPANY,
            "",
            150,
            "t01, t03, t04, t06, t12, t13 / ann, bea, bob and cat; no enquiry, and not t07, which tells no type",
            n=4,
            lower=None,
        ),
        Row("information_items_per_100", TIER, "a", 200, "t01, t12 / ann", n=1),
        Row("information_items_per_100", TIER, "b", 0, "bea told nothing", n=1),
        share(
            "improvements_adopted_share",
            COMPANY,
            "",
            3,
            5,
            "i06, i09, i10; i08 is planned, i11 was not yet done; i07 is older, i12 younger",
        ),
        share("improvements_adopted_share", TIER, "a", 1, 2, "i06 of i06, i11"),
        share("improvements_adopted_share", TIER, "c", 0, 1, "bob's is planned"),
        Row("improvements_adopted_share", TIER, "b", NO_DATA, "none names bea", n=0),
    ),
    mute_desk: (
        Row("information_adopted_share", COMPANY, "", NOT_SUPPLIED, "no ticket names a kind of information", n=None),
        Row("information_items_per_100", COMPANY, "", NOT_SUPPLIED, "no ticket tells its type", n=None),
        Row("improvements_adopted_share", COMPANY, "", NOT_SUPPLIED, "no registers", n=None),
    ),
}
