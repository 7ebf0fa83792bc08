"""SQL over dropped files: each file a view named by its stem, and nothing else within reach."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from flows.sources.chunks import CHUNK_ROWS, Block, Chunk, Span
from flows.sources.files import KNOWN, read_file, stem
from flows.sources.parquet_files import raw_frame
from flows.sources.statement import parse
from transforms.errors import HeldError, UsageError

_TYPES = (
    ("BIGINT", r"-?(?:0|[1-9]\d{0,17})"),
    ("DECIMAL(18,4)", r"-?(?:0|[1-9]\d{0,12})(?:\.\d{1,4})?"),
    ("DOUBLE", r"-?(?:0|[1-9]\d{0,14})(?:\.\d+)?(?:[eE][+-]?\d{1,2})?"),
    ("BOOLEAN", r"(?i:true|false)"),
    ("DATE", r"\d{4}-\d{2}-\d{2}"),
    ("TIMESTAMP", r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?"),
)
"""What a text column becomes when every value has this form, tried in order; codes with leading zeros stay text."""


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
    """Make a table of every file that the query names; give back the rows that could not be read."""
    query = (block.settings.query or "").casefold()
    refused: list[Chunk] = []
    seen: dict[str, Path] = {}
    for path in files:
        name = stem(path)
        if not path.name.lower().endswith(KNOWN) or not re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", query):
            continue
        if name.casefold() in seen:
            other = seen[name.casefold()].name
            raise HeldError(f"{block.name}: {other} and {path.name} would both be {name!r}.\nNothing was read. Rename one of them.")
        seen[name.casefold()] = path
        first = True
        for chunk in read_file(path, block):
            piece = _arrow(chunk)
            connection.register("keping_piece", piece)
            connection.execute(
                f"CREATE TABLE {_quote(name)} AS SELECT * FROM keping_piece"  # noqa: S608
                if first
                else f"INSERT INTO {_quote(name)} SELECT * FROM keping_piece"  # noqa: S608
            )
            connection.unregister("keping_piece")
            first = False
            if chunk.refused:
                refused.append(Chunk(pd.DataFrame(), chunk.origin, np.empty(0, dtype=np.int64), chunk.refused))
        if path.name.lower().endswith(KNOWN[:6]):
            _give_types(connection, name)
    return refused


def _arrow(chunk: Chunk) -> pa.Table:
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
            text = series.mask(series == "")
            columns.append(pa.array(text, type=pa.string(), from_pandas=True))
        elif series.dtype == object:
            columns.append(pa.array([None if value is None else str(value) for value in series], type=pa.string()))
        else:
            columns.append(pa.Array.from_pandas(series))
    return pa.table(columns, names=names)


def _give_types(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Give the text columns of a CSV the types that all their values have."""
    described = connection.execute(f"DESCRIBE {_quote(table)}").fetchall()
    texts = [str(row[0]) for row in described if row[1] == "VARCHAR"]
    if not texts:
        return
    tests = ", ".join(
        f"coalesce(bool_and(regexp_full_match(trim({_quote(name)}), '{pattern}')), false)" for name in texts for _, pattern in _TYPES
    )
    verdicts = connection.execute(f"SELECT {tests} FROM {_quote(table)}").fetchone() or ()  # noqa: S608
    for place, name in enumerate(texts):
        fits = verdicts[place * len(_TYPES) : (place + 1) * len(_TYPES)]
        kind = next((kind for (kind, _), fit in zip(_TYPES, fits, strict=True) if fit), None)
        if kind is None:
            continue
        column = _quote(name)
        unread = f"{column} IS NOT NULL AND try_cast(trim({column}) AS {kind}) IS NULL"
        lost = f"SELECT count(*) FROM {_quote(table)} WHERE {unread}"  # noqa: S608
        if (connection.execute(lost).fetchone() or (1,))[0] == 0:
            connection.execute(f"ALTER TABLE {_quote(table)} ALTER {column} TYPE {kind} USING cast(trim({column}) AS {kind})")


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
