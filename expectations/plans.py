"""Plans: one target per month, scope and indicator."""

from __future__ import annotations

from typing import Any

from expectations.telling import told, vocabulary


def expectations() -> list[Any]:
    """What every target must keep."""
    gxe = vocabulary()

    return [
        gxe.ExpectColumnValuesToMatchRegex(
            column="month", regex=r"^\d{4}-\d{2}$", severity="critical", meta=told("plans.month.form", "months that are not YYYY-MM")
        ),
        gxe.ExpectColumnValuesToNotBeNull(column="target", severity="critical", meta=told("plans.target.null", "plans without a target")),
    ]
