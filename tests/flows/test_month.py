"""Months are a partition of time in every zone, also where midnight is skipped or happens twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.month import Month, months

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


def test_every_zone_and_month_joins_the_next_without_gap_or_overlap() -> None:
    assert len(ZONES) >= 590
    second = timedelta(seconds=1)
    for zone in ZONES:
        for month in months(Month(2005, 1), Month(2026, 12)):
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
