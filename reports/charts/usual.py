"""A month against what is usual: thirteen months with the usual range as a band, the target, and last year's month marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup

from reports.charts.canvas import AxisScale, Canvas, fit_words, known_numbers, span, text_width
from reports.charts.lines import Line, draw_with_gaps
from reports.charts.marks import Marks
from reports.tokens import points


def usual_chart(
    title: str,
    ends: tuple[str, str],
    values: Sequence[float | None],
    marks: Marks,
    axis: Callable[[float], str],
    words: tuple[str, str],
    width: float = 168,
    height: float = 47,
) -> Markup:
    """A small chart for one message. `ends` names the first and the last month, `words` the band and the target."""
    canvas = Canvas(width, height, title)
    size = points("size-tiny")
    shown = [*values, marks.low, marks.high, marks.target]
    if not known_numbers(values):
        return Markup("")
    low, high = span(shown)
    room = (high - low) * 0.08
    labels = [axis(one) for one in known_numbers([values[-1], marks.target, marks.low, marks.high])]
    named = [*labels, words[1]] if marks.target is not None else labels
    right = min(max(text_width(label, size) for label in named) + 8, width * 0.36)
    across = AxisScale(0, max(1, len(values) - 1), 4, width - right - 4)
    down = AxisScale(low - room, high + room, height - size - 5, 4)
    if marks.low is not None and marks.high is not None:
        canvas.box(0, down(marks.high), width - right, down(marks.low) - down(marks.high), "accent-ground")
    if marks.target is not None:
        canvas.line(0, down(marks.target), width - right, down(marks.target), "second", 0.9, "3 2")
    draw_with_gaps(canvas, Line("", tuple(values)), across, down, "accent")
    last = values[-1]
    spots: list[tuple[float, str, str, bool]] = []
    if values[0] is not None and len(values) > 1:
        canvas.dot(across(0), down(values[0]), 1.9, "paper", "accent")
    if last is not None:
        canvas.dot(across(len(values) - 1), down(last), 2.8, "bad" if marks.bad else "accent")
        spots.append((down(last), axis(last), "bad" if marks.bad else "accent", True))
    if marks.target is not None:
        spots.append((down(marks.target), f"{axis(marks.target)}", "second", False))
    for y, label, fill, bold in _spread(spots, size + 0.5, height - size - 4):
        canvas.text(width - right + 4, y + size * 0.35, fit_words(label, right - 4, size), fill=fill, size=size, bold=bold)
    canvas.text(0, height - 1.5, ends[0], fill="ink-faint", size=size)
    canvas.text(width - right, height - 1.5, ends[1], fill="ink-faint", anchor="end", size=size)
    band, aim = words
    middle = (text_width(ends[0], size) + width - right - text_width(ends[1], size)) / 2
    said = band if marks.low is not None else ""
    if said:
        canvas.text(middle, height - 1.5, fit_words(said, width - right - 70, size), fill="ink-faint", anchor="middle", size=size)
    if marks.target is not None:
        canvas.text(width - right + 4, height - 1.5, fit_words(aim, right - 4, size), fill="second", size=size)
    return canvas.svg()


def _spread(spots: list[tuple[float, str, str, bool]], least: float, lowest: float) -> list[tuple[float, str, str, bool]]:
    """Labels of two marks, moved apart where they would touch."""
    ordered = sorted(spots)
    if len(ordered) == 2 and ordered[1][0] - ordered[0][0] < least:
        middle = min((ordered[0][0] + ordered[1][0]) / 2, lowest - least / 2)
        return [(middle - least / 2, *ordered[0][1:]), (middle + least / 2, *ordered[1][1:])]
    return ordered
