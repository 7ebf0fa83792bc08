"""One pack as a PDF: our fonts and nothing else is read, and the clock is never asked."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from reports.blocks import Section
from reports.filling import fullest
from reports.glyphs import faces, forget_with_fonts, missing_glyphs
from reports.i18n import words
from reports.languages import LANGUAGES
from reports.pack import ReviewPack
from reports.tagging import finish_tags
from reports.tokens import STYLES
from transforms.errors import MachineError

if TYPE_CHECKING:
    from weasyprint import Document
    from weasyprint.text.fonts import FontConfiguration

TEMPLATES = Path(__file__).resolve().parent / "templates"

REGULAR, TIGHT = "regular", "tight"
"""How the summary is set; the second is tried where the first needs a second page."""


class LayoutError(MachineError):
    """A pack that cannot be laid out as promised."""


def render_pack(pack: ReviewPack) -> bytes:
    """One pack as PDF/UA-1: tagged, bookmarked, fonts embedded, its evidence attached.

    The same pack gives the same bytes in every process of one locked environment. Nothing but
    our own fonts is read; a document that asks for anything else is refused as a whole.
    A page that would be all but empty is avoided, see `reports.filling`.
    A summary that does not fit on one page is set tighter, then with less in it, in the order of
    `pack.shorter`; only where not even the last fits it is a LayoutError.
    """
    return pdf_of(lay_out(pack), pack)


def lay_out(pack: ReviewPack) -> Document:
    """The pages of a pack with all their boxes, before they become a PDF."""
    document = _document(pack_html(pack))
    if _summary_is_the_first_page(document, pack):
        return fullest(document, lambda shape: _document(pack_html(pack, shape=shape)))
    shorter = replace(pack, sections=(_fitting(pack), *pack.sections[1:]))
    return fullest(_document(pack_html(shorter, TIGHT)), lambda shape: _document(pack_html(shorter, TIGHT, shape)))


def _summary_is_the_first_page(document: Document, pack: ReviewPack) -> bool:
    """Whether what comes after the summary begins on the second page, or nothing comes."""
    after = [section.name for section in pack.sections[1:2]]
    return any(f"part-{after[0]}" in page.anchors for page in document.pages[1:2]) if after else len(document.pages) == 1


def _fitting(pack: ReviewPack) -> Section:
    """The first of the summaries that, set tight and laid out alone, needs one page; a LayoutError where none does."""
    for summary in (pack.sections[0], *pack.shorter):
        if len(_document(pack_html(replace(pack, sections=(summary,)), TIGHT)).pages) == 1:
            return summary
    raise LayoutError(f"pack {pack.name} ({pack.locale}): the summary does not fit on one page. The pack was not made.")


def pack_html(pack: ReviewPack, density: str = REGULAR, shape: str = "") -> str:
    """The pack as HTML, all text escaped; `shape` are the shapes of `reports.filling`."""
    before, between, after = _around_numbers(pack.running.page)
    return (
        _templates(pack.locale)
        .get_template("pack.html.j2")
        .render(
            pack=pack,
            density=density,
            shape=shape,
            created=pack.known_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            page_before=before,
            page_between=between,
            page_after=after,
        )
    )


def test_page(locale: str) -> bytes:
    """A page with both scripts and weights, to see before a run that fonts and libraries are there.

    A MachineError says which characters of the language's own words could not be printed.
    """
    said = words(locale)
    lines = (said._("Monthly customer review"), said._("Data quality"), "Keping 客评 0123456789 ¥€£ äçéłñøß")
    unprintable = missing_glyphs("".join(lines))
    if unprintable:
        raise MachineError(f"the fonts in reports/fonts lack {' '.join(sorted(unprintable))}; install the project again.")
    body = "".join(f"<p>{escape(line)} <strong>{escape(line)}</strong></p>" for line in lines)
    html = f"<!DOCTYPE html><html lang='{said.lang}'><head><title>{escape(lines[0])}</title></head><body>{body}</body></html>"
    return bytes(_document(html).write_pdf(pdf_variant="pdf/ua-1", finisher=finish_tags))


def prepare() -> None:
    """Load renderer, fonts and styles now, so that forked children share them."""
    _styles()
    for locale in LANGUAGES:
        _templates(locale)


def _document(html: str) -> Document:
    from weasyprint import HTML
    from weasyprint.urls import FatalURLFetchingError

    logging.getLogger("weasyprint").propagate = False  # warnings are for those who listen, not for the terminal
    styles, fonts = _styles()
    page = HTML(string=html, base_url=None, url_fetcher=_fetcher())
    try:
        return page.render(stylesheets=styles, font_config=fonts, pdf_variant="pdf/ua-1")
    except FatalURLFetchingError as refusal:  # a BaseException, which callers would not expect
        raise LayoutError(str(refusal)) from refusal


def pdf_of(document: Document, pack: ReviewPack) -> bytes:
    """Pages that are laid out as PDF/UA-1, with what is attached to the pack."""
    from weasyprint import Attachment

    when = pack.known_at.astimezone(UTC)
    attached = [
        Attachment(string=file.content, name=file.name, description=file.description, created=when, modified=when, relationship="Data")
        for file in pack.attached
    ]
    return bytes(document.write_pdf(pdf_variant="pdf/ua-1", attachments=attached, finisher=finish_tags))


def _around_numbers(page: str) -> tuple[str, str, str]:
    before, _, rest = page.partition("{page}")
    between, _, after = rest.partition("{pages}")
    return before, between, after


@lru_cache(maxsize=8)
def _templates(locale: str) -> Environment:
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["whole"] = partial(_whole, belonging=re.compile(LANGUAGES[locale].whole))
    found.filters["long_number"] = _long_number
    return found


def _long_number(text: str) -> str:
    """The class of a cell whose number is too long for the size of its table; empty: it is not."""
    longest = max((len(part) for part in text.split()), default=0)
    return "longest " if longest > 16 else "long " if longest > 12 else ""


def _whole(text: str, belonging: re.Pattern[str]) -> Markup:
    """A text in which no line ends between a number and what belongs to it."""
    return Markup(belonging.sub(r'<span class="whole-number">\g<0></span>', str(escape(text))))  # noqa: S704 - escaped right here


@forget_with_fonts
@lru_cache(maxsize=1)
def _styles() -> tuple[list[Any], FontConfiguration]:
    """The style sheets with our faces; read once per process."""
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    declared = "\n".join(
        f"@font-face {{ font-family: '{family}'; font-weight: {weight}; src: url('{file.as_uri()}'); }}" for family, weight, file in faces()
    )
    added = "".join(f", '{family}'" for family, weight, _ in faces() if family.startswith("Added") and weight == 400)
    more = f":root {{ --face: 'Geist', 'Noto Sans SC'{added} }} svg {{ font-family: var(--face) }}" if added else ""
    texts = [declared, *((STYLES / name).read_text(encoding="utf-8") for name in ("tokens.css", "pack.css")), more]
    fetch = _fetcher()
    return [CSS(string=text, font_config=fonts, url_fetcher=fetch) for text in texts], fonts


def _fetcher() -> Any:
    """Gives out our own font files; every other address ends the pack."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    allowed = {file.as_uri() for _, _, file in faces()}

    class OurFontsOnly(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
            if url not in allowed:
                raise FatalURLFetchingError(f"refused to read {url[:120]}: packs are made from our own fonts alone")
            return super().fetch(url, headers)

    return OurFontsOnly(allowed_protocols={"file"}, allow_redirects=False, fail_on_errors=True)
