"""Which sheets a pack's workbook has, in which order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reports.blocks import Section
from reports.view import View
from reports.workbook.acting import acting
from reports.workbook.customers import customers
from reports.workbook.sheets import Sheet

SHEETS: tuple[Callable[[View], Sheet | None], ...] = (acting, customers)
"""What a reader opens the workbook for, first; a sheet that has nothing to say is left out."""


def sheets(view: View, sections: Sequence[Section] = ()) -> tuple[Sheet, ...]:
    """The sheets of one pack in one language: those of its own, then one for each of the sections."""
    own = [made for sheet in SHEETS if (made := sheet(view)) is not None]
    return (*own, *(Sheet(section.name, section.title, section.blocks) for section in sections))
