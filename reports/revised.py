"""Earlier months that say something else now: the rows from which packs print revised figures."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pandas as pd

REVISED_COLUMNS = (
    *("month", "known_as", "restated_as", "reason"),
    *("what", "scope", "scope_value", "name", "before", "after", "causes"),
)
"""Columns of revised.csv.

month        the earlier month; in a later revision also the month itself, beside the revision before it
known_as     the revision that readers know (`r0`); empty: it was only replayed
restated_as  the revision that has taken its place since, with its `reason`; empty: none
what         rows, money (of table `name`), customers, grades (counts in `after`), figure (indicator `name`)
causes       of a figure: `orders=-0.4;tickets=-0.2`, parts that add up to after - before
"""

_TYPES = {name: "float64" if name in ("before", "after") else "str" for name in REVISED_COLUMNS}


def no_revisions() -> pd.DataFrame:
    """An empty frame of revisions."""
    return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in _TYPES.items()})


def read_revised(data: bytes) -> pd.DataFrame:
    """The frame that was written as revised.csv, to the last bit."""
    frame = pd.read_csv(io.BytesIO(data), dtype="str", keep_default_na=False, encoding="utf-8")
    for name in ("before", "after"):
        frame[name] = pd.to_numeric(frame[name].where(frame[name] != "")).astype("float64")
    return frame.astype(_TYPES)[list(REVISED_COLUMNS)]


def parts_of(causes: str) -> Iterator[tuple[str, float | None]]:
    """The causes of a figure's change: name, and its part where it is known."""
    for text in filter(None, causes.split(";")):
        name, _, part = text.partition("=")
        yield name, float(part) if part else None
