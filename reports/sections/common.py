"""What several sections say alike: measure tables, what was left out."""

from __future__ import annotations

from collections.abc import Sequence

from reports.blocks import Block, Cell, Column, Paragraph, Section, Side, Table, Tone
from reports.told import in_a_row
from reports.view import View


def of_section(view: View, section: str, first: Sequence[str] = (), elsewhere: Sequence[str] = ()) -> list[str]:
    """What a section's table prints: `first`, in that order, then whatever else is declared for the section and not shown elsewhere.

    So an indicator is printed by the section that its declaration names, and nothing has to be said here.
    """
    declared = [name for name, known in view.catalogue.items() if known.section == section]
    return [*first, *(name for name in declared if name not in first and name not in elsewhere)]


def measures(view: View, caption: str, indicators: Sequence[str], note: str = "") -> Table:
    """Figures as rows: the month, what it rests on, the change; in a tier's pack the company beside it."""
    numbers = [view.own(indicator) for indicator in indicators]
    intervals = [view.interval(number) for number in numbers]
    tier = view.tier is not None
    heads = [Column(view._("Measure"), width="30" if tier else "34"), Column(view.formats.month_short(view.month), numeric=True)]
    if any(intervals):
        heads.append(Column(view._("95% interval"), numeric=True, width="17"))
    heads += [Column(view._("Based on"), numeric=True, width="12"), Column(view._("Change"), numeric=True, width="14")]
    if tier:
        heads.append(Column(view._("Company"), numeric=True, width="13"))
    rows: list[tuple[Cell, ...]] = []
    for number, interval in zip(numbers, intervals, strict=True):
        row = [Cell(view.title(number.indicator)), Cell(view.value(number), muted=number.value is None)]
        if any(intervals):
            row.append(Cell(interval, muted=True))
        row += [Cell(view.basis(number), muted=True), change_cell(view, number.indicator)]
        if view.tier is not None:
            row.append(Cell(view.value(view.company(number.indicator)), muted=True))
        rows.append(tuple(row))
    return Table(caption, tuple(heads), tuple(rows), note=note, compact=True)


def change_cell(view: View, indicator: str) -> Cell:
    """The change on the month before, with an arrow that also reads without colour."""
    number = view.own(indicator)
    text = view.change(number)
    tone = view.tone(number)
    if tone is Tone.PLAIN or not number.change:
        return Cell(text, muted=True)
    return Cell(in_a_row(" ", ["▲" if number.change > 0 else "▼", text]), tone=tone)


def known_indicators(view: View, *indicators: str) -> list[str]:
    """Those of the indicators that the catalogue knows or the month has a figure for."""
    return [name for name in indicators if name in view.catalogue or view.own(name).value is not None]


def indicators_with_source(view: View, *indicators: str) -> list[str]:
    """Those of them whose source is there."""
    return [name for name in known_indicators(view, *indicators) if view.own(name).has_source]


def of_today(view: View) -> str:
    """What a tier's retention cannot say: who left is hardly ever in a good tier now."""
    if view.tier is None:
        return ""
    return view._("Of the customers who are in this tier now: who stopped buying has often fallen to another tier by then.")


def abreast(left: Block | None, right: Block | None) -> list[Block]:
    """Two blocks beside one another, or the one there is."""
    if left is not None and right is not None:
        return [Side((left,), (right,))]
    return [block for block in (left, right) if block is not None]


def rows_shown_line(view: View, shown: int, total: int) -> str:
    """`showing 10 of 43`, or nothing where all are shown."""
    if shown >= total:
        return ""
    return view._(
        "Showing the top {shown} of {total}; all are in the attached file customers.csv.",
        shown=view.formats.count(shown),
        total=view.formats.count(total),
    )


def section_without_source(view: View, name: str, title: str, tables: str) -> Section:
    """A section without its source: one sentence in place of an empty page."""
    text = view._(
        "Not supplied: no source for {tables} is configured, so this section has no figures. Nothing is estimated in their place.",
        tables=tables,
    )
    return Section(name, title, (Paragraph(text, "notice"),))
