"""What a canonical table is made of: kinds of values, columns, tables."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import pandas as pd

from transforms.tables.nothing import no_rows_of


class Kind(Enum):
    """How a column's values are held once they are canonical.

    In frames: TEXT `str`; INSTANT `datetime64[us, UTC]`; DAY `datetime64[us]` at midnight;
    MONEY `Int64` ten-thousandths (see `transforms.money`); NUMBER `float64`; COUNT `Int64`;
    FLAG `boolean`; LIST `str`, entries joined by "|". Missing is NA in every kind.
    """

    TEXT = "text"
    INSTANT = "instant"
    DAY = "day"
    MONEY = "money"
    NUMBER = "number"
    COUNT = "count"
    FLAG = "flag"
    LIST = "list"


@dataclass(frozen=True)
class ColumnSpec:
    """One column of a canonical table: its kind, whether it must be there, and what it means."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    nullable: bool = True
    choices: tuple[str, ...] = ()
    personal: bool = False
    """Names, dates or ways that identify a person; masked in logs, erased by `forget`."""
    empty_says: bool = False
    """An empty cell means something here, so a cell that cannot be read must not be taken for one: its row is refused."""


@dataclass(frozen=True)
class TableSpec:
    """One canonical table: grain, key, the column that places a row in a month, and its columns."""

    name: str
    grain: str
    key: tuple[str, ...]
    time: str | None
    columns: tuple[ColumnSpec, ...]
    money: str | None = None
    """The column whose sum is a control total."""
    events: tuple[str, ...] = ()
    """Further instants that make a row matter to a month (masked when at or after its end)."""

    def column(self, name: str) -> ColumnSpec:
        return self._by_name()[name]

    def _by_name(self) -> dict[str, ColumnSpec]:
        return {column.name: column for column in self.columns}

    def costs_row(self, name: str) -> bool:
        """Whether a cell of this column that cannot be read costs its row; elsewhere it costs the value alone."""
        column = self.column(name)
        return column.required or column.empty_says or name in self.key or name == self.time or not column.nullable

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def required_columns(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.required)


def text(name: str, meaning: str, **more: object) -> ColumnSpec:
    return ColumnSpec(name, Kind.TEXT, meaning, **more)  # type: ignore[arg-type]


def of_kind(kind: Kind, name: str, meaning: str, **more: object) -> ColumnSpec:
    return ColumnSpec(name, kind, meaning, **more)  # type: ignore[arg-type]


KEY = {"required": True, "nullable": False}


FRAME_TYPES = {
    Kind.TEXT: "str",
    Kind.LIST: "str",
    Kind.INSTANT: "datetime64[us, UTC]",
    Kind.DAY: "datetime64[us]",
    Kind.MONEY: "Int64",
    Kind.NUMBER: "float64",
    Kind.COUNT: "Int64",
    Kind.FLAG: "boolean",
}
"""How each kind is held in frames."""


def no_rows(table: TableSpec) -> pd.DataFrame:
    """An empty canonical frame with all columns of a table and their types."""
    return no_rows_of({column.name: FRAME_TYPES[column.kind] for column in table.columns})


def names_of_codes(names: tuple[str | None, ...], numbers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pd.Series:
    """Numbers as names; the text column that a closed set of words makes."""
    return pd.Series(pd.Series(names, dtype="str").array.take(numbers))
