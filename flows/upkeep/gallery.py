"""`make gallery`: docs/gallery, pictures of the first two pages of packs of the sample company, in both languages.

What README opens with is what a reader gets: the pages are taken from PDFs that a run of the sample company published.
"""

from __future__ import annotations

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
GALLERY = PROJECT / "docs" / "gallery"
SHOWN = (("company", 1), ("tier-b", 1), ("tier-a", 2))
"""Packs with the page that is shown."""
SCALE = 1.25
"""Pixels for a point."""


def draw_page(pdf: Path, page: int, picture: Path) -> None:
    """One page of a PDF, counted from 1, as a PNG file of 256 colours."""
    import pypdfium2  # type: ignore[import-untyped]

    document = pypdfium2.PdfDocument(pdf)
    try:
        image = document[page - 1].render(scale=SCALE).to_pil().quantize(256)
        picture.parent.mkdir(parents=True, exist_ok=True)
        image.save(picture, optimize=True)
    finally:
        document.close()


def draw_gallery(folder: Path, gallery: Path = GALLERY) -> list[Path]:
    """The pictures of a published revision's folder, one per pack and language; returns them by name."""
    made = []
    for pack, page in SHOWN:
        for pdf in sorted(folder.glob(f"{pack}.*.pdf")):
            picture = gallery / f"{pdf.stem}.png"
            draw_page(pdf, page, picture)
            made.append(picture)
    return sorted(made)


def main() -> None:
    """`make gallery`: draw the gallery from the folder of a published revision that the command line names."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m flows.upkeep.gallery FOLDER (of a published revision of the sample company)")
    draw_gallery(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
