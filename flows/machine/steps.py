"""One way to carry out a step, so that the command line and Prefect run the very same sequence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

Result = TypeVar("Result")


class Do(Protocol):
    """Carries out one named step; `network` marks the only steps that may be tried again."""

    def __call__(self, name: str, step: Callable[[], Result], *, network: bool = False) -> Result: ...


def plainly(name: str, step: Callable[[], Result], *, network: bool = False) -> Result:
    """Just call it."""
    return step()
