"""Canonical frames as Arrow tables and back, with exact money and no guessing of types."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from transforms.tables.contract import TABLES, Kind

EXTRA: Mapping[str, Mapping[str, Kind]] = {
    "orders": {"original_amount": Kind.MONEY},
    "refunds": {"original_amount": Kind.MONEY},
    "costs": {"original_amount": Kind.MONEY},
    "quotes": {"original_amount": Kind.MONEY},
    "campaigns": {"original_amount": Kind.MONEY},
    "order_lines": {"line_amount": Kind.MONEY},
}
"""Columns that a snapshot carries beyond the contract: the amount before conversion, and quantity x unit price."""

MONEY_TYPE = pa.decimal128(18, 4)

ARROW_TYPES = {
    Kind.TEXT: pa.large_string(),
    Kind.LIST: pa.large_string(),
    Kind.INSTANT: pa.timestamp("us", tz="UTC"),
    Kind.DAY: pa.date32(),
    Kind.MONEY: MONEY_TYPE,
    Kind.NUMBER: pa.float64(),
    Kind.COUNT: pa.int64(),
    Kind.FLAG: pa.bool_(),
}


def kinds(table: str) -> dict[str, Kind]:
    """Every column of a table's snapshot with its kind, in order."""
    return {column.name: column.kind for column in TABLES[table].columns} | dict(EXTRA.get(table, {}))


def to_arrow(frame: pd.DataFrame, table: str) -> pa.Table:
    """A canonical frame as an Arrow table with all columns of the snapshot; columns it lacks are missing.

    A column that the table does not know is a KeyError: it would be lost in silence.
    """
    known = kinds(table)
    strangers = [str(name) for name in frame.columns if name not in known]
    if strangers:
        raise KeyError(f"{table} has no column {', '.join(strangers)}")
    columns = {
        name: _array(frame[name], kind) if name in frame else pa.nulls(len(frame), ARROW_TYPES[kind]) for name, kind in known.items()
    }
    return pa.table(columns)


def from_arrow(data: pa.Table, table: str) -> pd.DataFrame:
    """The canonical frame of an Arrow table, in the table's column order as given."""
    known = kinds(table)
    columns = {name: _series(data.column(name), known[name]) for name in data.column_names}
    return pd.DataFrame(columns, index=pd.RangeIndex(data.num_rows))


def money_array(units: npt.NDArray[np.int64], missing: npt.NDArray[np.bool_] | None) -> pa.Array:
    """Ten-thousandths as decimal(18, 4) without a detour over Python numbers."""
    wide = np.empty((len(units), 2), dtype=np.int64)
    wide[:, 0] = units
    wide[:, 1] = units >> 63
    valid = None
    if missing is not None and missing.any():
        wide[missing] = 0
        valid = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(MONEY_TYPE, len(units), [valid, pa.py_buffer(wide)])


def money_units(column: pa.Array) -> npt.NDArray[np.int64]:
    """The ten-thousandths of a decimal(18, 4) array; what missing entries hold is undefined."""
    if not len(column):
        return np.empty(0, dtype=np.int64)
    words = np.frombuffer(column.buffers()[1], dtype=np.int64)
    return words[2 * column.offset : 2 * (column.offset + len(column)) : 2].copy()


def _array(series: pd.Series, kind: Kind) -> pa.Array:
    if kind is Kind.MONEY:
        missing = series.isna().to_numpy()
        return money_array(series.fillna(0).to_numpy(dtype=np.int64) if missing.any() else series.to_numpy(dtype=np.int64), missing)
    if kind is Kind.NUMBER:
        values = series.to_numpy(dtype=np.float64, na_value=np.nan) + 0.0  # -0.0 becomes 0.0
        return pa.array(values, mask=np.isnan(values))
    if kind is Kind.DAY:
        return pa.array(series.astype("datetime64[s]").astype("datetime64[us]"), from_pandas=True).cast(pa.date32())
    if kind in (Kind.TEXT, Kind.LIST):
        series = series.astype("str")
    found = pa.array(series, type=ARROW_TYPES[kind], from_pandas=True)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _series(column: pa.ChunkedArray, kind: Kind) -> pd.Series:
    whole = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks)
    if kind in (Kind.TEXT, Kind.LIST):
        return pd.Series(whole.to_pandas(), dtype="str")
    if kind is Kind.DAY:
        return pd.Series(whole.cast(pa.timestamp("us")).to_pandas(), dtype="datetime64[us]")
    if kind is Kind.INSTANT:
        return pd.Series(whole.to_pandas(), dtype="datetime64[us, UTC]")
    if kind is Kind.NUMBER:
        return pd.Series(whole.to_pandas(), dtype="float64")
    missing = np.asarray(whole.is_null()) if whole.null_count else np.zeros(len(whole), dtype=bool)
    if kind is Kind.MONEY:
        return pd.Series(pd.arrays.IntegerArray(money_units(whole), missing))
    if kind is Kind.COUNT:
        return pd.Series(pd.arrays.IntegerArray(np.asarray(whole.fill_null(0), dtype=np.int64).copy(), missing))
    return pd.Series(pd.arrays.BooleanArray(np.asarray(whole.fill_null(fill_value=False), dtype=bool).copy(), missing))
