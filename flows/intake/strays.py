"""Rows years older than all others: one mistyped year would make history begin there."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

LEAST_GAP = 36
"""Months without any row between such rows and the next."""

MOST_ROWS = 3
LEAST_REST = 5
"""At most so many of them, and at least so many others: few rows among many are a slip, not a beginning."""


def stray_months(rows: Mapping[int, int]) -> list[int]:
    """Of rows counted by month code, the months before a gap of years that hold hardly any of them; oldest first."""
    codes = sorted(code for code, count in rows.items() if code >= 0 and count)
    before = 0
    for place, (earlier, later) in enumerate(pairwise(codes), start=1):
        before += rows[earlier]
        rest = sum(rows[code] for code in codes[place:])
        if before > MOST_ROWS or rest < LEAST_REST:
            return []
        if later - earlier > LEAST_GAP:
            further = stray_months({code: rows[code] for code in codes[place:]}) if before < MOST_ROWS else []
            return [*codes[:place], *further]
    return []
