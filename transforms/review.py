"""The whole method, read top to bottom: a month's facts and history in, its review out.

A month is reviewed to be printed, or replayed in silence for the months after it. A replay leaves out the value
tables and the scorecards alone, which only the month's own packs print. It makes every figure: the warehouse keeps them
all for readers of the table `figures`, later months compare theirs with them and draw their limits from them, and no list
of "those that somebody may look back at" could be kept true while indicators come and go. So figures are made cheap
instead: columns become arrays once a month (`transforms.indicators.everybody`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import pandas as pd

from transforms.actions.listing import with_actions
from transforms.actions.signs import courses, no_courses
from transforms.classes.portfolio import with_portfolio
from transforms.classes.priority import with_priority
from transforms.classes.registers import strategic_customers
from transforms.classes.segments import Segment
from transforms.classes.value import with_p_alive
from transforms.facts.causes import no_causes
from transforms.freezing import freeze_reference
from transforms.grades.overrides import Overrides, no_overrides, overrides_of
from transforms.grades.transitions import transitions
from transforms.indicators.comparable import Comparability
from transforms.indicators.comparing import no_usual
from transforms.indicators.declare import Part
from transforms.indicators.economics import ValueTables, economics
from transforms.indicators.plans import plan_of
from transforms.indicators.summary import scopes, summarise
from transforms.indicators.targets import Target, month_targets
from transforms.inputs import History, MonthInputs, SurveyRules
from transforms.lifetime.outlook import Outlook, look_ahead, with_outlook
from transforms.month import Month
from transforms.policy.rules import Policy
from transforms.scoring import no_history, score_customers
from transforms.standards import both_standards, no_records, no_standards, review_records
from transforms.tables.columns import no_rows
from transforms.tables.relations import REGISTERS

__all__ = ["History", "MonthInputs", "MonthReview", "SurveyRules", "freeze_reference", "no_history", "replay_month", "review_month"]


DESCRIBED_IN_GROUPS = ("gender", "occupation", "age_band")
"""What is told of groups that are large enough, and never of one customer: no review, table or pack has it by name."""


@dataclass(frozen=True)
class MonthReview:
    """One month, finished: every customer's grade and every figure.

    customers    one row per customer of the base, sorted by customer_id; the columns of customers.csv
                 (`transforms.scoring.score_customers`), money as Int64 ten-thousandths
    figures      `FIGURE_COLUMNS`, one row per scope and indicator
    usual        what the months before make one expect: `transforms.indicators.comparing.USUAL_COLUMNS`
    causes       complaints of the month and of the six before by customer and cause (`transforms.facts.causes`)
    comparable   which months of each indicator may be held against each other; None: nothing is known of them
    transitions  grade_before, grade_after, customers (count); with `new` and `lost`
    economics    tables of the value section, for the company, each tier and each segment; None: the month was replayed
    policy       the frozen policy that was used
    outlook      the lifetime models behind the estimates; None where none were asked for
    registers    the register entries as a month's end knows them, for the sections that print their words
    standards    where the standard changed with this month: grade_old, grade_new, customers (count), by last month's
                 standard and by this one; no row otherwise
    overrides    the manual grades in force, those that are refused, and those that ended in the month
    courses      the last twelve months of the customers to act on, month by month (`transforms.actions.signs.courses`)
    records      entries of the register `review`: what the last looks at the standard decided, newest first
    targets      the scorecards of the company and the tiers: actual, target, last year (`transforms.indicators.targets`);
                 none where the month was replayed
    """

    month: Month
    policy: Policy
    supplied: frozenset[str]
    customers: pd.DataFrame
    figures: pd.DataFrame
    transitions: pd.DataFrame
    outlook: Outlook | None = None
    economics: ValueTables | None = None
    registers: pd.DataFrame = field(default_factory=partial(no_rows, REGISTERS))
    standards: pd.DataFrame = field(default_factory=no_standards)
    overrides: Overrides = field(default_factory=no_overrides)
    records: pd.DataFrame = field(default_factory=no_records)
    usual: pd.DataFrame = field(default_factory=no_usual)
    comparable: Comparability | None = None
    causes: pd.DataFrame = field(default_factory=no_causes)
    courses: pd.DataFrame = field(default_factory=no_courses)
    targets: tuple[Target, ...] = ()


def review_month(inputs: MonthInputs, history: History, policy: Policy, segments: Sequence[Segment] = ()) -> MonthReview:
    """Review one month: freeze the standard if it is not yet frozen, score every customer, add up, tell who moved.

    The same inputs, history and policy give the same review. `segments` are parts of tiers that have figures of their own.
    A HeldError says that there is nobody to review.
    """
    review, parts = _review_parts(inputs, history, policy, segments)
    targets = month_targets(plan_of(inputs.plans), inputs.month, review.figures, history.figures, review.comparable)
    told = economics(part for part in parts if not part.family)
    return replace(review, economics=told, courses=_courses(inputs, review.customers), targets=targets)


def replay_month(inputs: MonthInputs, history: History, policy: Policy, segments: Sequence[Segment] = ()) -> MonthReview:
    """The same review for months that nobody prints: all that later months look back at, without the value tables."""
    return _review_parts(inputs, history, policy, segments)[0]


def score_base(inputs: MonthInputs, history: History, standard: Policy) -> tuple[pd.DataFrame, Outlook | None]:
    """Every customer of the base with grade, classes and outlook, and the models behind the outlook: all that figures are made of."""
    scored = score_customers(inputs, history, standard)
    graded = with_portfolio(scored, strategic_customers(inputs.registers), inputs.registers, inputs.month, standard)
    outlook = look_ahead(inputs, standard)  # after the grades, which must not know it
    ranked = with_priority(with_p_alive(with_outlook(graded, outlook)), inputs, standard)
    return with_actions(ranked, inputs, history, standard), outlook


def _review_parts(inputs: MonthInputs, history: History, policy: Policy, segments: Sequence[Segment]) -> tuple[MonthReview, list[Part]]:
    """The review without value tables, and the scopes that its figures were computed of."""
    standard = policy if policy.reference else freeze_reference(inputs, policy)
    customers, outlook = score_base(inputs, history, standard)
    parts = list(scopes(inputs, customers, standard, segments, outlook, history))
    comparable = Comparability(standard, inputs.first_month or Month(1, 1), inputs.began, inputs.incomplete)
    summary = summarise(parts, history, comparable)
    review = MonthReview(
        month=inputs.month,
        policy=standard,
        supplied=inputs.supplied,
        customers=customers.drop(columns=list(DESCRIBED_IN_GROUPS), errors="ignore"),
        figures=summary.figures,
        transitions=transitions(customers, standard),
        outlook=outlook,
        registers=inputs.registers,
        standards=both_standards(inputs, history, standard),
        overrides=overrides_of(inputs.registers, inputs.month, standard),
        records=review_records(inputs.registers),
        usual=summary.usual,
        comparable=comparable,
        causes=inputs.causes,
    )
    return review, parts


def _courses(inputs: MonthInputs, customers: pd.DataFrame) -> pd.DataFrame:
    rows = customers["act_rank"].notna().to_numpy(dtype=bool).nonzero()[0]
    return courses(inputs, dict(zip(customers["customer_id"].iloc[rows].tolist(), rows.tolist(), strict=True)))
