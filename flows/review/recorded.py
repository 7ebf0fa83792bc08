"""A run in the warehouse's book: how it ended is written down, also where it ends in an error."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol, TypeVar

from flows.warehouse.records import Run
from flows.warehouse.store import Warehouse
from transforms.errors import Exit, ReviewError


class RunResult(Protocol):
    """What any run can say of itself."""

    @property
    def word(self) -> str: ...

    @property
    def exit_code(self) -> Exit: ...

    def lines(self) -> Sequence[str]: ...


Ended = TypeVar("Ended", bound=RunResult)


def run_recorded(warehouse: Warehouse, run: Run, sequence: Callable[[], Ended]) -> Ended:
    """Carry a run out and record its end; a killed process records none."""
    begun = time.monotonic()
    try:
        outcome = sequence()
    except BaseException as error:
        code = error.exit_code if isinstance(error, ReviewError) else Exit.MACHINE if isinstance(error, KeyboardInterrupt) else Exit.BUG
        with suppress(Exception):
            warehouse.end_run(run, "failed", code, seconds=time.monotonic() - begun, message=str(error)[:2000])
        raise
    warehouse.end_run(run, outcome.word, outcome.exit_code, seconds=time.monotonic() - begun, message=outcome.lines()[0])
    return outcome
