"""What our fonts can print, and how strange text is made printable: in this one place."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from transforms.errors import UsageError

FONTS = Path(__file__).resolve().parent / "fonts"

FACES = (
    ("Geist", 400, "Geist-Regular.ttf"),
    ("Geist", 600, "Geist-SemiBold.ttf"),
    ("Noto Sans SC", 400, "NotoSansSC-Regular.ttf"),
    ("Noto Sans SC", 700, "NotoSansSC-Bold.ttf"),
)
"""Family, weight and file of every font of ours."""

_ADDED: list[Path] = []
"""The company's own fonts, asked after ours; set where an office is opened, before anything is rendered."""

SUBSTITUTE = "〓"
"""Printed for a character that no font of ours holds; long the printers' mark for a missing sort."""

NAME_LIMIT = 60
TEXT_LIMIT = 400

_MARKS_PER_LETTER = 2
_SPACES = frozenset(" \t\n\r\v\f\x85\u2028\u2029")


def use_fonts(files: Sequence[Path]) -> None:
    """Print with the company's own fonts as well, for scripts that ours lack; they take the place of those asked for before.

    A UsageError names a file that is not there or is no font; nothing is changed then.
    """
    for file in files:
        _characters(file)
    if list(files) != _ADDED:
        _ADDED[:] = files
        for told in (printable, *_LOOKED_UP):
            told.cache_clear()


_LOOKED_UP: list[Any] = []


def forget_with_fonts(told: Any) -> Any:
    """Mark a cached function whose value hangs on the fonts that are in use."""
    _LOOKED_UP.append(told)
    return told


def faces() -> tuple[tuple[str, int, Path], ...]:
    """Family, weight and file of every font that a pack may use, ours first; an added font serves for both weights."""
    own = tuple((family, weight, FONTS / file) for family, weight, file in FACES)
    return own + tuple((f"Added {place}", weight, file) for place, file in enumerate(_ADDED, start=1) for weight in (400, 700))


@lru_cache(maxsize=1)
def printable() -> frozenset[str]:
    """Every character that both weights can print."""
    regular, bold = set[int](), set[int]()
    for _family, weight, file in faces():
        (regular if weight == 400 else bold).update(_characters(file))
    return frozenset(map(chr, regular & bold))


@lru_cache(maxsize=32)
def _characters(file: Path) -> frozenset[int]:
    """The characters of a font."""
    from fontTools.ttLib import TTFont, TTLibError  # type: ignore[import-untyped]

    try:
        with TTFont(file, lazy=True) as font:
            return frozenset(font.getBestCmap() or ())
    except (OSError, TTLibError) as error:
        raise UsageError(
            f"fonts.files: {file} is no TrueType or OpenType font that can be read ({error}). Give the path of a .ttf or .otf file. "
            "Nothing was rendered."
        ) from error


def missing_glyphs(text: str) -> set[str]:
    """The characters of a text that would print as empty boxes, after cleaning; empty: all can be printed."""
    return set(_plain(text)) - printable()


def clean(text: object, limit: int = TEXT_LIMIT) -> str:
    """A value from outside as one line that is safe to lay out.

    Controls, bidirectional overrides and zero-width characters are gone, white space
    is single, letters carry at most two combining marks, characters without a glyph
    become `SUBSTITUTE`, and what is longer than `limit` ends in an ellipsis.
    Nothing is escaped here: templates and charts escape all text themselves.
    """
    known = printable()
    shown = "".join(letter if letter in known else SUBSTITUTE for letter in _plain(str(text)[: limit * 20]))
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


def printed_name(name: object, key: str) -> str:
    """A customer's name as pages print it; the id where there is no name, or one that our fonts cannot print whole."""
    if not isinstance(name, str) or missing_glyphs(name):
        return key
    return clean(name, NAME_LIMIT) or key


def _plain(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for letter in unicodedata.normalize("NFC", text):
        category = unicodedata.category(letter)
        if letter in _SPACES or category == "Zs":
            kept.append(" ")
            marks = 0
        elif category in ("Mn", "Me"):
            marks += 1
            if marks <= _MARKS_PER_LETTER and not _invisible(letter):
                kept.append(letter)
        elif category[0] != "C" or category in ("Co", "Cn"):
            kept.append(letter)
            marks = 0
    return " ".join("".join(kept).split())


def _invisible(letter: str) -> bool:
    """Variation selectors and the grapheme joiner: combining, but without a shape of their own."""
    return "\ufe00" <= letter <= "\ufe0f" or letter == "\u034f" or ord(letter) >= 0xE0100
