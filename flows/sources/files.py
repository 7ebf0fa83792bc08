"""One dropped file, read by what its name says it is: CSV, XLSX or Parquet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from flows.sources.chunks import Block, Chunk
from flows.sources.csv_files import read_csv
from flows.sources.wide import spread_items
from transforms.errors import UnreachableError

CSV = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")


KNOWN = (*CSV, ".xlsx", ".xlsm", ".parquet")


def read_file(path: Path, block: Block) -> Iterator[Chunk]:
    """One file's rows, by what its name says it is; of a wide questionnaire a row per answer."""
    for chunk in _pieces(path, block):
        yield from spread_items(chunk, block)


def _pieces(path: Path, block: Block) -> Iterator[Chunk]:
    settings = block.settings
    name = path.name.lower()
    try:
        if name.endswith(".parquet"):
            from flows.sources.parquet_files import read_parquet

            yield from read_parquet(path, block.name)
        elif name.endswith((".xlsx", ".xlsm")):
            from flows.sources.xlsx_files import read_xlsx

            yield from read_xlsx(path, block.name, settings.sheet, header=settings.header)
        else:
            delimiter = settings.delimiter or ("\t" if ".tsv" in name else None)
            yield from read_csv(path, block.name, settings.encoding, delimiter, header=settings.header)
    except OSError as error:
        raise UnreachableError(f"{block.name}: {path.name} cannot be read: {error.strerror or error}.\nNothing was published.") from error


def by_number(path: Path) -> tuple[tuple[int, int, str], ...]:
    """Sorts names as people do: s-9.csv before s-10.csv."""
    parts = re.split(r"([0-9]+)", path.name)
    return tuple((1, int(part), part) if part.isdecimal() else (0, 0, part) for part in parts)


def stem(path: Path) -> str:
    """A file's name without what says its form: `orders` for orders.csv.gz."""
    name = path.name
    for ending in sorted(KNOWN, key=len, reverse=True):
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return path.stem
