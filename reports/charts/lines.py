"""Lines over months: the trend chart and the spark beside a number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.charts.canvas import HALF, AxisScale, Canvas, fit_words, known_numbers, span, text_width, ticks
from reports.tokens import points


@dataclass(frozen=True)
class Line:
    """One line: a value or a gap per month, oldest first, and the name printed at its end."""

    name: str
    values: tuple[float | None, ...]
    main: bool = True


def trend(
    title: str,
    months: Sequence[str],
    years: Sequence[str],
    lines: Sequence[Line],
    axis: Callable[[float], str],
    width: float = HALF,
    height: float = 92,
    empty: str = "",
) -> Markup:
    """One or two lines over up to 13 months; the last month stands out, its value is printed.

    `years` has a label where a year begins and is empty elsewhere. `axis` formats a value.
    `empty` is printed where no line has a value.
    """
    canvas = Canvas(width, height, title)
    size = points("size-chart")
    everything = [value for line in lines for value in line.values]
    if not known_numbers(everything):
        canvas.text(width / 2, height / 2, empty, anchor="middle", fill="ink-faint")
        return canvas.svg()
    low, high = span(everything)
    marks = ticks(low, high)
    low, high = marks[0], marks[-1]
    left = min(max(text_width(axis(mark), size) for mark in marks) + 6, width * 0.3)
    tail = [axis(value) if value is not None else "" for value in (line.values[-1] for line in lines)]
    right = min(max(text_width(words, size) for words in tail) + 8, width * 0.3)
    named = len(lines) > 1
    down = AxisScale(low, high, height - 24, 22 if named else 8)
    across = AxisScale(0, max(1, len(months) - 1), left + 6, width - right - 4)
    if named:
        _legend(canvas, lines, size)
    for mark in marks:
        canvas.line(left, down(mark), width - right, down(mark), "rule", 0.4)
        canvas.text(left - 4, down(mark) + size * 0.35, fit_words(axis(mark), left - 5, size), fill="ink-faint", anchor="end")
    _months(canvas, months, years, across, size)
    labels: list[tuple[float, bool, str]] = []
    for line, words in sorted(zip(lines, tail, strict=True), key=lambda pair: pair[0].main):
        stroke = "accent" if line.main else "ink-faint"
        draw_with_gaps(canvas, line, across, down, stroke)
        value = line.values[-1]
        if value is not None:
            spot = across(len(months) - 1), down(value)
            canvas.dot(*spot, 2.8 if line.main else 2.0, stroke)
            labels.append((spot[1], line.main, words))
    for y, main, words in _apart(labels, size + 0.5):
        canvas.text(
            across(len(months) - 1) + 6,
            y + size * 0.35,
            fit_words(words, right - 4, size),
            fill="accent" if main else "ink-soft",
            bold=main,
        )
    return canvas.svg()


def _legend(canvas: Canvas, lines: Sequence[Line], size: float) -> None:
    x = 0.0
    for line in lines:
        canvas.line(x, 6, x + 14, 6, "accent" if line.main else "ink-faint", 1.8 if line.main else 1.0, "" if line.main else "2.5 2")
        canvas.text(x + 18, 6 + size * 0.35, line.name, fill="accent" if line.main else "ink-soft", bold=line.main)
        x += 18 + text_width(line.name, size) + 14


def _months(canvas: Canvas, months: Sequence[str], years: Sequence[str], across: AxisScale, size: float) -> None:
    """Month names as close as they fit, counted from the last; years beneath."""
    room = across(1) - across(0)
    needed = max(text_width(month, size) for month in months) + 2
    every = next((step for step in (1, 2, 3, 4, 6) if room * step >= needed), 12)
    for place, month in enumerate(months):
        last = place == len(months) - 1
        if (len(months) - 1 - place) % every == 0:
            canvas.text(across(place), canvas.height - 13, month, anchor="middle", fill="ink" if last else "ink-faint", bold=last)
        if years[place]:
            canvas.text(across(place), canvas.height - 4, years[place], anchor="middle", fill="ink-faint")


def _apart(labels: list[tuple[float, bool, str]], least: float) -> list[tuple[float, bool, str]]:
    """Labels moved apart just as far as they need, evenly to both sides."""
    ordered = sorted(labels)
    if len(ordered) == 2 and ordered[1][0] - ordered[0][0] < least:
        shift = (least - (ordered[1][0] - ordered[0][0])) / 2
        (first, *one), (second, *two) = ordered
        return [(first - shift, bool(one[0]), str(one[1])), (second + shift, bool(two[0]), str(two[1]))]
    return ordered


def draw_with_gaps(canvas: Canvas, line: Line, across: AxisScale, down: AxisScale, stroke: str) -> None:
    """Draw a line with its gaps; a month alone between gaps is a dot."""
    run: list[tuple[float, float]] = []
    for place, value in enumerate((*line.values, None)):
        if value is not None:
            run.append((across(place), down(value)))
            continue
        if len(run) == 1:
            canvas.dot(*run[0], 1.4, stroke)
        canvas.path(run, stroke, 1.6 if line.main else 1.0, "" if line.main else "2.5 2")
        run = []


def spark(title: str, values: Sequence[float | None], width: float = 62, height: float = 13) -> Markup:
    """The course of a number as one small line; the last month is a dot. Nothing where fewer than two are known."""
    if len(known_numbers(values)) < 2:
        return Markup("")
    canvas = Canvas(width, height, title)
    low, high = span(values)
    across, down = AxisScale(0, max(1, len(values) - 1), 2, width - 4), AxisScale(low, high, height - 2.5, 2.5)
    run: list[tuple[float, float]] = []
    for place, value in enumerate((*values, None)):
        if value is not None:
            run.append((across(place), down(value)))
            continue
        canvas.path(run, "accent-mid", 1.0)
        run = []
    last = values[-1]
    if last is not None:
        canvas.dot(across(len(values) - 1), down(last), 2.0, "accent")
    return canvas.svg()
