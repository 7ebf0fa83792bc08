"""The design's values for those who draw without a style sheet: read from `styles/tokens.css`."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

STYLES = Path(__file__).resolve().parent / "styles"

_DECLARED = re.compile(r"--([a-z0-9-]+):\s*([^;]+);")


@lru_cache(maxsize=1)
def tokens() -> dict[str, str]:
    """Every custom property of the design by its name without dashes in front."""
    return {name: value.strip() for name, value in _DECLARED.findall((STYLES / "tokens.css").read_text(encoding="utf-8"))}


def colour(name: str) -> str:
    """One colour as #rrggbb."""
    return tokens()[name]


def points(name: str) -> float:
    """One size in points."""
    return float(tokens()[name].removesuffix("pt"))
