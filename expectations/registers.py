"""Registers: one row per entry that people keep by hand."""

from __future__ import annotations

from typing import Any

from expectations.telling import meta, vocabulary


def expectations() -> list[Any]:
    """What every entry must keep."""
    gxe = vocabulary()

    return [
        gxe.ExpectColumnValuesToNotBeNull(
            column="register", severity="critical", meta=meta("registers.register.null", "entries that name no register")
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="entry_id", severity="critical", meta=meta("registers.entry_id.null", "entries without an id")
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="closed_on",
            column_B="opened_on",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="warning",
            meta=meta("registers.closed_on.before_opened", "entries closed before they were opened"),
        ),
    ]
