"""Groups that are not customers: what separates the classes, needs that are named, markets that are stated from outside."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from transforms.classes.groupings import CustomerGroup
from transforms.classes.registers import entries, in_force
from transforms.inputs import MonthInputs
from transforms.month import Month

METRIC, NEED, MARKET = "metric", "need", "market"

METRICS = (
    *("tenure_months", "recency_days", "orders_12m", "net_12m", "median_gap_days", "gap_spread"),
    *("satisfaction_index", "nps_score", "tickets_12m", "complaints_12m", "behavioural_loyalty", "completeness"),
)
"""What may separate the classes, or may not."""

NEED_INSTRUMENTS = ("need", "pain", "expectation", "motive")
MOST_NEEDS = 10
SIZE = "size"
"""Subject of an entry of the register `market` whose value is a year's money of the whole market."""


def topics(inputs: MonthInputs, customers: pd.DataFrame) -> Iterator[CustomerGroup]:
    """One group per metric, per named need (the ten most named) and per stated market."""
    if len(customers):
        for metric in METRICS:
            if metric in customers:
                yield CustomerGroup(METRIC, f"separates={metric}", None)
    for code in needs(inputs.surveys):
        yield CustomerGroup(NEED, f"need={code}", None)
    for entry in markets(inputs.registers, inputs.month)["entry_id"]:
        yield CustomerGroup(MARKET, f"market={entry}", None)


def needs(surveys: pd.DataFrame) -> list[str]:
    """The codes that most respondents name (a score above 0), at most ten; of equal ones the first by name."""
    named = respondents_by_need(surveys)
    if named.empty:
        return []
    counts = named.groupby("item", sort=True)["customer_id"].nunique()
    return [str(code) for code in counts.sort_values(ascending=False, kind="stable").index[:MOST_NEEDS]]


def respondents_by_need(surveys: pd.DataFrame) -> pd.DataFrame:
    """The answers that name a need, pain, expectation or motive: who (customer, else the questionnaire) and which code."""
    rows = need_answers(surveys)
    return rows.loc[(rows["score"] > 0).to_numpy(dtype=bool)]


def need_answers(surveys: pd.DataFrame) -> pd.DataFrame:
    """All answers to questions about needs, each with its respondent."""
    rows = surveys.loc[surveys["instrument"].isin(NEED_INSTRUMENTS).to_numpy(dtype=bool)] if len(surveys) else surveys
    return rows.assign(customer_id=rows["customer_id"].fillna(rows["response_id"])) if len(rows) else rows


def markets(registers: pd.DataFrame, month: Month) -> pd.DataFrame:
    """The entries of the register `market` in force that state a size, with the field and value of the customers they are about.

    The value of an entry on another subject (`growth`, `competition`) is no size; an entry without a subject states one.
    """
    if registers.empty:
        return registers
    rows = in_force(entries(registers, "market"), month)
    size = (rows["subject"].fillna(SIZE) == SIZE) & (rows["value"] > 0)
    return rows.loc[size.to_numpy(dtype=bool)].reset_index(drop=True)
