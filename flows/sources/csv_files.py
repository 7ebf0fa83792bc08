"""CSV files, row by row with true line numbers; a broken row costs itself, never its neighbours."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pandas as pd

from flows.sources.chunks import CHUNK_ROWS, Chunk, Refused
from transforms.errors import HeldError

DELIMITERS = (",", ";", "\t", "|")

MAX_LINES = 500
"""A record that runs over more lines has lost a quotation mark."""

TITLE_LINES = 12
"""How far a header may stand below a title for us to say where it is."""

_NAMED_DELIMITER = re.compile(r'"?sep=(.)"?', re.IGNORECASE)

MAX_FIELD = 1_000_000
MAX_COLUMNS = 4_000


@dataclass
class _Lines:
    """Physical lines of a file, remembering those of the record that is being read."""

    source: Iterator[str]
    number: int = 0
    record: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.record) >= MAX_LINES:
            raise csv.Error("a record runs over too many lines")
        line = self.again.pop() if self.again else next(self.source)
        self.number += 1
        self.record.append(line)
        return line

    def step_back(self) -> None:
        """Give back all lines of the present record but its first."""
        self.again.extend(reversed(self.record[1:]))
        self.number -= len(self.record) - 1
        self.record = self.record[:1]


def open_bytes(path: Path) -> BinaryIO:
    """A file's content, unpacked where it is gzip."""
    return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix.lower() == ".gz" else path.open("rb")


def read_csv(
    path: Path, who: str, encoding: str, delimiter: str | None, chunk_rows: int = CHUNK_ROWS, *, header: int | None = None
) -> Iterator[Chunk]:
    """All cells as text, columns by the header's names; HeldError for an empty file, no header or a wrong encoding.

    Rows whose number of cells differs from the header's, or whose quotation marks do not close, are
    refused one by one (`row.shape`, `row.quote`), with their line. Blank lines are no rows.
    """
    _refuse_other_forms(path, who)
    try:
        with open_bytes(path) as binary:
            text = io.TextIOWrapper(binary, encoding="utf-8-sig" if _is_utf8(encoding) else encoding, newline="")
            yield from _read_rows(text, path, who, delimiter, chunk_rows, encoding, header)
    except UnicodeDecodeError as error:
        raise HeldError(_undecodable(path, who, encoding, error)) from None
    except (gzip.BadGzipFile, EOFError) as error:
        raise HeldError(f"{who}: {path.name} is not a whole gzip file: {error}.\nNothing was published. Deliver the file again.") from None


def _read_rows(
    text: io.TextIOWrapper, path: Path, who: str, delimiter: str | None, chunk_rows: int, encoding: str, at: int | None
) -> Iterator[Chunk]:
    lines = _Lines(iter(text))
    sign, header = _header(lines, path, who, delimiter, encoding, at)
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(lines, delimiter=sign, strict=True)
    rows: list[list[str]] = []
    places: list[int] = []
    refused: list[Refused] = []
    sent = False
    while True:
        lines.record.clear()
        start = lines.number + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            what = "field" if "field larger" in str(error) else "quote"
            refused.append(Refused(start, what, lines.record[0].rstrip("\r\n")[:200]))
            lines.step_back()
            reader = csv.reader(lines, delimiter=sign, strict=True)
            continue
        if row is None:
            break
        if len(row) == len(header):
            rows.append(row)
            places.append(start)
        elif row:
            refused.append(Refused(start, "shape", lines.record[0].rstrip("\r\n")[:200]))
            if len(lines.record) > 1:  # a stray quotation mark may have swallowed good rows: read them again
                lines.step_back()
                reader = csv.reader(lines, delimiter=sign, strict=True)
        if len(rows) + len(refused) >= chunk_rows:
            yield _chunk(path, sign, header, rows, places, refused)
            rows, places, refused, sent = [], [], [], True
    if rows or refused or not sent:
        yield _chunk(path, sign, header, rows, places, refused)


def _chunk(path: Path, sign: str, header: list[str], rows: list[list[str]], places: list[int], refused: list[Refused]) -> Chunk:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    frame = pd.DataFrame({place: pd.Series(column, dtype="str") for place, column in enumerate(columns)}, index=pd.RangeIndex(len(rows)))
    return Chunk(frame.set_axis(header, axis="columns"), path.name, np.array(places, dtype=np.int64), tuple(refused), points=sign == ",")


def _header(lines: _Lines, path: Path, who: str, delimiter: str | None, encoding: str, at: int | None) -> tuple[str, list[str]]:
    """The delimiter and the column names: of line `at`, else of the first that is not blank; a line `sep=;` above names the delimiter."""
    first = _first_line(lines, path, who, at)
    if "\x00" in first:
        hint = "utf-16" if _is_utf8(encoding) else "the right one"
        raise HeldError(
            f'{who}: {path.name} line {lines.number} holds NUL bytes; it is not {encoding} text. Set encoding = "{hint}" in the block.\n'
            "Nothing was published."
        )
    named = _NAMED_DELIMITER.fullmatch(first.lstrip("\ufeff").rstrip("\r\n"))
    if named is not None and at is None:
        delimiter = delimiter or named[1]
        lines.record.clear()
        first = _first_line(lines, path, who, None)
    number = lines.number
    sign = delimiter or _sniff_delimiter(first)
    lines.again.append(first)
    lines.number -= 1
    lines.record.clear()
    try:
        header = next(csv.reader(lines, delimiter=sign, strict=True))
    except (csv.Error, StopIteration) as error:
        raise HeldError(f"{who}: {path.name} line {number}: the header cannot be read: {error}.\nNothing was published.") from None
    if len(header) > MAX_COLUMNS:
        raise HeldError(f"{who}: {path.name} has {len(header):,} columns; at most {MAX_COLUMNS:,} are read.\nNothing was published.")
    numbers = sum(_is_number(name) for name in header)
    if numbers * 2 > len(header) or (numbers and all(_is_number(name) or not name.strip() for name in header)):
        raise HeldError(
            f"{who}: {path.name} has no header: its first line is {first.strip()[:120]!r}.\n"
            "Nothing was published. Put the column names into the first line."
        )
    if at is None and len([name for name in header if name.strip()]) == 1:
        _refuse_title(lines, path, who, header, delimiter)
    return sign, header


def _first_line(lines: _Lines, path: Path, who: str, at: int | None) -> str:
    """Line `at`, else the next one that is not blank."""
    for line in lines:
        lines.record.clear()
        if lines.number == at or (at is None and line.strip("\r\n\t ;,|\ufeff")):
            return line
    kind = "is empty (0 bytes)" if path.stat().st_size == 0 else "holds blank lines only" if at is None else f"has no line {at}"
    raise HeldError(f"{who}: {path.name} {kind}; not even a header.\nNothing was published. Deliver the file again.")


def _refuse_title(lines: _Lines, path: Path, who: str, header: list[str], delimiter: str | None) -> None:
    """Where the first line is one cell and a table begins within the next ones: say which key names its header."""
    ahead = list(itertools.islice(lines, TITLE_LINES))
    widths = [len(next(csv.reader([line], delimiter=delimiter or _sniff_delimiter(line)), [])) for line in ahead]
    lines.again.extend(reversed(ahead))
    lines.number -= len(ahead)
    lines.record.clear()
    wide = [place for place, width in enumerate(widths) if width >= 3 and width == max(widths)]
    if wide:
        number = lines.number + wide[0] + 1
        raise HeldError(
            f"{who}: {path.name} begins with {header[0].strip()[:80]!r}, which looks like a title; the column names seem to stand in line "
            f"{number}.\nNothing was published. Write header = {number} in the block."
        )


def _sniff_delimiter(line: str) -> str:
    """The delimiter that occurs most often in the header outside of quotation marks; a comma where none does."""
    bare = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=lambda sign: (bare.count(sign), -DELIMITERS.index(sign)))


_FORMS = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook", "Unpack it, or name it .xlsx"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)", "Save it as .xlsx or CSV"),
    (b"%PDF", "a PDF", "Deliver the table itself"),
    (b"PAR1", "a Parquet file", "Name it .parquet"),
)


def _refuse_other_forms(path: Path, who: str) -> None:
    """A file that is something else under the name of a CSV."""
    with path.open("rb") as file:
        head = file.read(8)
    for mark, what, help_ in _FORMS:
        if head.startswith(mark):
            raise HeldError(f"{who}: {path.name} is {what}, not CSV.\nNothing was published. {help_}.")


def _is_number(text: str) -> bool:
    bare = text.strip().lstrip("+-").replace(".", "", 1).replace(",", "", 1)
    return bare.isdigit()


def _is_utf8(encoding: str) -> bool:
    return encoding.lower().replace("-", "").replace("_", "") in ("utf8", "u8", "utf8sig")


def _undecodable(path: Path, who: str, encoding: str, error: UnicodeDecodeError) -> str:
    """Which line and byte cannot be read, and which encoding would read that line."""
    shown = "UTF-8" if _is_utf8(encoding) else encoding
    place, byte, guess = "", error.object[error.start], ""
    if _is_utf8(encoding) or encoding.lower() in ("ascii", "us-ascii", "cp1252", "gb18030", "gbk", "gb2312", "big5"):
        with open_bytes(path) as binary:
            head = binary.read(2)
            if head in (b"\xff\xfe", b"\xfe\xff"):
                return f'{who}: {path.name} is UTF-16, not {shown}; set encoding = "utf-16" in the block.\nNothing was published.'
            binary.seek(0)
            for number, line in enumerate(binary, start=1):
                try:
                    line.decode(encoding)
                except UnicodeDecodeError as found:
                    place, byte = f" line {number}", line[found.start]
                    guess = _guess_encoding(line)
                    break
    return (
        f'{who}: {path.name}{place}: byte 0x{byte:02x} is not {shown}; set encoding = "{guess or "cp1252 or gb18030"}" in the block.\n'
        "Nothing was published."
    )


def _guess_encoding(line: bytes) -> str:
    """Chinese text has its high bytes in pairs; Western accents and typographic quotes stand alone."""
    runs = [len(run) for run in "".join("x" if byte > 127 else " " for byte in line).split()]
    candidates = ("gb18030", "cp1252") if runs and all(run % 2 == 0 for run in runs) else ("cp1252", "gb18030")
    for candidate in candidates:
        try:
            line.decode(candidate)
        except UnicodeDecodeError:
            continue
        return candidate
    return ""
