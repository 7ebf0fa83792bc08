"""Manual grades that are not applied, and those that have just ended: told, never silently dropped."""

from __future__ import annotations

import pandas as pd

from expectations.findings import Finding, Severity
from transforms.grades.overrides import Overrides
from transforms.month import Month


def check_overrides(overrides: Overrides, customer_ids: pd.Series, month: Month) -> list[Finding]:
    """A warning for refused entries and for customers nobody knows, a note for entries that ended in the month."""
    found: list[Finding] = []
    refused, total = overrides.refused, len(overrides.refused) + len(overrides.standing)
    if len(refused):
        some = [f"{entry}: {why}" for entry, why in zip(refused["entry_id"], refused["why"], strict=True)]
        message = (
            f"registers {month}: {len(refused)} of {total} manual grades are not applied ({'; '.join(some[:3])}). "
            "The rules decide for these customers until the register names author, reason, due_on and a grade of the policy."
        )
        found.append(_finding("refused", Severity.WARNING, message, month, len(refused), total, some))
    strangers = sorted(set(overrides.standing["customer_id"]) - set(customer_ids))
    if strangers:
        message = (
            f"registers {month}: {len(strangers)} manual grades are of customers without an order (first: {', '.join(strangers[:3])})."
        )
        found.append(_finding("unknown", Severity.WARNING, message, month, len(strangers), total, strangers))
    if len(overrides.ended):
        some = list(overrides.ended["customer_id"])
        message = f"registers {month}: {len(some)} manual grades ended ({', '.join(some[:3])}); from this month on the rules decide."
        found.append(_finding("ended", Severity.INFO, message, month, len(some), len(some), some))
    return found


def _finding(rule: str, severity: Severity, message: str, month: Month, rows: int, of_rows: int, examples: list[str]) -> Finding:
    return Finding("registers", f"registers.override.{rule}", severity, message, str(month), rows, of_rows, tuple(examples[:5]))
