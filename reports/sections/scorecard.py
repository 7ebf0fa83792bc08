"""The scorecard: what came beside what was planned and what was there a year ago."""

from __future__ import annotations

from collections.abc import Sequence

from reports.blocks import Block, Bullets, Cell, Column, Paragraph, Section, Table, Tone
from reports.i18n import N_
from reports.view import View
from transforms.indicators.comparable import Gap
from transforms.indicators.last_year import Absent
from transforms.indicators.targets import Standing, Target

STANDINGS = {
    Standing.MET: N_("met"),
    Standing.MISSED: N_("missed"),
    Standing.WITHIN_REACH: N_("missed, within reach"),
    Standing.NO_DIRECTION: N_("neither way is better"),
    Standing.NO_VALUE: N_("no value"),
    Standing.INCOMPLETE: N_("days are missing"),
    Standing.NO_TARGET: N_("no target supplied"),
}

FEWEST_ON_PAGE_1 = 3
"""So many lines of the scorecard stay on a tier's first page when it must be cut; those that are planned stand first."""

ABSENT = {
    Gap.NOT_YET: N_("could not occur yet"),
    Gap.HALF: N_("window not whole"),
    Gap.INCOMPLETE: N_("days are missing"),
    Absent.OTHER_SCALE: N_("another scale"),
    Absent.NO_VALUE: N_("no value"),
}
"""Why last year's figure does not stand beside this one; each in the words of targets.csv's `not_comparable`."""


def scorecard(view: View) -> Section | None:
    """What was planned for the month beside what came; a sentence where nothing was.

    Nothing for the part of a tier, and nothing where a tier's first page holds it all however short it becomes.
    """
    targets = tuple(view.facts.targets.values())
    if not targets:
        return None
    planned = [one for one in targets if one.target is not None]
    if view.tier is not None and len(planned) <= FEWEST_ON_PAGE_1 and all(one.pace is None for one in targets):
        return None
    blocks: list[Block] = [scorecard_table(view, planned) if planned else Paragraph(_none_supplied(view))]
    paces = pace_lines(view)
    if paces:
        blocks.append(Bullets(paces))
    return Section("scorecard", view._("Targets"), tuple(blocks))


def full_scorecard(view: View) -> Table | None:
    """The lines that a scorecard always has and all others that are planned, the planned first; None where the month has none."""
    of_today = ("retention_rate",) if view.tier is not None else ()  # of those in a tier now nearly all have stayed: no measure of it
    shown = [
        one
        for one in view.facts.targets.values()
        if one.target is not None or (one.indicator not in of_today and view.own(one.indicator).has_source)
    ]
    return scorecard_table(view, sorted(shown, key=lambda one: one.target is None)) if shown else None


def scorecard_table(view: View, targets: Sequence[Target]) -> Table:
    """Actual, target, difference, last year and status, one line per figure."""
    heads = (
        Column(view._("Measure"), width="22"),
        Column(view.formats.month_short(view.month), numeric=True, width="22"),
        Column(view._("Target"), numeric=True, width="11"),
        Column(view._("Difference"), numeric=True, width="11"),
        Column(view._("Last year"), numeric=True, width="16"),
        Column(view._("Status"), width="18"),
    )
    rows = tuple(_cells(view, one) for one in targets)
    return Table(view._("Actual against target"), heads, rows, note=_note(view, targets), compact=True, inline=True)


def pace_lines(view: View) -> tuple[str, ...]:
    """What a year's plan asked for up to now and what came, one sentence per figure that months add up to."""
    return tuple(_pace(view, one) for one in view.facts.targets.values() if one.pace is not None)


def status_words(view: View, target: Target) -> str:
    """How a figure stands to its target, in two words."""
    return view._(STANDINGS[target.standing])


def last_year_words(view: View, target: Target) -> str:
    """Last year's value in the figure's unit, or why none can stand beside it."""
    if target.last_year is None:
        return view._(next(words for why, words in ABSENT.items() if why == target.not_comparable))
    return view.formats.figure(target.last_year, view.unit(target.indicator))


def difference_words(view: View, target: Target) -> str:
    """Actual less target, with its sign, in the figure's unit; never in percent of a target that may be near zero."""
    return "" if target.difference is None else view.formats.change(target.difference, None, view.unit(target.indicator))


def _cells(view: View, target: Target) -> tuple[Cell, ...]:
    number, unit = view.own(target.indicator), view.unit(target.indicator)
    tone = Tone.BAD if target.standing is Standing.MISSED else Tone.PLAIN
    planned = target.target is not None
    return (
        Cell(view.title(target.indicator)),
        Cell(view.value(number), view.interval(number), muted=number.value is None),
        Cell(view.formats.figure(target.target, unit) if planned else "", muted=not planned),
        Cell(difference_words(view, target), tone=tone),
        Cell(last_year_words(view, target), muted=True),
        Cell(status_words(view, target), tone=tone, muted=target.standing not in (Standing.MET, Standing.MISSED, Standing.WITHIN_REACH)),
    )


def _note(view: View, targets: Sequence[Target]) -> str:
    said = [] if any(one.target is not None for one in targets) else [_none_supplied(view)]
    if any(one.standing is Standing.WITHIN_REACH for one in targets):
        said.append(view._("Within reach: missed, but the target lies within the 95% interval, so chance alone may be the cause."))
    return view.words.join(said)


def _none_supplied(view: View) -> str:
    if not view.has("plans"):
        return view._("No targets are supplied (table plans).")
    return view._("No target is supplied for this month.")


def _pace(view: View, target: Target) -> str:
    assert target.pace is not None
    pace, unit = target.pace, view.unit(target.indicator)
    said = {
        "title": view.title(target.indicator),
        "month": view.formats.month(view.month),
        "came": view.formats.figure(pace.came, unit),
        "due": view.formats.figure(pace.due, unit),
        "share": view.formats.share(pace.share),
    }
    if pace.year is None:
        return view._("{title}, January to {month}: {came} of {due} planned ({share}).", **said)
    year = view.formats.figure(pace.year, unit)
    return view._("{title}, January to {month}: {came} of {due} planned ({share}); the year’s plan is {year}.", year=year, **said)
