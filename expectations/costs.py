"""Costs: one row per month, kind and tier."""

from __future__ import annotations

from typing import Any

from expectations.telling import meta, vocabulary


def expectations() -> list[Any]:
    """What every cost must keep."""
    gxe = vocabulary()

    return [
        gxe.ExpectColumnValuesToMatchRegex(
            column="month", regex=r"^\d{4}-\d{2}$", severity="critical", meta=meta("costs.month.form", "months that are not YYYY-MM")
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="amount", min_value=0, severity="critical", meta=meta("costs.amount.negative", "costs with a negative amount")
        ),
    ]
