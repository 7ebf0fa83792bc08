"""From a finished month to packs: what each holds is decided here, and nothing is calculated later."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from reports.blocks import Attached, Paragraph, Running, Section
from reports.glyphs import NAME_LIMIT, clean
from reports.i18n import N_
from reports.material import PackMaterial
from reports.pack_facts import PackFacts
from reports.scoping import PackScope, limit_to_scope, without_names
from reports.sections.acting import acting
from reports.sections.assumptions import assumptions
from reports.sections.classes import classes
from reports.sections.economics import economics
from reports.sections.grades import grades, grades_in_full
from reports.sections.lifetime import lifetime
from reports.sections.loyalty import loyalty
from reports.sections.method import method
from reports.sections.movements import movements
from reports.sections.newcomers import newcomers
from reports.sections.quality import quality, quality_page
from reports.sections.revised import revised_months
from reports.sections.satisfaction import satisfaction
from reports.sections.scorecard import scorecard
from reports.sections.service import service
from reports.sections.standard import standard
from reports.sections.summary import summaries
from reports.sections.value import value
from reports.sections.voice import voice
from reports.sections.why import why
from reports.view import View
from reports.workbook.book import sheets
from reports.workbook.sheets import Sheet
from transforms.actions.listing import names_in_pack
from transforms.figures import Indicator
from transforms.tables.merging import with_merged_records

__all__ = ["PackMaterial", "PackScope", "ReviewPack", "build_packs", "each_pack"]

SAMPLE = N_("invented sample data")
"""The notice that sample companies carry; known in every language."""

BODY = (acting, scorecard, grades, value, voice, service)
"""What is read of the company in ten minutes, after the summary, in this order; a section that has nothing to say is left out."""

TIER_BODY = (acting, scorecard, grades, voice, service)
"""The same of a tier."""

ANNEX = (revised_months, newcomers, standard, lifetime, quality_page)
"""What is looked up where a number is doubted or wanted in detail, on the pages after the body."""

SHELF = (
    *(why, grades_in_full, movements, value, satisfaction, loyalty, classes, economics, assumptions, standard, lifetime),
    *(revised_months, quality, method),
)
"""The long tables, a sheet each in the workbook."""


@dataclass(frozen=True)
class ReviewPack:
    """One pack in one language, finished to the last word; templates only lay it out.

    `name` is `company` or `tier-<tier>`: with the locale, the file's name. `known_at` is the only
    date inside. `customers` counts those it is about. `shorter` holds summaries for a page that is
    too small for the first section, each with less in it than the one before.
    """

    name: str
    locale: str
    lang: str
    title: str
    subtitle: str
    headline: str
    running: Running
    sections: tuple[Section, ...]
    attached: tuple[Attached, ...]
    known_at: datetime
    customers: int
    shorter: tuple[Section, ...] = ()
    annex: str = ""
    """The title of what follows the body."""
    annex_says: str = ""
    sheets: tuple[Sheet, ...] = ()
    """What the pack's workbook holds; a pack without sheets has none."""

    @property
    def key(self) -> tuple[str, str]:
        return self.name, self.locale


def build_packs(
    material: PackMaterial,
    tiers: Sequence[str],
    locales: Sequence[str],
    catalogue: Mapping[str, Indicator] | None = None,
    scopes: Sequence[PackScope] = (),
) -> list[ReviewPack]:
    """All packs of `each_pack`."""
    return list(each_pack(material, tiers, locales, catalogue, scopes))


def each_pack(
    material: PackMaterial,
    tiers: Sequence[str],
    locales: Sequence[str],
    catalogue: Mapping[str, Indicator] | None = None,
    scopes: Sequence[PackScope] = (),
) -> Iterator[ReviewPack]:
    """One pack of the company, one per tier and one per scope, each in every locale; each is built when it is asked for.

    The company's comes first, as it takes longest to lay out. A tier's pack holds that tier's customers and
    figures and the company's totals, never another tier's. A tier without customers gets a pack that says so.
    A scope's pack is made from material that holds that scope's customers alone.
    """
    for name, facts in facts_of_packs(material, tiers, catalogue, scopes):
        yield from (_pack(View(facts, locale), name) for locale in locales)


def facts_of_packs(
    material: PackMaterial, tiers: Sequence[str], catalogue: Mapping[str, Indicator] | None = None, scopes: Sequence[PackScope] = ()
) -> Iterator[tuple[str, PackFacts]]:
    """What each pack of `each_pack` may see, by the pack's name, in the same order and in no language yet."""
    if catalogue is None:
        from transforms.indicators.all import CATALOGUE

        catalogue = CATALOGUE
    everyone = frozenset(material.review.customers["customer_id"].astype("str")) | material.known | frozenset(material.merged)
    for tier in [None, *tiers]:
        yield "company" if tier is None else f"tier-{tier}", PackFacts(_for_readers_of(material, tier, everyone), tier, catalogue)
    for scope in scopes:
        limited = limit_to_scope(material, scope)
        yield scope.name, PackFacts(_for_readers_of(limited, scope.tier, everyone), scope.tier, catalogue)


def one_pack(material: PackMaterial, key: tuple[str, str], tiers: Sequence[str], scopes: Sequence[PackScope] = ()) -> ReviewPack:
    """The pack of that name and locale among those of `each_pack`; no other is built."""
    name, locale = key
    return next(_pack(View(facts, locale), name) for one, facts in facts_of_packs(material, tiers, scopes=scopes) if one == name)


def _for_readers_of(material: PackMaterial, tier: str | None, everyone: frozenset[str]) -> PackMaterial:
    """The material with findings that name none but the pack's own customers; to the whole company's pack nobody is foreign."""
    if tier is None and not material.segment:
        return material
    customers = material.review.customers
    own = with_merged_records(customers if tier is None else customers[names_in_pack(customers, tier)], material.merged)
    return replace(material, findings=without_names(material.findings, everyone - own))


def _pack(view: View, name: str) -> ReviewPack:
    material = view.material
    company = clean(material.company, NAME_LIMIT)
    title = view.pack_title
    month = view.formats.month(material.month)
    headline = view._("{title}, {month}", title=title, month=month)
    body, annex, shelf = (_made(view, room) for room in (BODY if view.tier is None else TIER_BODY, ANNEX, SHELF))
    sections = (*body, *(replace(section, annex=True) for section in annex))
    whole, *shorter = (_first(view, made) for made in summaries(view))
    return ReviewPack(
        name=name,
        locale=view.locale,
        lang=view.words.lang,
        title=view._("{company}: {title}, {month}", company=company, title=title, month=month),
        subtitle=view._("{company} · Monthly customer review", company=company),
        headline=headline,
        running=running_lines(view, company, title, month),
        sections=(whole, *sections),
        attached=_attachments(view),
        known_at=material.known_at,
        customers=len(view.customers),
        shorter=tuple(shorter),
        annex=view._("For reference"),
        annex_says=view._(
            "Nothing from here on needs to be read through: look up what the pages before leave open. All customers, and the tables that "
            "are too long for pages, stand in the workbook {file}.",
            file=f"{name}.{view.locale}.xlsx",
        )
        + view.words.written.space
        + view._("Definitions, rules and models stand in {file}, once for every reader.", file=f"reference.{view.locale}.pdf"),
        sheets=sheets(view, shelf),
    )


def _made(view: View, room: Sequence[Callable[[View], Section | None]]) -> tuple[Section, ...]:
    """The sections of a room that have something to say."""
    return tuple(made for section in room if (made := section(view)) is not None)


def _first(view: View, section: Section) -> Section:
    """The summary; that of a scoped pack says first whom it is about."""
    if not view.material.segment:
        return section
    text = view._(
        "This pack is limited to customers with {filter}. Where it says “all customers”, all of these are meant; "
        "“company” is the whole company.",
        filter=clean(view.material.segment_words, NAME_LIMIT),
    )
    return replace(section, blocks=(section.blocks[0], Paragraph(text, "note"), *section.blocks[1:]))


def running_lines(view: View, company: str, title: str, month: str) -> Running:
    """What each page says of itself, above and below."""
    material = view.material
    return Running(
        company=company,
        pack=title,
        month=view._("{month} · revision r{revision}", month=month, revision=material.revision),
        state=view._("Data as known at {instant}", instant=view.formats.instant(material.known_at)),
        run=view._("Policy {version}", version=clean(material.review.policy.version, 40)),
        page=view._("Page {page} of {pages}"),
        notice=clean(view._(material.sample_notice), 80) if material.sample_notice else "",
    )


def _attachments(view: View) -> tuple[Attached, ...]:
    """The pack's own figures and customers, for those who want to check."""
    says = {
        "figures.csv": view._("Every figure of this pack"),
        "customers.csv": view._("The customers of this pack"),
        "explanations.csv": view._("Why each customer of this pack has its grade"),
    }
    return tuple(Attached(name, says[name], data) for name, data in view.facts.tables.items())
