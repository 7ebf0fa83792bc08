"""The monthly review as a Prefect flow: the same sequence as `keping run`, with named tasks and artifacts."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from prefect import Task, flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict, Field

from flows import clock
from flows.outcome import RunOutcome
from flows.request import RunRequest, month_asked
from flows.run import run_month
from flows.settings import load
from transforms.errors import UnreachableError, UsageError

Result = TypeVar("Result")


class MonthlyRequest(BaseModel):
    """What a monthly review is asked for; the form in the Prefect page is made from this."""

    model_config = ConfigDict(extra="forbid")

    month: str | None = Field(
        default=None,
        title="Month",
        description="YYYY-MM. Empty: the month before the scheduled time, in the business time zone.",
        pattern=r"^\d{4}-(0[1-9]|1[0-2])$",
    )
    tiers: list[str] = Field(default_factory=list, title="Tiers", description="Only these tiers' packs. Empty: all.")
    send: bool = Field(default=False, title="Send", description="Mail the packs to their recipients.")
    dry_run: bool = Field(default=False, title="Dry run", description="Make the PDFs; publish and mail nothing.")
    config: str | None = Field(
        default=None, title="Configuration", description="Path of keping.toml. Empty: $KEPING_CONFIG or ./keping.toml."
    )


def run_name() -> str:
    """For example `review 2026-10`; a scheduled run is named after the month that its scheduled time means."""
    request = flow_run.parameters.get("request") or {}
    values = request if isinstance(request, dict) else request.model_dump()
    config = _config_path(values.get("config"))
    try:
        month = month_asked(values.get("month"), _scheduled_at(), load(config))
    except UsageError:
        return f"review {values.get('month') or 'of an unknown month'}"
    return f"review {month}"


@flow(name="monthly-review", flow_run_name=run_name, persist_result=False)
def monthly_review(request: MonthlyRequest | None = None) -> str:
    """Pull, check, score, keep, print, publish and, if asked, mail one month."""
    asked = request or MonthlyRequest()
    outcome = review_as_tasks(_config_path(asked.config), asked)
    _leave_artifacts(outcome)
    outcome.raise_if_bad()
    return "; ".join(outcome.told())


def review_as_tasks(config: Path, asked: MonthlyRequest) -> RunOutcome:
    """Carry out the month's sequence with each step as a Prefect task."""
    settings = load(config)
    month = month_asked(asked.month, _scheduled_at(), settings)
    logger = get_run_logger()
    return run_month(
        settings,
        RunRequest(month, tuple(asked.tiers), asked.send, asked.dry_run),
        do=as_task,
        tell=logger.info,
    )


def as_task(name: str, step: Callable[[], Result], *, network: bool = False) -> Result:
    """Run one step as a task of that name; tried again only where the network is."""
    wrapped = task(
        name=name,
        task_run_name=name,
        persist_result=False,
        cache_policy=NO_CACHE,
        retries=2 if network else 0,
        retry_delay_seconds=30,
        retry_condition_fn=_is_unreachable,
    )(step)
    result: Result = wrapped()
    return result


def _is_unreachable(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Only a source or server that is away is worth another try."""
    return isinstance(state.result(raise_on_failure=False), UnreachableError)


def run_on_prefect(config: Path, *, month: str | None, tiers: tuple[str, ...], send: bool, dry_run: bool) -> RunOutcome:
    """`keping run` where a Prefect API is configured: the same flow, seen there as a run of its own."""
    kept: list[RunOutcome] = []
    asked = MonthlyRequest(month=month, tiers=list(tiers), send=send, dry_run=dry_run, config=str(config))

    @flow(name="monthly-review", flow_run_name=f"review {month or 'last month'}", persist_result=False)
    def monthly_review_by_hand() -> str:
        outcome = review_as_tasks(config, asked)
        kept.append(outcome)
        _leave_artifacts(outcome)
        return "; ".join(outcome.told())

    monthly_review_by_hand()
    return kept[0]


def _leave_artifacts(outcome: RunOutcome) -> None:
    create_markdown_artifact(key=f"review-{outcome.month}", markdown=outcome.as_markdown(), description=f"Review of {outcome.month}")


def _scheduled_at() -> datetime:
    """The instant the run was scheduled for; a late start or a retry still reviews the same month."""
    if os.environ.get(clock.VARIABLE):
        return clock.now()
    scheduled = flow_run.scheduled_start_time
    return scheduled if scheduled is not None else clock.now()


def _config_path(text: str | None) -> Path:
    return Path(text or os.environ.get("KEPING_CONFIG") or "keping.toml")
