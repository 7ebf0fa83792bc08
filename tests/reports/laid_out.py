"""What readers would see of laid out pages, told in boxes: what is split, clipped, alone, on another, outside or missing."""

from __future__ import annotations

import io
import logging
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
from pypdf import PdfReader
from weasyprint.formatting_structure import boxes

from reports.document import lay_out, pdf_of
from reports.filling import LEAST, fill_of
from reports.glyphs import missing_glyphs
from reports.pack import ReviewPack
from tests.reports.test_pdf import outline, strays

HEADINGS = frozenset({"h1", "h2", "h3", "thead"})
_ROOM = 1.0
"""Pixels by which a box may stick out of its parent: rounding, and the serifs of letters."""


@dataclass(frozen=True)
class Seen:
    """One rendered pack with its pages as boxes and as a PDF."""

    pack: ReviewPack
    pages: tuple[Any, ...]
    pdf: bytes
    warnings: tuple[str, ...] = ()
    """What the renderer warned of."""

    @classmethod
    def of(cls, pack: ReviewPack) -> Seen:
        with heard() as warnings:
            document = lay_out(pack)
            pages = tuple(page._page_box for page in document.pages)
            return cls(pack, pages, pdf_of(document, pack), tuple(warnings))

    @cached_property
    def texts(self) -> list[str]:
        return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(self.pdf)]

    def faults(self) -> list[str]:
        """Every fault of every page, each with the pack and the page."""
        found = [
            *self._split_rows(),
            *self._lonely_headings(),
            *self._clipped(),
            *self._overlapping(),
            *self._empty_pages(),
            *(f"page {page}: outside the margins, {left:.0f} to {right:.0f} pt" for page, left, right in strays(self.pdf)),
            *self._unprinted(),
            *self._wrong_references(),
            *(f"the renderer warns: {warning}" for warning in self.warnings),
        ]
        return [f"{self.pack.name}.{self.pack.locale}: {fault}" for fault in found]

    def _split_rows(self) -> Iterator[str]:
        places = defaultdict[int, set[int]](set)
        rows = dict[int, Any]()
        for number, page in enumerate(self.pages, start=1):
            for box, _ in walk(page):
                if isinstance(box, boxes.TableRowBox) and not any(
                    one.element_tag == "th" and one.element.get("scope") == "col" for one in box.children
                ):
                    places[id(box.element)].add(number)
                    rows[id(box.element)] = box
        yield from (f"pages {sorted(on)}: a row is split: {said(rows[key])[:60]}" for key, on in places.items() if len(on) > 1)

    def _lonely_headings(self) -> Iterator[str]:
        for number, page in enumerate(self.pages, start=1):
            lines = [
                (box, tags) for box, tags in walk(page) if isinstance(box, boxes.LineBox | boxes.ReplacedBox) and not tags & {"running"}
            ]
            if not lines:
                continue
            last, tags = max(lines, key=lambda one: float(one[0].position_y + one[0].height))
            if tags & HEADINGS:
                yield f"page {number}: ends with a heading: {said(last)[:60]}"

    def _clipped(self) -> Iterator[str]:
        """Lines that are wider than the cell, card or paragraph that holds them."""
        for number, page in enumerate(self.pages, start=1):
            for box, _ in walk(page):
                if not isinstance(box, boxes.BlockContainerBox):
                    continue
                for line in (one for one in box.children if isinstance(one, boxes.LineBox)):
                    right = max(
                        (one.position_x + one.width for one, _ in walk(line) if isinstance(one, boxes.TextBox) and one.text.strip()),
                        default=0,
                    )
                    if right > box.content_box_x() + box.width + _ROOM:
                        yield f"page {number}: wider than its room by {right - box.content_box_x() - box.width:.0f} px: {said(line)[:60]}"

    def _overlapping(self) -> Iterator[str]:
        """Texts of a page that lie on one another, those of charts included."""
        for number, page in enumerate(pypdfium2.PdfDocument(self.pdf), start=1):
            text = page.get_textpage()
            rects = sorted(text.get_rect(place) for place in range(text.count_rects()))
            for place, (left, bottom, right, top) in enumerate(rects):
                for other in rects[place + 1 :]:
                    if other[0] >= right - 0.6:
                        break
                    wide, high = min(right, other[2]) - other[0], min(top, other[3]) - max(bottom, other[1])
                    if wide > 1.2 and high > 0.35 * min(top - bottom, other[3] - other[1]):
                        both = [text.get_text_bounded(*one).strip() for one in ((left, bottom, right, top), other)]
                        yield f"page {number}: one text on another: {both[0][:40]!r}, {both[1][:40]!r}"

    def _empty_pages(self) -> Iterator[str]:
        for number, page in enumerate(self.pages, start=1):
            if fill_of(page) < LEAST:
                yield f"page {number}: filled to {fill_of(page):.0%}"

    def _unprinted(self) -> Iterator[str]:
        for number, text in enumerate(self.texts, start=1):
            lacking = missing_glyphs(re.sub("[\u0002\ufffe]", "", text))
            if lacking or "\ufffd" in text:
                yield f"page {number}: without a glyph: {' '.join(sorted(lacking))}"

    def _wrong_references(self) -> Iterator[str]:
        """Bookmarks that lead to a page without their title, and pages that count themselves otherwise."""
        reader = PdfReader(io.BytesIO(self.pdf))
        flat = [re.sub(r"[\s\u0002\ufffe-]", "", text) for text in self.texts]
        for _, title, item in outline(reader.outline):
            page = reader.get_destination_page_number(item)
            if page is None or re.sub(r"[\s-]", "", title) not in flat[page]:
                yield f"the bookmark {title!r} leads to page {page}"
        for number, text in enumerate(flat, start=1):
            told = re.sub(r"\s", "", self.pack.running.page.format(page=number, pages=len(flat)))
            if told not in text:
                yield f"page {number}: does not say {told}"


@contextmanager
def heard() -> Iterator[list[str]]:
    """What the renderer warns of."""
    told: list[str] = []
    listener = logging.Handler(logging.WARNING)
    listener.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("weasyprint")
    logger.addHandler(listener)
    try:
        yield told
    finally:
        logger.removeHandler(listener)


def walk(box: Any, above: frozenset[str] = frozenset()) -> Iterator[tuple[Any, frozenset[str]]]:
    """Every box of a page's body with the tags of the elements around it; margin boxes are left out."""
    for child in getattr(box, "children", ()):
        if isinstance(child, boxes.MarginBox):
            continue
        tags = above | {child.element_tag or ""}
        yield child, tags
        yield from walk(child, tags)


def said(box: Any) -> str:
    """The text of a box."""
    return "".join(one.text for one, _ in walk(box) if isinstance(one, boxes.TextBox)) or getattr(box, "text", "")
