"""What changed for every customer since last month, from the two months' rows: score and grade, each in parts that add up."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.facts.matching import Lookup, locate
from transforms.grades.grading import grade_numbers, measures, plain_grade
from transforms.grades.standing import GradeStanding
from transforms.inputs import History, MonthInputs
from transforms.money import FloatArray, IntArray
from transforms.policy.rules import Policy
from transforms.why.grade import STEP_COLUMNS, change_of_grade
from transforms.why.score import ScoreSide, change_columns, change_of_score, kept_side, scored_side


def changes(
    stands: GradeStanding, grade: IntArray, inputs: MonthInputs, history: History, before: Lookup, policy: Policy
) -> dict[str, FloatArray]:
    """The columns `change_columns` and `STEP_COLUMNS`, in the window's order; all missing where there is no last month.

    `grade` is the grade that the customer has, `stands` says what the rules alone give, `before` where each
    customer stands in last month's rows. What sets the one apart from the other counts as `hold`.
    """
    sides = _last_month(inputs, history, before, policy)
    if sides is None:
        return dict.fromkeys((*change_columns(), *STEP_COLUMNS), np.full(len(before.rows), np.nan))
    published, known = sides
    now, last = ScoreSide(stands.measured, stands.scored, policy), history.customers
    then = grade_numbers(before.column(last["grade"]), published.policy)
    plain = plain_grade(published.scored["score"], published.policy)
    would_be = grade_numbers(before.column(last["would_be"]), published.policy) if "would_be" in last else plain
    steps = change_of_grade(published, known, now, (then, grade), (would_be, stands.graded.would_be))
    return {**change_of_score(published, known, now), **steps}


def _last_month(inputs: MonthInputs, history: History, before: Lookup, policy: Policy) -> tuple[ScoreSide, ScoreSide | None] | None:
    """Last month as it was published and, where that was restated, as it is known now; None where there is no last month."""
    then = history.policy or policy
    published = kept_side(history.customers, before, then) if len(history.customers) else None
    if published is None:
        return None
    if inputs.before is None:
        return published, None
    (places,), _ = locate(inputs.window["customer_id"], [inputs.before["customer_id"]])
    rows = Lookup.of(places, len(before.rows))
    known = {name: rows.numbers(pd.Series(values)) for name, values in measures(inputs.before, inputs.month - 1).items()}
    return published, scored_side(known, then)
