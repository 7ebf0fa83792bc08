"""Raw tables into SQLite, CSV and XLSX files that are the same, byte for byte, each time."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import pandas as pd

from transforms.errors import MachineError, UsageError

SIGN = "This is an invented sample company."
"""First line of README.txt; only folders that carry it, or hold no configuration, are written into."""

_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_database(path: Path, tables: Mapping[str, pd.DataFrame], types: Mapping[str, str]) -> None:
    """One SQLite file; columns are TEXT unless `types` says otherwise. Tables have no keys: sources repeat themselves."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        for name, frame in tables.items():
            columns = ", ".join(f'"{column}" {types.get(column, "TEXT")}' for column in frame.columns)
            connection.execute(f'CREATE TABLE "{name}" ({columns})')
            holes = ", ".join("?" * len(frame.columns))
            connection.executemany(f'INSERT INTO "{name}" VALUES ({holes})', _rows(frame))  # noqa: S608 - our own names
        connection.commit()


def index_database(path: Path, indexes: Mapping[str, tuple[str, str]]) -> None:
    """Plain indexes (name -> table, column), so that a month is found without reading all."""
    with closing(sqlite3.connect(path)) as connection:
        for name, (table, column) in indexes.items():
            connection.execute(f'CREATE INDEX "{name}" ON "{table}" ("{column}")')
        connection.commit()


def _rows(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    """Rows of plain Python values; missing is None."""
    columns = [_plain(frame[column]) for column in frame.columns]
    return list(zip(*columns, strict=True))


def _plain(column: pd.Series) -> list[object]:
    held = column.astype(object)
    return held.where(held.notna(), None).tolist()


def write_csv(path: Path, frame: pd.DataFrame, *, encoding: str = "utf-8", delimiter: str = ",", line_end: str = "\n") -> None:
    """One CSV file with a header; missing is empty."""
    with path.open("w", encoding=encoding, newline="") as target:
        writer = csv.writer(target, delimiter=delimiter, lineterminator=line_end)
        writer.writerow(frame.columns)
        writer.writerows(_rows(frame))


def write_workbook(path: Path, frame: pd.DataFrame, sheet: str) -> None:
    """One XLSX file with one sheet, freed of the clock that the library writes into it."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    page = book.create_sheet(sheet)
    page.append(list(frame.columns))
    for row in _rows(frame):
        page.append([cell.to_pydatetime() if isinstance(cell, pd.Timestamp) else cell for cell in row])
    book.properties.created = datetime(*_EPOCH)  # noqa: DTZ001 - a fixed mark, no instant
    held = io.BytesIO()
    book.save(held)
    with zipfile.ZipFile(held) as made, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in made.namelist():
            content = made.read(name)
            if name == "docProps/core.xml":
                content = _without_clock(content)
            target.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)


def _without_clock(core: bytes) -> bytes:
    """The document properties with the time of saving replaced by the fixed mark."""
    head, found, rest = core.partition(b"<dcterms:modified")
    if not found:
        return core
    opening, _, rest = rest.partition(b">")
    _, closing_tag, tail = rest.partition(b"</dcterms:modified>")
    return head + found + opening + b">1980-01-01T00:00:00Z" + closing_tag + tail


def check_folder(folder: Path) -> None:
    """UsageError where the folder belongs to somebody else's configuration."""
    readme = folder / "README.txt"
    ours = readme.is_file() and readme.read_text(encoding="utf-8", errors="replace").startswith(SIGN)
    if (folder / "keping.toml").exists() and not ours:
        raise UsageError(
            f"{folder} has a keping.toml that is not a sample's; nothing was written.\n"
            "Give another folder: `keping demo --dir DIR` (the default is var/demo)."
        )


@contextmanager
def room_beside(folder: Path) -> Iterator[Path]:
    """An empty room inside the folder, gone afterwards; MachineError where the disk does not let us write."""
    room = folder / ".making"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir()
        yield room
    except (OSError, sqlite3.Error) as error:
        raise MachineError(
            f"cannot write the sample company into {folder}: {error}. An earlier sample there is as it was.\n"
            "Free some space, or give another folder with --dir."
        ) from error
    finally:
        shutil.rmtree(room, ignore_errors=True)


def put_in_place(room: Path, folder: Path) -> None:
    """Move everything from the room into the folder, each file or folder as a whole; the old ones stay in the room."""
    old = room / ".old"
    old.mkdir()
    for made in sorted(room.iterdir()):
        if made == old:
            continue
        target = folder / made.name
        if target.is_dir():
            target.rename(old / made.name)
        made.replace(target)
