"""A month whose standard has changed, counted under the old one and the new one."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from transforms.grades.grading import grade_names
from transforms.grades.standing import next_standing
from transforms.inputs import History, MonthInputs
from transforms.month import Month
from transforms.policy.acting import Acting
from transforms.policy.rules import UNRATED, Policy
from transforms.tables.nothing import no_rows_of

COLUMNS = ("grade_old", "grade_new", "customers")


def no_standards() -> pd.DataFrame:
    """A month whose standard is last month's."""
    return no_rows_of({name: "int64" if name == "customers" else "str" for name in COLUMNS})


def both_standards(inputs: MonthInputs, history: History, policy: Policy) -> pd.DataFrame:
    """Rule-based grades of the month under last month's standard and under this one; no row where both are one.

    Both start from last month's grades, so that the difference is what the new standard did. Best grade first.
    """
    old = history.policy
    if old is None or old.reference is None or not len(history.customers) or _score_alike(old, policy):
        return no_standards()
    window = inputs.window
    names = []
    for rules in (old, policy):
        numbers = next_standing(window, inputs.month, history.customers, rules).graded.grade
        names.append(grade_names(numbers, rules).fillna(UNRATED))
    counted = pd.DataFrame({"grade_old": names[0], "grade_new": names[1]}).value_counts().reset_index(name="customers")
    order = {name: place for rules in (policy, old) for place, name in enumerate([*(one.grade for one in rules.grades), UNRATED])}
    return counted.sort_values(["grade_old", "grade_new"], key=lambda column: column.map(order), kind="stable", ignore_index=True).astype(
        {"customers": "int64"}
    )


def _score_alike(one: Policy, other: Policy) -> bool:
    return one.digest == other.digest or _rules(one) == _rules(other)  # most months keep their policy, and its digest is known


def _rules(policy: Policy) -> str:
    """What the policy scores by, without its name and its words."""
    return replace(
        policy, version="", author="", reason="", owner="", review_due="", effort="", acting=Acting(), effective_from=Month(1980, 1)
    ).digest


RECORDS = ("opened_on", "outcome", "body", "author")


def no_records() -> pd.DataFrame:
    return no_rows_of(dict.fromkeys(RECORDS, "str"))


def review_records(registers: pd.DataFrame) -> pd.DataFrame:
    """Entries of the register `review`, newest first: day, outcome (keep, change, retire), body (the evidence), author."""
    rows = registers.loc[(registers["register"] == "review").to_numpy(dtype=bool)]
    return rows.sort_values(["opened_on", "entry_id"], ascending=False, kind="stable", ignore_index=True)[list(RECORDS)]
