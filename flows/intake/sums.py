"""A row that equals the sum of all others of its file: a totals row that nobody took away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from expectations.findings import Finding, Severity
from transforms.money import UNITS

WORDS = re.compile(
    r"\W*(?:(?:grand |sub)?totals?|sum|summe|gesamt(?:summe)?|total g[eé]n[eé]ral|итого|합계"
    r"|[总總][计計额額]|合\s*[计計]|小\s*[计計])\W*",
    re.IGNORECASE,
)
"""What people write into a totals row."""

LEAST_OTHERS, LEAST_UNNAMED = 3, 10
"""Other rows from which equality is told: where the row looks like a totals row, and where only its amount does."""


@dataclass
class _File:
    rows: int = 0
    total: int = 0
    largest: int = 0
    place: str = ""
    looks: bool = False


class FileSums:
    """The amounts of each file, and its largest row: only that one can be the sum of the others where amounts are positive."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._files: dict[str, _File] = {}

    def add(self, origin: str, amounts: pd.Series, raw: pd.DataFrame, lines: npt.NDArray[np.int64]) -> None:
        """Some rows of a file: canonical amounts, raw cells and line numbers."""
        values = amounts.fillna(0).to_numpy(dtype=np.int64)
        if not len(values):
            return
        file = self._files.setdefault(origin, _File())
        file.rows += int(amounts.notna().sum())
        file.total += int(values.sum())
        at = int(values.argmax())
        if values[at] > file.largest:
            row = raw.iloc[at]
            file.largest, file.place = int(values[at]), f"{origin}:{lines[at]}"
            nobody = "customer_id" in row and (pd.isna(row["customer_id"]) or not str(row["customer_id"]).strip())
            file.looks = nobody or any(isinstance(value, str) and WORDS.fullmatch(value) for value in row.tolist())

    def findings(self) -> Iterator[Finding]:
        """A critical finding per file whose largest row is the sum of all others."""
        for origin, file in sorted(self._files.items()):
            others = file.rows - 1
            if others < (LEAST_OTHERS if file.looks else LEAST_UNNAMED) or 2 * file.largest != file.total:
                continue
            message = (
                f"{file.place} holds {file.largest / UNITS:,.2f}, exactly the sum of all {others:,} other rows of {origin}: "
                "a totals row? Take it out of the file, or leave it out by what it says: "
                'unless = { order_id = ["Total"] } in the block'
            )
            yield Finding(
                self._table, f"{self._table}.rows.total", Severity.CRITICAL, message, rows=1, of_rows=file.rows, examples=(file.place,)
            )
