"""What people and programs do to workbooks and exports: read as they mean it, or refused by name; each case has its right value."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import Workbook

from flows.snapshots.store import Pulled, read_snapshot
from tests.flows.intake.builders import pulled, settings
from tests.flows.intake.ways import balance, cells, refusals
from transforms.errors import HeldError

HEAD = ["order_id", "customer_id", "ordered_at", "amount"]


def orders(*amounts: Any, head: Sequence[str] = HEAD) -> list[list[Any]]:
    return [list(head), *([f"O{n}", f"C{n}", datetime(2024, 6, n, 10), amount] for n, amount in enumerate(amounts, start=1))]


def workbook(path: Path, rows: Sequence[Sequence[Any]], change: Callable[[Any], None] = lambda sheet: None) -> None:
    """The rows as a workbook, changed by somebody before it was saved."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    change(book.active)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def pull_files(folder: Path, files: str, *, more: str = "", table: str = "orders", query: str = "") -> Pulled:
    found = f'query = "{query}"' if query else f'files = "{files}"'
    block = f'[[tables.{table}]]\nsource = "s"\n{found}\ntimezone = "Asia/Shanghai"\n{more}\n'
    return pulled(settings(folder, block, sources='[sources.s]\npath = "."\n'))


def rule(result: Pulled, name: str) -> Any:
    return {finding.rule: finding for finding in result.findings}.get(name)


@pytest.mark.parametrize("query", ["", "select order_id, customer_id, ordered_at, amount from t"])
@pytest.mark.parametrize("number_format", [27, 31, 57, 58])
def test_dates_in_the_built_in_east_asian_formats(number_format: int, query: str, tmp_path: Path) -> None:
    workbook(tmp_path / "t.xlsx", orders(100, 100))
    packed = io.BytesIO((tmp_path / "t.xlsx").read_bytes())
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(tmp_path / "t.xlsx", "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/styles.xml":  # no format text in the file: only the number, as Excel itself stores it
                data = data.replace(b'numFmtId="164"', f'numFmtId="{number_format}"'.encode())
            new.writestr(name, data)
    found = cells(pull_files(tmp_path, "t.xlsx", query=query))
    assert [r["ordered_at"] for r in found] == [pd.Timestamp(f"2024-06-0{n} 02:00", tz="UTC") for n in (1, 2)]


def test_a_formula_that_was_never_computed_is_no_empty_cell(tmp_path: Path) -> None:
    rows = orders(100, 100, "=50*2", 100, head=[*HEAD, "refund_amount", "cost"])
    for row, more in zip(rows[1:], [("=D2*0.5", 1), (20, "=1+1"), (None, 1), (None, None)], strict=True):
        row.extend(more)
    workbook(tmp_path / "t.xlsx", rows)
    result = pull_files(tmp_path, "t.xlsx")
    assert refusals(result) == [
        ("orders.amount.type", "formula without a stored value"),
        ("orders.refund_amount.type", "formula without a stored value"),
    ]
    assert [(r["order_id"], r["cost"]) for r in cells(result)] == [("O2", None), ("O4", None)]
    assert "'formula without a stored value' 1" in rule(result, "orders.cost.type").message
    asked = pull_files(tmp_path, "", query="select order_id, customer_id, ordered_at, amount, refund_amount from t")
    assert len(refusals(asked)) == 2


@pytest.mark.parametrize("query", ["", "select order_id, customer_id, ordered_at, amount from t"])
def test_cells_merged_over_rows_say_the_same_of_each(query: str, tmp_path: Path) -> None:
    def merge(sheet: Any) -> None:
        sheet.merge_cells("B2:B4")
        sheet.insert_rows(1)
        sheet["A1"] = "Orders of June"
        for part in list(sheet.merged_cells.ranges):
            part.shift(0, 1)
        sheet.merge_cells("A1:D1")

    workbook(tmp_path / "t.xlsx", orders(100, 100, 100, 100), merge)
    result = pull_files(tmp_path, "t.xlsx", more="header = 2", query=query)
    assert [r["customer_id"] for r in cells(result)] == ["C1", "C1", "C1", "C4"]


def test_an_amount_in_a_merged_cell_is_nobodys(tmp_path: Path) -> None:
    workbook(tmp_path / "t.xlsx", orders(300, 1, 1, 100), lambda sheet: sheet.merge_cells("D2:D4"))
    result = pull_files(tmp_path, "t.xlsx")
    assert refusals(result) == [("orders.amount.merged", "300 (one merged cell over rows 2 to 4)")] * 3
    with pytest.raises(HeldError, match="numbers in merged cells: amount 300"):
        pull_files(tmp_path, "", query="select order_id, customer_id, ordered_at, amount from t")


@pytest.mark.parametrize("query", ["", "select order_id, customer_id, ordered_at, amount from t"])
def test_ids_that_are_longer_than_excel_keeps_are_refused(query: str, tmp_path: Path) -> None:
    rows = orders(100, 100, 100, 100)
    for row, who in zip(rows[1:], [110101199001011234.0, 1234567890123456, 12345.0, 123456789012345], strict=True):
        row[1] = who
    workbook(tmp_path / "t.xlsx", rows)
    result = pull_files(tmp_path, "t.xlsx", query=query)
    assert [name for name, _ in refusals(result)] == ["orders.customer_id.digits"] * 2
    assert [r["customer_id"] for r in cells(result)] == ["12345", "123456789012345"]
    assert "have it written as text." in rule(result, "orders.customer_id.digits").message


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("last", [["合计", None], ["Total:", "C9"], ["O9", None]])
def test_a_totals_row_holds_the_month_and_can_be_left_out(form: str, last: list[Any], tmp_path: Path) -> None:
    rows = [*orders(100, 100, 100, 100), [last[0], last[1], datetime(2024, 6, 30), 400]]
    if form == "xlsx":
        workbook(tmp_path / "t.xlsx", rows)
    else:
        (tmp_path / "t.csv").write_text("\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows))
    result = pull_files(tmp_path, f"t.{form}")
    told = rule(result, "orders.rows.total")
    assert told.severity.value == "critical" and "holds 400.00, exactly the sum of all 4 other rows" in told.message
    left = pull_files(tmp_path, f"t.{form}", more=f'unless = {{ order_id = "{last[0]}" }}')
    assert rule(left, "orders.rows.total") is None
    assert balance(left)["read"] == 4 and sum(r["amount"] for r in cells(left)) == 4_000_000


def test_an_order_as_large_as_two_others_is_no_totals_row(tmp_path: Path) -> None:
    workbook(tmp_path / "t.xlsx", orders(100, 100, 100, 300))
    assert rule(pull_files(tmp_path, "t.xlsx"), "orders.rows.total") is None


SMALL = "order_id,customer_id,ordered_at,amount\nO1,C1,2024-06-03 10:00,100\nO2,C2,2024-06-28 10:00,100\n"
TITLE = "Sales report June 2024\nPrinted 2024-07-01\n\n"


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("sep=;\n" + SMALL.replace(",", ";"), ""),
        ('"sep=|"\r\n' + SMALL.replace(",", "|"), ""),
        ("\ufeffSEP=\t\n" + SMALL.replace(",", "\t"), ""),
        (TITLE + SMALL, "header = 4"),
        (TITLE + SMALL.replace("amount\n", '"amount\n(CNY)"\n'), 'header = 4\ncolumns = { amount = "amount\\n(CNY)" }'),
        (SMALL.replace("amount", 'amount,"Would you\nrecommend us?"').replace("100\n", "100,9\n"), ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("way", ["files", "query"])
def test_what_stands_above_the_header(text: str, more: str, way: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    result = pull_files(tmp_path, "t.csv", more=more, query="select * from t" if way == "query" else "")
    assert sum(r["amount"] for r in cells(result)) == 2_000_000 and balance(result)["read"] == 2


def test_line_numbers_count_from_the_top_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TITLE + SMALL.replace("amount\n", '"amount\n"\n') + "O3,C3,2024-06-28 10:00,much\n")
    assert pull_files(tmp_path, "t.csv", more="header = 4").quarantine["place"].tolist() == ["t.csv:8"]


def test_a_title_is_told_with_the_key_that_names_the_header(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TITLE + SMALL)
    with pytest.raises(HeldError, match=r"begins with 'Sales report June 2024', which looks like a title; .* in line 4.\n.*header = 4"):
        pull_files(tmp_path, "t.csv")
    workbook(tmp_path / "t.xlsx", [["Sales report"], [], *orders(100, 100)])
    with pytest.raises(HeldError, match=r"row 3.\nNothing was published. Write header = 3"):
        pull_files(tmp_path, "t.xlsx")
    assert sum(r["amount"] for r in cells(pull_files(tmp_path, "t.xlsx", more="header = 3"))) == 2_000_000


@pytest.mark.parametrize(
    ("name", "head", "words"),
    [
        ("t.xls", b"\xd0\xcf\x11\xe0", "a workbook of Excel before 2007"), ("t.xlsb", b"PK\x03\x04", "a binary Excel workbook"),
        ("t.ods", b"PK\x03\x04", "an OpenDocument sheet"), ("t.zip", b"PK\x03\x04", "a ZIP archive"),
        ("t.csv", b"PK\x03\x04", "a ZIP archive or an Excel workbook, not CSV"), ("t.csv", b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
        ("t.xlsx", b"\xd0\xcf\x11\xe0", "not an XLSX file"),
    ],
)  # fmt: skip
def test_other_forms_are_refused_by_name(name: str, head: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(head + bytes(600))
    with pytest.raises(HeldError, match=words):
        pull_files(tmp_path, "t.*")


def exports(folder: Path, more: str) -> Pulled:
    """The same lists exported in two months; a customer moved and a response was edited in between."""
    for name, lines in {
        "cust-9.csv": ["customer_id,name,region", "C1,Client 1,North", "C2,Client 2,South"],
        "cust-10.csv": ["customer_id,name,region", "C1,Client 1,West", "C2,Client 2,South"],
        "s-05.csv": ["response_id,customer_id,answered_at,score,changed", "R1,C1,2024-05-30 10:00,2,7", "R3,C3,2024-05-29 10:00,4,7"],
        "s-06.csv": ["response_id,customer_id,answered_at,score,changed", "R1,C1,2024-06-02 10:00,5,8", "R2,C2,2024-06-29 10:00,4,8"],
        "o.csv": SMALL.splitlines(),
    }.items():
        (folder / name).write_text("\n".join(lines))
    blocks = (
        '[[tables.orders]]\nsource = "s"\nfiles = "o.csv"\ntimezone = "Asia/Shanghai"\n'
        f'[[tables.customers]]\nsource = "s"\nfiles = "cust-*.csv"\n{more.replace("changed", "file")}\n'
        f'[[tables.surveys]]\nsource = "s"\nfiles = "s-*.csv"\ntimezone = "Asia/Shanghai"\n{more}\n'
        'constants = { instrument = "csat", item = "overall", scale_min = 1, scale_max = 5 }\n'
    )
    return pulled(settings(folder, blocks, sources='[sources.s]\npath = "."\n'), first="2024-04")


@pytest.mark.parametrize("latest", ["file", "changed"])
def test_the_newest_of_several_exports_of_one_list_counts(latest: str, tmp_path: Path) -> None:
    result = exports(tmp_path, f'latest = "{latest}"')
    people = read_snapshot(result.snapshots["customers"][""])
    assert people[["customer_id", "region"]].to_numpy().tolist() == [["C1", "West"], ["C2", "South"]]
    assert [(r["response_id"], r["score"]) for month in ("2024-05", "2024-06") for r in cells(result, "surveys", month)] == [
        ("R3", 4.0), ("R1", 5.0), ("R2", 4.0),
    ]  # fmt: skip
    assert refusals(result, "customers") == refusals(result, "surveys") == []
    assert balance(result, "surveys") == {"read": 4, "accepted": 3, "quarantined": 0, "duplicates": 1}
    assert balance(result, "customers") == {"read": 4, "accepted": 2, "quarantined": 0, "duplicates": 2}


def test_without_a_word_on_it_two_versions_contradict_each_other(tmp_path: Path) -> None:
    assert {name for name, _ in refusals(exports(tmp_path, ""), "customers")} == {"customers.conflict"}


def test_rows_are_chosen_by_the_files_own_columns(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "order_id,customer_id,ordered_at,amount,kind\nO1,C1,2024-06-03 10:00,100,sale\nO2,C2,2024-06-04 10:00,x,quote\n"
        "O3,C3,2024-06-05 10:00,7,sale\nO4,C3,2024-06-05 10:00,y,Sale\nTotal,,,,\n"
    )
    result = pull_files(tmp_path, "t.csv", more='where = { Kind = ["sale", "Sale"] }\nunless = { order_id = "O4" }')
    assert [r["order_id"] for r in cells(result)] == ["O1", "O3"] and balance(result)["read"] == 2
    with pytest.raises(HeldError, match=r"has no column 'sort', which tables.orders\[1\].where names"):
        pull_files(tmp_path, "t.csv", more='where = { sort = "sale" }')
