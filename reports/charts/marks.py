"""What the months of a chart are held against."""

from __future__ import annotations

from dataclasses import dataclass

from reports.charts.canvas import AxisScale, Canvas


@dataclass(frozen=True)
class Marks:
    """The usual range of the last month, the target; None where there is none. `bad`: the last dot's colour.

    `year_ago` has last year's value for each month shown (empty: none is known), `missing` the places of the months that lack
    days, `breaks` the first place on the present scale where months before it were asked on another.
    """

    low: float | None = None
    high: float | None = None
    target: float | None = None
    bad: bool = False
    year_ago: tuple[float | None, ...] = ()
    missing: tuple[int, ...] = ()
    breaks: int | None = None

    @property
    def values(self) -> tuple[float | None, ...]:
        """All that an axis must have room for."""
        return (self.low, self.high, self.target, *self.year_ago)


@dataclass(frozen=True)
class MarkNames:
    """What the marks of a trend are called in its legend."""

    usual: str = ""
    target: str = ""
    year_ago: str = ""


def hatch(canvas: Canvas, left: float, right: float, top: float, bottom: float) -> None:
    """A month that lacks days: slanted lines instead of a value."""
    step, width = 4.0, right - left
    at = top
    while at + width <= bottom:
        canvas.line(left, at + width, right, at, "rule", 0.5)
        at += step


def cut(canvas: Canvas, across: AxisScale, place: int, top: float, bottom: float) -> None:
    """Where another scale begins."""
    x = across(place - 0.5)
    canvas.line(x, top, x, bottom, "ink-faint", 0.7, "1 2")
