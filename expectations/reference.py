"""A standard that ranks customers against less than a whole year: told for as long as it stands."""

from __future__ import annotations

from expectations.findings import Finding, Severity
from transforms.freezing import is_short_reference
from transforms.month import Month
from transforms.policy.rules import Policy


def check_reference(policy: Policy, first_orders: Month | None, month: Month) -> list[Finding]:
    """A note where the reference was frozen before a whole year of orders was known: another first run would have graded otherwise.

    Examples are the policy's version and the month it is frozen at.
    """
    if first_orders is None or policy.reference is None or not is_short_reference(policy, first_orders):
        return []
    frozen = policy.reference.month
    message = (
        f"policy {policy.version}: its reference is of {frozen}, when less than a whole year of orders was known, so it depends on which "
        "month was reviewed first. While nothing is published: keping policy unfreeze, then run a later month first; "
        "afterwards: keping policy freeze --month YYYY-MM writes a new version."
    )
    return [Finding("orders", "policy.reference.short", Severity.INFO, message, str(month), 0, 0, (policy.version, frozen))]
