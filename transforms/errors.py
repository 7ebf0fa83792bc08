"""Trouble that is expected, said so that its reader knows what to do next."""

from __future__ import annotations

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
