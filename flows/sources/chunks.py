"""What every source hands over: raw rows in pieces, each row with its place, and totals to check them by."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows.table_settings import TableBlock
from transforms.errors import HeldError
from transforms.tables.canonical import missing_columns
from transforms.tables.contract import TABLES, TableSpec

CHUNK_ROWS = 50_000
"""Rows held in their raw form at a time."""


@dataclass(frozen=True)
class Block:
    """One `[[tables.x]]` block of the configuration, with its place there."""

    table: str
    number: int
    settings: TableBlock

    @property
    def spec(self) -> TableSpec:
        return TABLES[self.table]

    @property
    def where(self) -> str:
        """The block's place in the configuration: `tables.orders[1]`."""
        return f"tables.{self.table}[{self.number}]"

    @property
    def name(self) -> str:
        """What messages call it: `orders@shop`."""
        return f"{self.table}@{self.settings.source}"


@dataclass(frozen=True)
class Refused:
    """A row that never became one: no cells could be told apart. `what` ends its rule's name."""

    line: int
    what: str
    value: str


@dataclass(frozen=True)
class BadCell:
    """A cell that its file itself marks as broken, such as #REF! in a workbook; `what` ends its rule's name.

    `merged` cells are broken where they hold a number that counts, `digits` (too long for Excel) where they name something.
    """

    position: int
    column: str
    value: str
    what: str = "cell_error"


@dataclass(frozen=True)
class Chunk:
    """Some raw rows of one file or query, columns under the source's own names.

    `lines` are line or row numbers in `origin` (a file, or file!sheet); empty for queries, whose rows are
    named by key. `copy_of` names an earlier file with the same bytes: all its rows are duplicates.
    """

    frame: pd.DataFrame
    origin: str = ""
    lines: npt.NDArray[np.int64] | None = None
    refused: tuple[Refused, ...] = ()
    bad_cells: tuple[BadCell, ...] = ()
    copy_of: str = ""
    ranks: npt.NDArray[np.int64] | None = None
    """How new each row is among those of its block; None: nobody says."""
    points: bool = False
    """Whether the form of the file shows that a point in a number is a decimal sign: its cells are set apart by commas."""


@dataclass(frozen=True)
class Span:
    """The stretch of time that is asked for: half-open, aware, UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Total:
    """Rows, sum of the money column and newest value of the time column, as the source itself counts them."""

    rows: int
    money: Decimal | None = None
    newest: object = None


@dataclass(frozen=True)
class Totals:
    """A block's control totals: of the whole query and, where the source can place rows in time, per month index.

    Month -1 holds the rows whose time the source cannot place, `unplaced` how many of them have one all the same.
    """

    whole: Total
    exact_money: bool = True
    months: dict[int, Total] = field(default_factory=dict)
    unplaced: int = 0


class Source(Protocol):
    """One way in. All reads of one source between opening and closing see one state of it."""

    def read(self, block: Block, span: Span) -> Iterator[Chunk]:
        """The block's raw rows; at least one chunk, empty where there are no rows."""

    def totals(self, block: Block, span: Span, bounds: Sequence[datetime], first_month: int) -> Totals | None:
        """Control totals of the same rows in the same state; None where nobody but us could count them.

        `bounds` are the month boundaries (UTC, ascending); the month that ends at `bounds[1]` has index `first_month`.
        """

    def close(self) -> None: ...


def source_columns(block: Block, found: Sequence[str], origin: str) -> dict[str, str]:
    """Which of the found columns gives each canonical one; HeldError where a required one is not there.

    Names match exactly, else without regard to case and surrounding blanks. A name that occurs twice
    and is asked for is refused: nobody can say which one is meant.
    """
    loose: dict[str, list[str]] = {}
    for name in found:
        loose.setdefault(name.strip().casefold(), []).append(name)
    given: dict[str, str] = {}
    asked = dict(block.settings.columns)
    what = origin or "the query's result"
    for canonical in block.spec.names:
        if canonical in block.settings.constants:
            continue
        wanted = asked.get(canonical, canonical)
        matches = [name for name in found if name == wanted] or loose.get(wanted.strip().casefold(), [])
        if len(matches) > 1:
            raise HeldError(
                f"{block.name}: {what} has {len(matches)} columns called {wanted!r}; which one is meant?\n"
                "Nothing was published. Give them different names at the source."
            )
        if matches:
            given[canonical] = matches[0]
        elif canonical in asked:
            raise HeldError(_missing_column_words(block, canonical, wanted, found, what))
    available = [*given, *block.settings.constants]
    for canonical, near in missing_columns([*available, *(name for name in found if name not in given.values())], block.spec):
        raise HeldError(_missing_column_words(block, canonical, near or canonical, found, what))
    return given


def extra_columns(block: Block, found: Sequence[str], given: dict[str, str]) -> list[str]:
    """Columns that nobody asked for: new at the source, or misspelt. None where the block picks its columns by name."""
    if block.settings.columns:
        return []
    return sorted(name for name in found if name and name not in given.values())


def map_columns(frame: pd.DataFrame, given: dict[str, str], block: Block) -> pd.DataFrame:
    """Raw rows under canonical names, with the block's constants."""
    columns = {canonical: frame[name] for canonical, name in given.items()}
    for name, value in block.settings.constants.items():
        columns[name] = pd.Series([value] * len(frame), index=frame.index, dtype="str" if isinstance(value, str) else None)
    if block.settings.max_age_days is not None:
        columns["max_age_days"] = pd.Series(block.settings.max_age_days, index=frame.index, dtype="int64")
    return pd.DataFrame(columns, index=frame.index)


def _missing_column_words(block: Block, canonical: str, wanted: str, found: Sequence[str], what: str) -> str:
    free = [name for name in found if name not in block.spec.names and name not in block.settings.columns.values()]
    near = difflib.get_close_matches(wanted, free, n=1, cutoff=0.5) or difflib.get_close_matches(canonical, free, n=1, cutoff=0.5)
    hint = f" Nearest: {near[0]}." if near else ""
    shown = ", ".join(list(found)[:12]) + (f" and {len(found) - 12} more" if len(found) > 12 else "")
    named = canonical if wanted == canonical or wanted in near else f"{canonical} (expected under the name {wanted!r})"
    header = "" if found else " It has no columns at all."
    how = (
        f'say which column it is: columns = {{ {canonical} = "..." }}'
        if block.settings.files
        else f"name it in the query: select ... as {canonical}"
    )
    return (
        f"{block.name}: {what} has no column {named}.{header}\n"
        f"Found: {shown or 'nothing'}.{hint}\n"
        f"Nothing was published. Bring the column back, or in {block.where} {how}."
    )
