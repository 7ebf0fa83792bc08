"""Exchange rates: one per day and currency."""

from __future__ import annotations

from typing import Any

from expectations.telling import meta, vocabulary


def expectations() -> list[Any]:
    """What every rate must keep."""
    gxe = vocabulary()

    return [
        gxe.ExpectColumnValuesToBeBetween(
            column="rate",
            min_value=0,
            strict_min=True,
            severity="critical",
            meta=meta("fx_rates.rate.positive", "rates that are not positive"),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="rate",
            min_value=1e-6,
            max_value=1e6,
            severity="warning",
            meta=meta("fx_rates.rate.size", "rates beyond all measure; are they per unit, in the reporting currency?"),
        ),
    ]
