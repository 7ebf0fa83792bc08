"""Order lines: what was ordered, in pieces and money."""

from __future__ import annotations

from typing import Any

from expectations.telling import meta, vocabulary


def expectations() -> list[Any]:
    """What every order line must keep."""
    gxe = vocabulary()

    return [
        gxe.ExpectColumnValuesToNotBeNull(
            column="order_id", severity="critical", meta=meta("order_lines.order_id.null", "lines without an order")
        ),
        gxe.ExpectColumnValuesToNotBeNull(column="sku", severity="critical", meta=meta("order_lines.sku.null", "lines without an article")),
        gxe.ExpectColumnValuesToNotBeNull(
            column="line_amount", severity="critical", meta=meta("order_lines.line_amount.null", "lines without an amount")
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="unit_price",
            min_value=0,
            severity="info",
            meta=meta("order_lines.unit_price.negative", "negative prices; counted as they are (adjustments?)"),
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="quantity",
            column_B="returned_quantity",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="warning",
            meta=meta("order_lines.returned_quantity.above_quantity", "more pieces returned than ordered"),
        ),
    ]
