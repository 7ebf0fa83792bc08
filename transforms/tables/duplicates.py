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
    SUPERSEDED = "superseded"
    """The same key in an older export of a block that says which is the newest: counted as a duplicate, not kept."""
    CONFLICT = "conflict"
    """The same key, different content, and nothing says which is right: all of them are quarantined."""


def resolve(rows: pd.DataFrame, key: list[str], content: list[str], ranks: pd.Series | None = None) -> pd.Series:
    """One verdict per row of `rows` (index kept); independent of the order of the rows.

    `content` are the columns that make two rows the same. Among different contents of one key the one
    with the newest `updated_at` is kept if it is alone in being so; else none is. Identical rows: the
    first is kept. A missing value equals a missing value. `ranks` say how new a row's export is (missing: nobody
    knows): of a key whose rows all have one, those of the newest export alone are looked at.
    """
    verdict = pd.Series(RowFate.KEPT.value, index=rows.index, dtype="str")
    if ranks is not None and ranks.notna().any():
        by = [rows[name] for name in key]
        newest = ranks.groupby(by, dropna=False).transform("max")
        ranked = ranks.notna().groupby(by, dropna=False).transform("all")
        older = ranked & (ranks < newest)
        verdict[older] = RowFate.SUPERSEDED.value
        verdict[~older] = resolve(rows[~older], key, content)
        return verdict
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
