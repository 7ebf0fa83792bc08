"""Missing days and changed scales are seen; quiet week-ends and rare rows are not called gaps."""

from __future__ import annotations

import pandas as pd

from expectations.findings import Severity
from expectations.steadiness import check_gaps, check_orphans, check_scales, scales_of
from transforms.month import Month

MONTH, FIRST = Month(2026, 9), Month(2026, 6)


def days(per_day: int, *, without: tuple[str, ...] = (), weekdays_only: bool = False) -> pd.Series:
    calendar = pd.date_range("2026-06-01", "2026-09-30", freq="D")
    kept = [day for day in calendar if str(day.date()) not in without and not (weekdays_only and day.weekday() > 4)]
    return pd.Series([day for day in kept for _ in range(per_day)])


def test_three_days_without_the_usual_rows_are_a_gap_with_its_days_and_what_was_usual() -> None:
    found = check_gaps("tickets", days(4, without=("2026-09-09", "2026-09-10", "2026-09-11")), MONTH, FIRST)
    assert [finding.rule for finding in found] == ["tickets.days.missing"]
    assert found[0].message.startswith("tickets 2026-09: no rows from 2026-09-09 to 2026-09-11 (3 day(s)), where about 12 are usual.")
    assert found[0].severity is Severity.WARNING


def test_week_ends_on_which_nothing_ever_happens_are_no_gap() -> None:
    assert check_gaps("orders", days(40, weekdays_only=True), MONTH, FIRST) == []


def test_silence_is_no_gap_where_rows_are_rare() -> None:
    assert check_gaps("tickets", days(1, without=("2026-09-09", "2026-09-10")), MONTH, FIRST) == []


def test_a_gap_in_an_earlier_month_is_not_told_of_this_one() -> None:
    assert check_gaps("tickets", days(9, without=("2026-08-09", "2026-08-10")), MONTH, FIRST) == []


def test_a_changed_scale_warns_once_and_is_noted_afterwards() -> None:
    old, new = {("csat", "overall"): (1.0, 5.0)}, {("csat", "overall"): (1.0, 10.0)}
    history = {Month(2026, 5): old, Month(2026, 6): new, Month(2026, 7): new}
    (warned,) = check_scales({month: scales for month, scales in history.items() if month <= Month(2026, 6)}, Month(2026, 6))
    (noted,) = check_scales(history, Month(2026, 7))
    assert (warned.severity, noted.severity) == (Severity.WARNING, Severity.INFO)
    assert "was asked on 1-5 before 2026-06 and on 1-10 since" in warned.message


def test_a_question_s_scale_is_that_of_most_answers_and_unknown_ones_are_left_out() -> None:
    surveys = pd.DataFrame(
        {
            "instrument": ["csat", "csat", "csat", "nps"],
            "item": ["overall", "overall", "overall", "recommend"],
            "scale_min": [1.0, 1.0, 1.0, None],
            "scale_max": [5.0, 5.0, 10.0, None],
        }
    )
    assert scales_of(surveys) == {("csat", "overall"): (1.0, 5.0)}


def test_rows_of_customers_that_nobody_knows_are_counted_and_named() -> None:
    rows, known = pd.Series(["A", "X", "X", None], dtype="str"), pd.Series(["A", "B"], dtype="str")
    (found,) = check_orphans("tickets", rows, known, MONTH)
    assert (found.rows, found.of_rows, found.examples) == (2, 4, ("X",))
    assert found.message.startswith("tickets 2026-09: 2 of 4 rows name a customer that nobody knows (first: X).")
    assert check_orphans("tickets", pd.Series(["B"], dtype="str"), known, MONTH) == []
