"""Wide questionnaires: a row per person with a column per question becomes a row per answer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from flows.sources.chunks import BadCell, Block, Chunk
from flows.table_settings import Item
from transforms.errors import HeldError
from transforms.tables.cells import as_text
from transforms.tables.meaning import key_of_json


def spread_items(chunk: Chunk, block: Block) -> Iterator[Chunk]:
    """One piece per question of the block's `items`, in their order: the rows that answered it, the answer as `score`.

    A question is a column of the file, or `column.key` where the column's cells hold JSON. A blank cell is no answer and no row.
    HeldError where the file has no such column. Rows that could not be read come once.
    """
    items = block.settings.items
    if not items or not len(chunk.frame.columns):
        yield chunk
        return
    places = {name: _column(chunk, block, name) for name in items}
    asked = {place for place, _ in places.values()}
    rest = chunk.frame.iloc[:, [place for place in range(chunk.frame.shape[1]) if place not in asked]]
    for number, (name, item) in enumerate(items.items()):
        place, path = places[name]
        answers = chunk.frame.iloc[:, place]
        if path:
            answers, broken = key_of_json(answers, path)
            answers = answers.where(~pd.Series(broken, index=answers.index), chunk.frame.iloc[:, place])
        yield _answers(chunk, rest, answers, str(chunk.frame.columns[place]), item, first=number == 0)


def _answers(chunk: Chunk, rest: pd.DataFrame, answers: pd.Series, column: str, item: Item, *, first: bool) -> Chunk:
    """The answers to one question."""
    given = as_text(answers).fillna("").str.strip().ne("").to_numpy(dtype=bool)
    position = np.cumsum(given) - 1
    told = {key: value for key, value in item.model_dump().items() if value is not None}
    frame = rest.drop(columns=[name for name in rest.columns if name in (*told, "score")])[given].reset_index(drop=True)
    frame = frame.assign(score=answers[given].reset_index(drop=True))
    for key, value in told.items():
        frame[key] = pd.Series([value] * len(frame), dtype="str" if isinstance(value, str) else None)
    bad = [
        BadCell(int(position[cell.position]), "score" if cell.column == column else cell.column, cell.value, cell.what)
        for cell in chunk.bad_cells
        if given[cell.position] and (cell.column == column or cell.column in frame)
    ]
    lines = None if chunk.lines is None else chunk.lines[given]
    return Chunk(frame, chunk.origin, lines, chunk.refused if first else (), tuple(bad), chunk.copy_of, points=chunk.points)


def _column(chunk: Chunk, block: Block, name: str) -> tuple[int, str]:
    """Where a question stands: its column, and the path of its key where that holds JSON."""
    names = [str(other).strip().casefold() for other in chunk.frame.columns]
    whole = [place for place, other in enumerate(names) if other == name.strip().casefold()]
    if len(whole) == 1:
        return whole[0], ""
    column, _, path = name.partition(".")
    inner = [place for place, other in enumerate(names) if other == column.strip().casefold()]
    if path and len(inner) == 1 and not whole:
        return inner[0], path
    raise HeldError(
        f"{block.name}: {chunk.origin} has {'no column' if not whole else 'several columns'} {name!r}, which {block.where}.items names.\n"
        f"Found: {', '.join(map(str, list(chunk.frame.columns)[:12]))}.\nNothing was published."
    )
