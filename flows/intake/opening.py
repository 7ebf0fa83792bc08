"""All configured sources, each opened once and closed together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flows.settings import Settings
from flows.sources.chunks import Block, Source
from flows.sources.folder import FolderSource


def blocks(settings: Settings) -> list[Block]:
    """Every table block, in the order in which tables are read: rates and identities first, then orders, lines, refunds, the rest."""
    first = ("fx_rates", "identities", "orders", "order_lines", "refunds")
    names = [name for name in first if name in settings.tables] + sorted(set(settings.tables) - set(first))
    return [Block(name, number, block) for name in names for number, block in enumerate(settings.tables[name], start=1)]


def open_source(settings: Settings, name: str, who: str, *, sleep: Callable[[float], None] = time.sleep) -> Source:
    """One source, ready to be read; UnreachableError where it is not there."""
    source = settings.sources[name]
    if source.path is not None:
        return FolderSource(name, settings.absolute(source.path), who)
    assert source.url is not None
    from flows.sources.sql import SqlSource

    return SqlSource(name, settings.absolute_url(source.url), who, settings.secrets(), sleep)


@contextmanager
def open_sources(settings: Settings, *, sleep: Callable[[float], None] = time.sleep) -> Iterator[dict[str, Source]]:
    """Every source that some table uses; all are opened before the first is read, so that their moments lie together."""
    sources: dict[str, Source] = {}
    try:
        for block in blocks(settings):
            name = block.settings.source
            if name not in sources:
                sources[name] = open_source(settings, name, block.name, sleep=sleep)
        yield sources
    finally:
        for source in sources.values():
            source.close()
