"""The sheet that charts are drawn on: marks and text in points, and scales that survive odd data."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from markupsafe import Markup, escape

from reports.tokens import colour, points, tokens

FULL = 493.0
"""Width between the page's margins."""
HALF = 239.0
"""Width of one of two columns."""


@dataclass
class Canvas:
    """Collects marks; `svg` closes the sheet. Text is escaped here and nowhere else."""

    width: float
    height: float
    title: str
    marks: list[str] = field(default_factory=list)

    def line(self, x1: float, y1: float, x2: float, y2: float, stroke: str, weight: float = 0.6, dash: str = "") -> None:
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.marks.append(
            f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" stroke="{colour(stroke)}" stroke-width="{_n(weight)}"{dashed}/>'
        )

    def path(self, spots: Sequence[tuple[float, float]], stroke: str, weight: float = 1.4, dash: str = "") -> None:
        if len(spots) < 2:
            return
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        drawn = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in spots)
        self.marks.append(
            f'<path d="{drawn}" fill="none" stroke="{colour(stroke)}" stroke-width="{_n(weight)}"'
            f' stroke-linejoin="round" stroke-linecap="round"{dashed}/>'
        )

    def area(self, spots: Sequence[tuple[float, float]], fill: str, opacity: float = 1) -> None:
        if len(spots) < 3:
            return
        drawn = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in spots) + "Z"
        self.marks.append(f'<path d="{drawn}" fill="{colour(fill)}" fill-opacity="{_n(opacity)}"/>')

    def box(self, x: float, y: float, width: float, height: float, fill: str, stroke: str = "") -> None:
        if width < 0:
            x, width = x + width, -width
        if height < 0:
            y, height = y + height, -height
        edge = f' stroke="{colour(stroke)}" stroke-width="0.6"' if stroke else ""
        self.marks.append(f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" fill="{colour(fill)}"{edge}/>')

    def dot(self, x: float, y: float, radius: float, fill: str, stroke: str = "paper") -> None:
        self.marks.append(
            f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{colour(fill)}" stroke="{colour(stroke)}" stroke-width="0.8"/>'
        )

    def text(
        self, x: float, y: float, words: str, fill: str = "ink-soft", anchor: str = "start", size: float = 0, bold: bool = False
    ) -> None:
        weight = ' font-weight="600"' if bold else ""
        self.marks.append(
            f'<text x="{_n(x)}" y="{_n(y)}" fill="{colour(fill)}" text-anchor="{anchor}"'
            f' font-size="{_n(size or points("size-chart"))}"{weight}>{escape(words)}</text>'
        )

    def svg(self) -> Markup:
        face = tokens()["face"].replace("'", "")
        # Safe: every text and attribute above is escaped or a number of ours.
        return Markup(  # noqa: S704
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(self.width)}pt" height="{_n(self.height)}pt"'
            f' viewBox="0 0 {_n(self.width)} {_n(self.height)}" font-family="{face}">'
            f"<title>{escape(self.title)}</title>{''.join(self.marks)}</svg>"
        )


@dataclass(frozen=True)
class AxisScale:
    """Values onto points; `low` and `high` differ always."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def known_numbers(values: Iterable[float | None]) -> list[float]:
    """The values that are numbers."""
    return [value for value in values if value is not None and math.isfinite(value)]


def span(values: Iterable[float | None], zero: bool = False) -> tuple[float, float]:
    """Lowest and highest value with a little room; a single or equal value gets room of its own."""
    numbers = known_numbers(values)
    if zero:
        numbers.append(0.0)
    if not numbers:
        return 0.0, 1.0
    low, high = min(numbers), max(numbers)
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-9):
        room = abs(high) * 0.1 or 1.0
        return (low - room, high + room) if not zero else (min(0.0, low), max(0.0, high) or 1.0)
    return low, high


def ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round numbers that cover low to high: 1, 2, 2.5 or 5 times a power of ten apart."""
    raw = (high - low) / max(1, wanted - 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(unit * power for unit in (1, 2, 2.5, 5, 10) if unit * power >= raw * 0.999999)
    exact = Decimal(repr(step))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(exact * place) for place in range(first, last + 1)]


def text_width(words: str, size: float) -> float:
    """About how wide a text prints."""
    return sum(size if unicodedata.east_asian_width(letter) in "WF" else size * 0.56 for letter in words)


def fit_words(words: str, room: float, size: float) -> str:
    """The text, cut with an ellipsis where it would be wider than its room."""
    if text_width(words, size) <= room + 0.01:
        return words
    kept = words
    while kept and text_width(kept + "…", size) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def _n(value: float) -> str:
    """A coordinate, short and the same on every machine."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
