"""The whole method, read top to bottom: a month's facts and history in, its review out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import pandas as pd

from transforms.columns import no_rows
from transforms.grades import freeze_reference
from transforms.inputs import History, MonthInputs, SurveyRules
from transforms.lifetime.outlook import Outlook, look_ahead, with_outlook
from transforms.month import Month
from transforms.overrides import Overrides, no_overrides, overrides_of
from transforms.policy import Policy
from transforms.portfolio import with_portfolio
from transforms.register_tables import strategic_customers
from transforms.relation_tables import REGISTERS
from transforms.scoring import no_history, score_customers
from transforms.segments import Segment
from transforms.standards import both_standards, no_records, no_standards, review_records
from transforms.summary import scopes, summarise
from transforms.transitions import transitions
from transforms.worth import Economics, economics

__all__ = ["History", "MonthInputs", "MonthReview", "SurveyRules", "freeze_reference", "no_history", "review_month"]


DESCRIBED_IN_GROUPS = ("gender", "occupation", "age_band")
"""What is told of groups that are large enough, and never of one customer: no review, table or pack has it by name."""


@dataclass(frozen=True)
class MonthReview:
    """One month, finished: every customer's grade and every figure.

    customers    one row per customer of the base, sorted by customer_id; the columns of customers.csv
                 (`transforms.scoring.score_customers`), money as Int64 ten-thousandths
    figures      `FIGURE_COLUMNS`, one row per scope and indicator
    transitions  grade_before, grade_after, customers (count); with `new` and `lost`
    economics    tables of the value section, for the company, each tier and each segment
    policy       the frozen policy that was used
    outlook      the lifetime models behind the estimates; None where none were asked for
    registers    the register entries as a month's end knows them, for the sections that print their words
    standards    where the standard changed with this month: grade_old, grade_new, customers (count), by last month's
                 standard and by this one; no row otherwise
    overrides    the manual grades in force, those that are refused, and those that ended in the month
    records      entries of the register `review`: what the last looks at the standard decided, newest first
    """

    month: Month
    policy: Policy
    supplied: frozenset[str]
    customers: pd.DataFrame
    figures: pd.DataFrame
    transitions: pd.DataFrame
    outlook: Outlook | None = None
    economics: Economics | None = None
    registers: pd.DataFrame = field(default_factory=partial(no_rows, REGISTERS))
    standards: pd.DataFrame = field(default_factory=no_standards)
    overrides: Overrides = field(default_factory=no_overrides)
    records: pd.DataFrame = field(default_factory=no_records)


def review_month(inputs: MonthInputs, history: History, policy: Policy, segments: Sequence[Segment] = ()) -> MonthReview:
    """Review one month: freeze the standard if it is not yet frozen, score every customer, add up, tell who moved.

    The same inputs, history and policy give the same review. `segments` are parts of tiers that have figures of their own.
    A HeldError says that there is nobody to review.
    """
    standard = policy if policy.reference else freeze_reference(inputs, policy)
    graded = with_portfolio(score_customers(inputs, history, standard), strategic_customers(inputs.registers), inputs.registers, standard)
    outlook = look_ahead(inputs, standard)  # after the grades, which must not know it
    customers = with_outlook(graded, outlook)
    parts = list(scopes(inputs, customers, standard, segments, outlook, history))
    figures, moves = summarise(parts, history), transitions(customers, standard)
    worth = economics(part for part in parts if not part.family)
    return MonthReview(
        inputs.month,
        standard,
        inputs.supplied,
        customers.drop(columns=list(DESCRIBED_IN_GROUPS), errors="ignore"),
        figures,
        moves,
        outlook,
        worth,
        inputs.registers,
        both_standards(inputs, history, standard),
        overrides_of(inputs.registers, inputs.month, standard),
        review_records(inputs.registers),
    )
