"""Rows on their way in: every table pulled once, typed, judged, booked, and laid by month; and `keping check` of the sources."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.settings import Settings
    from transforms.errors import ReviewError


def check(settings: Settings, *, sleep: Callable[[float], None] = time.sleep) -> list[tuple[str, ReviewError | None]]:
    """One line per source and table block for `keping check`: what was looked at, and None or the error that a run would end with.

    Connects to every source, runs each query for no rows, opens each file to its header and compares the
    columns with the contract; a block without a time zone gives a few rows, to see whether it needs one.
    Nothing is written; an unreachable source costs its own lines only.
    """
    from flows.intake.checking import check_sources

    return check_sources(settings, sleep=sleep)
