"""Whether the tables of a pack add up as they are printed, read as a reader reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reports.blocks import Side, Table
from reports.pack import ReviewPack


def bridges_in(pack: ReviewPack) -> Iterator[Table]:
    """Every table that says of itself that its movements lead from its first row to its last."""
    for section in pack.sections:
        for block in section.blocks:
            for inner in (*block.left, *block.right) if isinstance(block, Side) else (block,):
                if isinstance(inner, Table) and inner.adds_up:
                    yield inner


def wrong_columns(table: Table) -> list[str]:
    """The numeric columns whose printed opening and movements do not give the printed closing."""
    found = []
    for place, column in enumerate(table.columns):
        if column.numeric:
            opening, *moved, closing = (_printed_number(row[place].text) for row in table.rows)
            if opening + sum(moved) != closing:
                found.append(f"{table.caption}, {column.title}: {opening} + {moved} is not {closing}")
    return found


def _printed_number(text: str) -> float:
    digits = re.sub(r"[^\d.]", "", text)
    return (-1 if text.startswith(("−", "-")) else 1) * float(digits or 0)
