"""How full pages are, and how a pack is shaped so that none is all but empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from weasyprint import Document

LEAST = 0.25
"""A page is filled by a quarter or more."""

SUMMARY_FOLLOWS, ANNEX_FOLLOWS, ANNEX_TIGHT, ANNEX_LOOSE = "summary-follows", "annex-follows", "annex-tight", "annex-loose"
"""The list of customers goes on below a short summary; what is looked up goes on below a short body; it is
set tighter, or with more room."""


def fill_of(page: Any) -> float:
    """How far down a page its text reaches, 0-1 of the room between the margins."""
    from weasyprint.formatting_structure.boxes import LineBox, ReplacedBox

    ends = (float(box.position_y + box.height) for box in _inside(page) if isinstance(box, LineBox | ReplacedBox))
    top = float(page.content_box_y())
    return (max(ends, default=top) - top) / float(page.height)


def sparse_pages(document: Document) -> list[int]:
    """The pages that are filled by less than a quarter, counted from 0."""
    return [number for number, page in enumerate(document.pages) if fill_of(page._page_box) < LEAST]


def fullest(document: Document, shaped: Callable[[str], Document]) -> Document:
    """The document, or where pages of it are all but empty one that is `shaped` otherwise: the first without, else with the fewest."""
    best, fewest = document, len(sparse_pages(document))
    for shape in _shapes(document) if fewest else ():
        tried = shaped(shape)
        if (left := len(sparse_pages(tried))) < fewest:
            best, fewest = tried, left
        if not fewest:
            break
    return best


def _shapes(document: Document) -> Iterator[str]:
    first = [SUMMARY_FOLLOWS] if 0 in sparse_pages(document) else []
    for more in ([ANNEX_FOLLOWS], [ANNEX_TIGHT], [ANNEX_FOLLOWS, ANNEX_TIGHT], [ANNEX_FOLLOWS, ANNEX_LOOSE], [ANNEX_LOOSE]):
        yield " ".join([*first, *more])


def _inside(box: Any) -> Iterator[Any]:
    """All boxes of a page but those of its margins."""
    from weasyprint.formatting_structure.boxes import MarginBox

    for child in getattr(box, "children", ()):
        if not isinstance(child, MarginBox):
            yield child
            yield from _inside(child)
