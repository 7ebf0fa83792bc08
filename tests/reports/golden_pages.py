"""Chosen pages as text: what stands where, line by line, in whole points. `python -m tests.reports.golden_pages` writes them anew.

A line tells distance from the top, left and right edge, size (b: bold), element and words; a picture its size and what it shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import Any

from weasyprint.formatting_structure import boxes

from reports.document import lay_out
from reports.pack import each_pack
from tests.reports.builders import material
from tests.reports.laid_out import said, walk
from transforms.indicators.all import CATALOGUE

GOLDEN = Path(__file__).with_name("golden")
CHOSEN = {("company", "en"): (1, 2), ("company", "zh_CN"): (1, 4), ("tier-a", "en"): (2, 3), ("tier-a", "zh_CN"): (1, 2)}
"""Pages by pack and language, counted from 1."""
_POINTS = 0.75
"""Points for a pixel of the renderer."""


def golden_file(pack: str, locale: str) -> Path:
    """Where the pages of a pack are kept."""
    return GOLDEN / f"{pack}.{locale}.txt"


def draw_pages() -> Iterator[tuple[Path, str]]:
    """Every file of golden pages as it would be written now."""
    for pack in each_pack(material(), ("a",), ("en", "zh_CN"), CATALOGUE):
        if pack.key in CHOSEN:
            pages = lay_out(pack).pages
            yield golden_file(*pack.key), "\n".join(page_text(pages[number - 1]._page_box, number) for number in CHOSEN[pack.key])


def page_text(page: Any, number: int) -> str:
    """One page, line by line from top to bottom."""
    rows = sorted(_rows(page), key=lambda row: row[:2])
    return "\n".join([f"== page {number}", *(f"{top:4} {left:4}-{right:<4} {what}" for top, left, right, what in rows), ""])


def _rows(page: Any) -> Iterator[tuple[int, int, int, str]]:
    for box, _ in walk(page):
        if isinstance(box, boxes.ReplacedBox):
            title = box.element.find("{http://www.w3.org/2000/svg}title")
            yield _row(box, box, f"[{box.element_tag.rpartition('}')[2]} {_pt(box.width)}x{_pt(box.height)}: {getattr(title, 'text', '')}]")
        elif isinstance(box, boxes.LineBox):
            texts = [one for one, _ in walk(box) if isinstance(one, boxes.TextBox) and one.text.strip()]
            if texts:
                style = texts[0].style
                bold = "b" if style["font_weight"] >= 600 else ""
                yield _row(texts[0], texts[-1], f"{style['font_size'] * _POINTS:.1f}{bold} {box.element_tag}: {said(box).strip()}")


def _row(first: Any, last: Any, what: str) -> tuple[int, int, int, str]:
    return _pt(first.position_y), _pt(first.position_x), _pt(last.position_x + last.width), what


def _pt(pixels: float) -> int:
    return round(pixels * _POINTS)


def differences() -> str:
    """How the pages of now differ from those that are kept, as a diff; empty: in nothing."""
    found = []
    for file, now in draw_pages():
        kept = file.read_text(encoding="utf-8") if file.is_file() else ""
        found += unified_diff(kept.splitlines(), now.splitlines(), f"kept/{file.name}", f"now/{file.name}", lineterm="", n=2)
    return "\n".join(found)


def main() -> None:
    """Write all files anew."""
    GOLDEN.mkdir(exist_ok=True)
    for file, now in draw_pages():
        file.write_text(now, encoding="utf-8")


if __name__ == "__main__":
    main()
