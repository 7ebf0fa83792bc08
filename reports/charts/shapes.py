"""Distributions, concentration, intervals and the four fields of loyalty."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from reports.charts.canvas import HALF, AxisScale, Canvas, fit_words, known_numbers, span, text_width
from reports.tokens import points


def histogram(
    title: str,
    counts: Sequence[int],
    edges: Sequence[float],
    cuts: Sequence[tuple[float, str]],
    edge_words: Sequence[str],
    width: float = HALF,
    height: float = 100,
) -> Markup:
    """How many lie where; `cuts` are dashed lines with the name of what begins there."""
    size = points("size-chart")
    canvas = Canvas(width, height, title)
    across = AxisScale(edges[0], edges[-1], 2, width - 2)
    down = AxisScale(0, max([*counts, 1]), height - 14, 24)
    for count, (start, end) in zip(counts, pairwise(edges), strict=True):
        if count:
            canvas.box(across(start) + 0.5, down(0), across(end) - across(start) - 1, down(count) - down(0), "accent-mid")
    peak = max(range(len(counts)), key=lambda place: (counts[place], -place)) if counts else 0
    if counts and counts[peak]:
        middle = (across(edges[peak]) + across(edges[peak + 1])) / 2
        canvas.text(middle, down(counts[peak]) - 2.5, str(counts[peak]), anchor="middle", fill="ink", bold=True)
    for cut, name in cuts:
        if edges[0] < cut < edges[-1]:
            canvas.line(across(cut), 10, across(cut), height - 14, "second", 1.0, "3 2")
        canvas.text(min(max(across(cut) + 3, 2), width - 12), 8, fit_words(name, 70, size), fill="ink")
    canvas.line(0, down(0), width, down(0), "ink-faint", 0.6)
    for edge, words in zip(edges, edge_words, strict=True):
        if words:
            anchor = "start" if edge == edges[0] else "end" if edge == edges[-1] else "middle"
            canvas.text(across(edge), height - 4, words, anchor=anchor, fill="ink-faint")
    return canvas.svg()


def concentration(
    title: str,
    shares: Sequence[tuple[float, float]],
    mark: tuple[float, float] | None,
    mark_words: str,
    x_words: str,
    y_words: str,
    width: float = HALF,
    height: float = 108,
) -> Markup:
    """How much of the money the first customers bring: cumulated shares (0-1), largest first; `mark` is one point on it."""
    size = points("size-chart")
    canvas = Canvas(width, height, title)
    across, down = AxisScale(0, 1, 26, width - 6), AxisScale(0, 1, height - 24, 6)
    for share in (0, 0.5, 1):
        canvas.line(across(0), down(share), across(1), down(share), "rule", 0.5)
        canvas.text(across(0) - 4, down(share) + size * 0.35, f"{share:.0%}", anchor="end", fill="ink-faint")
        canvas.text(across(share), height - 14, f"{share:.0%}", anchor="end" if share == 1 else "middle", fill="ink-faint")
    canvas.line(across(0), down(0), across(1), down(1), "rule-strong", 0.4, "1.5 2.5")
    spots = [(across(x), down(y)) for x, y in shares]
    canvas.area([*spots, (across(1), down(0)), (across(0), down(0))], "accent-ground")
    canvas.path(spots, "accent", 1.6)
    if mark is not None:
        x, y = across(mark[0]), down(mark[1])
        canvas.line(x, y, x, down(0), "second", 0.9, "3 2")
        canvas.dot(x, y, 2.8, "second")
        canvas.text(x + 6, y + 10 if y < 30 else y + 4, mark_words, fill="ink", bold=True)
    canvas.text(across(1), height - 4, x_words, anchor="end")
    canvas.text(across(0) + 3, down(1) + size + 1, y_words)
    return canvas.svg()


def whiskers(
    title: str,
    rows: Sequence[tuple[str, float | None, float | None, float | None, str]],
    width: float = HALF,
    step: float = 17,
    limits: tuple[float, float] | None = None,
) -> Markup:
    """Values with their intervals under one another: name, value, lower, upper, words. The first row stands out."""
    size = points("size-chart")
    canvas = Canvas(width, max(step, step * len(rows)) + 4, title)
    left = min(max((text_width(name, size) for name, *_ in rows), default=0) + 8, width * 0.4)
    right = min(max((text_width(words, size) for *_, words in rows), default=0) + 8, width * 0.4)
    low, high = limits or span([value for _, middle, lower, upper, _ in rows for value in (middle, lower, upper)])
    across = AxisScale(low, high, left + 3, width - right)
    for place, (name, value, lower, upper, words) in enumerate(rows):
        y = step * (place + 0.5) + 2
        fill = "accent" if place == 0 else "ink-faint"
        canvas.line(left, y, width - right, y, "rule", 0.5)
        canvas.text(0, y + size * 0.35, fit_words(name, left - 6, size), fill="ink", bold=place == 0)
        canvas.text(width, y + size * 0.35, words, anchor="end", fill="ink" if value is not None else "ink-faint", bold=place == 0)
        if value is None:
            continue
        if lower is not None and upper is not None and known_numbers([lower, upper]):
            canvas.line(across(lower), y, across(upper), y, fill, 2.4)
        canvas.dot(across(value), y, 3.2, fill)
    return canvas.svg()


def quadrants(
    title: str,
    cells: Sequence[tuple[str, str, float, str]],
    x_words: str,
    y_words: str,
    width: float = HALF,
    height: float = 112,
) -> Markup:
    """Four fields, upper left first, row by row: name, what it means, share (0-1), words. The fuller, the darker."""
    size = points("size-chart")
    canvas = Canvas(width, height, title)
    left, bottom = 4.0, 12.0
    wide, high = (width - left) / 2, (height - bottom - 2) / 2
    for place, (name, meaning, share, words) in enumerate(cells):
        x, y = left + (place % 2) * wide, (place // 2) * high
        fill = "ground" if share <= 0 else f"shade-{min(4, 1 + int(share * 8))}"
        canvas.box(x + 1, y + 1, wide - 2, high - 2, fill)
        canvas.text(x + 8, y + 13, fit_words(name, wide - 14, size), fill="ink", bold=True)
        canvas.text(x + 8, y + 22, fit_words(meaning, wide - 14, size), fill="ink-soft")
        canvas.text(x + 8, y + high - 14, words, fill="ink", size=size * 1.7, bold=True)
        canvas.box(x + 8, y + high - 9, max(0.0, (wide - 18) * min(1.0, share)), 3, "accent")
    canvas.text(width, height - 2, x_words + " →", anchor="end")
    canvas.text(left, height - 2, "↑ " + y_words)
    return canvas.svg()
