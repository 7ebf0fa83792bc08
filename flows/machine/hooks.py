"""Named steps of publishing and mailing, at which a rehearsal may cut the power."""

from __future__ import annotations

from collections.abc import Callable

Hook = Callable[[str], None]
"""Told the name of each step just before it is taken."""


def nowhere(step: str) -> None:
    """Go on."""
