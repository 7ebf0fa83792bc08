"""Which sheets a pack's workbook has, in which order."""

from __future__ import annotations

from collections.abc import Callable

from reports.view import View
from reports.workbook.customers import customers
from reports.workbook.sheets import Sheet

SHEETS: tuple[Callable[[View], Sheet | None], ...] = (customers,)
"""What a reader opens the workbook for, first; a sheet that has nothing to say is left out."""


def sheets(view: View) -> tuple[Sheet, ...]:
    """The sheets of one pack in one language."""
    return tuple(made for sheet in SHEETS if (made := sheet(view)) is not None)
