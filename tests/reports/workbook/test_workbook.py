"""A workbook opens anywhere, runs nothing, can be sorted and added up, and is the same file each time."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
from datetime import date, datetime
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook

from reports.blocks import Cell, Column, Paragraph, Table
from reports.formats import DASH, formats
from reports.numerals import Numeral
from reports.pack import build_packs
from reports.pack_facts import PackFacts
from reports.view import View
from reports.workbook.customers import customers
from reports.workbook.sheets import Field, Grid, Sheet
from reports.workbook.write import BookFacts, workbook_bytes
from tests.reports.builders import KNOWN_AT, material
from tests.reports.builders import customers as people
from transforms.indicators.all import CATALOGUE

ABOUT = BookFacts("Review of A customers", KNOWN_AT, "en")
HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "#N/A", "＝1", "\t=1", "<b>&amp;</b>", "TRUE", "0012", "2026-01-01")


def opened(book: bytes) -> Workbook:
    return load_workbook(io.BytesIO(book))


def grid(*fields: Field) -> bytes:
    return workbook_bytes((Sheet("one", "One", (Grid(fields),)),), ABOUT)


def view(tier: str | None = None, locale: str = "en", **columns: object) -> View:
    held = people(**columns)
    made = material()
    return View(PackFacts(material(review=type(made.review)(**{**vars(made.review), "customers": held})), tier, CATALOGUE), locale)


def test_whatever_a_text_begins_with_it_stays_text_and_no_cell_is_a_formula() -> None:
    page = opened(grid(Field("=Head", "", 10, HOSTILE))).active
    cells = [cell for (cell,) in page.iter_rows(min_row=3)]
    assert [cell.value for cell in cells] == ["=Head", *HOSTILE]
    assert {cell.data_type for cell in cells} == {"s"} and all(cell.quotePrefix for cell in cells[1:])
    with ZipFile(io.BytesIO(grid(Field("x", "", 10, HOSTILE)))) as archive:
        assert not any(re.search(rb"<f[ >]", archive.read(name)) for name in archive.namelist())


def test_a_customer_s_text_is_cleaned_as_on_the_page() -> None:
    (sheet,) = [customers(view(name=["A\x00\x07B\u202eC\r\nD"] * 60))]
    assert isinstance(sheet.blocks[0], Grid)
    (names,) = [field.values for field in sheet.blocks[0].fields if field.title == "Customer"]
    assert set(names) == {"ABC D"}


@pytest.mark.parametrize(("locale", "head"), [("en", "12-month net"), ("zh_CN", "近12个月净销售额")])
def test_numbers_are_numbers_in_the_format_of_the_pack(locale: str, head: str) -> None:
    """The largest customer of the pack stands first; ten-thousandths are units of money."""
    shown = view("a", locale)
    page = opened(workbook_bytes((customers(shown),), ABOUT)).active
    heads = [cell.value for cell in page[3]]
    cell = page.cell(row=4, column=heads.index(head) + 1)
    assert cell.value == pytest.approx(shown.customers["net_12m"].max() / 10_000)
    assert cell.number_format == '"¥"#,##0;-"¥"#,##0'
    assert page.max_row == 3 + len(shown.customers) and page.freeze_panes == "C4"
    assert page.auto_filter.ref == f"A3:{page.cell(row=4, column=len(heads)).coordinate[:-1]}{page.max_row}"


def test_days_are_days_and_columns_without_a_value_are_left_out() -> None:
    made = opened(workbook_bytes((customers(view(first_order_on="2025-03-09", region=None)),), ABOUT)).active
    heads = [cell.value for cell in made[3]]
    assert made.cell(row=4, column=heads.index("First order") + 1).value == datetime(2025, 3, 9)
    assert "Region" not in heads and "Customer id" in heads


def test_printed_numbers_of_a_table_are_values_and_what_is_small_beneath_them_has_a_column() -> None:
    shows = formats("en", "CNY")
    rows = (
        (Cell("North", "N-1"), Cell(shows.money(1234.5, 0)), Cell(shows.share(0.125))),
        (Cell("All"), Cell(shows.money(-2, 0)), Cell(DASH)),
    )
    table = Table("Regions", (Column("Region"), Column("Net"), Column("Share")), rows, note="Of all.", last_is_total=True)
    page = opened(workbook_bytes((Sheet("one", "One", (Paragraph("Said first."), table)),), ABOUT)).active
    told = [[cell.value for cell in row if cell.value is not None] for row in page.iter_rows(min_row=3)]
    assert told == [
        ["Said first."],
        [],
        ["Regions"],
        ["Region", "Region …", "Net", "Share"],
        ["North", "N-1", 1234.5, 0.125],
        ["All", -2, DASH],
        ["Of all."],
    ]
    assert [page["C7"].number_format, page["D7"].number_format] == ['"¥"#,##0;-"¥"#,##0', "0.0%"]


@pytest.mark.parametrize(
    ("said", "text", "value", "form"),
    [
        (formats("en", "CNY").hours(60.0), "2.5 days", 60.0, '#,##0.0" h"'),
        (formats("zh_CN", "CNY").days(1.0), "1天", 1.0, '#,##0"天"'),
        (formats("en", "EUR").difference(0.04, 1), "0.0", 0.04, "+#,##0.0;-#,##0.0;#,##0.0"),
    ],
)
def test_a_printed_number_still_knows_what_it_is(said: str, text: str, value: float, form: str) -> None:
    assert isinstance(said, Numeral)
    assert (said.replace("\u202f", ""), said.value, said.form) == (text, value, form)


def test_two_sheets_never_share_a_tab_and_tabs_are_allowed_names() -> None:
    sheets = tuple(Sheet("x", title, (Paragraph("x"),)) for title in ("A/B: [c]", "a-b- (c)", "x" * 40, "x" * 40))
    names = opened(workbook_bytes(sheets, ABOUT)).sheetnames
    assert names[:2] == ["A-B- (c)", "a-b- (c) (2)"] and len({name.casefold() for name in names}) == 4 and max(map(len, names)) <= 31


AGAIN = """
import hashlib
from reports.pack import build_packs
from reports.workbook.write import BookFacts, workbook_bytes
from tests.reports.builders import material
for pack in build_packs(material(), ("a",), ("en",)):
    print(hashlib.sha256(workbook_bytes(pack.sheets, BookFacts(pack.title, pack.known_at, pack.lang))).hexdigest())
"""


def test_every_pack_has_a_workbook_whose_bytes_depend_on_neither_clock_nor_zone_nor_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    here = [
        hashlib.sha256(workbook_bytes(pack.sheets, BookFacts(pack.title, pack.known_at, pack.lang))).hexdigest()
        for pack in build_packs(material(), ("a",), ("en",))
    ]
    monkeypatch.setenv("PYTHONHASHSEED", "2")
    monkeypatch.setenv("TZ", "America/New_York")
    there = subprocess.run([sys.executable, "-c", AGAIN], capture_output=True, text=True, check=True).stdout
    assert there.split() == here and len(here) == 2


def test_the_only_instant_inside_is_when_the_data_were_known() -> None:
    book = grid(Field("x", "", 10, (1, date(2026, 1, 2), None, "")))
    about = opened(book).properties
    assert (about.created, about.modified, about.title) == (*[KNOWN_AT.replace(tzinfo=None)] * 2, ABOUT.title)
    with ZipFile(io.BytesIO(book)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_tier_s_workbook_holds_its_customers_alone() -> None:
    whole = material()
    made = {pack.name: pack for pack in build_packs(whole, ("a", "c"), ("en",), CATALOGUE)}
    held = opened(workbook_bytes(made["tier-a"].sheets, ABOUT))["Customers"]
    ids = {row[0] for row in held.iter_rows(min_row=4, max_col=1, values_only=True)}
    base = whole.review.customers
    assert ids == set(base.loc[base["tier"] == "a", "customer_id"])
