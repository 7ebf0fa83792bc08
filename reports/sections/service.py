"""Service: how much was asked of it, how fast it answered, what it left behind."""

from __future__ import annotations

from reports.blocks import Block, Cell, Column, Paragraph, Section, Side, Table
from reports.formats import DASH
from reports.sections.common import measures, of_section, section_without_source
from reports.sections.trends import trend_chart
from reports.sections.words import value_word
from reports.view import View
from transforms.voice.complaints import rank_causes

CAUSES = 6
"""Most causes that are printed."""


def service(view: View) -> Section:
    """The section, or one sentence where there is no ticket table."""
    title = view._("Service and complaints")
    if not view.has("tickets"):
        return section_without_source(view, "service", title, view._("tickets"))
    opened, complaints = view.own("tickets_opened"), view.own("complaints")
    lead = view._(
        "{opened} tickets were opened, {complaints} of them complaints.", opened=view.value(opened), complaints=view.value(complaints)
    )
    if opened.value is None:
        lead = view._("Tickets: {reason}.", reason=view.value(opened))
    hours = view.own("resolution_hours_median")
    if hours.value is not None:
        lead = view.words.join([lead, view._("Half of them were resolved within {hours}.", hours=view.value(hours))])
    causes = _causes(view)
    blocks: tuple[Block, ...] = (
        Paragraph(lead, "lead"),
        measures(view, view._("Service measures of the month"), of_section(view, "service")),
        Side((trend_chart(view, "complaints"),), (causes if causes is not None else trend_chart(view, "resolution_hours_median"),)),
        Paragraph(view._("Medians count calendar hours and include tickets that are still open, as open until the month’s end."), "note"),
    )
    return Section("service", title, blocks)


def _causes(view: View) -> Table | None:
    """The Pareto of complaints: the month's causes, most first, beside a month of the six before, of the same customers."""
    everybody = view.tier is None and not view.material.segment
    whose = None if everybody else set(view.customers["customer_id"].astype("str"))
    causes = rank_causes(view.material.review.causes, whose, view.facts.months_before)
    shown = causes[causes["now"] > 0]
    whole = int(shown["now"].sum())
    if not whole or not (shown["cause"] != "").any():
        return None
    counts = [int(number) for number in shown["now"]]
    reached = [sum(counts[: place + 1]) / whole for place in range(len(counts))]
    rows = tuple(
        (
            Cell(value_word(view, cause) if cause else view._("not told")),
            Cell(view.formats.count(now)),
            Cell(view.formats.share(share, 0)),
            Cell(view.formats.number(before, 1) if before == before else DASH, muted=True),
        )
        for cause, now, share, before in zip(shown["cause"], counts, reached, shown["before"].tolist(), strict=True)
    )[:CAUSES]
    heads = (
        Column(view._("Cause"), width="46"),
        Column(view._("Complaints"), numeric=True, width="16"),
        Column(view._("Up to here"), numeric=True, width="16"),
        Column(view._("A month before"), numeric=True, width="22"),
    )
    before = view._("A month before: the mean of the six months before.")
    capped = view._("Showing the top {shown} of {total}.", shown=len(rows), total=len(shown)) if len(shown) > len(rows) else ""
    note = view.words.join([before, capped])
    return Table(view._("What the complaints are about"), heads, rows, note=note, compact=True)
