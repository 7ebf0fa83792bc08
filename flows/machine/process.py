"""How a process of ours is set up, before anything heavy is imported."""

from __future__ import annotations

import gc
import os

RARELY = (50_000, 20, 50)
"""Thresholds of the garbage collector: rows and pages make few cycles, and looking for some took a fifth of a command's start."""


def set_up() -> None:
    """No library tells anybody anything, memory that is not in use is given back, and garbage is looked for rarely."""
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # Arrow's own keeps some 13 MB that are not in use
    gc.set_threshold(*RARELY)
