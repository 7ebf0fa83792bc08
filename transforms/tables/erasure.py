"""What is left of a person's rows once the person is forgotten: the sums, under a name that says nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from transforms.tables.contract import TABLES

IDENTIFIERS = ("customer_id", "referred_by", "merged_into")
"""Columns of the canonical tables that hold a customer's id."""

PSEUDONYM = "erased-"
"""What the ids of forgotten persons begin with."""

GONE = "[erased]"
"""Stands where a forgotten person's name stood in running text."""


def identifiers_of(table: str) -> tuple[str, ...]:
    """The columns of a canonical table that hold customers' ids."""
    return tuple(name for name in TABLES[table].names if name in IDENTIFIERS)


def erased_rows(rows: pd.DataFrame, table: str, pseudonyms: Mapping[str, str]) -> pd.DataFrame:
    """The same rows with forgotten customers under their pseudonyms and without their personal columns.

    Rows stay, money stays, days of orders stay: every sum is as before. In rows that are the forgotten
    customer's own, columns marked `personal` (names, birth dates, comments ...) become missing; in rows of
    others only the id changes. Rows in which nobody is forgotten come back as they are.
    """
    if not pseudonyms:
        return rows
    changed: dict[str, pd.Series] = {}
    for name in identifiers_of(table):
        if name in rows:
            found = rows[name].isin(list(pseudonyms)).to_numpy(dtype=bool)
            if found.any():
                changed[name] = rows[name].where(~found, rows[name].map(pseudonyms)).astype(rows[name].dtype)
                if name == "customer_id":
                    personal = [column.name for column in TABLES[table].columns if column.personal and column.name in rows]
                    changed |= {own: rows[own].mask(found) for own in personal}
    return rows.assign(**changed) if changed else rows


@dataclass(frozen=True)
class Scrubber:
    """Takes a person's id and names out of running text; what merely looks alike stays.

    `ids` maps each id to its pseudonym, `names` become `GONE`. An id or a Latin name counts only as a whole
    word (C1 is not in C10); names in scripts without spaces count anywhere.
    """

    ids: Mapping[str, str]
    names: Collection[str] = ()

    def text(self, text: str) -> str:
        """The text without the person."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self.ids.get(found[0], GONE), text)

    def finds(self, text: str) -> bool:
        """Whether the person stands in the text."""
        return self._pattern is not None and self._pattern.search(text) is not None

    def value(self, value: object) -> object:
        """A plain value (text, list, mapping of such) without the person."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(item) for key, item in value.items()}
        if isinstance(value, Sequence):
            return [self.value(item) for item in value]
        return value

    def frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame whose text columns no longer hold the person."""
        texts = [name for name in frame.columns if pd.api.types.is_string_dtype(frame[name].dtype)]
        return frame.assign(**{str(name): frame[name].map(self.text, na_action="ignore").astype(frame[name].dtype) for name in texts})

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        needles = sorted((*self.ids, *self.names), key=lambda needle: (-len(needle), needle))
        parts = [_whole(needle) for needle in needles if needle.strip()]
        return re.compile("|".join(parts)) if parts else None


def _whole(needle: str) -> str:
    """A pattern that finds a needle as a whole word, in scripts that part their words."""
    spaced = needle.isascii() or any(letter.isascii() and letter.isalnum() for letter in (needle[0], needle[-1]))
    return rf"(?<![\w-]){re.escape(needle)}(?![\w-])" if spaced else re.escape(needle)
