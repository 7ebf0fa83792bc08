"""Looking at every source without reading it: is it there, and does it give what the contract asks for?"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from flows.settings import Settings
from flows.sources.chunks import Block, Source, Span, source_columns
from flows.sources.folder import FolderSource, read_file
from flows.sources.opening import blocks, open_source
from flows.sources.sql import SqlSource
from transforms.errors import ReviewError

_NO_TIME = Span(datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 1, 1, tzinfo=UTC))
"""An empty stretch: a query that asks for it itself finds nothing."""


def check_sources(settings: Settings, *, sleep: Callable[[float], None] = time.sleep) -> list[tuple[str, str | None]]:
    """See `flows.sources.check`."""
    lines: list[tuple[str, str | None]] = []
    asked = blocks(settings)
    for name in settings.sources:
        mine = [block for block in asked if block.settings.source == name]
        if not mine:
            lines.append((f"source {name}: no table uses it", None))
            continue
        try:
            source = open_source(settings, name, mine[0].name, sleep=sleep)
        except ReviewError as error:
            lines.append((f"source {name}", str(error)))
            continue
        try:
            lines.append((f"source {name}: {'folder' if isinstance(source, FolderSource) else 'database'} is there", None))
            lines += [_block(source, block) for block in mine]
        finally:
            source.close()
    return lines


def _block(source: Source, block: Block) -> tuple[str, str | None]:
    try:
        return f"{block.where} ({block.name}): {_found(source, block)}", None
    except ReviewError as error:
        return f"{block.where} ({block.name})", str(error)


def _found(source: Source, block: Block) -> str:
    """What a block gives, in words; its own error where it gives something else than it should."""
    if isinstance(source, SqlSource):
        return _columns(block, source.probe(block, _NO_TIME), "")
    if isinstance(source, FolderSource) and block.settings.files is not None:
        files = source.matching(block)
        for path in files:
            first = next(read_file(path, block))
            said = _columns(block, [str(name) for name in first.frame.columns], first.origin)
        return f"{len(files)} file(s), {said}"
    first = next(source.read(block, _NO_TIME))
    return _columns(block, [str(name) for name in first.frame.columns], "")


def _columns(block: Block, found: list[str], origin: str) -> str:
    given = {**source_columns(block, found, origin), **block.settings.constants}
    return f"{len(given)} of {len(block.spec.names)} columns"
