"""Moments and days as sources write them, as UTC instants; impossible dates are refused, never moved.

A local time that the clock shows twice (set back in autumn) is its first showing; one that it
skips (set forward in spring) is the moment of the jump.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final

import numpy as np
import pandas as pd

from transforms.tables.cells import Cells, Mask, as_text, rest

ISO = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)? ?(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
"""Without classes such as `\\s`, for which pandas leaves Arrow for Python's slower matching."""
AWARE = r":[0-9]{2}.*(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)$"
LOOSE = re.compile(
    r"([0-9]{4})\s?[-/.年]\s?([0-9]{1,2})\s?[-/.月]\s?([0-9]{1,2})日?"
    r"(?:[T ]\s?([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:[.,]([0-9]{1,9}))?)?)?"
)
"""Year, month, day in this order, as spreadsheets and Chinese programs write them. Day-first dates are ambiguous and refused."""

ZERO = r"0{4}[-/.]?0{2}[-/.]?0{2}(?:[T ]00:00(?::00(?:\.0+)?)?)?"
"""A date that was never set, as MySQL and programs on it write it: no date at all."""

_EARLIEST, _LATEST = pd.Timestamp("0002-01-01"), pd.Timestamp("9999-12-30")
"""Beyond these a clock cannot be moved to another zone; `infinity` of databases lies there."""

UTC_TYPE: Final = "datetime64[us, UTC]"


class NoTimezoneError(ValueError):
    """Local times were found, and nobody said in which time zone they are."""


def read_instant(raw: pd.Series, timezone: str | None) -> Cells:
    """UTC instants; local ones are read in `timezone`, NoTimezoneError where there are some and it is None.

    Faults: `type` (not a moment in year-month-day form), `impossible` (30 February, 25:00).
    """
    aware, naive, faults = _moments(raw)
    far = ((naive < _EARLIEST) | (naive > _LATEST)).to_numpy(dtype=bool)
    if far.any():
        naive = naive.mask(pd.Series(far, index=naive.index))
        faults["impossible"] = faults["impossible"] | far
    if naive.notna().any():
        if timezone is None:
            raise NoTimezoneError(str(naive.dropna().iloc[0]))
        first = np.ones(len(naive), dtype=bool)
        local = naive.dt.tz_localize(timezone, ambiguous=first, nonexistent="shift_forward")
        aware = aware.fillna(local.dt.tz_convert("UTC").astype(UTC_TYPE))
    return Cells(aware, faults)


def read_day(raw: pd.Series, timezone: str | None) -> Cells:
    """Days; an instant with an offset is the day that it is in `timezone` (UTC where None)."""
    aware, naive, faults = _moments(raw)
    if aware.notna().any():
        naive = naive.fillna(aware.dt.tz_convert(timezone or "UTC").dt.tz_localize(None).astype("datetime64[us]"))
    return Cells(naive.dt.floor("D").astype("datetime64[us]"), faults)


def _moments(raw: pd.Series) -> tuple[pd.Series, pd.Series, dict[str, Mask]]:
    """A column's moments with an offset (UTC), those without (local), and what was refused."""
    none = np.zeros(len(raw), dtype=bool)
    aware = pd.Series(pd.NaT, index=raw.index, dtype=UTC_TYPE)
    naive = pd.Series(pd.NaT, index=raw.index, dtype="datetime64[us]")
    if isinstance(raw.dtype, pd.DatetimeTZDtype):
        return raw.dt.tz_convert("UTC").dt.floor("us").astype(UTC_TYPE), naive, {"type": none, "impossible": none}
    if pd.api.types.is_datetime64_dtype(raw.dtype):
        return aware, raw.astype("datetime64[us]"), {"type": none, "impossible": none}
    if raw.dtype == object and pd.api.types.infer_dtype(raw, skipna=True) in ("datetime", "date", "datetime64"):
        return _natives(raw, aware, naive)
    return _texts(as_text(raw), aware, naive)


def _natives(raw: pd.Series, aware: pd.Series, naive: pd.Series) -> tuple[pd.Series, pd.Series, dict[str, Mask]]:
    zoned = np.fromiter((isinstance(value, datetime) and value.tzinfo is not None for value in raw), dtype=bool, count=len(raw))
    local = np.fromiter((isinstance(value, date) for value in raw), dtype=bool, count=len(raw)) & ~zoned
    local &= raw.notna().to_numpy(dtype=bool)
    if zoned.any():
        aware = aware.copy()
        aware[zoned] = pd.to_datetime(raw[zoned], utc=True, errors="coerce").astype(UTC_TYPE)
    if local.any():
        naive = naive.copy()
        naive[local] = pd.to_datetime(raw[local], errors="coerce").astype("datetime64[us]")
    lost = raw.notna().to_numpy(dtype=bool) & aware.isna().to_numpy() & naive.isna().to_numpy()
    return aware, naive, {"type": np.zeros(len(raw), dtype=bool), "impossible": lost}


def _texts(text: pd.Series, aware: pd.Series, naive: pd.Series) -> tuple[pd.Series, pd.Series, dict[str, Mask]]:
    zero = text.str.fullmatch(ZERO, na=False).to_numpy(dtype=bool) if text.str.startswith("0000", na=False).any() else None
    if zero is not None and zero.any():
        text = text.mask(pd.Series(zero, index=text.index))
    present = text.notna().to_numpy(dtype=bool)
    text = text.str.replace(r"^([0-9]{4})[/.]([0-9]{2})[/.]([0-9]{2})", r"\1-\2-\3", regex=True)
    iso = text.str.fullmatch(ISO, na=False).to_numpy(dtype=bool)
    zoned = iso & text.str.contains(AWARE, regex=True, na=False).to_numpy(dtype=bool)
    local = iso & ~zoned
    if zoned.any():
        aware = aware.copy()
        aware[zoned] = pd.to_datetime(text[zoned], format="ISO8601", utc=True, errors="coerce").dt.floor("us").astype(UTC_TYPE)
    if local.any():
        naive = naive.copy()
        naive[local] = pd.to_datetime(text[local], format="ISO8601", errors="coerce").dt.floor("us").astype("datetime64[us]")
    impossible = iso & aware.isna().to_numpy() & naive.isna().to_numpy()
    broken = present & ~iso
    places, moments = [], []
    for place, written in rest(text, broken | impossible):
        found = LOOSE.fullmatch(written)
        if found is None:
            continue
        try:
            moments.append(_loose(found))
            places.append(place)
            broken[place] = impossible[place] = False
        except ValueError:
            broken[place], impossible[place] = False, True
    if places:
        naive = naive.copy()
        naive.iloc[places] = pd.Series(moments, dtype="datetime64[us]").to_numpy()
    return aware, naive, {"type": broken, "impossible": impossible}


def _loose(found: re.Match[str]) -> pd.Timestamp:
    year, month, day, hour, minute, second, fraction = found.groups()
    micro = int((fraction or "0").ljust(6, "0")[:6])
    return pd.Timestamp(datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), micro))  # noqa: DTZ001
