"""Quotes: one row per quote."""

from __future__ import annotations

from typing import Any

from expectations.telling import meta, vocabulary


def expectations() -> list[Any]:
    """What every quote must keep."""
    gxe = vocabulary()

    return [
        gxe.ExpectColumnValuesToNotBeNull(
            column="quote_id", severity="critical", meta=meta("quotes.quote_id.null", "quotes without an id")
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="quoted_at", severity="critical", meta=meta("quotes.quoted_at.null", "quotes without a time")
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="amount", min_value=0, severity="critical", meta=meta("quotes.amount.negative", "quotes with a negative amount")
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="decided_at",
            column_B="quoted_at",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="warning",
            meta=meta("quotes.decided_at.before_quote", "quotes decided before they were made"),
        ),
    ]
