"""Looking at every source without reading it: is it there, and does it give what the contract asks for?"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pandas as pd

from flows.intake.opening import blocks, open_source
from flows.intake.readings import reading_of
from flows.machine import clock
from flows.settings import Settings
from flows.sources.chunks import Block, Source, Span, map_columns, source_columns
from flows.sources.files import read_file
from flows.sources.folder import FolderSource
from flows.sources.sql import SqlSource
from transforms.errors import ReviewError
from transforms.tables.canonical import canonical

_NO_TIME = Span(datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 1, 1, tzinfo=UTC))
"""An empty stretch: a query that asks for it itself finds nothing."""
_ALL_TIME = Span(datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
FEW = 20
"""Rows that are looked at where a block names no time zone: do they need one?"""


def check_sources(settings: Settings, *, sleep: Callable[[float], None] = time.sleep) -> list[tuple[str, ReviewError | None]]:
    """See `flows.intake.check`."""
    lines: list[tuple[str, ReviewError | None]] = []
    asked = blocks(settings)
    for name in settings.sources:
        mine = [block for block in asked if block.settings.source == name]
        if not mine:
            lines.append((f"source {name}: no table uses it", None))
            continue
        try:
            source = open_source(settings, name, mine[0].name, sleep=sleep)
        except ReviewError as error:
            lines.append((f"source {name}", error))
            continue
        try:
            lines.append((f"source {name}: {'folder' if isinstance(source, FolderSource) else 'database'} is there", None))
            lines += [_block(source, block) for block in mine]
        finally:
            source.close()
    return lines


def _block(source: Source, block: Block) -> tuple[str, ReviewError | None]:
    try:
        return f"{block.where} ({block.name}): {_describe_block(source, block)}", None
    except ReviewError as error:
        return f"{block.where} ({block.name})", error


def _describe_block(source: Source, block: Block) -> str:
    """What a block gives, in words; its own error where it gives something else than it should."""
    clockless = block.settings.timezone is None
    if isinstance(source, SqlSource):
        return _columns(block, source.probe(block, _ALL_TIME, FEW) if clockless else source.probe(block, _NO_TIME), "")
    if isinstance(source, FolderSource) and block.settings.files is not None:
        files = source.matching(block)
        for path in files:
            first = next(read_file(path, block))
            said = _columns(block, first.frame, first.origin)
        return f"{len(files)} file(s), {said}"
    first = next(source.read(block, _ALL_TIME if clockless else _NO_TIME))
    return _columns(block, first.frame, "")


def _columns(block: Block, frame: pd.DataFrame, origin: str) -> str:
    """How many of the table's columns there are; an error where a needed one is not, or local times have no time zone."""
    given = source_columns(block, [str(name) for name in frame.columns], origin)
    if block.settings.timezone is None:
        few = map_columns(frame.head(FEW), given, block).reset_index(drop=True)
        canonical(few, block.spec, reading_of(block, "", given), now=clock.now())
    return f"{len({**given, **block.settings.constants})} of {len(block.spec.names)} columns"
