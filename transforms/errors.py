"""Trouble that is expected, said so that its reader knows what to do next."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from enum import IntEnum


class Exit(IntEnum):
    """What a command's exit code means to the scheduler or person who ran it."""

    DONE = 0
    BUG = 1
    USAGE = 2
    HELD = 3
    UNREACHABLE = 4
    UNDELIVERED = 5
    BUSY = 6
    MACHINE = 7
    REFUTED = 8


class ReviewError(Exception):
    """One expected trouble: what, where, how many, what was not done, what to do.

    Printed without a traceback; `exit_code` tells the caller which kind it is.
    The message is at most ten lines and never holds a secret.
    """

    exit_code = Exit.USAGE


class UsageError(ReviewError):
    """A command, configuration or policy that cannot be followed as written."""

    exit_code = Exit.USAGE


Problem = tuple[str, str]
"""A key such as `weights.history` or `grades[2].cut`, and what is wrong there."""


def problem_lines(problems: Sequence[Problem], most: int = 8) -> str:
    """Problems as lines of one message, the last of which says how many more there are."""
    lines = [f"- {key}: {said}" if key else f"- {said}" for key, said in problems[:most]]
    return "\n".join([*lines, *[f"- and {len(problems) - most} more"] * (len(problems) > most)])


def key_of(place: Iterable[int | str]) -> str:
    """The key of a place in nested values, entries counted from 1: ("grades", 1, "cut") is `grades[2].cut`."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place).strip(".")


def nearest(word: str, known: Iterable[str]) -> str:
    """What a wrong word was perhaps meant to be, else what there is, to be put behind a complaint."""
    possible = list(known)
    near = difflib.get_close_matches(word, possible, n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(possible)}" if possible else ""


class PolicyError(UsageError, ValueError):
    """A policy that cannot be: all its problems in one message, each with the key it is about."""

    def __init__(self, where: str, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        one = len(self.problems) == 1
        told = problem_lines(self.problems).removeprefix("- ") if one else f"{len(self.problems)} problems\n{problem_lines(self.problems)}"
        super().__init__(f"policy {where}: {told}")


class NoWarehouseError(UsageError):
    """A question about earlier runs where no run has ever begun."""


class CopiedError(UsageError):
    """A warehouse that looks like a copy of another one: nothing leaves from it, not even a word to the owner."""


class HeldError(ReviewError):
    """Data that break a critical promise: nothing is published for readers."""

    exit_code = Exit.HELD


class UnreachableError(ReviewError):
    """A source or server that cannot be reached, or refuses to let us in."""

    exit_code = Exit.UNREACHABLE


class UndeliveredError(ReviewError):
    """Published, but some deliveries are not accepted."""

    exit_code = Exit.UNDELIVERED


class BusyError(ReviewError):
    """Somebody else is running the same month."""

    exit_code = Exit.BUSY


class MachineError(ReviewError):
    """The machine gave out: disk, memory, deadline, interruption."""

    exit_code = Exit.MACHINE


class RefutedError(ReviewError):
    """A check that was asked for (verify, status --expect) says no."""

    exit_code = Exit.REFUTED
