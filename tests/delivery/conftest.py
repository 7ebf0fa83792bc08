from __future__ import annotations

from tests.archive.conftest import settings

__all__ = ["settings"]
