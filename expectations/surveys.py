"""Surveys: one row per answer, on a scale that is known."""

from __future__ import annotations

from typing import Any

from expectations.telling import meta, vocabulary


def expectations() -> list[Any]:
    """What every answer must keep."""
    gxe = vocabulary()

    return [
        gxe.ExpectColumnValuesToNotBeNull(
            column="response_id", severity="critical", meta=meta("surveys.response_id.null", "answers without an id")
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="answered_at", severity="critical", meta=meta("surveys.answered_at.null", "undated answers")
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="score",
            column_B="scale_min",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="critical",
            meta=meta("surveys.score.below_scale", "scores below their scale"),
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="scale_max",
            column_B="score",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="critical",
            meta=meta("surveys.score.above_scale", "scores above their scale"),
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="scale_max",
            severity="warning",
            meta=meta(
                "surveys.scale.unknown", "answers whose scale nobody states; give scale_min and scale_max, else they are not rescaled"
            ),
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="score", mostly=0.5, severity="warning", meta=meta("surveys.score.rare", "most answers have no score")
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="customer_id",
            mostly=0.8,
            severity="warning",
            meta=meta("surveys.customer_id.rare", "more than a fifth of the answers name no customer"),
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="answered_at",
            column_B="sent_at",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="warning",
            meta=meta("surveys.answered_at.before_sending", "answers dated before their questionnaire was sent"),
        ),
    ]
