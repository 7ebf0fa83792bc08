"""How many examples a property is tried on: few in the suite, many in the long one (`make soak`)."""

from __future__ import annotations

import os

from hypothesis import settings


def examples(few: int, many: int) -> settings:
    """For properties whose one example costs a tenth of a second and more."""
    return settings(max_examples=many if os.environ.get("KEPING_SOAK") else few, deadline=None)
