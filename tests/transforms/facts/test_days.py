"""Days that are missing at the source, by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from transforms.facts.days import day_facts, holidays_of, lacks_days
from transforms.month import Month
from transforms.statistics.silences import Silence, silences

MAY, JUNE, JULY = Month(2026, 5), Month(2026, 6), Month(2026, 7)


def rows(first: date, last: date, without: tuple[date, ...] = (), a_day: int = 3) -> pd.DataFrame:
    """So many customers a day at noon in Shanghai, each with two rows."""
    days = [first + timedelta(days=place) for place in range((last - first).days + 1)]
    told = [(f"c{number}", f"{day}T04:00:00Z") for day in days if day not in without for number in range(a_day) for _ in range(2)]
    frame = pd.DataFrame(told, columns=["customer_id", "ordered_at"])
    return frame.assign(ordered_at=pd.to_datetime(frame["ordered_at"], utc=True))


def of(month: Month, **more: object) -> pd.DataFrame:
    return day_facts(rows(month.first_day, month.last_day, **more), "ordered_at", "Asia/Shanghai", month)  # type: ignore[arg-type]


def test_a_customer_counts_once_a_day_and_days_are_local() -> None:
    facts = day_facts(rows(date(2026, 6, 1), date(2026, 6, 2)), "ordered_at", "Asia/Shanghai", JUNE)
    assert facts["customers"].tolist() == [3, 3] and str(facts["day"].iloc[0].date()) == "2026-06-01"
    late = pd.DataFrame({"customer_id": ["c"], "ordered_at": pd.to_datetime(["2026-06-30T17:00:00Z"], utc=True)})
    assert str(day_facts(late, "ordered_at", "Asia/Shanghai", JULY)["day"].iloc[0].date()) == "2026-07-01"
    assert day_facts(late, "ordered_at", "Asia/Shanghai", JUNE).empty


def test_three_silent_days_of_nine_usual_rows_are_missing_and_two_of_six_are_not() -> None:
    three, two = (tuple(date(2026, 6, 9 + place) for place in range(count)) for count in (3, 2))
    assert lacks_days({MAY: of(MAY), JUNE: of(JUNE, without=three)}, JUNE)  # 3 x 3 = 9 >= 7
    assert not lacks_days({MAY: of(MAY), JUNE: of(JUNE, without=two)}, JUNE)  # 2 x 3 = 6 < 7
    assert not lacks_days({MAY: of(MAY, without=three), JUNE: of(JUNE)}, JUNE), "another month's days are that month's"


@pytest.mark.parametrize(("first", "last"), [(1, 3), (9, 11), (28, 30)])
def test_a_silence_is_told_with_its_days_and_what_they_usually_hold(first: int, last: int) -> None:
    lost = tuple(date(2026, 6, day) for day in range(first, last + 1))
    days = pd.concat([of(MAY), of(JUNE, without=lost)])
    counts = pd.Series(days["customers"].to_numpy(), index=pd.DatetimeIndex(days["day"]))
    assert silences(counts, JUNE, MAY) == [Silence(lost[0], lost[-1], 9.0)]


def test_days_when_the_company_is_closed_lack_nothing() -> None:
    closed = tuple(date(2026, 6, 9 + place) for place in range(3))
    register = pd.DataFrame(
        {
            "register": ["holiday", "holiday", "decision"],
            "opened_on": pd.to_datetime(["2026-06-09", None, "2026-06-01"]),
            "closed_on": pd.to_datetime(["2026-06-10", None, "2026-06-30"]),
            "due_on": pd.to_datetime([None, "2026-06-11", None]),
        }
    )
    assert holidays_of(register) == frozenset(closed)
    assert not lacks_days({MAY: of(MAY), JUNE: of(JUNE, without=closed)}, JUNE, holidays_of(register))


def test_a_history_of_a_month_is_too_short_to_say() -> None:
    assert not lacks_days({JUNE: of(JUNE, without=tuple(date(2026, 6, day) for day in range(5, 20)))}, JUNE)
    assert not lacks_days({}, JULY)
