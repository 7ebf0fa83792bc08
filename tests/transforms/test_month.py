"""Months are a partition of time in every zone, also where midnight is skipped or happens twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.month import Month, day_starts, months

ZONES = sorted(zone for zone in available_timezones() if not zone.startswith(("posix/", "right/")) and zone != "localtime")


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "26-10", "2026/10", "", "2026-1", "abcd-ef"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="month"):
        Month.parse(text)


def test_months_add_subtract_compare_and_print() -> None:
    assert str(Month(2026, 1) - 1) == "2025-12"
    assert Month(2025, 12) + 14 == Month(2027, 2)
    assert [str(month) for month in months(Month(2025, 11), Month(2026, 2))] == ["2025-11", "2025-12", "2026-01", "2026-02"]


def test_a_month_begins_when_a_skipped_midnight_would_have_been() -> None:
    # Paraguay set its clocks forward at 00:00 on 1 October 2017: the day began at 01:00.
    assert Month(2017, 10).start("America/Asuncion") == datetime(2017, 10, 1, 4, 0, tzinfo=UTC)


def test_a_clock_set_back_over_midnight_does_not_bring_the_old_month_back() -> None:
    # Newfoundland set its clocks back at 00:01 on 1 November 2009: a minute of November, then 59 minutes called October again.
    begun = datetime(2009, 11, 1, 2, 30, tzinfo=UTC)
    assert Month(2009, 11).start("America/St_Johns") == begun
    again = begun + timedelta(minutes=2)
    assert again.astimezone(ZoneInfo("America/St_Johns")).date().month == 10
    assert [Month.of(moment, "America/St_Johns").number for moment in (begun - timedelta(seconds=1), begun, again)] == [10, 11, 11]


def test_a_month_has_its_first_and_last_day_and_one_start_more_than_days() -> None:
    assert (Month(2024, 2).first_day, Month(2024, 2).last_day) == (date(2024, 2, 1), date(2024, 2, 29))
    assert Month(2025, 12).last_day == date(2025, 12, 31)
    starts = day_starts(Month(2026, 3), "Europe/Berlin")
    assert len(starts) == 32
    assert (starts[0], starts[-1]) == (datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2026, 3, 31, 22, tzinfo=UTC))
    assert {(later - earlier).total_seconds() / 3600 for earlier, later in pairwise(starts)} == {23, 24}


def test_a_day_begins_where_the_clock_jumps_over_its_midnight_also_from_before_it_or_over_a_whole_day() -> None:
    # Toronto set its clocks forward at 23:30 on 30 March 1919, to 00:30; Samoa left out 30 December 2011.
    assert day_starts(Month(1919, 3), "America/Toronto")[30] == datetime(1919, 3, 31, 4, 30, tzinfo=UTC)
    left_out, after = day_starts(Month(2011, 12), "Pacific/Apia")[29:31]
    assert left_out == after == datetime(2011, 12, 30, 10, tzinfo=UTC)


@pytest.mark.parametrize(("year", "number"), [(2026, 0), (2026, 13), (0, 1), (9999, 1)])
def test_a_month_that_the_calendar_does_not_have_is_never_made(year: int, number: int) -> None:
    with pytest.raises(ValueError, match="no such month"):
        Month(year, number)


def test_an_instant_without_a_zone_has_no_month() -> None:
    with pytest.raises(ValueError, match="an instant needs a time zone"):
        Month.of(datetime(2026, 1, 1), "UTC")


@pytest.mark.parametrize("years", [2, pytest.param(22, marks=pytest.mark.soak)])
def test_every_zone_and_month_joins_the_next_without_gap_or_overlap(years: int) -> None:
    """Two of the years from 2005 to 2026 for each zone, turn and turn about; all of them in the long suite."""
    assert len(ZONES) >= 590
    second = timedelta(seconds=1)
    for place, zone in enumerate(ZONES):
        first = 2005 + place * years % 22
        for month in months(Month(first, 1), Month(first + years - 1, 12)):
            end = month.end(zone)
            assert month.start(zone) < end == (month + 1).start(zone)
            local = end.astimezone(ZoneInfo(zone))
            assert local.date() >= (month + 1).first_day, (zone, month)
            assert Month.of(end, zone) == month + 1
            assert Month.of(end - second, zone) == month


@given(st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)), st.sampled_from(ZONES))
def test_an_instant_belongs_to_exactly_the_month_whose_bounds_hold_it(naive: datetime, zone: str) -> None:
    instant = naive.replace(tzinfo=UTC)
    month = Month.of(instant, zone)
    start, end = month.bounds(zone)
    assert start <= instant < end


def test_the_last_complete_month_is_told_in_the_business_zone_not_in_utc() -> None:
    new_year_utc = datetime(2026, 1, 1, tzinfo=UTC)
    assert Month.last_complete(new_year_utc, "Asia/Tokyo") == Month(2025, 12)
    assert Month.last_complete(new_year_utc, "America/Los_Angeles") == Month(2025, 11)


SCHEDULED = (
    *("UTC", "Asia/Shanghai", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati"),
    *("America/St_Johns", "America/Asuncion", "Europe/Lisbon", "Africa/Cairo", "Asia/Beirut", "Antarctica/Troll"),
)


@pytest.mark.parametrize("zone", SCHEDULED)
@pytest.mark.parametrize(("day", "hour"), [(1, 0), (1, 2), (28, 23)])
def test_of_36_scheduled_months_each_is_reviewed_once_however_late_it_starts_and_however_often_it_fires(
    zone: str, day: int, hour: int
) -> None:
    reviewed: dict[Month, set[Month]] = {}
    for month in months(Month(2023, 1), Month(2025, 12)):
        due = datetime(month.year, month.number, day, hour, 30, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        # A second firing of the same schedule asks with the same scheduled time; the clock is never asked.
        reviewed[month] = {Month.last_complete(due, zone) for _ in range(2)}
    assert [found for found in reviewed.values() if len(found) != 1] == []
    assert [next(iter(found)) for found in reviewed.values()] == months_before(list(reviewed))


def months_before(scheduled: list[Month]) -> list[Month]:
    return [month - 1 for month in scheduled]
