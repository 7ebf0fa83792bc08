"""Recipients: who gets which pack."""

from __future__ import annotations

from typing import Any

from expectations.telling import meta, vocabulary


def expectations() -> list[Any]:
    """What every recipient must keep; addresses are judged again before anything is mailed."""
    gxe = vocabulary()

    return [
        gxe.ExpectColumnValuesToMatchRegex(
            column="email",
            regex=r"^[^@\s,;<>]+@[^@\s,;<>]+$",
            severity="critical",
            meta=meta("recipients.email.form", "addresses that are not one e-mail address"),
        ),
        gxe.ExpectColumnValuesToNotBeNull(column="tiers", severity="critical", meta=meta("recipients.tiers.null", "recipients of no tier")),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="valid_to",
            column_B="valid_from",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="warning",
            meta=meta("recipients.valid_to.before_valid_from", "validity that ends before it begins"),
        ),
    ]
