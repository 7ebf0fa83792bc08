"""What several sections say alike: trends with their sentence, measure tables, what was left out."""

from __future__ import annotations

from collections.abc import Sequence

from reports.blocks import Block, Cell, Chart, Column, Paragraph, Section, Side, Table, Tone
from reports.charts import HALF, Line, trend
from reports.view import View
from transforms.figures import Unit
from transforms.indicators.comparable import Gap


def trend_chart(view: View, indicator: str, width: float = HALF) -> Chart:
    """A figure over up to 13 months; in a tier's pack with the company's line for comparison."""
    values = view.series(indicator)
    months = view.trend_months
    sentence = trend_sentence(view, indicator)
    lines = [Line("" if view.tier is None else view.scope_name, values)]
    company = view.series(indicator, company=True) if view.tier is not None else ()
    comparable = view.unit(indicator) not in (Unit.COUNT, Unit.BALANCE, Unit.MONEY)
    if comparable and any(value is not None for value in company):
        lines.append(Line(view._("Company"), company, main=False))
    years = [str(month.year) if place == 0 or month.number == 1 else "" for place, month in enumerate(months)]
    unit = view.unit(indicator)
    in_days = unit is Unit.HOURS and max((value or 0 for line in lines for value in line.values), default=0) >= 48
    art = trend(
        f"{view.title(indicator)}. {sentence}",
        [view.formats.month_tick(month) for month in months],
        years,
        lines,
        lambda value: view.formats.hours(value, days=in_days) if unit is Unit.HOURS else view.formats.axis(value, unit),
        width=width,
        empty=view.value(view.own(indicator)),
    )
    return Chart(view.title(indicator), art, sentence)


def trend_sentence(view: View, indicator: str) -> str:
    """What a trend shows: the month's value, the change, and where it lies among the months shown."""
    said = _course(view, indicator)
    broken = view._("Earlier months were asked on another scale and are not drawn.") if view.changed_scale(indicator) else ""
    torn = [month for month in view.trend_months[:-1] if view.facts.gap(indicator, month) is Gap.INCOMPLETE]
    lacking = view._(
        "Days are missing in {months}, which are not drawn.", months=view.words.list_of([view.formats.month_short(one) for one in torn])
    )
    return view.words.join([said, broken, lacking if torn else ""])


def gap_words(view: View, indicator: str, gap: Gap) -> str:
    """Why a month is not compared, in a sentence."""
    since = view.facts.since(indicator)
    first = view.formats.month(since) if since else ""
    match gap:
        case Gap.NOT_YET:
            return view._("It cannot occur before {month}, so it is not compared yet.", month=first)
        case Gap.HALF:
            return view._("Its window is whole from {month} on; until then it is not compared.", month=first)
        case Gap.INCOMPLETE:
            return view._("Days of the month are missing at the source, so it is not compared.")


def _course(view: View, indicator: str) -> str:
    number = view.own(indicator)
    title, month = view.title(indicator), view.formats.month(view.month)
    if number.value is None:
        return view._("{title}: {reason}.", title=title, reason=view.value(number))
    gap = view.gap(indicator)
    if gap is not None:
        return view._(
            "{title} was {value} in {month}. {why}", title=title, value=view.value(number), month=month, why=gap_words(view, indicator, gap)
        )
    values = [value for value in view.series(indicator) if value is not None]
    said = {"title": title, "month": month, "value": view.value(number)}
    if len(values) < 2:
        return view._("{title} was {value} in {month}; there is no earlier month to compare with.", **said)
    change = view.change(number)
    first = (
        view._("{title} was {value} in {month}, {change} on the month before", change=change, **said)
        if change
        else view._("{title} was {value} in {month}", **said)
    )
    low, high = min(values), max(values)
    count = view.formats.count(len(values))
    if low == high:
        return view._("{first}, unchanged over {count} months.", first=first, count=count)
    if number.value == high:
        return view._("{first}, the highest of {count} months.", first=first, count=count)
    if number.value == low:
        return view._("{first}, the lowest of {count} months.", first=first, count=count)
    unit = view.unit(indicator)
    spread = {"low": view.formats.figure(low, unit), "high": view.formats.figure(high, unit)}
    return view._("{first}; over {count} months it lay between {low} and {high}.", first=first, count=count, **spread)


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
    return Cell(f"{'▲' if number.change > 0 else '▼'} {text}", tone=tone)


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
