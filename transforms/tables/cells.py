"""Raw cells, text or native, as exact canonical values; what cannot be read is refused by name, never guessed.

Every reader takes one raw column and gives the values (missing where there is none or it was
refused) and, per kind of fault, which rows were refused. In a raw column `None`, `pd.NA` and the
empty text are missing; a NaN inside an object column is a value that somebody wrote, and a fault
where a number is wanted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from transforms.money import UNITS
from transforms.tables.amounts import AMBIGUOUS, Amounts, exact_decimal

Mask = npt.NDArray[np.bool_]

MONEY_LIMIT = 10**18
"""Amounts must stay below this many ten-thousandths: eighteen digits."""


@dataclass(frozen=True)
class Cells:
    """One column, read: canonical values and, per fault name (`type`, `impossible`, ...), the refused rows."""

    values: pd.Series
    faults: dict[str, Mask] = field(default_factory=dict)


def read_text(raw: pd.Series) -> Cells:
    """Text without surrounding blanks; whole numbers without a decimal point (17850.0 becomes "17850")."""
    text = as_text(raw)
    broken = text.str.contains("\x00", regex=False, na=False).to_numpy(dtype=bool)
    return _refuse(text, {"nul": broken})


def read_list(raw: pd.Series) -> Cells:
    """Entries joined by "|"; given as a list, or as text with `|`, `;` or `,` between the entries."""
    text = as_text(raw.map(lambda value: "|".join(str(item) for item in value) if isinstance(value, (list, tuple, np.ndarray)) else value))
    apart = text.str.replace(r"\s*[|;,]\s*", "|", regex=True).str.strip("|")
    return Cells(apart.where(apart != "", None).astype("str"))


def read_flag(raw: pd.Series) -> Cells:
    """True or false, as such or as true/false, yes/no, y/n, t/f, 1/0."""
    text = as_text(raw).str.lower()
    known = {**dict.fromkeys(("true", "t", "yes", "y", "1"), True), **dict.fromkeys(("false", "f", "no", "n", "0"), False)}
    values = text.map(known).astype("boolean")
    return Cells(values, {"type": (text.notna() & values.isna()).to_numpy(dtype=bool)})


PLAIN_AMOUNTS = Amounts()


def read_money(raw: pd.Series, amounts: Amounts = PLAIN_AMOUNTS) -> Cells:
    """Exact ten-thousandths, rounded half to even beyond the fourth decimal; NaN, infinity and text are refused.

    Fault `ambiguous`: nobody said what a point means, and in this column every one has three digits after it.
    """
    read = _numeric(raw, amounts, _units_of_text, _units_of_floats, "Int64")
    unsure = np.zeros(len(raw), dtype=bool) if amounts.sure else _thousands_or_decimals(raw)
    if unsure.any():
        read.faults["ambiguous"] = unsure
        return Cells(read.values.mask(pd.Series(unsure, index=raw.index)), read.faults)
    return read


def _thousands_or_decimals(raw: pd.Series) -> Mask:
    """Written cells such as 1.234, where no other cell of the column shows that the point is a decimal sign."""
    none = np.zeros(len(raw), dtype=bool)
    if not isinstance(raw.dtype, pd.StringDtype) and raw.dtype != object:
        return none
    written = raw if raw.dtype != object else raw.where(raw.map(lambda value: isinstance(value, str)), None).astype("str")
    pointed = written.str.contains(".", regex=False, na=False).to_numpy(dtype=bool)
    if not pointed.any():
        return none
    groups = written[pointed].str.strip().str.strip("()¥$€£").str.fullmatch(AMBIGUOUS, na=False).to_numpy(dtype=bool)
    if groups.all():
        none[pointed] = True
    return none


def read_number(raw: pd.Series, amounts: Amounts = PLAIN_AMOUNTS) -> Cells:
    """A finite number."""
    return _numeric(raw, amounts, _floats_of_text, lambda values: (values, ~np.isfinite(values)), "float64")


def read_count(raw: pd.Series, amounts: Amounts = PLAIN_AMOUNTS) -> Cells:
    """A whole number; 3.0 is 3, 3.5 is refused."""
    read = read_number(raw, amounts)
    values = read.values.to_numpy(dtype=np.float64)
    present = ~np.isnan(values)
    broken = present & ((values != np.rint(values)) | (np.abs(values) > 2**53))
    good = present & ~broken
    counts = pd.Series(pd.arrays.IntegerArray(np.where(good, values, 0).astype(np.int64), ~good), index=raw.index)
    return Cells(counts, {"type": read.faults["type"] | broken})


def show_cells(raw: pd.Series, positions: npt.NDArray[np.int64]) -> list[str]:
    """Raw values as a person would recognise them, at most 200 characters each."""
    return [("" if _nothing(value) else str(value))[:200] for value in raw.iloc[positions].tolist()]


def _numeric(
    raw: pd.Series,
    amounts: Amounts,
    of_text: Callable[[pd.Series, Amounts], tuple[npt.NDArray[np.generic], Mask]],
    of_floats: Callable[[npt.NDArray[np.float64]], tuple[npt.NDArray[np.generic], Mask]],
    dtype: Literal["Int64", "float64"],
) -> Cells:
    nan = _is_written_nan(raw)
    if pd.api.types.is_bool_dtype(raw.dtype) and len(raw):
        broken = raw.notna().to_numpy(dtype=bool)
        return Cells(pd.Series([pd.NA] * len(raw), dtype="Int64", index=raw.index).astype(dtype), {"type": broken})
    if pd.api.types.is_float_dtype(raw.dtype) or (raw.dtype == object and pd.api.types.infer_dtype(raw, skipna=True) == "floating"):
        floats = pd.to_numeric(raw).to_numpy(dtype=np.float64, na_value=np.nan)
        empty = np.isnan(floats) & ~nan
        values, broken = of_floats(np.where(empty, 0.0, floats))
    else:
        native = np.zeros(len(raw), dtype=bool)
        if amounts.decimal != "." and raw.dtype == object:
            native = np.fromiter((not isinstance(value, str) for value in raw), dtype=bool, count=len(raw))
        elif amounts.decimal != "." and not isinstance(raw.dtype, pd.StringDtype):
            native[:] = True
        text = as_text(raw, truth=False)
        empty = text.isna().to_numpy(dtype=bool) & ~nan
        values, broken = of_text(text, amounts)
        if native.any():
            other, refused = of_text(text[native], PLAIN_AMOUNTS)
            values[native], broken[native] = other, refused
    broken = (broken | nan) & ~empty
    gone = broken | empty
    if dtype == "Int64":
        return Cells(pd.Series(pd.arrays.IntegerArray(np.where(gone, 0, values).astype(np.int64), gone), index=raw.index), {"type": broken})
    return Cells(pd.Series(np.where(gone, np.nan, values).astype(np.float64), index=raw.index), {"type": broken})


def _units_of_floats(values: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.generic], Mask]:
    broken = ~np.isfinite(values) | (np.abs(values) >= MONEY_LIMIT / UNITS)
    scaled = np.where(broken, 0.0, values) * UNITS
    units = np.rint(scaled).astype(np.int64)
    # Where the fifth decimal is (nearly) a five, or binary digits run out, the printed number decides.
    doubtful = (np.abs(np.abs(scaled - np.trunc(scaled)) - 0.5) < 1e-3) | (np.abs(scaled) > 2**50)
    for place in np.flatnonzero(doubtful):
        units[place] = _half_even(Decimal(repr(float(values[place]))))
    return units, broken


_PLAIN = r"[+-]?[0-9]{1,11}(?:\.[0-9]{0,4})?"


def _units_of_text(text: pd.Series, amounts: Amounts) -> tuple[npt.NDArray[np.generic], Mask]:
    pointed = text if amounts.decimal == "." else text.str.replace(".", " ", regex=False).str.replace(",", ".", regex=False)
    if amounts.decimal != ".":  # the group sign of a decimal comma is a point: kept apart from real blanks by a second look below
        pointed = pointed.where(~text.str.contains(r"[. ]", regex=True, na=False), None)
    plain = pointed.str.fullmatch(_PLAIN, na=False).to_numpy(dtype=bool)
    units = np.zeros(len(text), dtype=np.int64)
    # Eleven digits before and four after the point fit a double with room to spare, so this is exact.
    units[plain] = np.rint(pd.to_numeric(pointed[plain]).to_numpy(dtype=np.float64) * UNITS).astype(np.int64)
    broken = ~plain
    for place, written in rest(text, ~plain):
        exact = exact_decimal(written, amounts)
        if exact is not None and abs(exact) < MONEY_LIMIT // UNITS:
            units[place], broken[place] = _half_even(exact), False
    return units, broken


def _floats_of_text(text: pd.Series, amounts: Amounts) -> tuple[npt.NDArray[np.generic], Mask]:
    plain = text.str.fullmatch(r"[+-]?[0-9]{1,15}" + (r"(?:\.[0-9]{0,15})?" if amounts.decimal == "." else ""), na=False).to_numpy(
        dtype=bool
    )
    values = np.zeros(len(text), dtype=np.float64)
    values[plain] = pd.to_numeric(text[plain]).to_numpy(dtype=np.float64)
    broken = ~plain
    for place, written in rest(text, ~plain):
        exact = exact_decimal(written, amounts)
        if exact is not None and math.isfinite(float(exact)):
            values[place], broken[place] = float(exact), False
    return values, broken


def _half_even(amount: Decimal) -> int:
    return int((amount * UNITS).to_integral_value(rounding=ROUND_HALF_EVEN))


def as_text(raw: pd.Series, *, truth: bool = True) -> pd.Series:
    """A raw column as stripped text, blank as missing; numbers and moments in their plain form."""
    if isinstance(raw.dtype, pd.StringDtype):
        text = raw.astype("str")
    elif raw.dtype == object and pd.api.types.infer_dtype(raw, skipna=True) in ("string", "empty"):
        text = raw.where(raw.notna(), None).astype("str")
    elif pd.api.types.is_integer_dtype(raw.dtype):
        if pd.api.types.is_unsigned_integer_dtype(raw.dtype):
            text = raw.astype("UInt64").astype("str") if raw.hasnans else raw.astype("uint64").astype("str")
        else:
            text = raw.astype("Int64").astype("str") if raw.hasnans else raw.astype("int64").astype("str")
    elif isinstance(raw.dtype, pd.ArrowDtype):  # decimals of files and queries, exact as they are
        text = raw.astype("str")
    else:
        plain = [None if _nothing(value) else _plain(value) for value in raw.astype(object).tolist()]
        text = pd.Series(plain, dtype="str", index=raw.index)
    stripped = text.str.strip()
    blank = (stripped == "").to_numpy(dtype=bool, na_value=False)
    return stripped.mask(pd.Series(blank, index=raw.index)) if blank.any() else stripped


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return str(int(number)) if math.isfinite(number) and number.is_integer() and abs(number) < 1e18 else repr(number)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return str(value)


def _nothing(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _is_written_nan(raw: pd.Series) -> Mask:
    """Where an object column holds a NaN that is not simply a missing value."""
    found = np.zeros(len(raw), dtype=bool)
    if raw.dtype == object:
        places = np.flatnonzero(raw.isna().to_numpy(dtype=bool))
        values = raw.to_numpy()[places].tolist()
        found[places] = [value is not None and value is not pd.NA and value is not pd.NaT for value in values]
    return found


def rest(text: pd.Series, chosen: Mask) -> Iterator[tuple[int, str]]:
    """Position and text of the chosen cells that hold something."""
    places = np.flatnonzero(chosen & text.notna().to_numpy(dtype=bool))
    yield from zip(places.tolist(), text.iloc[places].tolist(), strict=True)


def _refuse(values: pd.Series, faults: dict[str, Mask]) -> Cells:
    for refused in faults.values():
        if refused.any():
            values = values.mask(pd.Series(refused, index=values.index))
    return Cells(values, faults)
