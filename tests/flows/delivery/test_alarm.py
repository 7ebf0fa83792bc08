"""Whatever a month ends in, its owner hears of it once, in words for seven in the morning."""

from __future__ import annotations

import logging
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Crashed

from flows.archive.locks import month_lock
from flows.delivery.owner import tell_owner_of
from flows.machine.owners import this_process
from flows.review.request import RunRequest
from flows.review.run import run_month
from flows.scheduling.janitor import why_nobody_works_on
from flows.scheduling.on_prefect import PROCESS, failed_state, owner_hears_of_it, shorten_expected_trouble
from tests.flows.company import REVIEWED, Small, small_company
from tests.flows.delivery.relay import TestRelay
from transforms.errors import BusyError, HeldError, ReviewError, UndeliveredError, UnreachableError
from transforms.month import Month

pytestmark = pytest.mark.usefixtures("quick_packs")

JUNE = Month.parse(REVIEWED)
NOW = datetime(2026, 7, 2, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _fixed_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPING_CLOCK", NOW.isoformat())


@pytest.fixture
def company(tmp_path: Path) -> Small:
    return small_company(tmp_path / "small")


def letters(company: Small) -> list[tuple[str, list[str]]]:
    """Subject and lines of every message that the owner was left."""
    found = [message_from_bytes(path.read_bytes(), policy=default) for path in (company.folder / "outbox" / "owner").glob("*.eml")]
    return sorted((str(message["Subject"]), message.get_content().strip().splitlines()) for message in found)


def run_of(company: Small, **more: object) -> FlowRun:
    return FlowRun(flow_id=uuid4(), name="b", parameters={"request": {"config": str(company.config), **more}}, expected_start_time=NOW)


def broken(company: Small, *, month: Month = JUNE, **more: object) -> ReviewError:
    with pytest.raises(ReviewError) as caught:
        run_month(company.settings(), RunRequest(month, **more))  # type: ignore[arg-type]
    return caught.value


def without_amounts(company: Small) -> None:
    rows = company.rows("orders")
    company.write("orders", [["order_id", "customer_id", "ordered_at", "amont", *rows[0][4:]], *rows[1:]])


def test_a_missing_column_is_told_once_however_often_the_month_is_tried(company: Small) -> None:
    without_amounts(company)
    error = broken(company)
    broken(company)
    owner_hears_of_it(None, run_of(company), failed_state(error))  # what the flow's own hook would say is the same word
    assert letters(company) == [(f"Small Company: the review of {REVIEWED} is held", str(error).splitlines())]
    assert len(str(error).splitlines()) <= 10


def test_a_source_that_is_away_is_told_as_failed(company: Small) -> None:
    company.data.rename(company.folder / "elsewhere")
    assert isinstance(broken(company), UnreachableError)
    assert [subject for subject, _ in letters(company)] == [f"Small Company: the review of {REVIEWED} failed"]


def test_a_bug_is_told_without_its_traceback_and_without_secrets(company: Small) -> None:
    text = company.config.read_text() + '\n[sources.shop]\nurl = "postgresql+psycopg://u:hush-hush@127.0.0.1:1/shop"\n'
    company.config.write_text(text)

    def breaks(name: str, step: Callable[[], object], *, network: bool = False) -> object:
        raise RuntimeError("no idea how to reach u:hush-hush\nsecond line")

    with pytest.raises(RuntimeError):
        run_month(company.settings(), RunRequest(JUNE), do=breaks)  # type: ignore[arg-type]
    ((subject, lines),) = letters(company)
    assert subject.endswith("failed")
    assert lines[0] == f"{REVIEWED}: RuntimeError: no idea how to reach u:***"
    assert lines[-1].endswith(f"keping run --month {REVIEWED}")


@pytest.mark.parametrize("asked", [{"dry_run": True}, {"tiers": ("company",)}])
def test_what_somebody_tries_at_the_keyboard_is_told_to_nobody_else(company: Small, asked: dict[str, object]) -> None:
    without_amounts(company)
    broken(company, **asked)
    assert not (company.folder / "outbox").exists()


def test_a_month_that_somebody_else_is_running_is_no_trouble(company: Small) -> None:
    with month_lock(company.settings(), JUNE):
        assert isinstance(broken(company), BusyError)
    assert not (company.folder / "outbox").exists()


def test_an_outbox_that_cannot_be_written_does_not_hide_the_trouble(company: Small) -> None:
    without_amounts(company)
    (company.folder / "outbox").write_text("a file where a folder is needed")
    assert isinstance(broken(company), HeldError)


@pytest.mark.parametrize(
    ("error", "subject"),
    [
        (UndeliveredError("2 deliveries are not accepted"), "the review of 2026-06 did not reach everyone"),
        (UnreachableError("the shop is away"), "the review of 2026-06 failed"),
        ("Process exited with status code: -9", "the review of 2026-06 failed"),
    ],
)
def test_the_subject_says_how_it_ended(company: Small, error: ReviewError | str, subject: str) -> None:
    tell_owner_of(company.settings(), JUNE, error)
    assert letters(company) == [(f"Small Company: {subject}", [str(error)])]


def test_a_run_whose_process_is_gone_is_told_by_the_words_of_its_state(company: Small) -> None:
    owner_hears_of_it(None, run_of(company, first="2026-03", last="2026-05"), Crashed(message="killed"))
    said = ["b: killed", "Nothing half-made was published; the same request goes on where it stopped."]
    assert letters(company) == [("Small Company: the backfill from 2026-03 failed", said)]


def test_expected_trouble_is_logged_without_a_traceback_and_a_bug_with_it(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("prefect.task_runs")
    log.propagate, before = True, log.propagate
    try:
        shorten_expected_trouble()
        for error in (HeldError("amount is missing"), ValueError("a bug")):
            try:
                raise error
            except Exception:
                log.error("failed", exc_info=sys.exc_info())
    finally:
        log.propagate = before
    assert [record.exc_info is not None for record in caplog.records if record.name == log.name] == [False, True]


@pytest.mark.parametrize(
    ("state", "age", "process", "stuck"),
    [
        (StateType.RUNNING, timedelta(minutes=1), "gone", False),
        (StateType.RUNNING, timedelta(minutes=5), "gone", True),
        (StateType.RUNNING, timedelta(hours=23), "ours", False),
        (StateType.RUNNING, timedelta(hours=23), "elsewhere", False),
        (StateType.RUNNING, timedelta(hours=25), "elsewhere", True),
        (StateType.PENDING, timedelta(minutes=59), "", False),
        (StateType.PENDING, timedelta(minutes=61), "", True),
        (StateType.CANCELLING, timedelta(minutes=61), "elsewhere", True),
    ],
)
def test_a_run_is_stuck_when_its_process_is_gone_or_nobody_can_be_at_it_any_more(
    state: StateType, age: timedelta, process: str, stuck: bool
) -> None:
    host, pid, started = this_process().rsplit(":", 2)
    names = {"ours": f"{host}:{pid}:{started}", "gone": f"{host}:{pid}:1", "elsewhere": f"another-host:{pid}:{started}"}
    run = FlowRun(
        flow_id=uuid4(),
        state=State(type=state, timestamp=NOW - age),  # type: ignore[arg-type]
        state_type=state,
        labels={PROCESS: names[process]} if process else {},
    )
    assert bool(why_nobody_works_on(run, NOW)) is stuck


def test_from_a_copied_warehouse_no_word_is_mailed_and_no_relay_connected_to(company: Small, tmp_path: Path) -> None:
    with TestRelay() as relay:
        text = f'[delivery]\ntransport = "smtp"\n[delivery.smtp]\nhost = "localhost"\nport = {relay.port}\nsecurity = "none"\n'
        company.config.write_text(company.config.read_text(encoding="utf-8") + text, encoding="utf-8")
        run_month(company.settings(), RunRequest(JUNE))
        shutil.copytree(company.folder, tmp_path / "copy")
        copy = Small(tmp_path / "copy")
        tell_owner_of(copy.settings(), JUNE, HeldError("orders: no row"))
        assert (relay.sink.connections, len(letters(copy))) == (0, 1)
        elsewhere = copy.settings().model_copy(update={"delivery": company.settings().delivery.model_copy(update={"environment": "test"})})
        tell_owner_of(elsewhere, JUNE, HeldError("orders: no row"))
        assert relay.sink.connections == 0
        tell_owner_of(company.settings(), JUNE, HeldError("orders: no row"))
        assert relay.sink.recipients == ["keping@localhost"]
