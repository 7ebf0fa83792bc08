"""Service: how much was asked of it, how fast it answered, what it left behind."""

from __future__ import annotations

from reports.blocks import Paragraph, Section, Side
from reports.sections.common import measures, of_section, section_without_source, trend_chart
from reports.view import View


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
    blocks = (
        Paragraph(lead, "lead"),
        measures(view, view._("Service measures of the month"), of_section(view, "service")),
        Side((trend_chart(view, "complaints"),), (trend_chart(view, "resolution_hours_median"),)),
        Paragraph(view._("Medians count calendar hours and include tickets that are still open, as open until the month’s end."), "note"),
    )
    return Section("service", title, blocks)
