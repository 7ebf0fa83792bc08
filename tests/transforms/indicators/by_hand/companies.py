"""What the companies of the table have in common: the month, the standard, and how their rows are written.

Every number in the companies was chosen so that a person can reckon with it.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pandas as pd

from tests.transforms.builders import Company, canonical
from transforms.month import Month
from transforms.policy.rules import Policy, Reference, Weights, builtin
from transforms.review import History, MonthReview, no_history, replay_month

MARCH = Month(2024, 3)
"""The month that is reviewed: its twelve months begin on 2023-04-01, the twelve before them on 2022-04-01."""

FIRST = Month(2022, 3)


def evenly(top: float) -> tuple[float, ...]:
    """A frozen distribution in which a value's rank is 100 x value / top."""
    return tuple(top * step / 1000 for step in range(1001))


EVEN = {
    "tenure_months": evenly(50),
    "recency_days": evenly(1000),
    "orders_per_month": evenly(1),
    "annual_net": evenly(1000),
    "net_12m": evenly(1000),
    "historic_net": evenly(1000),
}
"""Ranks by rule of three: 20 months with us rank 40, 250 days of silence 25, an order every second month 50, a net of 640 ranks 64."""

BY_MONEY = replace(
    builtin(),
    weights=Weights(0.0, 0.0, 1.0),
    reference=Reference("2024-03", 100, EVEN),
    loyalty=replace(builtin().loyalty, behaviour_cut=30.0),
)
"""The score is the yearly net / 10: A from 700 a year, B from 400, C below, by the cuts 70 and 40."""


def reviewed(company: Company, month: Month = MARCH, policy: Policy = BY_MONEY, history: History | None = None) -> MonthReview:
    """The review of one month."""
    return replay_month(company.inputs(month), history or no_history(), policy)


def remembered(review: MonthReview, **more: Any) -> History:
    """What the next month knows of a review."""
    return History(review.customers, review.figures.assign(month=str(review.month)), **more)


def answered(*rows: tuple[str | None, str, str, float], **more: Any) -> list[dict[str, Any]]:
    """Answers from (customer, local time, instrument, score); `more` is what they have in common, as a scale of their own."""
    names = ("customer_id", "answered_at", "instrument", "score")
    return [{"item": "overall", **dict(zip(names, row, strict=True)), **more} for row in rows]


def judged(response: str, customer: str, *items: tuple[str, str, float, float]) -> list[dict[str, Any]]:
    """One servqual response from (dimension, item, perception, expectation)."""
    names = ("dimension", "item", "score", "expectation")
    own = {"response_id": response, "customer_id": customer, "answered_at": "2024-03-15", "instrument": "servqual"}
    return [{**own, **dict(zip(names, item, strict=True))} for item in items]


def surveys(*listed: list[dict[str, Any]]) -> pd.DataFrame:
    """Answers, each a response of its own unless it says which it belongs to."""
    rows = [row for some in listed for row in some]
    return canonical("surveys", [{"response_id": f"s{number:03}", **row} for number, row in enumerate(rows)])


def told(*rows: tuple[str, str, float, int], scale: tuple[float, float] = (math.nan, math.nan)) -> pd.DataFrame:
    """Last month's figures as somebody might have written them down: (tier or nothing, indicator, value, n)."""
    listed = [
        {"scope": "tier" if tier else "company", "scope_value": tier or None, "indicator": name, "value": value, "n": n}
        for tier, name, value, n in rows
    ]
    return pd.DataFrame(listed).assign(month=str(MARCH - 1), scale_low=scale[0], scale_high=scale[1])
