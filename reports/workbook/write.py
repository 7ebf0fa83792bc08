"""A pack's sheets as an XLSX file: text stays text, nothing is run, and the same pack gives the same bytes."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from reports.blocks import Block, Bullets, Cell, Chart, Heading, Paragraph, Side, Table, Terms
from reports.numerals import Numeral
from reports.workbook.sheets import Grid, Sheet, Value

if TYPE_CHECKING:
    from openpyxl.styles.cell_style import StyleArray

_EPOCH = (1980, 1, 1, 0, 0, 0)
_TAB_LETTERS = 31
_NO_TAB = str.maketrans("[]:*?/\\", "()-----")
_WIDEST = 60
_HEAD_HEIGHT = 30


@dataclass(frozen=True)
class BookFacts:
    """What a workbook says of itself: the title of its pack, and the only instant inside."""

    title: str
    known_at: datetime
    language: str


def workbook_bytes(sheets: Sequence[Sheet], facts: BookFacts) -> bytes:
    """The sheets, at least one, as one XLSX file.

    Every text is written as text, whatever it begins with; numbers and days are numbers with a format. No clock is
    asked: the document's dates are `known_at`, those of the files in the archive are fixed.
    """
    from openpyxl import Workbook
    from openpyxl.writer.excel import ExcelWriter

    book = Workbook(write_only=True)
    pages = [book.create_sheet(tab) for tab in _tabs([sheet.title for sheet in sheets])]
    looks = _Looks(pages[0])
    for number, (page, sheet) in enumerate(zip(pages, sheets, strict=True), 1):
        _Page(page, number, looks).write(sheet, facts.title)
    when = facts.known_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    about = book.properties
    about.title, about.creator, about.language = facts.title, "Keping", facts.language
    about.created = about.modified = when
    held = io.BytesIO()
    # `Workbook.save` would put the clock into the properties; the writer beneath it does not
    ExcelWriter(book, _DatedZip(held, "w", ZIP_DEFLATED)).save()
    return held.getvalue()


def prepare_writer() -> None:
    """Load the library now, so that forked children share it."""
    import openpyxl
    import openpyxl.worksheet.table
    import openpyxl.writer.excel  # noqa: F401


class _DatedZip(ZipFile):
    """A ZIP archive whose files all have one fixed date."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, compress_type: int | None = None, compresslevel: int | None = None) -> None:
        entry = ZipInfo(str(zinfo_or_arcname), _EPOCH)
        entry.create_system, entry.external_attr = 3, 0o600 << 16
        super().writestr(entry, data, compress_type or ZIP_DEFLATED, compresslevel)

    def write(self, filename: Any, arcname: Any = None, *_args: Any, **_kwargs: Any) -> None:
        self.writestr(arcname or filename, Path(filename).read_bytes())


def _tabs(titles: Iterable[str]) -> list[str]:
    """Names of tabs as spreadsheets allow them: short, without their signs, none twice."""
    found: list[str] = []
    for title in titles:
        plain = title.translate(_NO_TAB).strip("' ")[:_TAB_LETTERS] or "–"
        tab, number = plain, 2
        while tab.casefold() in {one.casefold() for one in found}:
            tab, number = f"{plain[: _TAB_LETTERS - 4]} ({number})", number + 1
        found.append(tab)
    return found


class _Looks:
    """The few ways in which cells look, registered once with the workbook."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._forms: dict[tuple[str, bool], StyleArray] = {}
        self.title = self._made(bold=True, size=14)
        self.caption = self._made(bold=True, size=11)
        self.head = self._made(bold=True, ground="E8ECEF", wrap=True)
        self.words = self._made(text=True)
        self.wrapped = self._made(text=True, wrap=True)
        self.note = self._made(text=True, colour="5A6570", italic=True)

    def number(self, form: str) -> StyleArray:
        """A number in that format."""
        return self._formed(form, bold=False)

    def total(self, form: str) -> StyleArray:
        """The same in a row of totals."""
        return self._formed(form, bold=True)

    def _formed(self, form: str, bold: bool) -> StyleArray:
        key = (form, bold)
        if key not in self._forms:
            self._forms[key] = self._made(form=form, text=not form, bold=bold)
        return self._forms[key]

    def _made(
        self, *, form: str = "", text: bool = False, bold: bool = False, italic: bool = False, size: int = 10, **more: Any
    ) -> StyleArray:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Alignment, Font, PatternFill

        cell = WriteOnlyCell(self._page)
        cell.font = Font(name="Calibri", size=size, bold=bold, italic=italic, color=more.get("colour"))
        if text:
            cell.quotePrefix = True  # typed over, it is still no formula
        if form:
            cell.number_format = form
        if more.get("ground"):
            cell.fill = PatternFill("solid", fgColor=more["ground"])
        cell.alignment = Alignment(vertical="top" if more.get("wrap") else None, wrap_text=more.get("wrap", False))
        return cell._style


@dataclass
class _Page:
    """One sheet in the making: rows go down, never back."""

    page: Any
    number: int
    looks: _Looks
    rows: int = 0
    tables: int = 0

    def write(self, sheet: Sheet, pack: str) -> None:
        widths = _widths(sheet)
        for letter, width in zip(_letters(), widths, strict=False):
            self.page.column_dimensions[letter].width = width
        grid = next((block for block in sheet.blocks if isinstance(block, Grid)), None)
        if grid is not None:
            # what stands above the rows is told before the first of them is written
            head = 4 if grid.note else 3
            self.page.freeze_panes = f"C{head + 1}"
            self.page.auto_filter.ref = f"A{head}:{_letter(len(grid.fields))}{head + grid.rows}"
            self.page.print_title_rows = f"{head}:{head}"
        else:
            self.page.freeze_panes = "B3"
        self.page.page_setup.orientation = "landscape"
        self.page.page_setup.fitToHeight = 0
        self.page.sheet_properties.pageSetUpPr = _fit_to_width()
        self._row([self._text(sheet.title, self.looks.title)])
        self._row([self._text(pack, self.looks.note)])
        for block in sheet.blocks:
            self._block(block)

    def _block(self, block: Block | Grid) -> None:
        match block:
            case Grid():
                self._grid(block)
            case Table():
                self._table(block)
            case Side():
                for one in (*block.left, *block.right):
                    self._block(one)
            case Terms():
                self._row([])
                self._caption(block.title)
                for name, meaning in block.rows:
                    self._row([self._text(name, self.looks.words), self._text(meaning, self.looks.words)])
            case Bullets():
                self._row([])
                self._caption(block.title)
                for item in block.items:
                    self._row([self._text(item, self.looks.words)])
            case Chart():
                self._row([])
                self._caption(block.title)
                self._row([self._text(block.sentence, self.looks.words)])
            case Heading():
                self._row([])
                self._caption(block.text)
            case Paragraph():
                self._row([self._text(block.text, self.looks.note if block.role == "note" else self.looks.words)])
            case _:
                return

    def _grid(self, grid: Grid) -> None:
        if grid.note:
            self._row([self._text(grid.note, self.looks.note)])
        self._row([self._text(one.title, self.looks.head) for one in grid.fields])
        looks = [self.looks.number(one.form) for one in grid.fields]
        for row in zip(*(one.values for one in grid.fields), strict=True):
            self._row([self._value(value, look) for value, look in zip(row, looks, strict=True)])

    def _table(self, table: Table) -> None:
        shown = _Shown(table)
        self._row([])
        self._caption(table.caption)
        self._row([self._text(head, self.looks.head) for head in shown.heads])
        first = self.rows
        for place, row in enumerate(shown.rows, 1):
            last = table.last_is_total and place == len(shown.rows)
            look = self.looks.total if last else self.looks.number
            self._row([self._value(_bare(value), look(value.form if isinstance(value, Numeral) else "")) for value in row])
        self._filter(shown.heads, first, len(shown.rows) - table.last_is_total)
        if table.note:
            self._row([self._text(table.note, self.looks.note)])

    def _filter(self, heads: Sequence[str], first: int, rows: int) -> None:
        """Make a table of rows that can be filtered, where spreadsheets can: each head named, none twice."""
        from openpyxl.worksheet.table import Table as Filtered
        from openpyxl.worksheet.table import TableStyleInfo

        if rows < 2 or not all(heads) or len({head.casefold() for head in heads}) < len(heads):
            return
        self.tables += 1
        made = Filtered(displayName=f"t{self.number}_{self.tables}", ref=f"A{first}:{_letter(len(heads))}{first + rows}")
        made.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
        made._initialise_columns()
        for column, head in zip(made.tableColumns, heads, strict=True):
            column.name = head
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that columns must be given by hand, as they are here
            self.page.add_table(made)

    def _caption(self, words: str) -> None:
        if words:
            self._row([self._text(words, self.looks.caption)])

    def _row(self, cells: list[Any]) -> None:
        self.page.append(cells)
        self.rows += 1

    def _text(self, words: str, look: StyleArray) -> Any:
        from openpyxl.cell import Cell as Sheetcell

        cell = Sheetcell(self.page, row=1, column=1, value=words, style_array=look)
        cell.data_type = "s"  # `=1+1` and `#N/A` are words, too
        return cell

    def _value(self, value: Value, look: StyleArray) -> Any:
        from openpyxl.cell import Cell as Sheetcell

        if value is None or value == "":
            return None
        if isinstance(value, str):
            return self._text(value, look)
        return Sheetcell(self.page, row=1, column=1, value=value, style_array=look)


def _bare(value: str) -> Value:
    return value.value if isinstance(value, Numeral) else value


class _Shown:
    """A printed table as columns of a sheet: what stands small beneath a cell has a column of its own."""

    def __init__(self, table: Table) -> None:
        self._detailed = [any(row[place].detail for row in table.rows) for place in range(len(table.columns))]
        self.heads = [head for place, column in enumerate(table.columns) for head in self._heads(place, column.title)]
        self.rows = [[text for place, cell in enumerate(row) for text in self._texts(place, cell)] for row in table.rows]

    def _heads(self, place: int, title: str) -> Iterator[str]:
        yield title
        if self._detailed[place]:
            yield f"{title} …" if title else "…"

    def _texts(self, place: int, cell: Cell) -> Iterator[str]:
        yield cell.text
        if self._detailed[place]:
            yield cell.detail


def _widths(sheet: Sheet) -> list[int]:
    """Of each column the width that its tables ask for; long sentences stand in the first and run over the others."""
    widest: dict[int, int] = {}
    for block in _flat(sheet.blocks):
        if isinstance(block, Grid):
            for place, one in enumerate(block.fields):
                widest[place] = max(widest.get(place, 8), one.width)
        elif isinstance(block, Table):
            shown = _Shown(block)
            for place, column in enumerate(zip(*shown.rows, strict=True)):
                letters = max(_letters_of(text) for text in column)
                widest[place] = min(_WIDEST, max(widest.get(place, 10), letters + 2))
        elif isinstance(block, Terms):
            widest[0] = min(_WIDEST, max(widest.get(0, 10), *(_letters_of(name) + 2 for name, _ in block.rows)))
    return [widest.get(place, 10) for place in range(max(widest, default=0) + 1)]


def _letters_of(text: str) -> int:
    """How wide a text is, in Latin letters."""
    return sum(2 if letter > "\u2e7f" else 1 for letter in text)


def _flat(blocks: Iterable[Block | Grid]) -> Iterator[Block | Grid]:
    for block in blocks:
        yield from _flat((*block.left, *block.right)) if isinstance(block, Side) else (block,)


def _letters() -> Iterator[str]:
    number = 1
    while True:
        yield _letter(number)
        number += 1


def _letter(number: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(number))


def _fit_to_width() -> Any:
    from openpyxl.worksheet.properties import PageSetupProperties

    return PageSetupProperties(fitToPage=True)
