"""Ids in one spelling: what exports, keyboards and Excel do to an id is undone where it can be, and refused where it cannot."""

from __future__ import annotations

import unicodedata

import numpy as np
import pandas as pd

from transforms.tables.cells import Cells, Mask, read_text
from transforms.tables.columns import ColumnSpec, Kind
from transforms.tables.reading import Letters

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20, 0x202F: 0x20}
_UNSEEN = dict.fromkeys((0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF))
_SPELLING = _WIDE | _UNSEEN

EXACT = 2.0**53
"""From here on a binary number does not hold every whole number: an id among them may be another one."""

_SCIENTIFIC = r"[+-]?[0-9](?:\.[0-9]+)?[eE]\+[0-9]{2,3}"


def is_id(column: ColumnSpec) -> bool:
    """Whether a column names something by its id."""
    return column.kind is Kind.TEXT and (column.name.endswith("_id") or column.name in ("merged_into", "referred_by"))


def read_id(raw: pd.Series, letters: Letters = "as written") -> Cells:
    """Ids as one spelling each, so that one id is one thing wherever it comes from.

    Composed Unicode, narrow letters and digits, no invisible characters, no `="..."` or leading apostrophe around it (written
    so that Excel keeps zeros), no `.0` after a whole number (written by programs that hold ids as floats). Fault `digits`:
    not the id any more, since a number of that length was rounded (1.10101E+17, or a float beyond 2^53).
    """
    read = read_text(raw)
    text, rounded = read.values, _rounded(raw)
    if text.str.contains(r"[^\x00-\x7f]", regex=True, na=False).any():
        text = text.map(one_spelling, na_action="ignore").astype("str")
        text = text.mask(text == "")
    odd = text.str.contains("[.='+]", regex=True, na=False).to_numpy(dtype=bool)
    if odd.any():
        some = text[odd]
        rounded[odd] |= some.str.fullmatch(_SCIENTIFIC, na=False).to_numpy(dtype=bool)
        bare = some.str.replace(r'^="(.*)"$', r"\1", regex=True).str.replace(r"^'", "", regex=True)
        text = text.copy()
        text[odd] = bare.str.replace(r"^([0-9]+)\.0+$", r"\1", regex=True).str.strip()
        text = text.mask(text == "")
    if letters != "as written":
        text = text.str.upper() if letters == "upper" else text.str.lower()
    if rounded.any():
        text = text.mask(pd.Series(rounded, index=text.index))
    return Cells(text, {**read.faults, "digits": rounded})


def one_spelling(text: str) -> str:
    """A text in composed Unicode, with narrow letters and digits, and without characters that nobody sees."""
    return unicodedata.normalize("NFC", text.translate(_SPELLING)).strip()


def _rounded(raw: pd.Series) -> Mask:
    """Where a binary number is too long to be the id that it was made of."""
    if pd.api.types.is_float_dtype(raw.dtype):
        return np.asarray(np.abs(raw.to_numpy(dtype=np.float64, na_value=0.0)) >= EXACT, dtype=bool)
    if raw.dtype == object and pd.api.types.infer_dtype(raw, skipna=True) not in ("string", "integer", "empty"):
        return np.fromiter((type(value) is float and abs(value) >= EXACT for value in raw), dtype=bool, count=len(raw))
    return np.zeros(len(raw), dtype=bool)
