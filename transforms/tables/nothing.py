"""Frames without a row: a table that has nothing to say in a month still has its columns and types."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pandas as pd


def no_rows_of(types: Mapping[str, str]) -> pd.DataFrame:
    """The empty frame of these columns and types; made once, as making one costs as much as filling it."""
    return _make(tuple(types.items())).copy(deep=False)


@cache
def _make(types: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in types})
