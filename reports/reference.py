"""The month's reference document: rules, definitions, models and quoted figures, the same for every reader; it names no customer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reports.blocks import Paragraph, Section
from reports.glyphs import NAME_LIMIT, clean
from reports.material import PackMaterial
from reports.pack import ReviewPack, running_lines
from reports.pack_facts import PackFacts
from reports.sections.assumptions import assumptions
from reports.sections.method import reference_method, rules_in_force
from reports.view import View
from transforms.figures import Indicator

REFERENCE = "reference"
"""The name of the document, beside those of the packs."""


def each_reference(material: PackMaterial, locales: Sequence[str], catalogue: Mapping[str, Indicator]) -> Iterator[ReviewPack]:
    """The document of a month in every locale, laid out like a pack; figures in it are the company's."""
    facts = PackFacts(material, None, catalogue)
    return (_document(View(facts, locale)) for locale in locales)


def _document(view: View) -> ReviewPack:
    company = clean(view.material.company, NAME_LIMIT)
    title, month = view._("Reference document"), view.formats.month(view.month)
    parts = [made for made in (reference_method(view), assumptions(view)) if made is not None]
    lead = view._(
        "What is the same for every reader of this month’s packs stands here once: the rules in force, where the data come from, "
        "what every figure means, the models and their parameters, and what is quoted elsewhere. No customer is named."
    )
    return ReviewPack(
        name=REFERENCE,
        locale=view.locale,
        lang=view.words.lang,
        title=view._("{company}: {title}, {month}", company=company, title=title, month=month),
        subtitle=view._("{company} · Monthly customer review", company=company),
        headline=view._("{title}, {month}", title=title, month=month),
        running=running_lines(view, company, title, month),
        sections=(Section("summary", view._("What stands here"), (Paragraph(lead, "lead"), *rules_in_force(view))), *parts),
        attached=(),
        known_at=view.material.known_at,
        customers=0,
    )
