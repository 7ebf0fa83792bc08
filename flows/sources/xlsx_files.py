"""XLSX workbooks, read as values; bombs are refused before they are unpacked."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from flows.sources.chunks import CHUNK_ROWS, BadCell, Chunk
from flows.sources.workbook_cells import Merged, merged_down, rows_of
from transforms.errors import HeldError

MAX_UNPACKED = 2 * 1024**3
MAX_RATIO = 300
MAX_COLUMNS = 4_000

MOST_DIGITS = 10**15
"""Excel keeps fifteen digits of a number: a longer one is no id any more."""

TITLE_ROWS = 12
LEAST_COLUMNS = 3
"""How far below a title, and how wide, a header may stand for us to say where it is."""


def read_xlsx(path: Path, who: str, sheet: str | None, chunk_rows: int = CHUNK_ROWS, *, header: int | None = None) -> Iterator[Chunk]:
    """The cells of one sheet (the first visible one unless named); names stand in row `header`, else in the first that is not blank.

    Values of formulas are those that were last computed; a cell that holds an error (#REF!) or a formula that was never
    computed is a bad cell, and so is a number too long for Excel where an id is wanted. Cells that are merged over several
    rows say the same of each of them.
    """
    _safe(path, who)
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except (InvalidFileException, KeyError, ValueError, zipfile.BadZipFile, SyntaxError) as error:
        raise HeldError(
            f"{who}: {path.name} is not a workbook that can be read ({str(error)[:120]}).\nNothing was published. Save it as .xlsx again."
        ) from error
    try:
        visible = [name for name in book.sheetnames if getattr(book[name], "sheet_state", "visible") == "visible"]
        if not book.sheetnames:
            raise HeldError(f"{who}: {path.name} holds no sheet.\nNothing was published. Deliver the file again.")
        chosen = sheet or (visible or book.sheetnames)[0]
        if chosen not in book.sheetnames:
            raise HeldError(f"{who}: {path.name} has no sheet {chosen!r}; it has {', '.join(book.sheetnames)}.\nNothing was published.")
        yield from _read_sheet(book[chosen], path, chosen, who, chunk_rows, header)
    finally:
        book.close()


def _read_sheet(sheet: Any, path: Path, name: str, who: str, chunk_rows: int, at: int | None) -> Iterator[Chunk]:
    header: list[str] = []
    rows: list[list[object]] = []
    places: list[int] = []
    bad: list[BadCell] = []
    begun, sent = 0, False
    merged, open_merged = merged_down(sheet), list[Merged]()
    for number, cells in rows_of(sheet):
        values, broken = _laid_out(cells)
        while merged and merged[0].first <= number:
            part = merged.pop(0)
            part.value = values[part.column - 1] if part.first == number and len(values) >= part.column else None
            open_merged.append(part)
        if (at is not None and number < at) or (not header and all(value is None or value == "" for value in values)):
            continue
        if not header:
            header, begun = _header(values, path, who), number
            open_merged.clear()  # a title over several rows fills no data
            continue
        if number - begun <= TITLE_ROWS and at is None and len(header) == 1 and sum(value is not None for value in values) >= LEAST_COLUMNS:
            raise HeldError(
                f"{who}: {path.name} begins with {header[0].strip()[:80]!r}, which looks like a title; the column names seem to stand in "
                f"row {number}.\nNothing was published. Write header = {number} in the block."
            )
        values = (values + [None] * len(header))[: len(header)]
        bad += _fill_merged(open_merged, number, values, header, len(rows))
        if all(value is None or value == "" for value in values):
            continue
        bad += [BadCell(len(rows), header[place], str(values[place])) for place in broken if place < len(header)]
        bad += [
            BadCell(len(rows), header[place], str(value), "digits")
            for place, value in enumerate(values)
            if type(value) in (int, float) and abs(value) >= MOST_DIGITS  # type: ignore[arg-type]
        ]
        rows.append(values)
        places.append(number)
        if len(rows) >= chunk_rows:
            yield _chunk(path, name, header, rows, places, bad)
            rows, places, bad, sent = [], [], [], True
    if not header:
        raise HeldError(f"{who}: {path.name} sheet {name!r} is empty; not even a header.\nNothing was published. Deliver the file again.")
    if rows or not sent:
        yield _chunk(path, name, header, rows, places, bad)


def _laid_out(cells: list[dict[str, Any]]) -> tuple[list[object], list[int]]:
    """The values of a row by their column, and the columns (from 0) that hold an error."""
    values: list[object] = [None] * max((cell["column"] for cell in cells), default=0)
    for cell in cells:
        values[cell["column"] - 1] = cell["value"]
    return values, [cell["column"] - 1 for cell in cells if cell["data_type"] == "e"]


def _header(values: list[object], path: Path, who: str) -> list[str]:
    """The column names, blank ends cut off."""
    if len(values) > MAX_COLUMNS:
        raise HeldError(f"{who}: {path.name} has {len(values):,} columns; at most {MAX_COLUMNS:,} can be.\nNothing was published.")
    while values and (values[-1] is None or values[-1] == ""):
        values = values[:-1]
    header = ["" if value is None else str(value) for value in values]
    if sum(isinstance(value, (int, float)) for value in values) * 2 > len(values):
        raise HeldError(
            f"{who}: {path.name} has no header: its first row is {', '.join(header)[:120]!r}.\n"
            "Nothing was published. Put the column names into the first row."
        )
    return header


def _fill_merged(merged: list[Merged], number: int, values: list[object], header: list[str], position: int) -> list[BadCell]:
    """Give a row what merged cells above say of it; amounts among them are refused, as nobody can say how they are shared."""
    merged[:] = [part for part in merged if part.last >= number]
    bad = []
    for part in merged:
        place = part.column - 1
        if place >= len(header) or part.value is None:
            continue
        values[place] = part.value
        bad.append(BadCell(position, header[place], f"{part.value} (one merged cell over rows {part.first} to {part.last})", "merged"))
    return bad


def _chunk(path: Path, name: str, header: list[str], rows: list[list[object]], places: list[int], bad: list[BadCell]) -> Chunk:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    frame = pd.DataFrame({place: pd.Series(column, dtype=object) for place, column in enumerate(columns)}, index=pd.RangeIndex(len(rows)))
    origin = f"{path.name}!{name}"
    return Chunk(frame.set_axis(header, axis="columns"), origin, np.array(places, dtype=np.int64), bad_cells=tuple(bad))


def _safe(path: Path, who: str) -> None:
    if path.stat().st_size == 0:
        raise HeldError(f"{who}: {path.name} is empty (0 bytes).\nNothing was published. Deliver the file again.")
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise HeldError(
            f"{who}: {path.name} is not an XLSX file (perhaps an .xls renamed).\nNothing was published. Save it as .xlsx."
        ) from error
    with archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
        packed = sum(entry.compress_size for entry in archive.infolist())
        if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(packed, 100_000):
            raise HeldError(
                f"{who}: {path.name} would unpack from {packed:,} to {unpacked:,} bytes; at most {MAX_RATIO} times and 2 GiB are.\n"
                "Nothing was published. Deliver the rows as CSV."
            )
        for entry in archive.infolist():
            if entry.filename.endswith((".xml", ".rels")) and _declares(archive, entry):
                raise HeldError(
                    f"{who}: {path.name} declares a document type of its own in {entry.filename}, which no workbook needs; refused.\n"
                    "Nothing was published. Find out where the file comes from."
                )


def _declares(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """Whether a part begins with more than plain XML: entities are declared there, whatever parser is installed."""
    with archive.open(entry) as part:
        head = part.read(4096)
    plain = head.lstrip(b"\xef\xbb\xbf \t\r\n\0").startswith(b"<") or not head.strip()
    return not plain or b"<!" in head.split(b"<!--")[0]
