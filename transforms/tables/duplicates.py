"""Rows that claim the same key: the same row twice, an older version, or a contradiction."""

from __future__ import annotations

from enum import StrEnum

import pandas as pd


class RowFate(StrEnum):
    """What becomes of a row that shares its key with another one."""

    KEPT = "kept"
    DUPLICATE = "duplicate"
    """The same content once more: counted, not kept."""
    OLDER = "duplicate_key"
    """The same key with an older `updated_at`: quarantined."""
    CONFLICT = "conflict"
    """The same key, different content, and nothing says which is right: all of them are quarantined."""


def resolve(rows: pd.DataFrame, key: list[str], content: list[str]) -> pd.Series:
    """One verdict per row of `rows` (index kept); independent of the order of the rows.

    `content` are the columns that make two rows the same. Among different contents of one key the one
    with the newest `updated_at` is kept if it is alone in being so; else none is. Identical rows: the
    first is kept. A missing value equals a missing value.
    """
    verdict = pd.Series(RowFate.KEPT.value, index=rows.index, dtype="str")
    again = rows.duplicated(content, keep="first")
    verdict[again] = RowFate.DUPLICATE.value
    distinct = rows[~again]
    clash = distinct[distinct.duplicated(key, keep=False)]
    if clash.empty:
        return verdict
    if "updated_at" not in clash or clash["updated_at"].isna().all():
        verdict[clash.index] = RowFate.CONFLICT.value
        return verdict
    newest = clash.groupby(key, dropna=False)["updated_at"].transform("max")
    at_newest = clash["updated_at"] == newest
    winners = at_newest.groupby([clash[name] for name in key], dropna=False).transform("sum")
    clear = winners == 1
    verdict[clash.index[clear & ~at_newest]] = RowFate.OLDER.value
    verdict[clash.index[~clear]] = RowFate.CONFLICT.value
    return verdict
