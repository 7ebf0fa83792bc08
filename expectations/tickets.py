"""Tickets: one row per ticket, whose events follow its opening."""

from __future__ import annotations

from typing import Any

from expectations.telling import meta, vocabulary


def expectations() -> list[Any]:
    """What every ticket must keep."""
    gxe = vocabulary()

    pairs = (
        ("first_response_at", "opened_at", "tickets.first_response_at.before_opening", "first answers dated before the opening"),
        ("resolved_at", "opened_at", "tickets.resolved_at.before_opening", "solutions dated before the opening"),
        ("resolved_at", "first_response_at", "tickets.resolved_at.before_response", "solutions dated before the first answer"),
        ("sla_due_at", "opened_at", "tickets.sla_due_at.before_opening", "due before the opening"),
    )
    return [
        gxe.ExpectColumnValuesToNotBeNull(
            column="ticket_id", severity="critical", meta=meta("tickets.ticket_id.null", "tickets without an id")
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="opened_at", severity="critical", meta=meta("tickets.opened_at.null", "tickets without an opening")
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="customer_id",
            mostly=0.8,
            severity="warning",
            meta=meta("tickets.customer_id.rare", "more than a fifth of the tickets name no customer"),
        ),
        *(
            gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=later,
                column_B=earlier,
                or_equal=True,
                ignore_row_if="either_value_is_missing",
                severity="warning",
                meta=meta(rule, message),
            )
            for later, earlier, rule, message in pairs
        ),
    ]
