"""By which mapping a table's rows are read: everything in the configuration that decides what they are, as one digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.engine import make_url

from flows.settings import Settings
from flows.sources.plain_query import plain_query
from flows.table_settings import SourceSettings
from transforms.tables.contract import TABLES

DIGEST = 16
"""Letters of a mapping's digest, and of each of its parts."""


@dataclass(frozen=True)
class TableMapping:
    """How one table is read: `parts` names everything that decides it, each by a digest; `digest` stands for all of them."""

    table: str
    digest: str
    parts: Mapping[str, str]

    def differing(self, other: Mapping[str, str]) -> tuple[str, ...]:
        """The parts that are others than in another mapping, sorted."""
        return tuple(sorted(name for name in {*self.parts, *other} if self.parts.get(name) != other.get(name)))


def table_mappings(settings: Settings) -> dict[str, TableMapping]:
    """The mapping of every table that rows are laid down of, by table.

    It covers the blocks of the table and of those that its rows are made with (orders from order lines, refunds that
    orders carry, lines dated by their orders, money by exchange rates), the place of each source, and where months
    begin and in which currency money is counted. Not part of it: names of sources, users, passwords, ports and
    options of drivers, keys that stand at their defaults, the order of keys, and blanks and comments of queries.
    """
    found = {}
    for table in sorted({*settings.tables, *_derived(settings)} - {"identities"}):  # rows of these are not laid down
        parts = {"company.timezone": _digest(settings.company.timezone)}
        if settings.company.calling_code and any(block.same_as == "phone" for block in settings.tables.get(table, ())):
            parts["company.calling_code"] = _digest(settings.company.calling_code)
        if "currency" in TABLES[table].names:
            parts["company.currency"] = _digest(settings.company.currency)
        for other in _read_with(table, settings):
            parts |= _block_parts(other, settings)
        found[table] = TableMapping(table, _digest(parts), parts)
    return found


def _derived(settings: Settings) -> Iterable[str]:
    """Tables that come out of others."""
    sold = {"orders", "order_lines"} & set(settings.tables)
    return ("orders", "refunds") if sold else ()


def _read_with(table: str, settings: Settings) -> list[str]:
    """The configured tables that decide a table's rows: itself, and what its rows are made with."""
    with_orders = {"orders": ["order_lines"], "refunds": ["orders"], "order_lines": ["orders"]}.get(table, [])
    if table == "orders" and "orders" in settings.tables:
        with_orders = []
    elif table == "refunds" and "orders" not in settings.tables:
        with_orders = ["order_lines"]
    rates = ["fx_rates"] if "currency" in TABLES[table].names else []
    read = [name for name in dict.fromkeys([table, *with_orders, *rates]) if name in settings.tables]
    named = any(block.same_as for name in read for block in settings.tables[name])
    return [*read, *(["identities"] if named and "identities" in settings.tables else [])]


def _block_parts(table: str, settings: Settings) -> dict[str, str]:
    parts: dict[str, str] = {}
    for number, block in enumerate(settings.tables[table], start=1):
        source = settings.sources[block.source]
        place = f"tables.{table}[{number}]"
        said = block.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"source"})
        parts[f"{place}.source"] = _digest(_place_of(source))
        for name, value in said.items():
            parts[f"{place}.{name}"] = _digest(plain_query(str(value), _dialect(source)) if name == "query" else value)
    return parts


def _place_of(source: SourceSettings) -> list[str]:
    """Where a source's rows lie, without what only says how it is reached: as it is written, so that a whole folder may move."""
    if source.url is None:
        return ["folder", source.path.as_posix() if source.path else ""]
    url = make_url(source.url.get_secret_value())
    return [url.get_backend_name(), url.host or "", url.database or ""]


def _dialect(source: SourceSettings) -> str:
    return "duckdb" if source.url is None else make_url(source.url.get_secret_value()).get_backend_name()


def _digest(value: object) -> str:
    said = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:DIGEST]
