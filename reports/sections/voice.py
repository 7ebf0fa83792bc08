"""Satisfaction and loyalty as they are read: what customers say, how sure that is, and where doing and saying part."""

from __future__ import annotations

from reports.blocks import Block, Paragraph, Section, Side
from reports.sections.common import indicators_with_source, measures
from reports.sections.loyalty import loyalty, loyalty_lead, loyalty_types
from reports.sections.satisfaction import FIRST, satisfaction_lead, survey_note
from reports.sections.trends import trend_chart
from reports.view import View

LOYAL = ("loyalty_index", "behavioural_loyalty")


def voice(view: View) -> Section:
    """One table and up to four pictures; without surveys loyalty alone, judged by what customers do."""
    if not view.has("surveys"):
        return loyalty(view)
    blocks: list[Block] = [
        Paragraph(view.words.join([satisfaction_lead(view), loyalty_lead(view)]), "lead"),
        measures(view, view._("Survey measures of the month"), indicators_with_source(view, *FIRST, *LOYAL)),
        Side((trend_chart(view, "csat_mean"),), (trend_chart(view, "nps"),)),
    ]
    types = loyalty_types(view)
    if types is not None:
        blocks.append(Side((trend_chart(view, "loyalty_index"),), (types,)))
    blocks.append(survey_note(view))
    return Section("voice", view._("Satisfaction and loyalty"), tuple(blocks))
