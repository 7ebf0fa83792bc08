"""Bars: lying, standing, and one bar in parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup

from reports.charts.canvas import HALF, AxisScale, Canvas, fit_words, known_numbers, span, text_width
from reports.tokens import points

_PART_FILLS = ("second", "accent-soft", "accent")
_PART_INKS = ("paper", "ink", "paper")


def bars(
    title: str,
    rows: Sequence[tuple[str, float | None, str]],
    width: float = HALF,
    step: float = 15,
    emphasis: frozenset[int] = frozenset(),
) -> Markup:
    """Lying bars from a common zero, one row each: name, value, the words at its end.

    A row without a value prints its words alone. Rows in `emphasis` are dark; where none is, all are.
    """
    size = points("size-chart")
    canvas = Canvas(width, max(step, step * len(rows)) + 2, title)
    left = min(max((text_width(name, size) for name, _, _ in rows), default=0) + 6, width * 0.42)
    values = [value for _, value, _ in rows]
    low, high = span(values, zero=True)
    right = min(max((text_width(words, size) for _, _, words in rows), default=0) + 6, width * 0.3)
    negative = max((text_width(words, size) for _, value, words in rows if value is not None and value < 0), default=0)
    negative = min(negative, width * 0.2)
    across = AxisScale(low, high, left + (negative + 4 if low < 0 else 0), width - right)
    for place, (name, value, words) in enumerate(rows):
        y = place * step + 2
        middle = y + (step - 4) / 2 + size * 0.35
        dark = not emphasis or place in emphasis
        canvas.text(0, middle, fit_words(name, left - 6, size), fill="ink" if dark else "ink-soft", bold=bool(emphasis) and dark)
        if value is None:
            canvas.text(across(0) + 4, middle, words, fill="ink-faint")
            continue
        canvas.box(across(0), y, across(value) - across(0), step - 5, "accent" if dark else "accent-soft")
        ends = value < 0
        canvas.text(across(value) + (-4 if ends else 4), middle, words, fill="ink", anchor="end" if ends else "start", bold=dark)
    canvas.line(across(0), 0, across(0), canvas.height, "ink-faint", 0.6)
    return canvas.svg()


def columns(
    title: str,
    groups: Sequence[tuple[str, float | None, float | None]],
    show: Callable[[float], str],
    now: str,
    before: str,
    width: float = HALF,
    height: float = 106,
) -> Markup:
    """Two standing bars a group: before pale, now dark, with the numbers on top. Negative values hang."""
    size = points("size-chart")
    canvas = Canvas(width, height, title)
    has_before = any(old is not None for _, old, _ in groups)
    values = [value for _, old, new in groups for value in (old, new)]
    low, high = span(values, zero=True)
    down = AxisScale(low, high, height - 16 - (10 if low < 0 else 0), 26)
    slot = width / max(1, len(groups))
    thick = min(26.0, slot * (0.36 if has_before else 0.5))
    legend = 0.0
    for words, fill, wanted in ((before, "accent-soft", has_before), (now, "accent", True)):
        if wanted:
            canvas.box(legend, 2, 7, 7, fill)
            canvas.text(legend + 10, 8.5, words)
            legend += text_width(words, size) + 24
    for place, (name, old, new) in enumerate(groups):
        middle = slot * (place + 0.5)
        starts = (
            ((old, middle - thick - 1, "accent-soft"), (new, middle + 1, "accent"))
            if has_before
            else ((new, middle - thick / 2, "accent"),)
        )
        for value, x, fill in starts:
            if value is None:
                continue
            canvas.box(x, down(0), thick, down(value) - down(0), fill)
            y = down(value) + (size + 1 if value < 0 else -3)
            dark = fill == "accent"
            canvas.text(x + thick / 2, y, show(value), anchor="middle", fill="ink" if dark else "ink-soft", bold=dark)
        canvas.text(middle, height - 3, fit_words(name, slot - 2, size), anchor="middle", fill="ink")
    canvas.line(0, down(0), width, down(0), "ink-faint", 0.6)
    return canvas.svg()


def parts(title: str, pieces: Sequence[tuple[str, float, str]], width: float = HALF, height: float = 46) -> Markup:
    """One bar cut in up to three parts, for the three groups of the NPS; names beneath, shares within.

    Each piece: name, size (any unit, >= 0), the words printed in it.
    """
    size = points("size-chart")
    canvas = Canvas(width, height, title)
    total = sum(known_numbers([piece[1] for piece in pieces]))
    if total <= 0:
        canvas.box(0, 2, width, 20, "ground")
        return canvas.svg()
    x = 0.0
    label_x = 0.0
    for (name, value, words), fill, ink in zip(pieces, _PART_FILLS, _PART_INKS, strict=False):
        wide = width * value / total
        canvas.box(x, 2, wide, 20, fill)
        if wide > text_width(words, size) + 6:
            canvas.text(x + wide / 2, 15, words, fill=ink, anchor="middle", bold=True)
        canvas.box(label_x, 31, 7, 7, fill)
        legend = f"{name} {words}" if wide <= text_width(words, size) + 6 else name
        canvas.text(label_x + 10, 37.5, legend)
        label_x += text_width(legend, size) + 22
        x += wide
    return canvas.svg()
