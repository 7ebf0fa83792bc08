"""Four customers who were asked, and how many answers a figure must rest on."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from tests.transforms.builders import Company, orders
from tests.transforms.indicators.by_hand.companies import BY_MONEY, MARCH, answered, judged, surveys
from transforms.inputs import MonthInputs, SurveyRules
from transforms.review import MonthReview, no_history, replay_month


@cache
def asked_inputs() -> MonthInputs:
    names = ("q1", "q2", "q3", "q4")
    return Company(
        orders(*((name, "2023-06-01", 10) for name in names)),
        customers=tuple(
            {
                "customer_id": name,
                "region": "south" if name == "q4" else "north",
                "source_channel": "web" if name in ("q1", "q2") else "fair",
            }
            for name in names
        ),
        rules=SurveyRules(min_n=3, flag_n=3),
        surveys=surveys(
            answered(("q1", "2024-03-01", "csat", 4), ("q2", "2024-03-31 23:59", "csat", 1)),
            answered(("q3", "2024-03-05", "csat", 9), ("q4", "2024-03-05", "csat", 1), scale_min=1, scale_max=10),
            answered(("q1", "2024-03-05", "csat", 5), scale_min=5, scale_max=5),  # a scale without length says nothing
            answered(("q1", "2024-03-05", "nps", 10), ("q2", "2024-03-05", "nps", 9)),
            answered(("q1", "2024-03-05", "ces", 1), ("q2", "2024-03-05", "ces", 2), ("q3", "2024-03-05", "ces", 6)),
            answered(("q1", "2024-02-29", "ces", 7), ("q1", "2024-04-01 00:00", "ces", 7)),
            judged("j", "q1", ("reliability", "r1", 6, 7)),
        ),
    ).inputs(MARCH)


@cache
def asked() -> MonthReview:
    """Four customers, of whom figures rest on three answers at least; two answer on another scale than the other two."""
    return replay_month(asked_inputs(), no_history(), BY_MONEY)


@cache
def asked_too_few() -> MonthReview:
    """The same, where figures must rest on five answers."""
    return replay_month(replace(asked_inputs(), rules=SurveyRules(min_n=5, flag_n=5)), no_history(), BY_MONEY)
