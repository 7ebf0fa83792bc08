"""SQL over dropped files: each file a view named by its stem, and nothing else within reach."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from flows.sources.chunks import CHUNK_ROWS, Block, Chunk, Span
from flows.sources.files import CSV, KNOWN, by_number, read_file, stem
from flows.sources.parquet_files import raw_frame
from flows.sources.statement import parse
from flows.table_settings import TableBlock
from transforms.errors import HeldError, UsageError
from transforms.tables.amounts import AMBIGUOUS
from transforms.tables.cells import as_text

_BIGINT = ("BIGINT", r"-?(?:0|[1-9]\d{0,17})")
_DOUBLE = ("DOUBLE", r"-?(?:0|[1-9]\d{0,14})(?:\.\d+)?(?:[eE][+-]?\d{1,2})?")
_TYPES = (
    ("BOOLEAN", r"(?i:true|false)"),
    ("DATE", r"\d{4}-\d{2}-\d{2}"),
    ("TIMESTAMP", r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?"),
)


def _types(settings: TableBlock) -> tuple[tuple[str, str], ...]:
    """What a text column becomes when every value has this form, tried in order; codes with leading zeros stay text."""
    group, point = re.escape(settings.thousands or ""), re.escape(settings.point)
    whole = rf"(?:0|[1-9]\d{{0,2}}(?:{group}\d{{3}}){{1,3}}|[1-9]\d{{0,12}})" if group else r"(?:0|[1-9]\d{0,12})"
    decimal = ("DECIMAL(18,4)", rf"-?{whole}(?:{point}\d{{1,4}})?")
    return (_BIGINT, decimal, *([_DOUBLE] if settings.point == "." and not group else []), *_TYPES)


def query_files(files: Sequence[Path], block: Block, span: Span) -> Iterator[Chunk]:
    """The rows of the block's query over the folder's files, which it sees as tables; only those it names are read."""
    statement = parse(block.settings.query or "", block.where, "duckdb")
    with duckdb.connect(":memory:", config={"threads": 2, "memory_limit": "2GB"}) as connection:
        connection.execute("SET temp_directory = ''; SET autoinstall_known_extensions = false; SET autoload_known_extensions = false")
        refused = _tables(connection, files, block)
        # From here on the query sees these tables and nothing else: no file, no network, no way to change that.
        connection.execute("SET enable_external_access = false; SET lock_configuration = true")
        sql = statement.render("dollar")
        zone = ZoneInfo(block.settings.timezone or "UTC")
        bounds = {name: moment.astimezone(zone).replace(tzinfo=None) for name, moment in (("start", span.start), ("end", span.end))}
        used = {parameter for _, parameter in statement.pieces if parameter}
        try:
            kinds = [str(part.type) for part in connection.extract_statements(sql)]
            if len(kinds) != 1 or not kinds[0].endswith("SELECT"):
                raise UsageError(f"{block.where}.query is not a single SELECT; nothing was run.")
            reader = connection.sql(sql, params={name: bounds[name] for name in used} if used else None).to_arrow_reader(CHUNK_ROWS)
            yield from refused
            rows = 0
            for batch in reader:
                rows += batch.num_rows
                yield Chunk(raw_frame(batch))
            if rows == 0:
                yield Chunk(raw_frame(reader.schema.empty_table()))
        except duckdb.Error as error:
            known = ", ".join(sorted(stem(path) for path in files))
            raise UsageError(
                f"{block.name}: the query fails: {' '.join(str(error).split())[:300]}\n"
                f"Nothing was read. Correct {block.where}.query. It can use these tables, one per file, and nothing else: {known}."
            ) from error


def _tables(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], block: Block) -> list[Chunk]:
    """Make a table of every file that the query names, and one of all files that fit a quoted name with `*` in it.

    Gives back the rows that could not be read.
    """
    refused: list[Chunk] = []
    for name, paths in _named(files, block).items():
        columns: list[str] = []
        points = True
        for path in paths:
            for chunk in read_file(path, block):
                _refuse_merged(chunk, block)
                _append(connection, name, _arrow(chunk, block.settings.empty), columns)
                points = points and chunk.points
                if chunk.refused:
                    refused.append(Chunk(pd.DataFrame(), chunk.origin, np.empty(0, dtype=np.int64), chunk.refused))
        if all(path.name.lower().endswith(CSV) for path in paths):
            _give_types(connection, name, block.settings, sure=points or block.settings.decimal is not None)
    return refused


def _named(files: Sequence[Path], block: Block) -> dict[str, list[Path]]:
    """Name of a table -> its files: those whose stem the query names, and all that fit a quoted name with `*` or `?` in it."""
    query = block.settings.query or ""
    found: dict[str, list[Path]] = {}
    known = [path for path in files if path.name.lower().endswith(KNOWN)]
    for path in known:
        name = stem(path)
        if not re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", query.casefold()):
            continue
        other = next((paths[0].name for taken, paths in found.items() if taken.casefold() == name.casefold()), None)
        if other is not None:
            raise HeldError(f"{block.name}: {other} and {path.name} would both be {name!r}.\nNothing was read. Rename one of them.")
        found[name] = [path]
    for pattern in dict.fromkeys(re.findall(r'"([^"\n]*[*?][^"\n]*)"', query)):
        fitting = [path for path in known if fnmatch(stem(path).casefold(), pattern.casefold()) or fnmatch(path.name, pattern)]
        if fitting:
            found[pattern] = sorted(fitting, key=by_number)
    return found


def _append(connection: duckdb.DuckDBPyConnection, table: str, piece: pa.Table, columns: list[str]) -> None:
    """Add rows to a table by the names of their columns; `columns` are those that it has, and grow with what a later file brings."""
    connection.register("keping_piece", piece)
    if not columns:
        connection.execute(f"CREATE TABLE {_quote(table)} AS SELECT * FROM keping_piece").fetchall()  # noqa: S608
        columns += [name.casefold() for name in piece.column_names]
    else:
        for name, kind, *_ in connection.execute("DESCRIBE SELECT * FROM keping_piece").fetchall():
            if name.casefold() not in columns:
                connection.execute(f"ALTER TABLE {_quote(table)} ADD COLUMN {_quote(name)} {kind}").fetchall()
                columns.append(name.casefold())
        connection.execute(f"INSERT INTO {_quote(table)} BY NAME SELECT * FROM keping_piece").fetchall()  # noqa: S608
    connection.unregister("keping_piece")


def _arrow(chunk: Chunk, nothing: Sequence[str]) -> pa.Table:
    """The piece as the query sees it: words for nothing are NULL, so that a column of numbers with some is one of numbers."""
    names: list[str] = []
    for place, name in enumerate(chunk.frame.columns):
        plain = name.strip() or f"column{place + 1}"
        while plain.casefold() in (taken.casefold() for taken in names):
            plain += "_2"
        names.append(plain)
    columns: list[Any] = []
    for place in range(chunk.frame.shape[1]):
        series = chunk.frame.iloc[:, place]
        if isinstance(series.dtype, pd.StringDtype):
            text = series.mask(series.str.strip().isin(["", *nothing]))
            columns.append(pa.array(text, type=pa.string(), from_pandas=True))
        elif series.dtype == object:
            text = as_text(series)
            for cell in (cell for cell in chunk.bad_cells if cell.what == "digits" and cell.column == chunk.frame.columns[place]):
                text.iloc[cell.position] = f"{float(cell.value):.5E}"  # seen for what it is, wherever the query puts it
            columns.append(pa.array(text.mask(text.isin(nothing)), type=pa.string(), from_pandas=True))
        else:
            columns.append(pa.Array.from_pandas(series))
    return pa.table(columns, names=names)


def _refuse_merged(chunk: Chunk, block: Block) -> None:
    """Numbers in merged cells are nobody's: a query would count them once per row."""
    for cell in chunk.bad_cells:
        if cell.what == "merged" and isinstance(chunk.frame[cell.column].iloc[cell.position], (int, float)):
            raise HeldError(
                f"{block.name}: {chunk.origin} has numbers in merged cells: {cell.column} {cell.value}.\n"
                "Nothing was published. Undo the merge and write the number where it belongs."
            )


def _give_types(connection: duckdb.DuckDBPyConnection, table: str, settings: TableBlock, *, sure: bool) -> None:
    """Give the text columns of a CSV the types that all their values have.

    Unless somebody is `sure` what a point is, a column stays text in which every point has three digits after it.
    """
    described = connection.execute(f"DESCRIBE {_quote(table)}").fetchall()
    texts = [str(row[0]) for row in described if row[1] == "VARCHAR"]
    if not texts:
        return
    types = _types(settings)
    tests = [*(pattern for _, pattern in types), rf"[^.]*|{AMBIGUOUS}", r"[^.]*"]
    asked = ", ".join(
        f"coalesce(bool_and(regexp_full_match(trim({_quote(name)}), {_literal(pattern)})), false)" for name in texts for pattern in tests
    )
    verdicts = _one_row(connection, f"SELECT {asked} FROM {_quote(table)}")  # noqa: S608
    for place, name in enumerate(texts):
        *fits, maybe_thousands, pointless = verdicts[place * len(tests) : (place + 1) * len(tests)]
        kind = next((kind for (kind, _), fit in zip(types, fits, strict=True) if fit), None)
        if kind is None or (maybe_thousands and not pointless and not sure and settings.thousands is None):
            continue
        plain = f"trim({_quote(name)})"
        if kind.startswith("DECIMAL"):
            plain = f"replace(replace({plain}, {_literal(settings.thousands or '')}, ''), {_literal(settings.point)}, '.')"
            kind = _scaled(connection, table, plain)
        lost = f"SELECT count(*) FROM {_quote(table)} WHERE {_quote(name)} IS NOT NULL AND try_cast({plain} AS {kind}) IS NULL"  # noqa: S608
        if _one_row(connection, lost)[0] == 0:
            connection.execute(f"ALTER TABLE {_quote(table)} ALTER {_quote(name)} TYPE {kind} USING cast({plain} AS {kind})")


def _scaled(connection: duckdb.DuckDBPyConnection, table: str, plain: str) -> str:
    """The decimal type that writes each value as it was written where all have as many decimals: a code 7.10 stays 7.10."""
    digits = f"length(split_part({plain}, '.', 2))"
    least, most = _one_row(connection, f"SELECT min({digits}), max({digits}) FROM {_quote(table)}")  # noqa: S608
    return f"DECIMAL(18,{most})" if least == most else "DECIMAL(18,4)"


def _one_row(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """The only row of a result, which is read to its end: one left open stops what is asked next."""
    return connection.execute(sql).fetchall()[0]


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
