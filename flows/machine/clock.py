"""The one place where the time of day enters: everything else is told what time it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime

from transforms.errors import UsageError

VARIABLE = "KEPING_CLOCK"

Clock = Callable[[], datetime]
"""Tells the present instant; whoever is given one asks no other."""


def now() -> datetime:
    """The present instant in UTC; `KEPING_CLOCK` (an ISO instant with offset) stands in for rehearsals and tests."""
    fixed = os.environ.get(VARIABLE)
    if not fixed:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(fixed)
    except ValueError as error:
        raise UsageError(f"${VARIABLE} is {fixed!r}; write an ISO instant such as 2026-11-01T06:00:00+08:00, or unset it") from error
    if instant.tzinfo is None:
        raise UsageError(f"${VARIABLE} is {fixed!r}; it needs an offset, for example {fixed}+00:00")
    return instant.astimezone(UTC)
