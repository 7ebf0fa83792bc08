"""Groups of customers that figures are made for beside the tiers: classes, roles, sources, segments, and their crossings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.classes.roles import UNKNOWN
from transforms.money import IntArray

CLASS, GROUP, ATTRIBUTE, CROSS, PROFILE = "class", "group", "attribute", "cross", "profile"
"""Families: the classes, groups by source, industry, role and segment, attributes, crossings of two classes, attributes by tier."""

DIMENSIONS = {
    **dict.fromkeys(("value_class", "practice_class", "behaviour_class"), CLASS),
    **dict.fromkeys(("role", "segment", "source_channel", "industry"), GROUP),
    **dict.fromkeys(("region", "kind", "age_band", "gender", "occupation"), ATTRIBUTE),
}
"""Columns whose values are groups; one that is known of nobody is left out."""

OF_PERSONS = ("age_band", "gender", "occupation")
"""What a customer said of himself: a word that only few said is no name for a group, and joins `(other)`."""

ALWAYS = ("value_class", "practice_class", "behaviour_class")

CROSSED = (
    ("behaviour_class", "value_class"),
    ("practice_class", "value_class"),
    ("grade", "value_class"),
    ("industry", "value_class"),
)

PROFILED = ("age_band", "gender", "occupation", "kind", "region")
"""Attributes that are told of each tier's customers as groups: bands and words, never of one customer."""

MOST = 12
"""Groups of one attribute that are told apart; the smaller ones together are `(other)`."""
REST = "(other)"


@dataclass(frozen=True)
class CustomerGroup:
    """Some customers: what makes them one (`value_class=high`), and their rows (None: everybody)."""

    family: str
    name: str
    rows: IntArray | None


def groups(customers: pd.DataFrame, least: int) -> Iterator[CustomerGroup]:
    """Every class of every dimension that says something, then every crossing; each dimension holds everybody exactly once.

    `least`: how many a personal attribute must be told of before its word is printed.
    """
    found = {name: classes for name in (*DIMENSIONS, "grade", "tier") if (classes := _classes(customers, name)) is not None}
    for dimension, family in DIMENSIONS.items():
        if dimension in found:
            yield from _split_by_code(family, dimension, *_fold_small(*found[dimension], least if dimension in OF_PERSONS else 0))
    for one, other in CROSSED:
        if one in found and other in found:
            yield from _split_by_code(CROSS, f"{one}+{other}", *_cross(_fold_small(*found[one]), found[other]))
    for attribute in PROFILED:
        if attribute in found and "tier" in found:
            own = _fold_small(*found[attribute], least if attribute in OF_PERSONS else 0)
            yield from _split_by_code(PROFILE, f"{attribute}+tier", *_cross(own, found["tier"]))


def _classes(customers: pd.DataFrame, dimension: str) -> tuple[IntArray, list[str]] | None:
    """Each customer's class as a number, and the names of the classes, sorted; missing ones are `unknown`.

    None where the column is not there or, for attributes, known of nobody; segments only where some are declared.
    """
    if dimension not in customers or not len(customers):
        return None
    codes, distinct = pd.factorize(customers[dimension].astype("str"), sort=True)
    known = [str(name) for name in distinct]
    if dimension not in (*ALWAYS, "grade", "tier") and not set(known) - {UNKNOWN, "other"}:
        return None
    if (codes >= 0).all():
        return codes.astype(np.int64), known
    names = sorted({*known, UNKNOWN})
    return np.array([*(names.index(name) for name in known), names.index(UNKNOWN)])[codes], names


def _fold_small(codes: IntArray, names: list[str], least: int = 0) -> tuple[IntArray, list[str]]:
    """The same with the smallest groups folded into `(other)` beyond the twelve largest, and all that are smaller than `least`."""
    sizes = np.bincount(codes, minlength=len(names))
    largest = np.lexsort((np.arange(len(names)), -sizes))[:MOST]
    kept = set(largest[sizes[largest] >= least].tolist())
    if len(kept) == len(names):
        return codes, names
    words = [name if place in kept or name == UNKNOWN else REST for place, name in enumerate(names)]
    return _codes_of_words(words, codes)


def _cross(one: tuple[IntArray, list[str]], other: tuple[IntArray, list[str]]) -> tuple[IntArray, list[str]]:
    """Both classes at once, as `first+second`; only pairs that occur are groups."""
    pairs, codes = np.unique(one[0] * len(other[1]) + other[0], return_inverse=True)
    return _codes_of_words([f"{one[1][pair // len(other[1])]}+{other[1][pair % len(other[1])]}" for pair in pairs], codes)


def _codes_of_words(words: list[str], codes: IntArray) -> tuple[IntArray, list[str]]:
    """Codes of words that may be alike as codes of sorted names."""
    names = sorted(set(words))
    place = {name: number for number, name in enumerate(names)}
    return np.array([place[word] for word in words], dtype=np.int64)[codes], names


def _split_by_code(family: str, dimension: str, codes: IntArray, names: list[str]) -> Iterator[CustomerGroup]:
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(names)))
    for place, name in enumerate(names):
        start = ends[place - 1] if place else 0
        yield CustomerGroup(family, f"{dimension}={name}", order[start : ends[place]])
