"""What long work says while it goes on: a living line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

Progress = Callable[[str], None]


def silent(message: str) -> None:
    """Say nothing."""


def plain_lines(stream: TextIO | None = None) -> Progress:
    """One line per step with the seconds since the start, for logs and pipes."""
    out = sys.stderr if stream is None else stream
    begun = time.monotonic()

    def tell(message: str) -> None:
        out.write(f"{time.monotonic() - begun:7.1f} s  {message}\n")
        out.flush()

    return tell


@contextmanager
def on_terminal(verbose: bool = False) -> Iterator[Progress]:
    """A line that tells the present step on a terminal; every step on a line of its own elsewhere or with `-v`."""
    if verbose or not sys.stderr.isatty():
        yield plain_lines()
        return
    from rich.console import Console

    with Console(stderr=True).status("starting") as status:
        yield lambda message: status.update(message.replace("[", r"\["))
