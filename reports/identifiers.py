"""Whole words of a text, so that `C-1` is not found in `C-10`."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"[^\s\0,;:|()\[\]{}<>\"'“”‘’，。；：、（）《》]+")
_EDGES = ".!?…·-–—/→="


def tokens_of(text: str) -> set[str]:
    """Everything between blanks and punctuation, as it stands and without the marks around it."""
    found = set(_TOKEN.findall(text))
    return found | {token.strip(_EDGES) for token in found} - {""}
