"""The cells of one sheet as they are stored: East Asian dates, formulas that were never computed, merged cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from openpyxl.utils import coordinate_to_tuple
from openpyxl.worksheet._reader import FORMULA_TAG, VALUE_TAG, WorkSheetParser

EAST_ASIAN_DATES = frozenset({*range(27, 37), *range(50, 59)})
"""Built-in number formats of dates and times whose text no file holds, since it differs between Chinese, Japanese and Korean."""

WITHOUT_VALUE = "formula without a stored value"
"""What stands for a formula that a program wrote and no spreadsheet ever computed."""

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}[0-9]+):([A-Z]{1,3}[0-9]+)"')
_BLOCK = 1 << 20
_OVERLAP = 200


class _Parser(WorkSheetParser):  # type: ignore[misc]
    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["value"] is None and element.find(FORMULA_TAG) is not None:
            computed = element.get("t") == "str" and element.find(VALUE_TAG) is not None  # an empty text is a value, too
            return cell if computed else cell | {"value": WITHOUT_VALUE, "data_type": "e"}
        return cell


@dataclass
class Merged:
    """Cells of one column that were made one: their value stands in the first of them."""

    first: int
    last: int
    column: int
    value: object = field(default=None)


def rows_of(sheet: Any) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Row number and stored cells (`column`, `value`, `data_type`: "e" for an error), row by row."""
    book = sheet.parent
    dates = book._date_formats | {place for place, style in enumerate(book._cell_styles) if style.numFmtId in EAST_ASIAN_DATES}
    with sheet._get_source() as source:
        parser = _Parser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=dates,
            timedelta_formats=book._timedelta_formats,
        )
        yield from parser.parse()


def merged_down(sheet: Any) -> list[Merged]:
    """Every range of merged cells that runs over several rows, by its first row; found without parsing the sheet."""
    found: set[tuple[bytes, bytes]] = set()
    with sheet._get_source() as source:
        tail = b""
        while block := source.read(_BLOCK):
            found.update((match[1], match[2]) for match in _MERGED.finditer(tail + block))
            tail = block[-_OVERLAP:]
    ranges = []
    for begin, end in found:
        (top, left), (bottom, _) = coordinate_to_tuple(begin.decode()), coordinate_to_tuple(end.decode())
        if bottom > top:
            ranges.append(Merged(top, bottom, left))
    return sorted(ranges, key=lambda part: (part.first, part.column))
