"""The one form of a trend: thirteen months with what is usual, last year and the target; above it what it says, beneath it the numbers."""

from __future__ import annotations

from dataclasses import dataclass

from reports.blocks import Chart
from reports.charts import HALF, Line, MarkNames, Marks, trend
from reports.sections.short import SHORT_SIGNALS
from reports.sections.signals import limit_words
from reports.view import View
from transforms.figures import Unit
from transforms.indicators.comparable import Gap
from transforms.indicators.targets import Standing
from transforms.statistics.judging import Signal


def trend_chart(view: View, indicator: str, width: float = HALF) -> Chart:
    """A figure over up to 13 months; in a tier's pack with the company's line for comparison.

    The title is the message, the sentence holds month before, last year, target and usual range.
    """
    values, months, unit = view.series(indicator), view.trend_months, view.unit(indicator)
    title, sentence = trend_title(view, indicator), trend_sentence(view, indicator)
    lines = [Line("" if view.tier is None else view.scope_name, values)]
    company = view.series(indicator, company=True) if view.tier is not None else ()
    comparable = unit not in (Unit.COUNT, Unit.BALANCE, Unit.MONEY)
    if comparable and any(value is not None for value in company):
        lines.append(Line(view._("Company"), company, main=False))
    held = _Held.of(view, indicator)
    years = [str(month.year) if place == 0 or month.number == 1 else "" for place, month in enumerate(months)]
    in_days = unit is Unit.HOURS and max((value or 0 for line in lines for value in line.values), default=0) >= 48
    art = trend(
        f"{title}. {sentence}",
        [view.formats.month_tick(month) for month in months],
        years,
        lines,
        lambda value: view.formats.hours(value, days=in_days) if unit is Unit.HOURS else view.formats.axis(value, unit),
        width=width,
        empty=view.value(view.own(indicator)),
        marks=Marks(
            held.low,
            held.high,
            held.target,
            year_ago=view.year_ago(indicator),
            missing=tuple(place for place, month in enumerate(months) if view.facts.gap(indicator, month) is Gap.INCOMPLETE),
            breaks=_first_on_scale(view, indicator),
        ),
        named=MarkNames(view._("usual range"), view._("target"), view._("last year")),
    )
    return Chart(title, art, sentence)


def trend_title(view: View, indicator: str) -> str:
    """What a trend says: the month's value, and whether it is news."""
    number, title = view.own(indicator), view.title(indicator)
    if number.value is None:
        return title
    said = {"title": title, "value": view.value(number)}
    usual = view.usual(number)
    if usual is None:
        return view._("{title}: {value}", **said)
    if not number.signal:
        return view._("{title}: {value}, as usual", **said)
    return view._(SHORT_SIGNALS[Signal(number.signal)], measure=title, value=view.value(number))


def trend_sentence(view: View, indicator: str) -> str:
    """The numbers beneath a trend, and why there are none to compare with."""
    number = view.own(indicator)
    if number.value is None:
        return view._("{title}: {reason}.", title=view.title(indicator), reason=view.value(number))
    gap = view.gap(indicator)
    said = [gap_words(view, indicator, gap)] if gap is not None else [_compared(view, indicator)]
    if view.changed_scale(indicator):
        said.append(view._("Earlier months were asked on another scale and are not drawn."))
    torn = [month for month in view.trend_months[:-1] if view.facts.gap(indicator, month) is Gap.INCOMPLETE]
    if torn:
        months = view.words.list_of([view.formats.month_short(one) for one in torn])
        said.append(view._("Days are missing in {months}, which are not drawn.", months=months))
    return view.words.join(said)


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


@dataclass(frozen=True)
class _Held:
    """What a figure is held against, in its unit; None where there is none."""

    low: float | None
    high: float | None
    target: float | None

    @staticmethod
    def of(view: View, indicator: str) -> _Held:
        usual, target = view.usual(view.own(indicator)), view.target(indicator)
        aim = None if target is None or target.standing is Standing.INCOMPLETE else target.target
        return _Held(usual.low if usual else None, usual.high if usual else None, aim)


def _compared(view: View, indicator: str) -> str:
    """Month before, last year, target and usual range, each with its difference where it has one."""
    number, unit, held = view.own(indicator), view.unit(indicator), _Held.of(view, indicator)
    value, figure = number.value, view.formats.figure
    assert value is not None
    parts = []
    if number.previous is not None:
        before, change = figure(number.previous, unit), view.change(number)
        change = change if any(digit in change for digit in "123456789") else ""
        said = view._("month before {value} ({change})") if change else view._("month before {value}")
        parts.append(said.format(value=before, change=change))
    ago = view.year_ago(indicator)
    if ago and ago[-1] is not None:
        parts.append(view._("last year {value}", value=figure(ago[-1], unit)))
    if held.target is not None:
        difference = view.formats.change(value - held.target, None, unit)
        parts.append(view._("target {value} ({difference})", value=figure(held.target, unit), difference=difference))
    if held.low is not None and held.high is not None:
        low, high = limit_words(view, held.low, held.high, unit)
        parts.append(view._("usual {low} to {high}", low=low, high=high))
    elif sum(one is not None for one in view.series(indicator)) < 2:
        parts.append(view._("there is no earlier month to compare with"))
    else:
        parts.append(view._("no usual range before twelve comparable months"))
    text = view.words.apart(parts)
    return view._("{facts}.", facts=text[:1].upper() + text[1:])


def _first_on_scale(view: View, indicator: str) -> int | None:
    """The place of the first month on the present scale, where earlier ones were asked on another."""
    if not view.changed_scale(indicator):
        return None
    return next((place for place, value in enumerate(view.series(indicator)) if place and value is not None), None)
