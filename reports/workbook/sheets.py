"""What a workbook is made of: plain values, chosen and worded, which the writer only sets down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reports.blocks import Block
from reports.i18n import N_

ID_HEAD = N_("Customer id")
"""The head of every column that holds nothing but ids of customers: by it the check before a release finds them."""

Value = str | float | int | date | None
"""One cell: text, a number, a day, or nothing."""


@dataclass(frozen=True)
class Field:
    """One column of a grid: `form` is the number format of its cells, empty for text; `width` is in letters."""

    title: str
    form: str
    width: int
    values: Sequence[Value]


@dataclass(frozen=True)
class Grid:
    """A table of many rows, column by column; its head stays in sight, and each column can be filtered."""

    fields: tuple[Field, ...]
    note: str = ""

    @property
    def rows(self) -> int:
        return len(self.fields[0].values) if self.fields else 0


@dataclass(frozen=True)
class Sheet:
    """One subject. `name` is the same in every language; `title` is its tab and stands above it."""

    name: str
    title: str
    blocks: tuple[Block | Grid, ...]
