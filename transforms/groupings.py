"""Groups of customers that figures are made for beside the tiers: classes, roles, sources, segments, and their crossings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.money import IntArray
from transforms.roles import UNKNOWN

CLASS, GROUP, ATTRIBUTE, CROSS = "class", "group", "attribute", "cross"
"""Families: the classes, groups by source, industry, role and segment, personal attributes, and crossings of two."""

DIMENSIONS = {
    **dict.fromkeys(("value_class", "practice_class", "behaviour_class"), CLASS),
    **dict.fromkeys(("role", "segment", "source_channel", "industry"), GROUP),
    **dict.fromkeys(("region", "kind", "age_band", "gender", "occupation"), ATTRIBUTE),
}
"""Columns whose values are groups; one that is known of nobody is left out."""

ALWAYS = ("value_class", "practice_class", "behaviour_class")

CROSSED = (
    ("behaviour_class", "value_class"),
    ("practice_class", "value_class"),
    ("grade", "value_class"),
    ("industry", "value_class"),
)

MOST = 12
"""Groups of one attribute that are told apart; the smaller ones together are `(other)`."""
REST = "(other)"


@dataclass(frozen=True)
class Group:
    """Some customers: what makes them one (`value_class=high`), and their rows."""

    family: str
    name: str
    rows: IntArray


def groups(customers: pd.DataFrame) -> Iterator[Group]:
    """Every class of every dimension that says something, then every crossing; each dimension holds everybody exactly once."""
    for dimension, family in DIMENSIONS.items():
        if says_something(customers, dimension):
            yield from _split(family, dimension, folded(customers[dimension]))
    for one, other in CROSSED:
        if says_something(customers, one) and says_something(customers, other):
            left, right = folded(customers[one]), customers[other].astype("str")
            yield from _split(CROSS, f"{one}+{other}", left.str.cat(right, sep="+"))


def says_something(customers: pd.DataFrame, dimension: str) -> bool:
    """Whether a column is there and, for attributes, known of anybody; segments only where some are declared."""
    if dimension not in customers or not len(customers):
        return False
    if dimension in (*ALWAYS, "grade"):
        return True
    told = customers[dimension].dropna()
    return bool((~told.isin([UNKNOWN, "other"])).any())


def folded(column: pd.Series) -> pd.Series:
    """A class column without missing values, its smallest groups folded into `(other)` beyond the twelve largest."""
    column = column.astype("str").fillna(UNKNOWN)
    codes, names = pd.factorize(column, sort=True)
    if len(names) <= MOST:
        return column.reset_index(drop=True)
    sizes = np.bincount(codes, minlength=len(names))
    kept = np.zeros(len(names), dtype=bool)
    kept[np.lexsort((np.arange(len(names)), -sizes))[:MOST]] = True
    kept |= np.array([name == UNKNOWN for name in names])
    words = pd.Series([name if keep else REST for name, keep in zip(names, kept, strict=True)], dtype="str")
    return pd.Series(words.array.take(codes))


def _split(family: str, dimension: str, column: pd.Series) -> Iterator[Group]:
    codes, names = pd.factorize(column, sort=True)
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(names)))
    for place, name in enumerate(names):
        start = ends[place - 1] if place else 0
        yield Group(family, f"{dimension}={name}", order[start : ends[place]])
