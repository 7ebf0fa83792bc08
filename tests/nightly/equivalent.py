"""Mistakes of `make mutation` that change no figure: each with the line it is made in, what is done to it, and why nothing comes of it."""

from __future__ import annotations

from collections.abc import Mapping

EQUIVALENT: Mapping[str, Mapping[tuple[str, str], str]] = {}
"""Module -> (its line, the change) -> the reason."""
