"""What all our Prefect flows share: steps as tasks, endings as states, the scheduled time, word to the owner."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import UUID

import prefect
from prefect import Flow, Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State, TaskRun
from prefect.exceptions import CancelledRun, CrashedRun, FailedRun
from prefect.runtime import flow_run as this_run
from prefect.states import Failed

from flows.delivery.owner import tell_owner_of
from flows.machine import clock
from flows.machine.owners import this_process
from flows.machine.redact import redact
from flows.review.request import month_to_review
from flows.scheduling.forms import given_fields
from flows.settings import load
from transforms.errors import BusyError, Exit, ReviewError, UnreachableError
from transforms.month import Month

Result = TypeVar("Result")
Ended = TypeVar("Ended", bound="FlowOutcome")

PATIENCE_SECONDS, PAUSE_SECONDS = 1800.0, 10.0
"""How long a flow waits for a month that somebody else is running, and how often it looks."""
PROCESS = "keping.process"
"""Label of a flow run: the process that works on it."""
STATES = {
    Exit.USAGE: "Refused",
    Exit.HELD: "Held",
    Exit.UNREACHABLE: "Unreachable",
    Exit.UNDELIVERED: "Undelivered",
    Exit.BUSY: "Busy",
    Exit.MACHINE: "Machine",
    Exit.REFUTED: "Refuted",
}
"""What a failed run is called on the Prefect page, by the exit code that the command line would end with."""


WRAPPERS = (CrashedRun, FailedRun, CancelledRun)
"""What Prefect says in place of an error that it does not have."""


class FlowOutcome(Protocol):
    """What came of a flow: lines for people, and an error where it did not go as it should."""

    def lines(self) -> list[str]: ...

    def raise_if_bad(self) -> None: ...


# -- steps and endings ------------------------------------------------------------------------------


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


def run_as_flow(work: Callable[[], list[FlowOutcome]]) -> str | State[Any]:
    """Do the work of a flow; its words where all went well, else a failed state with the name, exit code and words of the trouble.

    Bugs go their way with a traceback.
    """
    _leave_process()
    shorten_expected_trouble()
    try:
        outcomes = work()
        for outcome in outcomes:
            outcome.raise_if_bad()
    except ReviewError as error:
        return failed_state(error)
    return "\n".join(line for outcome in outcomes for line in outcome.lines())


def _leave_process() -> None:
    """Note on the run which process works on it, so that the janitor can tell later whether it still does."""
    with get_client(sync_client=True) as client:
        client.update_flow_run_labels(UUID(str(this_run.id)), {PROCESS: this_process()})


def failed_state(error: ReviewError) -> State[Any]:
    """The state of a run that ended in trouble of ours: `Held`, `Unreachable`, ... with its words, and no traceback."""
    return Failed(name=STATES[Exit(error.exit_code)], message=f"exit code {int(error.exit_code)}: {redact(str(error))}", data=error)


def shorten_expected_trouble() -> None:
    """From now on Prefect logs our own errors by their words alone; anything else keeps its traceback.

    For as long as the process lives: Prefect logs the error once more after the flow has ended.
    """
    for name in ("prefect.task_runs", "prefect.flow_runs"):
        logging.getLogger(name).addFilter(_without_traceback)


def _without_traceback(record: logging.LogRecord) -> bool:
    if record.exc_info and isinstance(record.exc_info[1], ReviewError):
        record.exc_info = record.exc_text = None
    return True


def patiently(work: Callable[[], Result], tell: Callable[[str], None]) -> Result:
    """Do it, waiting while somebody else runs the same month: a schedule that fires twice then finds its work done."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return work()
        except BusyError as error:
            if time.monotonic() >= give_up:
                raise
            tell(f"waiting: {str(error).splitlines()[0]}")
            time.sleep(PAUSE_SECONDS)


# -- where and when ---------------------------------------------------------------------------------


def scheduled_at() -> datetime:
    """The instant the run was scheduled for; a late start or a retry still reviews the same month."""
    return _rehearsal_clock_or(this_run.scheduled_start_time)


def _rehearsal_clock_or(scheduled: datetime | None) -> datetime:
    """The scheduled instant; a rehearsal's clock stands in for it."""
    return clock.now() if scheduled is None or os.environ.get(clock.VARIABLE) else scheduled


def config_path(text: str | None) -> Path:
    """The configuration that a run was given, else the worker's."""
    return Path(text or os.environ.get("KEPING_CONFIG") or "keping.toml")


def run_there(name: str, run_name: str, work: Callable[[], Ended]) -> Ended:
    """Do the work of a command as a flow run of the configured Prefect server; its errors come back as they are."""
    server_answers()
    kept: list[Ended] = []
    trouble: list[ReviewError] = []

    def carried_out() -> list[FlowOutcome]:
        try:
            kept.append(work())
        except ReviewError as error:
            trouble.append(error)
            raise
        return [kept[0]]

    @prefect.flow(name=name, flow_run_name=run_name.replace("{", "(").replace("}", ")"), persist_result=False)
    def by_hand() -> str | State[Any]:
        return run_as_flow(carried_out)

    state = by_hand(return_state=True)
    if trouble:
        raise trouble[0]
    if not kept:
        state.result()  # a bug, with its traceback
    return kept[0]


def server_answers() -> None:
    """Nothing, or an UnreachableError that names the configured server."""
    with get_client(sync_client=True) as client:
        error = client.api_healthcheck()
    if error is not None:
        raise UnreachableError(
            f"the Prefect server at {redact(os.environ.get('PREFECT_API_URL', ''))} does not answer: {type(error).__name__}.\n"
            "Nothing was run. "
            "Start it (docs/operations.md), or unset PREFECT_API_URL to run without it."
        )


# -- word to the owner ------------------------------------------------------------------------------


def owner_hears_of_it(flow: Flow[..., Any] | None, flow_run: FlowRun, state: State[Any]) -> None:
    """Tell the owner that a flow run failed or crashed; what the run itself has told already is not told twice.

    Hung to `on_failure` and `on_crashed`: the second is called by the worker where the process of the run is gone.
    """
    asked = given_fields(flow_run.parameters)
    settings = load(config_path(asked.get("config")))
    words = (state.message or state.name or "it failed").strip()
    error: BaseException | str = f"{flow_run.name}: {words}\nNothing half-made was published; the same request goes on where it stopped."
    with suppress(Exception):  # a process that is gone has left no error behind, only the state's words
        found = state.result(raise_on_failure=False)
        error = found if isinstance(found, Exception) and not isinstance(found, WRAPPERS) else error
    month = month_to_review(None, _rehearsal_clock_or(flow_run.expected_start_time), settings)
    for name in (asked.get("month"), asked.get("first")):
        with suppress(ValueError):
            month = Month.parse(name) if name else month
    tell_owner_of(settings, month, error, "" if "first" not in asked else f"the backfill from {month}")
