"""Refunds: one row per refund, positive, on its own date."""

from __future__ import annotations

from typing import Any

from expectations.telling import meta, vocabulary


def expectations() -> list[Any]:
    """What every refund must keep."""
    gxe = vocabulary()

    return [
        gxe.ExpectColumnValuesToNotBeNull(
            column="refund_id", severity="critical", meta=meta("refunds.refund_id.null", "refunds without an id")
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="refunded_at", severity="critical", meta=meta("refunds.refunded_at.null", "undated refunds")
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="amount", min_value=0, severity="critical", meta=meta("refunds.amount.negative", "refunds with a negative amount")
        ),
    ]
