"""Effort on new customers against old ones, service before selling, new products."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, NOT_SUPPLIED, TIER, Row, Rows
from tests.transforms.indicators.by_hand.shares import share
from tests.transforms.indicators.by_hand.trade import deficit, thrift, trade

ROWS: Rows = {
    trade: (
        share(
            "effort_new_contact_share",
            COMPANY,
            "",
            2,
            5,
            "lea and ano, of those and tom twice and sue; strangers and calls from outside do not count",
        ),
        share("effort_new_contact_share", TIER, "a", 0, 3, "tom twice, sue"),
        share("effort_new_contact_share", TIER, "c", 1, 1, "lea; ref called us"),
        Row("effort_new_contact_share", TIER, "b", NO_DATA, "we did not call non", n=0),
        Row(
            "effort_new_discount_share",
            COMPANY,
            "",
            1 / 6,
            "10 of lea / (30 of tom + 20 of sue + 10); lea, ref, fre and ano bring 596 of 3,240",
            n=3,
            lower=None,
            method="new customers bring 18.4 % of net",
        ),
        Row("effort_new_discount_share", TIER, "a", 0, "nothing of 50", n=2),
        Row("effort_new_discount_share", TIER, "c", 1, "10 of 10", n=1),
        Row("effort_new_discount_share", TIER, "b", NO_DATA, "no discount was given", n=0),
        share(
            "service_first_share",
            COMPANY,
            "",
            2,
            7,
            "q3 (to the minute 90 days after) and q7, of q3, q5, q6, q7, q10, q11, q13; not q10, a minute late",
        ),
        share("service_first_share", TIER, "a", 1, 2, "q3 of q3, q10: q1 and q2 lie within 90 days of the window's beginning"),
        share("service_first_share", TIER, "c", 0, 2, "q5 (the call before was about selling), q11; q12 lies a minute too early"),
        Row("service_first_share", TIER, "b", NO_DATA, "nothing was quoted to non", n=0),
        Row(
            "new_product_share",
            COMPANY,
            "",
            690 / 1250,
            "lamps 300 + 150 + 100 + 100 - 10, a jug 50; kettles 400 - 50 + 100 - 20 + 30, a pot 100, which was launched in March 2023",
            n=12,
            lower=None,
        ),
        Row("new_product_share", TIER, "a", 450 / 800, "lamps 300 + 150 of those and 400 - 50", n=4),
        Row("new_product_share", TIER, "b", 1, "lamps 100 of 80, as a kettle came back: all of it", n=2),
        Row("new_product_share", TIER, "c", 50 / 250, "una's jug of lea's kettle 100, una's pot 100 and jug 50", n=3),
        Row("new_product_share", TIER, "unrated", 0, "a lamp came back: nothing of 20", n=2),
    ),
    thrift: (
        share("effort_new_contact_share", COMPANY, "", 1, 2, "wim of kay and wim"),
        Row(
            "effort_new_contact_share",
            TIER,
            "unrated",
            1,
            "wim, who gave back all",
            n=1,
            method="no net revenue; Wilson interval",
        ),
        Row("effort_new_discount_share", COMPANY, "", NOT_SUPPLIED, "no order tells a discount", n=None),
        Row("new_product_share", COMPANY, "", 20 / 120, "the lamp; 14 months before are known", n=2),
    ),
    deficit: (
        Row("effort_new_contact_share", COMPANY, "", NOT_SUPPLIED, "no table of contacts", n=None),
        Row("service_first_share", COMPANY, "", NOT_SUPPLIED, "no table of quotes", n=None),
        Row("new_product_share", COMPANY, "", NOT_SUPPLIED, "no order lines", n=None),
    ),
}
