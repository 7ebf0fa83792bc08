"""Which rows of a file a block means, and which of several exports of one list is the newest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows.sources.chunks import BadCell, Block, Chunk
from transforms.errors import HeldError
from transforms.tables.cells import as_text
from transforms.tables.instants import read_instant

Mask = npt.NDArray[np.bool_]


def choose_rows(chunk: Chunk, block: Block) -> Chunk:
    """The rows that `where` and `unless` leave; HeldError where the file has no such column."""
    settings = block.settings
    if (not settings.where and not settings.unless) or chunk.frame.empty:
        return chunk
    wanted = np.ones(len(chunk.frame), dtype=bool)
    for name, values in settings.where.items():
        wanted &= _holds(chunk, block, name, values, "where")
    for name, values in settings.unless.items():
        wanted &= ~_holds(chunk, block, name, values, "unless")
    if wanted.all():
        return chunk
    position = np.cumsum(wanted) - 1
    bad = [BadCell(int(position[cell.position]), cell.column, cell.value, cell.what) for cell in chunk.bad_cells if wanted[cell.position]]
    lines = None if chunk.lines is None else chunk.lines[wanted]
    return replace(chunk, frame=chunk.frame[wanted].reset_index(drop=True), lines=lines, bad_cells=tuple(bad))


def rank_rows(chunk: Chunk, block: Block, file: int) -> Chunk:
    """Each row with how new it is: the place of its file among the block's, or the moment or number in the column `latest` names."""
    latest = block.settings.latest
    if latest is None:
        return chunk
    if latest == "file":
        return replace(chunk, ranks=np.full(len(chunk.frame), file, dtype=np.int64))
    column = _column(chunk, block, latest, "latest")
    moments = read_instant(column, block.settings.timezone or "UTC").values
    numbers = pd.to_numeric(as_text(column), errors="coerce").to_numpy(dtype=np.float64, na_value=-1.0)
    ranks = np.where(moments.notna(), moments.astype("int64"), np.nan_to_num(numbers, nan=-1.0).astype(np.int64))
    return replace(chunk, ranks=ranks.astype(np.int64))


def _holds(chunk: Chunk, block: Block, name: str, values: str | tuple[str, ...], key: str) -> Mask:
    wanted = [values] if isinstance(values, str) else list(values)
    text = as_text(_column(chunk, block, name, key)).fillna("")
    return text.isin([value.strip() for value in wanted]).to_numpy(dtype=bool)


def _column(chunk: Chunk, block: Block, name: str, key: str) -> pd.Series:
    """A column of the file by its own name, else by the name that the block gives it."""
    columns: Mapping[str, str] = block.settings.columns
    for asked in (name, columns.get(name, name)):
        found = [place for place, other in enumerate(chunk.frame.columns) if str(other).strip().casefold() == asked.strip().casefold()]
        if len(found) == 1:
            return chunk.frame.iloc[:, found[0]]
    raise HeldError(
        f"{block.name}: {chunk.origin} has no column {name!r}, which {block.where}.{key} names.\n"
        f"Found: {', '.join(map(str, list(chunk.frame.columns)[:12]))}.\nNothing was published."
    )
