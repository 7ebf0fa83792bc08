"""XLSX workbooks, read as values; bombs are refused before they are unpacked."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from flows.sources.chunks import CHUNK_ROWS, BadCell, Chunk
from transforms.errors import HeldError

MAX_UNPACKED = 2 * 1024**3
MAX_RATIO = 300
MAX_COLUMNS = 4_000


def read_xlsx(path: Path, who: str, sheet: str | None, chunk_rows: int = CHUNK_ROWS) -> Iterator[Chunk]:
    """The cells of one sheet (the first visible one unless named), the first row that is not blank being the header.

    Values of formulas are those that were last computed; a cell that holds an error (#REF!) is a bad cell.
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
        yield from _read_sheet(book[chosen], path, chosen, who, chunk_rows)
    finally:
        book.close()


def _read_sheet(sheet: Any, path: Path, name: str, who: str, chunk_rows: int) -> Iterator[Chunk]:
    header: list[str] = []
    rows: list[list[object]] = []
    places: list[int] = []
    bad: list[BadCell] = []
    sent = False
    sheet.reset_dimensions()  # what the file says about its size is not always true
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        values = [cell.value for cell in cells]
        if all(value is None or value == "" for value in values):
            continue
        if not header:
            if len(values) > MAX_COLUMNS:
                raise HeldError(f"{who}: {path.name} has {len(values):,} columns; at most {MAX_COLUMNS:,} can be.\nNothing was published.")
            header = ["" if value is None else str(value) for value in values]
            if sum(isinstance(value, (int, float)) for value in values) * 2 > len(values):
                raise HeldError(
                    f"{who}: {path.name} has no header: its first row is {', '.join(header)[:120]!r}.\n"
                    "Nothing was published. Put the column names into the first row."
                )
            continue
        bad += [
            BadCell(len(rows), header[place], str(cell.value))
            for place, cell in enumerate(cells[: len(header)])
            if getattr(cell, "data_type", "") == "e"
        ]
        rows.append((values + [None] * len(header))[: len(header)])
        places.append(number)
        if len(rows) >= chunk_rows:
            yield _chunk(path, name, header, rows, places, bad)
            rows, places, bad, sent = [], [], [], True
    if not header:
        raise HeldError(f"{who}: {path.name} sheet {name!r} is empty; not even a header.\nNothing was published. Deliver the file again.")
    if rows or not sent:
        yield _chunk(path, name, header, rows, places, bad)


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
