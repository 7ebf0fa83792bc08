"""Which pages are read in ten minutes and which are looked up: the contents on the first page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reports.blocks import Contents, Entry, Section
from reports.i18n import N_
from reports.view import View

ANSWERS: Mapping[str, str] = {
    "revised": N_("which earlier figures changed"),
    "why": N_("how inputs became points and grades"),
    "classes": N_("who the customers are"),
    "standard": N_("can the grades be relied on"),
    "economics": N_("staying, winning, cohorts"),
    "lifetime": N_("what the models expect"),
    "quality": N_("what was read, refused and found"),
    "assumptions": N_("what is quoted elsewhere"),
    "method": N_("rules and definitions"),
}
"""What a reader finds in each section of the annex."""


def contents(view: View, sections: Sequence[Section]) -> Contents:
    """Each of the sections with its page; those of the annex with the question that they answer."""
    return Contents(
        read=view._("To be read in ten minutes"),
        refer=view._("For reference"),
        body=tuple(Entry(one.name, one.title) for one in sections if not one.annex),
        annex=tuple(Entry(one.name, one.title, view._(ANSWERS[one.name])) for one in sections if one.annex),
    )
