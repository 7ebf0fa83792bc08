"""What became of those on last month's list: what the month's data show, and nothing about why."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from transforms.facts.matching import Lookup, locate
from transforms.grades.grading import NONE, grade_numbers
from transforms.money import BoolArray
from transforms.policy.acting import Occasion
from transforms.policy.rules import Policy
from transforms.tables.columns import names_of_codes

RESULT_COLUMNS = ("act_before", "act_play_before", "act_result")


class Aftermath(StrEnum):
    """What is seen, one month later, of a customer who was on the list; no claim that the play has caused it.

    ordered          ordered in the month; asked of who was silent or lost, had a refund, or was new
    settled          no complaint is open any more
    content          the satisfaction index is no longer below the policy's bound, or is back at what it was before it fell
    renewed          the contract now ends later
    grade_back       in the better grade
    grade_kept       the grade that was in danger is kept
    no_order         no order in the month
    complaint_open   a complaint is open
    no_answer        no new answer about satisfaction
    still_unhappy    answered, and the index is still low
    not_renewed      the contract ends, or has ended, as it was to
    grade_unchanged  still in the lower grade
    grade_fell       a grade lower than then
    lost             lost since then, or still
    """

    ORDERED = "ordered"
    SETTLED = "settled"
    CONTENT = "content"
    RENEWED = "renewed"
    GRADE_BACK = "grade_back"
    GRADE_KEPT = "grade_kept"
    NO_ORDER = "no_order"
    COMPLAINT_OPEN = "complaint_open"
    NO_ANSWER = "no_answer"
    STILL_UNHAPPY = "still_unhappy"
    NOT_RENEWED = "not_renewed"
    GRADE_UNCHANGED = "grade_unchanged"
    GRADE_FELL = "grade_fell"
    LOST = "lost"


GOOD = (Aftermath.ORDERED, Aftermath.SETTLED, Aftermath.CONTENT, Aftermath.RENEWED, Aftermath.GRADE_BACK, Aftermath.GRADE_KEPT)
"""What the plays are for."""

AFTERMATHS = tuple(outcome.value for outcome in Aftermath)


def find_results(customers: pd.DataFrame, last: pd.DataFrame, answered: BoolArray, policy: Policy) -> dict[str, Any]:
    """`RESULT_COLUMNS` of this month's customers; missing where a customer was not on last month's list.

    act_before       the main reason of last month; act_play_before: what was to be done
    act_result       what became of it (`Aftermath`)

    `last` are the rows of last month's review, which keeps its list with all it was made of, so that a month that is
    replayed, filled in or published in turn tells the same; one that kept none tells nothing. `answered` says who answered
    about satisfaction in this month.
    """
    size = len(customers)
    none = names_of_codes((None,), np.zeros(size, dtype=np.int64))
    if not len(last) or not {"act_reason", "act_rank"} <= set(last.columns):
        return {"act_before": none, "act_play_before": none, "act_result": none}
    (places,), _ = locate(customers["customer_id"], [last["customer_id"]])
    before = Lookup.of(places, size)
    listed = before.counts(last["act_rank"]) > 0
    reason = before.column(last["act_reason"]).astype("str").where(listed)
    seen = np.full(size, len(AFTERMATHS), dtype=np.int64)
    for fits, outcome in reversed(_rules(customers, last, before, answered, reason, policy)):
        seen[listed & fits] = AFTERMATHS.index(outcome)
    return {
        "act_before": reason,
        "act_play_before": before.column(last["act_play"]).astype("str").where(listed),
        "act_result": names_of_codes((*AFTERMATHS, None), seen),
    }


def _rules(
    customers: pd.DataFrame, last: pd.DataFrame, before: Lookup, answered: BoolArray, reason: pd.Series, policy: Policy
) -> list[tuple[BoolArray, Aftermath]]:
    """What is seen of whom; the first that fits counts."""
    ordered, lost = customers["month_orders"].to_numpy(dtype=np.int64) > 0, customers["is_lost"].to_numpy(dtype=bool)
    is_open = customers["complaints_open"].fillna(0).to_numpy(dtype=np.int64) > 0
    index = customers["satisfaction_index"].to_numpy(dtype=np.float64, na_value=np.nan)
    index_then, measure_then = before.numbers(last["satisfaction_index"]), before.numbers(last["act_measure"])
    grade = grade_numbers(customers["grade"], policy)
    grade_then, grade_before = (grade_numbers(before.column(last[name]), policy) for name in ("grade", "previous_grade"))
    end, end_then = (one.to_numpy(dtype="datetime64[D]") for one in (customers["contract_end"], before.column(last["contract_end"])))
    rated = grade != NONE

    def was(*reasons: Occasion) -> BoolArray:
        return reason.isin([one.value for one in reasons]).to_numpy(dtype=bool)

    asked = was(Occasion.SILENT, Occasion.LOST, Occasion.REFUND, Occasion.NEW_VALUABLE)
    fell = was(Occasion.SATISFACTION_FELL)
    complained = was(Occasion.COMPLAINT, Occasion.COMPLAINT_LATE)
    voice = was(Occasion.UNHAPPY, Occasion.UNHAPPY_QUIET) | fell
    graded = was(Occasion.DEMOTED, Occasion.NEAR_CUT, Occasion.ONE_ORDER)
    back = np.where(was(Occasion.DEMOTED), grade <= grade_before, was(Occasion.ONE_ORDER) & (grade < grade_then))
    with np.errstate(invalid="ignore"):
        content = np.where(fell, index >= index_then + measure_then, index >= policy.acting.unhappy_below)
    return [
        (asked & ordered, Aftermath.ORDERED),
        (was(Occasion.CONTRACT) & (end > end_then), Aftermath.RENEWED),
        (lost, Aftermath.LOST),
        (asked, Aftermath.NO_ORDER),
        (was(Occasion.CONTRACT), Aftermath.NOT_RENEWED),
        (complained & ~is_open, Aftermath.SETTLED),
        (complained, Aftermath.COMPLAINT_OPEN),
        (voice & content, Aftermath.CONTENT),
        (voice & ~answered, Aftermath.NO_ANSWER),
        (voice, Aftermath.STILL_UNHAPPY),
        (graded & rated & back, Aftermath.GRADE_BACK),
        (graded & rated & (grade > grade_then), Aftermath.GRADE_FELL),
        (was(Occasion.NEAR_CUT) & rated, Aftermath.GRADE_KEPT),
        (graded, Aftermath.GRADE_UNCHANGED),
    ]
