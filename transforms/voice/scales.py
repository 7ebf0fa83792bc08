"""The scale that a score was asked on, as its figure's method tells it."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=4096)
def scale_told(method: object) -> str:
    """The scale that a figure's method names, for example `1-5`; empty where it names none."""
    found = re.search(r"scale (-?[\d.]+--?[\d.]+)", str(method))
    return found[1] if found else ""
