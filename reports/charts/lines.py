"""Lines over months: the trend chart and the spark beside a number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.charts.canvas import HALF, AxisScale, Canvas, fit_words, known_numbers, span, text_width, ticks
from reports.charts.marks import MarkNames, Marks, cut, hatch
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
    marks: Marks | None = None,
    named: MarkNames | None = None,
) -> Markup:
    """One or two lines over up to 13 months; the last month stands out, its value is printed.

    `years` has a label where a year begins and is empty elsewhere. `axis` formats a value.
    `empty` is printed where no line has a value. `marks` are what the months are held against, `named` what the legend calls them.
    """
    marks, named = marks or Marks(), named or MarkNames()
    canvas = Canvas(width, height, title)
    size = points("size-chart")
    everything = [value for line in lines for value in line.values]
    if not known_numbers(everything):
        canvas.text(width / 2, height / 2, empty, anchor="middle", fill="ink-faint")
        return canvas.svg()
    low, high = span([*everything, *marks.values])
    steps = ticks(low, high)
    low, high = steps[0], steps[-1]
    left = min(max(text_width(axis(step), size) for step in steps) + 6, width * 0.3)
    tail = [axis(value) if value is not None else "" for value in (line.values[-1] for line in lines)]
    right = min(max(text_width(words, size) for words in tail) + 8, width * 0.3)
    keys = _keys(lines, marks, named)
    down = AxisScale(low, high, height - 24, 22 if keys else 8)
    across = AxisScale(0, max(1, len(months) - 1), left + 6, width - right - 4)
    _legend(canvas, keys, size)
    if marks.low is not None and marks.high is not None:
        canvas.box(left, down(marks.high), width - right - left, down(marks.low) - down(marks.high), "accent-ground")
    for step in steps:
        canvas.line(left, down(step), width - right, down(step), "rule", 0.4)
        canvas.text(left - 4, down(step) + size * 0.35, fit_words(axis(step), left - 5, size), fill="ink-faint", anchor="end")
    _months(canvas, months, years, across, size)
    half = min(5.0, (across(1) - across(0)) / 2)
    for place in marks.missing:
        hatch(canvas, across(place) - half, across(place) + half, down(high), down(low))
    if marks.breaks is not None:
        cut(canvas, across, marks.breaks, down(high), down(low))
    if marks.target is not None:
        canvas.line(left, down(marks.target), width - right, down(marks.target), "second", 0.9, "3 2")
    if known_numbers(marks.year_ago):
        draw_with_gaps(canvas, Line("", marks.year_ago, main=False), across, down, "accent-mid", "0.6 1.6")
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


def _keys(lines: Sequence[Line], marks: Marks, named: MarkNames) -> list[tuple[str, str]]:
    """What the legend names, as (form, words): a line alone needs none."""
    keys = [("main" if line.main else "other", line.name) for line in lines] if len(lines) > 1 else []
    if known_numbers(marks.year_ago):
        keys.append(("year_ago", named.year_ago))
    if marks.low is not None and marks.high is not None:
        keys.append(("usual", named.usual))
    if marks.target is not None:
        keys.append(("target", named.target))
    return keys


def _legend(canvas: Canvas, keys: Sequence[tuple[str, str]], size: float) -> None:
    """The keys in one row, as many as fit; the own line is bold and ends in its value, so its name is the first to go."""
    gap = 9.0
    shown = list(keys)
    while len(shown) > 1 and sum(16 + text_width(words, size) + gap for _, words in shown) - gap > canvas.width:
        shown.pop(0)
    x = 0.0
    for form, words in shown:
        match form:
            case "main":
                canvas.line(x, 6, x + 12, 6, "accent", 1.8)
            case "other":
                canvas.line(x, 6, x + 12, 6, "ink-faint", 1.0, "2.5 2")
            case "year_ago":
                canvas.line(x, 6, x + 12, 6, "accent-mid", 1.0, "0.6 1.6")
            case "target":
                canvas.line(x, 6, x + 12, 6, "second", 0.9, "3 2")
            case _:
                canvas.box(x, 2.5, 12, 7, "accent-ground")
        words = fit_words(words, canvas.width - x - 16, size)
        canvas.text(x + 16, 6 + size * 0.35, words, fill="accent" if form == "main" else "ink-soft", bold=form == "main")
        x += 16 + text_width(words, size) + gap


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


def draw_with_gaps(canvas: Canvas, line: Line, across: AxisScale, down: AxisScale, stroke: str, dash: str = "2.5 2") -> None:
    """Draw a line with its gaps; a month alone between gaps is a dot."""
    run: list[tuple[float, float]] = []
    for place, value in enumerate((*line.values, None)):
        if value is not None:
            run.append((across(place), down(value)))
            continue
        if len(run) == 1:
            canvas.dot(*run[0], 1.4, stroke)
        canvas.path(run, stroke, 1.6 if line.main else 1.0, "" if line.main else dash)
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
