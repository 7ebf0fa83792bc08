"""A database as a source: one consistent view, streamed in pieces, counted again by the database itself."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from flows.sources.chunks import CHUNK_ROWS, Block, Chunk, Span, Total, Totals, source_columns
from flows.sources.connect import connect_read_only, driver_words, trouble
from flows.sources.statement import Statement, parse
from transforms.errors import UsageError
from transforms.tables.contract import Kind
from transforms.tables.instants import read_instant

_TIMES = {"postgresql": {1114: "local", 1184: "zoned", 1082: "local"}, "mysql": {12: "local", 7: "local", 10: "local"}}
_NUMBERS = {"postgresql": {20, 21, 23, 700, 701, 1700}, "mysql": {0, 1, 2, 3, 4, 5, 8, 9, 246}}
_FLOATS = {"postgresql": {700, 701}, "mysql": {4, 5}}
_MYSQL_TIMESTAMP = 7
_CLOCK_FUNCTIONS = re.compile(r"\b(from_unixtime|unix_timestamp|current_timestamp|localtimestamp|now|curdate|curtime)\s*\(", re.IGNORECASE)
"""What MySQL answers by the zone of the connection."""

_NO_TIME, _ODD_TIME = -1, -2
"""Slots of rows without a time, and of rows whose time is written in a way that the database cannot place."""


class SqlSource:
    """One database, opened for the length of a pull; every read sees the moment of opening."""

    def __init__(self, name: str, url: str, who: str, secrets: frozenset[str], sleep: Callable[[float], None] = time.sleep) -> None:
        self.name = name
        self._secrets = secrets
        self._engine, self._connection = connect_read_only(url, name, who, secrets, sleep=sleep)
        backend = self._engine.dialect.name
        self._dialect = "mysql" if backend == "mariadb" else backend
        self._types: dict[str, dict[str, int]] = {}
        self._unknown_zone = ""

    def close(self) -> None:
        self._connection.close()
        self._engine.dispose()

    def read(self, block: Block, span: Span) -> Iterator[Chunk]:
        statement = self._statement(block)
        rows_read = 0
        cursor: Any = None
        try:
            self._clock(block)
            result = self._connection.exec_driver_sql(
                statement.render(self._style),
                self._parameters(block, span),
                execution_options={"stream_results": True, "max_row_buffer": CHUNK_ROWS},
            )
            with result:
                cursor = result.cursor
                names = list(result.keys())
                self._types[block.where] = self._column_types(result)
                self._check_zone(block)
                first = True
                while True:
                    rows = result.fetchmany(CHUNK_ROWS)
                    if not rows and not first:
                        break
                    rows_read += len(rows)
                    yield Chunk(_frame(rows, names))
                    first = False
        except SQLAlchemyError as error:
            _let_go(cursor)
            raise trouble(error, block.name, block.where, rows_read, self._secrets) from None
        except (ValueError, OverflowError) as error:
            raise UsageError(
                f"{block.name}: a value could not be read after {rows_read:,} rows: {str(error)[:200]}.\n"
                f"Nothing was kept. Cast it to text in {block.where}.query, so that the row can be named."
            ) from error

    def probe(self, block: Block, span: Span, rows: int = 0) -> pd.DataFrame:
        """Run the query for its columns, and for a few rows where the database knows `limit`."""
        statement = self._statement(block)
        few = f"limit {rows:d}" if rows and self._dialect in ("sqlite", "postgresql", "mysql") else "where 1 = 0"
        try:
            self._clock(block)
            result = self._connection.exec_driver_sql(
                f"select * from (\n{statement.render(self._style)}\n) keping_probe {few}",  # noqa: S608
                self._parameters(block, span),
            )
            with result:
                self._types[block.where] = self._column_types(result)
                self._check_zone(block)
                return _frame(result.fetchall(), list(result.keys()))
        except SQLAlchemyError as error:
            raise trouble(error, block.name, block.where, 0, self._secrets) from None

    def totals(self, block: Block, span: Span, bounds: Sequence[datetime], first_month: int) -> Totals | None:
        """Rows, money and newest row as the database counts them, in the same transaction and of the same query."""
        statement = self._statement(block)
        types = self._types.get(block.where, {})
        given = source_columns(block, list(types), "")
        time_column = given.get(block.spec.time or "")
        money, exact = self._money(block, given, types)
        newest = f"max(q.{self._quote(time_column)})" if time_column else "null"
        summed = "null" if money == "null" else f"sum({money})"
        inner = statement.render(self._style)
        parameters = self._parameters(block, span)
        slot, more = self._slots(block, time_column, types, bounds)
        sql = f"select {slot} as slot, count(*), {summed}, {newest} from (\n{inner}\n) q group by 1"  # noqa: S608
        try:
            found = self._connection.exec_driver_sql(sql, {**parameters, **more}).fetchall()
        except SQLAlchemyError as error:
            raise trouble(error, block.name, block.where, 0, self._secrets) from None
        parts = {int(row[0]): Total(int(row[1]), _decimal(row[2]), row[3]) for row in found}
        sums = [part.money for part in parts.values() if part.money is not None]
        money_sum = sum(sums, Decimal(0)) if money != "null" else None
        newest_of_all = self._newest([part.newest for part in parts.values() if part.newest is not None], block)
        whole = Total(
            sum(part.rows for part in parts.values()),
            money_sum if money_sum is not None and money_sum.is_finite() else None,
            newest_of_all,
        )
        if not more:
            return Totals(whole, exact)
        months = {first_month + number - 1: part for number, part in parts.items() if 1 <= number < len(bounds)}
        lost = [parts[number] for number in (_NO_TIME, _ODD_TIME) if number in parts]
        if lost:
            months[-1] = Total(sum(part.rows for part in lost), None, None)
        return Totals(whole, exact, months, parts[_ODD_TIME].rows if _ODD_TIME in parts else 0)

    @property
    def dialect(self) -> str:
        """The database's dialect: sqlite, postgresql, mysql (MariaDB as well) or another one."""
        return self._dialect

    @property
    def _style(self) -> str:
        return "named" if self._dialect == "sqlite" else "pyformat"

    def _statement(self, block: Block) -> Statement:
        return parse(block.settings.query or "", block.where, self._dialect)

    def _parameters(self, block: Block, span: Span) -> dict[str, object]:
        zone = ZoneInfo(block.settings.timezone or "UTC")
        return {"start": self._moment(span.start, zone), "end": self._moment(span.end, zone)}

    def _moment(self, instant: datetime, zone: ZoneInfo) -> object:
        local = instant.astimezone(zone).replace(tzinfo=None)
        if self._dialect != "sqlite":
            return local
        # SQLite compares text: a bare date sorts before every time of that day, however it is written.
        return local.date().isoformat() if local.time().isoformat() == "00:00:00" else local.isoformat(sep=" ")

    def _clock(self, block: Block) -> None:
        """Let the database compare zoned columns with our local bounds as the block means them."""
        zone = block.settings.timezone or "UTC"
        self._unknown_zone = ""
        if self._dialect == "postgresql":
            self._connection.exec_driver_sql("select set_config('TimeZone', %(zone)s, true)", {"zone": zone})
        elif self._dialect == "mysql":
            try:
                self._connection.exec_driver_sql("set time_zone = %(zone)s", {"zone": zone})
            except DBAPIError:
                offset = _fixed_offset(zone)
                self._connection.exec_driver_sql("set time_zone = %(zone)s", {"zone": offset or "+00:00"})
                if offset is None:
                    self._unknown_zone = zone

    def _check_zone(self, block: Block) -> None:
        """Under a zone that the server does not know nothing may depend on its clock: no TIMESTAMP, no from_unixtime()."""
        if not self._unknown_zone:
            return
        turned = _CLOCK_FUNCTIONS.search(block.settings.query or "")
        if turned is not None:
            raise UsageError(
                f"{block.name}: the query calls {turned[1]}(), and the server does not know the time zone {self._unknown_zone!r} of the "
                f'block.\nNothing was read. Select the bare number and write epoch = "s" in {block.where}, '
                "or load the server's time zone tables."
            )
        if _MYSQL_TIMESTAMP in self._types[block.where].values():
            raise UsageError(
                f"{block.name}: the server does not know the time zone {self._unknown_zone!r} of the query's TIMESTAMP columns.\n"
                f'Nothing was read. Load the server\'s time zone tables, or write timezone = "UTC" in {block.where}.'
            )

    def _column_types(self, result: Any) -> dict[str, int]:
        description = result.cursor.description or ()
        return {str(column[0]): int(column[1] or 0) if not isinstance(column[1], str) else 0 for column in description}

    def _quote(self, name: str) -> str:
        quoted = self._engine.dialect.identifier_preparer.quote_identifier(name)
        return quoted if self._style == "named" or "%%" in quoted else quoted.replace("%", "%%")

    def _money(self, block: Block, given: dict[str, str], types: dict[str, int]) -> tuple[str, bool]:
        """The expression that the control sum adds up, and whether the database adds it exactly."""
        if block.spec.money is None:
            return "null", True
        wanted = ("quantity", "unit_price") if block.table == "order_lines" else (block.spec.money,)
        names = [given[name] for name in wanted if name in given]
        if len(names) < len(wanted):
            return "null", True
        product = " * ".join(f"q.{self._quote(name)}" for name in names)
        if self._dialect == "sqlite":
            odd = " or ".join(f"typeof(q.{self._quote(name)}) not in ('integer', 'real', 'null')" for name in names)
            return f"case when {odd} then 1e999 else {product} end", False  # text among the numbers: no sum
        if any(types.get(name) not in _NUMBERS.get(self._dialect, set()) for name in names):
            return "null", True
        return product, not any(types.get(name) in _FLOATS.get(self._dialect, set()) for name in names)

    def _newest(self, values: Sequence[Any], block: Block) -> object:
        """The newest of some values of the time column; an instant where the database has a type for it, else the last in its own order."""
        if not values:
            return None
        if self._dialect == "sqlite" or block.spec.column(block.spec.time or "").kind is not Kind.INSTANT:
            return max(values, key=lambda value: (isinstance(value, str), value))
        read = read_instant(pd.Series(list(values), dtype=object), block.settings.timezone or "UTC").values.max()
        return None if pd.isna(read) else pd.Timestamp(read)

    def _slots(self, block: Block, column: str | None, types: dict[str, int], bounds: Sequence[datetime]) -> tuple[str, dict[str, object]]:
        """An expression that numbers the months of the rows, and its parameters; none where only we can tell."""
        if column is None or len(bounds) < 2 or block.spec.column(block.spec.time or "").kind.value != "instant":
            return "0", {}
        zone = ZoneInfo(block.settings.timezone or "UTC")
        name = f"q.{self._quote(column)}"
        if self._dialect == "sqlite":
            local = [bound.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S.000") for bound in bounds]
            zoned = [bound.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.000") for bound in bounds]
            moment = f"strftime('%Y-%m-%d %H:%M:%f', {name})"
            offset = f"({name} glob '*[zZ]' or {name} glob '*:[0-9][0-9][+-][0-9][0-9]:[0-9][0-9]')"
            arms = " ".join(
                f"when {moment} < case when {offset} then :z{place} else :b{place} end then {place}" for place in range(len(bounds))
            )
            ours = f"typeof({name}) <> 'text' or {moment} is null"
            sql = f"case when {name} is null then {_NO_TIME} when {ours} then {_ODD_TIME} {arms} else {len(bounds)} end"
            values: dict[str, object] = {f"b{place}": value for place, value in enumerate(local)}
            return sql, values | {f"z{place}": value for place, value in enumerate(zoned)}
        how = _TIMES.get(self._dialect, {}).get(types.get(column, 0))
        if how is None:
            return "0", {}
        arms = " ".join(f"when {name} < %(b{place})s then {place}" for place in range(len(bounds)))
        moments = [bound if how == "zoned" else bound.astimezone(zone).replace(tzinfo=None) for bound in bounds]
        odd = f"when day({name}) = 0 or month({name}) = 0 then {_ODD_TIME}" if self._dialect == "mysql" else ""
        sql = f"case when {name} is null then {_NO_TIME} {odd} {arms} else {len(bounds)} end"
        return sql, {f"b{place}": value for place, value in enumerate(moments)}

    def complaint(self, error: BaseException) -> str:
        return driver_words(error, self._secrets)


def _let_go(cursor: Any) -> None:
    """Keep PyMySQL from reading the rest of a result off a dead connection when it is collected."""
    result = getattr(cursor, "_result", None)
    if result is not None and hasattr(result, "unbuffered_active"):
        result.unbuffered_active = False


def _frame(rows: Sequence[Any], names: list[str]) -> pd.DataFrame:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    frame = pd.DataFrame({place: pd.Series(column, dtype=object) for place, column in enumerate(columns)}, index=pd.RangeIndex(len(rows)))
    return frame.set_axis(names, axis="columns")


def _decimal(value: object) -> Decimal | None:
    if value is None:
        return None
    return Decimal(str(value))


def _fixed_offset(zone: str) -> str | None:
    """The offset of a zone that never changes its clock nowadays, as MySQL writes it."""
    moments = [datetime(year, month, 1, tzinfo=UTC) for year in range(1992, 2040, 3) for month in (1, 7)]
    offsets = {moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in moments}
    offset = offsets.pop()
    if offsets or offset is None:
        return None
    sign = "-" if offset < timedelta(0) else "+"
    minutes = abs(int(offset.total_seconds())) // 60
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"
