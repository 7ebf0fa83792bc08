"""What was refused, rule by rule and month by month: how often, where first, and which values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

PLACES = 3
"""Places told per rule and month."""

VALUES = 5
"""Values told per rule and month, the most frequent ones."""

DIFFERENT = 100
"""Different values that are counted per rule and month; a column of ids has millions."""


@dataclass
class _Entry:
    rows: int = 0
    places: list[str] = field(default_factory=list)
    values: Counter[str] = field(default_factory=Counter)


class Refusals:
    """Counts of one table by rule and month code."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, int], _Entry] = {}

    def add(self, rules: Sequence[str], codes: Sequence[int], places: Sequence[str], values: Sequence[str]) -> None:
        """One refusal per position of the four lists."""
        for rule, code, place, value in zip(rules, codes, places, values, strict=True):
            entry = self._entries.setdefault((rule, code), _Entry())
            entry.rows += 1
            if len(entry.places) < PLACES:
                entry.places.append(place)
            if value and (value in entry.values or len(entry.values) < DIFFERENT):
                entry.values[value] += 1

    def __iter__(self) -> Iterator[tuple[str, int, int, tuple[str, ...], tuple[tuple[str, int], ...]]]:
        """Rule, month code, rows, first places, and the most frequent values with their counts; sorted."""
        for (rule, code), entry in sorted(self._entries.items()):
            most = tuple(sorted(entry.values.items(), key=lambda part: (-part[1], part[0]))[:VALUES])
            yield rule, code, entry.rows, tuple(entry.places), most
