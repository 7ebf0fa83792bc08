"""From what a source wrote to what it means: keys of JSON, words for nothing, counted seconds, value maps, in this order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from transforms.tables.cells import Mask, as_text
from transforms.tables.columns import ColumnSpec, Kind
from transforms.tables.reading import UNIX, Reading

_COUNTED = r"-?[0-9]{1,17}(?:\.[0-9]+)?"
_MOST_MICROSECONDS = 2**62


def meaning_of(raw: pd.Series, column: ColumnSpec, reading: Reading) -> tuple[pd.Series, Mask]:
    """One raw column as its block means it, and the cells that are not the JSON which they should be.

    Text, native values and their dtypes stay as they are wherever nothing is said about them.
    """
    broken = np.zeros(len(raw), dtype=bool)
    if column.name in reading.json:
        raw, broken = key_of_json(raw, reading.json[column.name])
    raw = _without_words(raw, reading.empty)
    if reading.epoch is not None and column.kind in (Kind.INSTANT, Kind.DAY):
        raw = _counted(raw, UNIX[reading.epoch])
    if column.name in reading.maps:
        raw = _mapped(raw, reading.maps[column.name])
    return raw, broken


def _without_words(raw: pd.Series, words: tuple[str, ...]) -> pd.Series:
    """Missing where a cell holds one of the words and nothing else, blanks around it apart."""
    if isinstance(raw.dtype, pd.StringDtype):
        found = raw.str.strip().isin(words).to_numpy(dtype=bool)
        return raw.mask(pd.Series(found, index=raw.index)) if found.any() else raw
    if raw.dtype != object:
        return raw
    known = frozenset(words)
    cells = raw.tolist()
    places = [place for place, value in enumerate(cells) if type(value) is str and value.strip() in known]
    return _with(raw, dict.fromkeys(places)) if places else raw


def _with(raw: pd.Series, changed: Mapping[int, object]) -> pd.Series:
    """The column with other values at some places, as an object column."""
    cells: list[Any] = [None if value is pd.NA else value for value in raw.astype(object).tolist()]
    if raw.dtype != object:
        cells = [None if isinstance(value, float) and np.isnan(value) else value for value in cells]
    for place, value in changed.items():
        cells[place] = value
    held = np.empty(len(cells), dtype=object)
    held[:] = cells
    return pd.Series(held, index=raw.index)


def _counted(raw: pd.Series, microseconds: int) -> pd.Series:
    """Counts since 1970 as moments; zero, which programs write for "not yet", as nothing; what is no number stays."""
    if pd.api.types.is_datetime64_any_dtype(raw.dtype):
        return raw
    text = as_text(raw)
    counted = text.str.fullmatch(_COUNTED, na=False).to_numpy(dtype=bool)
    if not counted.any():
        return raw
    numbers = pd.to_numeric(text.where(pd.Series(counted, index=text.index)), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    scaled = numbers * microseconds
    counted = counted & (np.abs(np.nan_to_num(scaled)) < _MOST_MICROSECONDS)
    whole = np.where(counted & (numbers != 0), np.rint(np.where(counted, scaled, 0)), np.iinfo(np.int64).min).astype(np.int64)
    moments = pd.Series(whole.view("datetime64[us]"), index=raw.index).dt.tz_localize("UTC")
    if (counted | text.isna().to_numpy(dtype=bool)).all():
        return moments
    places = np.flatnonzero(counted)
    return _with(raw, {int(place): None if pd.isna(moments.iloc[place]) else moments.iloc[place].isoformat(sep=" ") for place in places})


def _mapped(raw: pd.Series, words: Mapping[str, str]) -> pd.Series:
    """Cells that hold a word of the map under what it means; whole words, the same capitals first, else any."""
    text = as_text(raw)
    folded = {word.strip().casefold(): meaning for word, meaning in words.items()}
    exact = {word.strip(): meaning for word, meaning in words.items()}
    told = {value: exact.get(value, folded.get(value.casefold())) for value in text.dropna().unique().tolist()}
    known = {value: meaning for value, meaning in told.items() if meaning is not None}
    hit = text.isin(list(known)).to_numpy(dtype=bool)
    if not hit.any():
        return raw
    if hit.all() or isinstance(raw.dtype, pd.StringDtype):
        return text.map(known).astype("str").where(pd.Series(hit, index=text.index), text)
    return _with(raw, {int(place): known[text.iloc[place]] or None for place in np.flatnonzero(hit)})


def key_of_json(raw: pd.Series, path: str) -> tuple[pd.Series, Mask]:
    """The value at a path of each cell's JSON; nothing where the key is not there; a cell that is no JSON is refused."""
    keys = path.split(".")
    found: list[Any] = []
    broken = np.zeros(len(raw), dtype=bool)
    for place, value in enumerate(raw.tolist()):
        inner: Any = None if isinstance(value, float) or value is pd.NA else value
        if isinstance(inner, (str, bytes)):
            try:
                inner = json.loads(inner) if inner.strip() else None
            except ValueError:
                inner, broken[place] = None, True
        for key in keys:
            if isinstance(inner, list) and key.isdecimal() and int(key) < len(inner):
                inner = inner[int(key)]
            else:
                inner = inner.get(key) if isinstance(inner, dict) else None
        found.append(json.dumps(inner, ensure_ascii=False) if isinstance(inner, dict) else inner)
    held = np.empty(len(found), dtype=object)
    held[:] = found
    return pd.Series(held, index=raw.index), broken
