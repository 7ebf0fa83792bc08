"""Frames into rows and back again, every column with the type it had."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

TYPED: dict[str, str] = {
    "customer_id": "text",
    "name": "text",
    "tier": "text",
    "grade": "text",
    "previous_grade": "text",
    "score": "float",
    "orders_12m": "integer",
    "net_12m": "integer",
    "net_total": "integer",
    "satisfaction_index": "float",
    "loyalty_index": "float",
}
"""Customer columns that have a column of their own, where their values are of that type."""

Columns = list[list[str]]
"""Name and pandas type of each column, in order, as kept with a review."""


def columns_of(frame: pd.DataFrame) -> Columns:
    """The columns of a frame with their types, to build it again; categories are kept as text."""
    return [[str(name), "str" if isinstance(dtype, pd.CategoricalDtype) else str(dtype)] for name, dtype in frame.dtypes.items()]


def customer_rows(frame: pd.DataFrame, review_id: int) -> Iterator[dict[str, Any]]:
    """One row per customer: the typed columns, and all others in `more` (missing ones left out)."""
    columns = columns_of(frame)
    own = [name for name, dtype in columns if is_typed(name, dtype)]
    others = [name for name, dtype in columns if not is_typed(name, dtype)]
    absent = dict.fromkeys((name for name in TYPED if name not in own), None)
    own_values = zip(*(plain_values(frame[name]) for name in own), strict=True) if own else iter([()] * len(frame))
    other_values = zip(*(plain_values(frame[name]) for name in others), strict=True) if others else iter([()] * len(frame))
    for values, more in zip(own_values, other_values, strict=True):
        row: dict[str, Any] = {"review_id": review_id, **absent, **dict(zip(own, values, strict=True))}
        row["more"] = {name: value for name, value in zip(others, more, strict=True) if value is not None}
        yield row


def customer_frame(rows: Sequence[Any], columns: Columns) -> pd.DataFrame:
    """The frame that `customer_rows` took apart: same columns, order and types; `more` may be text or a dict."""
    mores = [json.loads(row.more) if isinstance(row.more, str) else row.more for row in rows]
    series: dict[str, pd.Series[Any]] = {}
    for name, dtype in columns:
        values = [getattr(row, name) for row in rows] if is_typed(name, dtype) else [more.get(name) for more in mores]
        series[name] = typed_series(values, dtype)
    return pd.DataFrame(series, columns=[name for name, _ in columns])


def is_typed(name: str, dtype: str) -> bool:
    """Whether a column lies in its own database column: its name is known and its type fits."""
    return TYPED.get(name) == _family(dtype)


def _family(dtype: str) -> str:
    if dtype in ("str", "string", "object"):
        return "text" if dtype != "object" else "other"
    if dtype.lower().startswith("float"):
        return "float"
    if dtype.lower().startswith(("int", "uint")):
        return "integer"
    return "other"


def plain_values(series: pd.Series[Any]) -> list[Any]:
    """A column as plain Python values: None for missing, text for moments, nothing that JSON cannot hold."""
    kind = series.dtype.kind if isinstance(series.dtype, np.dtype) else ""
    values, missing = series.tolist(), ~np.isfinite(series.to_numpy()) if kind == "f" else series.isna().to_numpy()
    if missing.any():
        values = [None if is_missing else value for value, is_missing in zip(values, missing.tolist(), strict=True)]
    if (kind and kind in "iubf") or str(series.dtype) in ("Int64", "boolean"):
        return values
    if str(series.dtype) in ("str", "string"):
        return [None if value is None else storable(value) for value in values]
    return [_plain(value) for value in values]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Iterable):
        return [_plain(item) for item in value]
    return storable(str(value))


def storable(text: str) -> str:
    """Text that every database takes: NUL and broken characters become the replacement character."""
    if text.isascii():
        return text.replace("\x00", "\ufffd") if "\x00" in text else text
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    return text


def typed_series(values: list[Any], dtype: str) -> pd.Series[Any]:
    """Plain values as a column of the type they had before."""
    if dtype.startswith("datetime64"):
        moments: Any = pd.to_datetime(pd.Series(values, dtype="object"), utc=", " in dtype, format="ISO8601")
        found: pd.Series[Any] = moments.astype(dtype)
        return found
    if dtype in ("float64", "float32"):
        return pd.Series([math.nan if value is None else value for value in values], dtype=dtype)
    return pd.Series(values, dtype=dtype)
