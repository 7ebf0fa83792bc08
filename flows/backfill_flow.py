"""A backfill as a Prefect flow, with a form that explains itself: the same sequence as `keping backfill`."""

from __future__ import annotations

from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.backfills.backfill import backfill as carry_out
from flows.backfills.outcome import BackfillOutcome
from flows.machine import clock
from flows.review.request import BackfillRequest, check_backfill
from flows.scheduling.artifacts import leave_backfill
from flows.scheduling.forms import BackfillForm, given_fields
from flows.scheduling.on_prefect import as_task, config_path, owner_hears_of_it, patiently, run_as_flow, run_there
from flows.settings import Settings, load


def run_name() -> str:
    """For example `backfill 2026-03 to 2026-05`."""
    asked = given_fields(flow_run.parameters)
    return f"backfill {asked.get('first')} to {asked.get('last')}"


@flow(name="backfill", flow_run_name=run_name, persist_result=False, on_failure=[owner_hears_of_it], on_crashed=[owner_hears_of_it])
def backfill(request: BackfillForm) -> str | State[Any]:
    """Review past months anew from the data known now; publish and mail what differs only if asked."""

    def work() -> list[BackfillOutcome]:
        settings = load(config_path(request.config))
        asked = check_backfill(
            request.first, request.last, request.reason, clock.now(), settings, promote=request.promote, send=request.send
        )
        return [patiently(lambda: backfill_as_tasks(settings, asked), get_run_logger().info)]

    return run_as_flow(lambda: [*work()])


def backfill_as_tasks(settings: Settings, asked: BackfillRequest) -> BackfillOutcome:
    """Carry out a backfill with each step as a Prefect task, and leave its comparison on the Prefect page."""
    outcome = carry_out(settings, asked, do=as_task, tell=get_run_logger().info)
    leave_backfill(outcome)
    return outcome


def backfill_on_prefect(settings: Settings, asked: BackfillRequest) -> BackfillOutcome:
    """`keping backfill` where a Prefect API is configured: the same flow, seen there as a run of its own."""
    return run_there("backfill", f"backfill {asked.first} to {asked.last}", lambda: backfill_as_tasks(settings, asked))
