"""Every month is reviewed once, whatever the clock does on the night of the schedule, and whatever the schedule missed."""

from __future__ import annotations

import asyncio
import random
import tomllib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prefect.server.schemas.schedules import CronSchedule

from flows.review.request import month_to_review
from flows.scheduling.catching_up import LIMIT, due
from flows.scheduling.written_schedule import MONTHLY, schedule_line
from flows.settings import Settings
from tests.flows.company import CONFIG
from tests.places import CHECKOUT
from transforms.errors import UsageError
from transforms.month import Month, months

ZONES = (
    *("Asia/Shanghai", "UTC", "America/New_York", "America/Sao_Paulo", "America/Asuncion", "America/St_Johns"),
    *("Europe/London", "Africa/Cairo", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Kiritimati"),
)
# 36 firings on a 1st, among them a 29 February (2028), New Years, and a night on which New York sets its clocks back (1 November 2026).
BEGIN, END = datetime(2026, 2, 15, 12, tzinfo=UTC), datetime(2029, 2, 15, 12, tzinfo=UTC)
FIRST, LAST = Month(2026, 2), Month(2029, 1)
SCHEDULES = ("0 6 1 * *", "0 0 1 * *", "30 1 1 * *", "30 2 1 * *", "30 2 31 * *", "0 12 29 * *")


def in_zone(zone: str) -> Settings:
    raw = tomllib.loads(CONFIG.format(locales='["en"]', warehouse="sqlite:///k.db"))
    raw["company"]["timezone"] = zone
    return Settings.model_validate(raw)


def fired(cron: str, zone: str) -> list[datetime]:
    """When Prefect's own schedule fires, in the order of its scheduler."""
    schedule = CronSchedule(cron=cron, timezone=zone)
    return [at.astimezone(UTC) for at in asyncio.run(schedule.get_dates(n=60, start=BEGIN, end=END))]


def reviewed(instants: list[datetime], settings: Settings) -> Counter[Month]:
    """How often each month is published when the schedule fires at these instants; what is out is not published again."""
    counts: Counter[Month] = Counter()
    for at in instants:
        for month in due(month_to_review(None, at, settings), max(counts, default=None), LIMIT):
            counts[month] += month not in counts
    return counts


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("cron", SCHEDULES)
def test_36_scheduled_months_are_reviewed_once_each(cron: str, zone: str) -> None:
    instants = fired(cron, zone)
    counts = reviewed(instants, in_zone(zone))
    assert set(counts.values()) == {1}
    assert list(counts) == list(months(min(counts), max(counts))), "oldest first, and none is left out"
    if cron.split()[2] == "1":
        assert (len(instants), list(counts)) == (36, list(months(FIRST, LAST)))
    else:  # a 31st or a 29th that some months have not: the next firing brings their month too
        assert len(instants) < len(counts) == 35


@pytest.mark.parametrize("seed", range(20))
def test_firings_that_were_missed_are_caught_up_by_the_next_one_oldest_first(seed: int) -> None:
    chance, settings = random.Random(seed), in_zone("Asia/Shanghai")
    instants = fired("0 6 1 * *", "Asia/Shanghai")
    heard = [instants[0]]
    for number, at in enumerate(instants[1:-1], start=1):
        if chance.random() < 0.4 or instants.index(heard[-1]) < number - LIMIT:
            heard.append(at)
    heard = [at for at in [*heard, instants[-1]] for _ in range(chance.choice((1, 1, 2)))]  # some fire twice
    counts = reviewed(heard, settings)
    assert list(counts) == list(months(FIRST, LAST))
    assert set(counts.values()) == {1}


def test_a_late_start_and_a_retry_keep_the_month_of_the_scheduled_time() -> None:
    # 06:00 on 1 November in Shanghai is still 31 October in UTC; the run may begin days later, or cross the end of a month.
    settings = in_zone("Asia/Shanghai")
    assert str(month_to_review(None, datetime(2026, 10, 31, 22, 0, tzinfo=UTC), settings)) == "2026-10"
    assert str(month_to_review(None, datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC), settings)) == "2026-09"


def test_a_late_firing_looks_at_its_own_month_alone_where_a_later_one_is_out() -> None:
    assert due(Month(2026, 9), Month(2026, 10), LIMIT) == [Month(2026, 9)]


def test_a_company_that_published_nothing_has_missed_nothing() -> None:
    assert due(Month(2026, 10), None, LIMIT) == [Month(2026, 10)]


def test_more_missed_months_than_the_limit_are_a_question_and_not_a_mailing() -> None:
    assert len(due(Month(2026, 10), Month(2026, 3), 6)) == 7
    with pytest.raises(UsageError) as asked:
        due(Month(2026, 10), Month(2026, 2), 6)
    assert str(asked.value).splitlines() == [
        "7 months were missed: 2026-03 to 2026-09 are not published (the newest that is: 2026-02). "
        "More than 6 are not caught up unasked. Nothing was run.",
        "To publish and mail them all, oldest first: keping run --catch-up 7 --send",
        "To leave them out: keping run --month 2026-10 --send",
    ]


def test_check_compares_the_zone_of_the_schedule_with_the_company_s(tmp_path: Path) -> None:
    ours = CHECKOUT / "prefect.yaml"
    assert schedule_line(in_zone("Asia/Shanghai"), ours) == "0 6 1 * *, Asia/Shanghai"
    with pytest.raises(
        UsageError, match=r"is in Asia/Shanghai, and the company's months end in America/New_York\. Write timezone: America/New_York"
    ):
        schedule_line(in_zone("America/New_York"), ours)
    # Why it must be: when that schedule fires, it is still October in New York.
    assert str(month_to_review(None, datetime(2026, 10, 31, 22, 0, tzinfo=UTC), in_zone("America/New_York"))) == "2026-09"
    copy = tmp_path / "prefect.yaml"
    copy.write_text(ours.read_text(encoding="utf-8").replace("        timezone: Asia/Shanghai\n", ""), encoding="utf-8")
    with pytest.raises(UsageError, match="is in UTC"):
        schedule_line(in_zone("Asia/Shanghai"), copy)


@pytest.mark.parametrize("written", ["deployments: 5", "[", "", "deployments: [{}]", "\x00"])
def test_a_file_that_holds_no_deployments_is_a_line_of_check(written: str, tmp_path: Path) -> None:
    (tmp_path / "prefect.yaml").write_text(written, encoding="utf-8")
    with pytest.raises(UsageError, match=r"prefect\.yaml (cannot be read|names no deployments)"):
        schedule_line(in_zone("Asia/Shanghai"), tmp_path / "prefect.yaml")
    with pytest.raises(UsageError, match="cannot be read"):
        schedule_line(in_zone("Asia/Shanghai"), tmp_path / "nowhere" / "prefect.yaml")


def test_a_schedule_that_is_switched_off_is_told(tmp_path: Path) -> None:
    (tmp_path / "prefect.yaml").write_text(f"deployments: [{{entrypoint: '{MONTHLY}', schedules: []}}]", encoding="utf-8")
    assert schedule_line(in_zone("UTC"), tmp_path / "prefect.yaml") == "none in prefect.yaml; nothing runs by itself"
