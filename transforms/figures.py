"""Figures: one number with all that makes it honest, and the catalogue of what numbers mean."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import lru_cache

import numpy as np
import pandas as pd


class Label(StrEnum):
    """What stands behind a printed number."""

    MEASURED = "measured"
    ESTIMATE = "estimate"
    ASSUMPTION = "assumption"
    EXTERNAL = "external"
    MANUAL = "manual"


class Reason(StrEnum):
    """Why a figure has no value."""

    NO_DATA = "no_data"
    TOO_FEW = "too_few"
    NOT_SUPPLIED = "not_supplied"
    HELD = "held"


class Detail(StrEnum):
    """What a figure says beyond its number, where more depends on it than words."""

    MARGIN = "margin"
    """Value is margin: the cost of enough orders is known."""
    REVENUE = "revenue"
    """Value is net revenue."""
    BELOW_ZERO = "below_zero"
    """No share: the group's value is below 0."""
    ABOVE_ALL = "above_all"
    """No share: the group has more than all together, as others are below 0."""


@dataclass(frozen=True)
class Scale:
    """The ends of the scale that answers were given on, such as 1 and 5; only scores on one scale are compared."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"a scale from {self.low:g} to {self.high:g}: the low end must be below the high one")

    def __str__(self) -> str:
        return f"{self.low:g}-{self.high:g}"


class Unit(StrEnum):
    """How a value is to be read and printed."""

    COUNT = "count"
    BALANCE = "balance"
    """A whole number that may be negative; printed with its sign."""
    MONEY = "money"
    SHARE = "share"
    """0-1; printed as a percentage."""
    INDEX = "index"
    """0-100."""
    POINTS = "points"
    """-100..100."""
    SCORE = "score"
    """On the instrument's own scale."""
    HOURS = "hours"
    DAYS = "days"
    PER_THOUSAND = "per_thousand"
    RATIO = "ratio"


class Better(StrEnum):
    """Which direction is good; NEITHER is never coloured."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Scope(StrEnum):
    COMPANY = "company"
    TIER = "tier"
    SEGMENT = "segment"
    UNATTRIBUTED = "unattributed"


NUMBERS = ("value", "lower", "upper", "previous", "change")
"""Fields of a figure in the indicator's unit."""


@dataclass(frozen=True)
class Figure:
    """One number of one scope: value or the reason why there is none, n, interval, label, method.

    `value`, `lower`, `upper`, `previous` and `change` are in the indicator's unit, money in
    currency units. A value is finite or None; None needs a `reason`. `n` is what the figure
    rests on (answers, customers, tickets), None where counting makes no sense.
    """

    scope: Scope
    scope_value: str
    indicator: str
    value: float | None
    n: int | None = None
    lower: float | None = None
    upper: float | None = None
    method: str = ""
    label: Label = Label.MEASURED
    reason: Reason | None = None
    previous: float | None = None
    change: float | None = None
    signal: str = ""
    scale: Scale | None = None
    """What a score was asked on; None for all other figures."""
    detail: Detail | None = None

    def __post_init__(self) -> None:
        for name in NUMBERS:
            number = getattr(self, name)
            if number is not None and not math.isfinite(number):
                raise ValueError(f"{self.indicator} of {self.scope} {self.scope_value}: {name} is {number}")
        if (self.value is None) != (self.reason is not None):
            raise ValueError(f"{self.indicator} of {self.scope} {self.scope_value}: a figure has either a value or a reason")

    @property
    def scale_low(self) -> float | None:
        return None if self.scale is None else self.scale.low

    @property
    def scale_high(self) -> float | None:
        return None if self.scale is None else self.scale.high

    @property
    def figure_id(self) -> str:
        """Short and stable over months and revisions; unique within a month."""
        return figure_id(self.scope, self.scope_value, self.indicator)


@lru_cache(maxsize=8192)
def figure_id(scope: str, scope_value: str, indicator: str) -> str:
    """The id under which a pack's number is found in `figures.csv`: six letters and digits."""
    digest = hashlib.blake2b(f"{scope}|{scope_value}|{indicator}".encode(), digest_size=8).digest()
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    number = int.from_bytes(digest, "big")
    return "".join(letters[(number >> (5 * place)) & 31] for place in range(6))


SCALE = ("scale_low", "scale_high")
"""A figure's scale as columns of a frame; missing where it has none."""
FIGURE_COLUMNS = ("figure_id", *(field.name for field in fields(Figure) if field.name != "scale"), *SCALE)


def scale_of(low: object, high: object) -> Scale | None:
    """The scale that two cells of a frame tell; None where one of them is missing."""
    if low is None or high is None or pd.isna(low) or pd.isna(high):  # type: ignore[call-overload]
        return None
    return Scale(float(low), float(high))  # type: ignore[arg-type]


def figure_frame(figures: Iterable[Figure]) -> pd.DataFrame:
    """Figures as a frame, one row each, sorted by scope, scope value and indicator."""
    rows = sorted(figures, key=lambda figure: (figure.scope.value, figure.scope_value, figure.indicator))
    cells = {name: np.array([getattr(figure, name) for figure in rows], dtype=object) for name in FIGURE_COLUMNS}
    numbers = {name: np.array(cells[name], dtype=np.float64) for name in (*NUMBERS, *SCALE)}
    counted = {"n": pd.array(cells["n"], dtype="Int64")}
    return pd.DataFrame({**cells, **numbers, **counted})


@dataclass(frozen=True)
class Indicator:
    """What one number means, once: its title, unit, formula, source and window.

    Title, formula and window are English messages; packs say them in the reader's language (`reports.i18n`).
    `needs` names the canonical tables it is computed from; where none of them is configured
    the figure says "not supplied". `serves` names the requirement rows it answers.
    """

    name: str
    title: str
    unit: Unit
    better: Better
    formula: str
    window: str
    needs: tuple[str, ...]
    section: str
    label: Label = Label.MEASURED
    serves: tuple[str, ...] = ()
    survey: bool = False
    """Survey figures are withheld below `min_n` and flagged below `flag_n`."""
