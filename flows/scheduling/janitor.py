"""Flow runs whose process is gone, but which the Prefect server still believes at work: set to Crashed, and told to the owner.

A run that was cut off together with its worker stays Pending or Running there for ever, and may keep the one place
that its deployment has. Run this before the worker starts: `python -m flows.scheduling.janitor` (docs/operations.md).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Crashed

from flows.machine.owners import is_alive
from flows.scheduling.on_prefect import PROCESS, owner_hears_of_it, server_answers
from transforms.errors import Exit, ReviewError

FLOWS = ["monthly-review", "backfill", "deliver"]
AT_WORK = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
GRACE = timedelta(minutes=2)
"""A worker that lives reports the death of a run within seconds."""
LONGEST_START, LONGEST_RUN = timedelta(hours=1), timedelta(hours=24)
"""Beyond these a run that we cannot look at (another machine, no process named) counts as dead."""


def end_stuck_runs(client: SyncPrefectClient, now: datetime) -> Iterator[str]:
    """Set every stuck run to Crashed, which frees its place, and tell the owner; one line for each."""
    at_work = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=AT_WORK)))
    for run in client.read_flow_runs(flow_filter=FlowFilter(name=FlowFilterName(any_=FLOWS)), flow_run_filter=at_work):
        why = why_nobody_works_on(run, now)
        if not why:
            continue
        state: State[Any] = Crashed(message=f"it was {run.state_name} and nobody works on it any more: {why}")
        client.set_flow_run_state(run.id, state, force=True)
        with suppress(ReviewError):  # a configuration that is gone names no owner
            owner_hears_of_it(None, run, state)
        yield f"{run.name}: {run.state_name}, {why}; set to Crashed"


def why_nobody_works_on(run: FlowRun, now: datetime) -> str:
    """Why nobody can be at work on a run; empty where somebody may be."""
    since = run.state.timestamp if run.state is not None else None
    if since is None or now - since < GRACE:
        return ""
    process = str(run.labels.get(PROCESS, ""))
    if process and is_alive(process) is False:
        return f"its process {process} is gone"
    longest = LONGEST_RUN if run.state_type is StateType.RUNNING else LONGEST_START
    return f"since {since:%Y-%m-%d %H:%M} UTC" if now - since > longest else ""


def main() -> int:
    """Look once; 0 also where nothing was stuck, 4 where the server does not answer."""
    try:
        server_answers()
        with get_client(sync_client=True) as client:
            for line in end_stuck_runs(client, datetime.now(UTC)):
                sys.stdout.write(f"keping: {line}\n")
    except ReviewError as error:
        sys.stderr.write(f"keping: {error}\n")
        return int(error.exit_code)
    return int(Exit.DONE)


if __name__ == "__main__":
    raise SystemExit(main())
