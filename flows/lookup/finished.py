"""What a finished pack says, to find a printed number in it again: the words of its pages, the cells of its workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from reports.formats import finite
from reports.leaks import finished_texts
from reports.pack import ReviewPack
from reports.printed import PrintedNumber, printed_numbers
from reports.workbook.read import read_values


@dataclass(frozen=True)
class FinishedPack:
    """The published bytes of a pack."""

    pdf: bytes
    workbook: bytes = b""

    @cached_property
    def pages(self) -> str:
        """All pages without white space, as lines break anywhere."""
        return "".join(_squeezed(text) for place, text in finished_texts(self.pdf) if place == "its pages")

    @cached_property
    def rows(self) -> Sequence[frozenset[str]]:
        """The cells of each row of the workbook."""
        return [frozenset(row) for _, rows in read_values(self.workbook) for row in rows] if self.workbook else []

    def laid_out(self, pack: ReviewPack) -> ReviewPack:
        """The pack with the summary that had room on its first page."""
        for summary in (pack.sections[0], *pack.shorter):
            tried = replace(pack, sections=(summary,), sheets=())
            if all(self.shows(one) for one in printed_numbers(tried)):
                return replace(pack, sections=(summary, *pack.sections[1:]))
        return pack

    def shows(self, one: PrintedNumber) -> bool:
        """Whether a number stands there: on a page with the whole text that it is part of, in the workbook in the row that it names."""
        if not one.in_workbook:
            return _squeezed(one.text) in self.pages
        exact = finite(one.value)
        named = [row for row in self.rows if one.row in row or not one.row]
        return any(one.text in row or (exact is not None and any(_is(cell, exact) for cell in row)) for row in named or self.rows)


def _is(cell: str, exact: float) -> bool:
    known = finite(cell) if cell[:1].isdigit() or cell[:1] == "-" else None
    return known is not None and abs(known - exact) <= 1e-9 * max(1.0, abs(exact))


def _squeezed(text: str) -> str:
    return "".join(text.split())
