"""Parquet files and other Arrow data as raw rows; a missing value stays apart from a NaN that was written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.sources.chunks import CHUNK_ROWS, Chunk
from transforms.errors import HeldError


def read_parquet(path: Path, who: str, chunk_rows: int = CHUNK_ROWS) -> Iterator[Chunk]:
    """The rows of one file, in pieces, numbered from 1."""
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise HeldError(
            f"{who}: {path.name} is not a whole Parquet file ({str(error)[:120]}).\nNothing was published. Deliver it again."
        ) from error
    with file:
        done = 0
        for batch in file.iter_batches(batch_size=chunk_rows):
            lines = np.arange(done + 1, done + 1 + batch.num_rows, dtype=np.int64)
            yield Chunk(raw_frame(batch), path.name, lines)
            done += batch.num_rows
        if done == 0:
            yield Chunk(raw_frame(file.schema_arrow.empty_table()), path.name, np.empty(0, dtype=np.int64))


def raw_frame(data: pa.RecordBatch | pa.Table) -> pd.DataFrame:
    """Arrow columns as raw columns: text as text, decimals exact, NaN as a value of its own."""
    columns = [_raw(column) for column in data.columns]
    frame = pd.DataFrame(dict(enumerate(columns)), index=pd.RangeIndex(data.num_rows))
    return frame.set_axis(list(data.schema.names), axis="columns")


def _raw(column: pa.Array | pa.ChunkedArray) -> pd.Series:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
        column = pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _raw(column.dictionary_decode())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pd.Series(column.to_pandas(), dtype="str")
    if pa.types.is_decimal(kind):
        return pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([column])))
    if pa.types.is_timestamp(kind):
        return pd.Series(column.cast(pa.timestamp("us", tz=kind.tz), safe=False).to_pandas())
    if pa.types.is_date(kind):
        return pd.Series(column.cast(pa.timestamp("us")).to_pandas(), dtype="datetime64[us]")
    if pa.types.is_floating(kind) and not pc.any(pc.is_nan(column)).as_py():
        return pd.Series(column.to_pandas(), dtype="float64")
    if pa.types.is_integer(kind) and column.null_count == 0:
        return pd.Series(column.to_pandas())
    return pd.Series(column.to_pylist(), dtype=object)
