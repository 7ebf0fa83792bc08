"""Orders: one row per order, money that can be, and things that happen in their order."""

from __future__ import annotations

from typing import Any

from expectations.telling import meta, vocabulary
from transforms.tables.contract import ORDERS

LARGEST = 10**17
"""Ten-thousandths; a single order beyond ten million millions is a mistake of units."""


def expectations() -> list[Any]:
    """What every order must keep; the pairs are warnings, since a wrong delivery date spoils no revenue."""
    gxe = vocabulary()

    return [
        gxe.ExpectColumnValuesToNotBeNull(
            column="order_id", severity="critical", meta=meta("orders.order_id.null", "orders without an id")
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="ordered_at", severity="critical", meta=meta("orders.ordered_at.null", "orders without a time")
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="amount", severity="critical", meta=meta("orders.amount.null", "orders without an amount")
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="amount",
            min_value=-LARGEST,
            max_value=LARGEST,
            severity="critical",
            meta=meta("orders.amount.size", "amounts beyond all measure; is the unit right?"),
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="status",
            value_set=list(ORDERS.column("status").choices),
            severity="critical",
            meta=meta("orders.status.set", "a status that is none of completed, cancelled, returned, open, pending"),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="refund_amount", min_value=0, severity="critical", meta=meta("orders.refund_amount.negative", "negative refunds")
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="discount",
            min_value=0,
            severity="warning",
            meta=meta("orders.discount.negative", "negative discounts; give them as positive amounts"),
        ),
        _after(
            "refunded_at", "ordered_at", "orders.refunded_at.before_order", "refunds dated before their order; booked by their own date"
        ),
        _after("delivered_at", "ordered_at", "orders.delivered_at.before_order", "deliveries dated before their order"),
        _after("amount", "refund_amount", "orders.refund_amount.above_amount", "refunds larger than their order; booked as they are"),
    ]


def _after(later: str, earlier: str, rule: str, message: str) -> Any:
    gxe = vocabulary()

    return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=later,
        column_B=earlier,
        or_equal=True,
        ignore_row_if="either_value_is_missing",
        severity="warning",
        meta=meta(rule, message),
    )
