"""Contacts: one row per contact with a customer."""

from __future__ import annotations

from typing import Any

from expectations.telling import meta, vocabulary


def expectations() -> list[Any]:
    """What every contact must keep."""
    gxe = vocabulary()

    return [
        gxe.ExpectColumnValuesToNotBeNull(
            column="contact_id", severity="critical", meta=meta("contacts.contact_id.null", "contacts without an id")
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="contacted_at", severity="critical", meta=meta("contacts.contacted_at.null", "contacts without a time")
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="answered_at",
            column_B="contacted_at",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="warning",
            meta=meta("contacts.answered_at.before_contact", "answers dated before their contact"),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="minutes", min_value=0, severity="warning", meta=meta("contacts.minutes.negative", "contacts of a negative length")
        ),
    ]
