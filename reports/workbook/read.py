"""What a finished workbook says, as it was written: its texts, sheet by sheet."""

from __future__ import annotations

import io
from collections.abc import Iterator
from zipfile import ZipFile

from defusedxml.ElementTree import fromstring

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def description_of(workbook: bytes) -> str:
    """All that a workbook says outside of its cells: its properties, the names of its sheets, and what is defined in it."""
    with ZipFile(io.BytesIO(workbook)) as archive:
        names = [name for name in archive.namelist() if not name.startswith("xl/worksheets/sheet") and name.endswith(".xml")]
        return "\n".join(_all_texts(archive.read(name)) for name in sorted(names))


def read_sheets(workbook: bytes) -> Iterator[tuple[str, list[list[str]]]]:
    """Each sheet by its tab, with the texts of its rows; numbers are empty, as they name nobody."""
    with ZipFile(io.BytesIO(workbook)) as archive:
        tabs = [one.get("name", "") for one in fromstring(archive.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")]
        for number, tab in enumerate(tabs, 1):
            rows = fromstring(archive.read(f"xl/worksheets/sheet{number}.xml")).iter(f"{_MAIN}row")
            yield tab, [[_text(cell) for cell in row] for row in rows]


def read_values(workbook: bytes) -> Iterator[tuple[str, list[list[str]]]]:
    """The same with its numbers, written as they are stored."""
    with ZipFile(io.BytesIO(workbook)) as archive:
        tabs = [one.get("name", "") for one in fromstring(archive.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")]
        for number, tab in enumerate(tabs, 1):
            rows = fromstring(archive.read(f"xl/worksheets/sheet{number}.xml")).iter(f"{_MAIN}row")
            yield tab, [["".join(cell.itertext()) for cell in row] for row in rows]


def _text(cell: object) -> str:
    """The text of a cell; empty where it holds a number."""
    if cell.get("t") != "inlineStr":  # type: ignore[attr-defined]
        return ""
    return "".join(cell.itertext())  # type: ignore[attr-defined]


def _all_texts(xml: bytes) -> str:
    root = fromstring(xml)
    told = [text for text in root.itertext() if text.strip()]
    names = [value for element in root.iter() for name, value in element.attrib.items() if name in ("name", "displayName")]
    return "\n".join([*told, *names])
