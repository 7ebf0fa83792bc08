"""Classes without a strategy: a warning, as they are managed like everybody else by default."""

from __future__ import annotations

import pandas as pd

from expectations.findings import Finding, Severity
from transforms.classes.registers import missing_cells
from transforms.month import Month


def check_strategies(registers: pd.DataFrame, supplied: frozenset[str], month: Month) -> list[Finding]:
    """A warning for the cells of behaviour class and value class without a strategy in force; none where no register is supplied."""
    missing = missing_cells(registers, month) if "registers" in supplied else []
    if not missing:
        return []
    names = [f"{behaviour}, {value}" for behaviour, value in missing]
    message = (
        f"registers {month}: {len(missing)} of 9 class cells have no strategy in force (first: {'; '.join(names[:3])}). "
        "Enter one in the register strategy with behaviour_class, value_class, subject, owner and due_on."
    )
    return [Finding("registers", "registers.strategy.missing", Severity.WARNING, message, str(month), len(missing), 9, tuple(names[:5]))]
