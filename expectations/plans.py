"""Plans: one target per month, scope and indicator."""

from __future__ import annotations

from typing import Any

from expectations.telling import meta, vocabulary


def expectations() -> list[Any]:
    """What every target must keep."""
    gxe = vocabulary()

    return [
        gxe.ExpectColumnValuesToMatchRegex(
            column="month", regex=r"^\d{4}-\d{2}$", severity="critical", meta=meta("plans.month.form", "months that are not YYYY-MM")
        ),
        gxe.ExpectColumnValuesToNotBeNull(column="target", severity="critical", meta=meta("plans.target.null", "plans without a target")),
    ]
