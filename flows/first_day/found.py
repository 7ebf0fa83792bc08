"""What lies in a product's database: which variant it is, its prefix, its words with their counts, what it knows of the company."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from flows.first_day.presets import Preset, PresetTable, fill_in
from flows.sources.connect import connect_read_only, driver_words
from transforms.errors import UsageError

MOST_VALUES = 40
"""Different words of a column that are counted."""


@dataclass(frozen=True)
class TableThere:
    """One block as it will be written: the preset's, the rows that `each` gave, and the words of its columns with their counts."""

    table: PresetTable
    rows: tuple[Mapping[str, object], ...] = ()
    values: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class ProductThere:
    """A product as it was found."""

    preset: Preset
    prefix: str
    tables: tuple[TableThere, ...]
    company: Mapping[str, str]
    left_out: tuple[str, ...] = ()
    """What the preset could give and this database has not, in words."""


def find_product(variants: Sequence[Preset], url: str, secrets: Iterable[str] = ()) -> ProductThere:
    """Look at a database read-only; a UsageError where it is none of the product's, with what is missing."""
    hidden = frozenset(secrets)
    preset = variants[0]
    engine, connection = connect_read_only(url, preset.source, f"{preset.product}", hidden)
    try:
        return _Look(connection, hidden).product(variants)
    except SQLAlchemyError as error:
        raise UsageError(
            f"{preset.product}: the database refuses a question: {driver_words(error, hidden)}. Nothing was written."
        ) from None
    finally:
        connection.close()
        engine.dispose()


class _Look:
    def __init__(self, connection: sa.Connection, secrets: frozenset[str]) -> None:
        self.connection = connection
        self.secrets = secrets
        self.inspector = sa.inspect(connection)
        self.names = {name: name for name in [*self.inspector.get_table_names(), *self.inspector.get_view_names()]}
        self.backend = {"mariadb": "mysql"}.get(connection.dialect.name, connection.dialect.name)

    def product(self, variants: Sequence[Preset]) -> ProductThere:
        missing: list[str] = []
        for preset in variants:
            if self.backend not in preset.backends:
                missing.append(f"{preset.title}: is known on {' and '.join(preset.backends)}, not on {self.backend}")
                continue
            prefix = self._prefix(preset)
            lost = [need for need in preset.needs if prefix is None or not self._has(prefix, need)]
            if prefix is None or lost:
                missing.append(f"{preset.title}: no table {', '.join(lost[:4]) or preset.prefix_of}")
            elif preset.when and not self._one(fill_in(preset.when, {"prefix": prefix})):
                missing.append(f"{preset.title}: is not in use here")
            else:
                return self._found(preset, prefix)
        shown = ", ".join(sorted(self.names)[:8]) or "none"
        raise UsageError(
            f"{variants[0].product}: this database is none of its. {'; '.join(missing)}.\nTables there: {shown}.\n"
            "Nothing was written. Name the right database, or the right product."
        )

    def _found(self, preset: Preset, prefix: str) -> ProductThere:
        tables: list[TableThere] = []
        left_out: list[str] = []
        for table in preset.tables:
            lost = [need for need in table.needs if not self._has(prefix, need)]
            rows = self._rows(fill_in(table.each, {"prefix": prefix})) if table.each and not lost else ()
            if lost or (table.each and not rows):
                left_out.append(f"{table.table}: {'no ' + ', '.join(lost) if lost else 'nothing there yet'}")
                continue
            values = {name: self._counts(fill_in(query, {"prefix": prefix})) for name, query in table.values.items()}
            tables.append(TableThere(table, rows, values))
        company = {name: self._one(fill_in(query, {"prefix": prefix})) for name, query in preset.company.items()}
        return ProductThere(preset, prefix, tuple(tables), {name: str(value) for name, value in company.items() if value}, tuple(left_out))

    def _prefix(self, preset: Preset) -> str | None:
        """What stands before the product's table names; the one with the fewest letters where several installations share a database."""
        if not preset.prefix_of:
            return ""
        found = [name[: -len(preset.prefix_of)] for name in self.names if name.endswith(preset.prefix_of)]
        whole = [prefix for prefix in found if all(self._has(prefix, need) for need in preset.needs)]
        return min(whole or found, key=lambda prefix: (len(prefix), prefix), default=None)

    def _has(self, prefix: str, need: str) -> bool:
        table, _, column = need.partition(".")
        name = self.names.get(prefix + table)
        if name is None:
            return False
        return not column or column in {str(one["name"]) for one in self.inspector.get_columns(name)}

    def _one(self, query: str) -> Any:
        row = self._ask(query).first()
        return row[0] if row else None

    def _rows(self, query: str) -> tuple[Mapping[str, object], ...]:
        return tuple({str(key): value for key, value in row.items()} for row in self._ask(query).mappings())

    def _counts(self, query: str) -> tuple[tuple[str, int], ...]:
        rows = self._ask(query).fetchmany(MOST_VALUES)
        return tuple((str(word), int(count)) for word, count in rows if word is not None and str(word).strip())

    def _ask(self, query: str) -> sa.CursorResult[Any]:
        return self.connection.exec_driver_sql(query, execution_options={"no_parameters": True})
