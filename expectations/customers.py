"""Customers: one row per customer."""

from __future__ import annotations

from typing import Any

from expectations.telling import meta, vocabulary


def expectations() -> list[Any]:
    """What every customer row must keep."""
    gxe = vocabulary()

    return [
        gxe.ExpectColumnValuesToNotBeNull(
            column="customer_id", severity="critical", meta=meta("customers.customer_id.null", "customers without an id")
        ),
        gxe.ExpectColumnValueLengthsToBeBetween(
            column="customer_id",
            max_value=200,
            severity="critical",
            meta=meta("customers.customer_id.length", "ids of more than 200 characters; is the right column named?"),
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="name",
            mostly=0.5,
            severity="info",
            meta=meta("customers.name.rare", "most customers have no name; packs print their ids"),
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="contract_end",
            column_B="first_seen",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="warning",
            meta=meta("customers.contract_end.before_first_seen", "contracts that end before the customer was first seen"),
        ),
    ]
