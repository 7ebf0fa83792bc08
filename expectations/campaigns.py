"""Campaigns: one row per campaign."""

from __future__ import annotations

from typing import Any

from expectations.telling import meta, vocabulary


def expectations() -> list[Any]:
    """What every campaign must keep."""
    gxe = vocabulary()

    return [
        gxe.ExpectColumnValuesToNotBeNull(
            column="campaign_id", severity="critical", meta=meta("campaigns.campaign_id.null", "campaigns without an id")
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="starts_on", severity="critical", meta=meta("campaigns.starts_on.null", "campaigns without a first day")
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="amount", min_value=0, severity="critical", meta=meta("campaigns.amount.negative", "campaigns with a negative cost")
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="ends_on",
            column_B="starts_on",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="warning",
            meta=meta("campaigns.ends_on.before_start", "campaigns that end before they start"),
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="reached",
            column_B="responses",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="warning",
            meta=meta("campaigns.responses.above_reached", "campaigns with more responses than people reached"),
        ),
    ]
