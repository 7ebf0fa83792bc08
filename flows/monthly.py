"""The monthly review as a Prefect flow: the same sequence as `keping run`, with named tasks and artifacts."""

from __future__ import annotations

from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.machine import clock
from flows.review.outcome import RunOutcome
from flows.review.request import RunRequest, month_to_review
from flows.review.run import run_month
from flows.scheduling.artifacts import leave_review
from flows.scheduling.catching_up import months_due
from flows.scheduling.forms import MonthlyRequest, given_fields
from flows.scheduling.on_prefect import as_task, config_path, owner_hears_of_it, patiently, run_as_flow, run_there, scheduled_at
from flows.settings import Settings, load
from transforms.errors import UsageError

SCHEDULED = MonthlyRequest()


def run_name() -> str:
    """For example `review 2026-10`; a scheduled run is named after the month that its scheduled time means."""
    asked = given_fields(flow_run.parameters)
    try:
        settings = load(config_path(asked.get("config")))
        return f"review {asked.get('month') or month_to_review(None, scheduled_at(), settings)}"
    except UsageError:
        return "review of an unknown month"


@flow(name="monthly-review", flow_run_name=run_name, persist_result=False, on_failure=[owner_hears_of_it], on_crashed=[owner_hears_of_it])
def monthly_review(request: MonthlyRequest = SCHEDULED) -> str | State[Any]:
    """Pull, check, score, keep, print, publish and, if asked, mail one month, and before it the months that the schedule missed."""
    return run_as_flow(lambda: [*review_due(load(config_path(request.config)), request)])


def review_due(settings: Settings, request: MonthlyRequest) -> list[RunOutcome]:
    """Review what the run is for, oldest month first; a month that is held does not keep the later ones back."""
    due = (
        [month_to_review(request.month, clock.now(), settings)] if request.month else months_due(settings, scheduled_at(), request.catch_up)
    )
    logger = get_run_logger()
    logger.info("to be reviewed: %s", ", ".join(map(str, due)))
    by_schedule = not request.month
    asked = [RunRequest(month, tuple(request.tiers), request.send, request.dry_run, once=by_schedule) for month in due]
    return [patiently(lambda one=one: review_as_tasks(settings, one), logger.info) for one in asked]  # type: ignore[misc]


def review_as_tasks(settings: Settings, asked: RunRequest) -> RunOutcome:
    """Carry out a month's sequence with each step as a Prefect task, and leave what came of it on the Prefect page."""
    outcome = run_month(settings, asked, do=as_task, tell=get_run_logger().info)
    leave_review(settings, outcome)
    return outcome


def run_on_prefect(settings: Settings, asked: RunRequest) -> RunOutcome:
    """`keping run` where a Prefect API is configured: the same flow, seen there as a run of its own."""
    return run_there("monthly-review", f"review {asked.month}", lambda: review_as_tasks(settings, asked))
