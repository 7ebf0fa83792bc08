"""Workbooks, Parquet files, copies, and SQL over files that can reach nothing else."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from flows.settings import Settings
from flows.snapshots.store import read_snapshot
from tests.flows.intake.builders import order, pulled, rules, settings, write_csv, write_parquet, write_xlsx
from transforms.errors import HeldError, UsageError

ROWS = [order("O1", "2024-06-03 09:00", "60"), order("O2", "2024-06-04 09:00", "61.5")]


def drops(folder: Path, block: str, table: str = "orders") -> Settings:
    (folder / "drops").mkdir(exist_ok=True)
    return settings(folder, f'[[tables.{table}]]\nsource = "drops"\ntimezone = "UTC"\n{block}\n', sources='[sources.drops]\npath = "drops"')


def query(folder: Path, sql: str) -> Settings:
    return drops(folder, f"query = '''{sql}'''")


def test_broken_cells_of_a_workbook_are_named_by_sheet_and_row(tmp_path: Path) -> None:
    from openpyxl import Workbook

    config = drops(tmp_path, 'files = "*.xlsx"\nsheet = "June"')
    book = Workbook()
    sheet = book.create_sheet("June")
    sheet.append(["order_id", "customer_id", "ordered_at", "amount", "channel"])
    sheet.append([None])
    sheet.append([1001.0, "C1", ROWS[0]["ordered_at"], 60.1, "web"])
    sheet.append(["O2", "C1", ROWS[0]["ordered_at"], "#REF!", "web"])
    sheet["D4"].data_type = "e"
    sheet.append(["O3", "C1", ROWS[0]["ordered_at"], True, "web"])
    sheet.append(["O4", "C1", 45000, 5, "web"])
    book.save(tmp_path / "drops" / "sales.xlsx")
    result = pulled(config)
    assert result.quarantine[["place", "rule", "value"]].to_numpy().tolist() == [
        ["sales.xlsx!June:6", "orders.ordered_at.type", "45000"],
        ["sales.xlsx!June:4", "orders.amount.type", "#REF!"],
        ["sales.xlsx!June:5", "orders.amount.type", "True"],
    ]
    june = read_snapshot(result.snapshots["orders"]["2024-06"])
    assert june[["order_id", "amount"]].to_numpy().tolist() == [["1001", 601_000]]


def test_a_sheet_that_is_not_there(tmp_path: Path) -> None:
    config = drops(tmp_path, 'files = "*.xlsx"\nsheet = "Juni"')
    write_xlsx(tmp_path / "drops" / "sales.xlsx", ROWS, sheet="June")
    with pytest.raises(HeldError, match=r"^orders@drops: sales\.xlsx has no sheet 'Juni'; it has June\.\nNothing was published\.$"):
        pulled(config)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    config = drops(tmp_path, 'files = "*.xlsx"')
    with zipfile.ZipFile(tmp_path / "drops" / "sales.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", b"\0" * 300_000_000)
    with pytest.raises(HeldError, match=r"sales\.xlsx would unpack from [\d,]+ to 300,000,000 bytes"):
        pulled(config)


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    config = drops(tmp_path, 'files = "*.xlsx"')
    path = write_xlsx(tmp_path / "drops" / "sales.xlsx", ROWS)
    parts = {name: zipfile.ZipFile(path).read(name) for name in zipfile.ZipFile(path).namelist()}
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><workbook>&b;</workbook>'
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, evil if name == "xl/workbook.xml" else content)
    with pytest.raises(HeldError, match=r"sales\.xlsx declares a document type of its own in xl/workbook\.xml"):
        pulled(config)


@pytest.mark.parametrize("name", ["sales.xlsx", "sales.parquet"])
def test_files_that_are_not_what_their_name_says(name: str, tmp_path: Path) -> None:
    config = drops(tmp_path, f'files = "{name}"')
    (tmp_path / "drops" / name).write_bytes(b"\xd0\xcf\x11\xe0 an old binary workbook")
    with pytest.raises(HeldError, match=r"sales\.\w+ is not "):
        pulled(config)


def test_a_nan_in_a_parquet_file_is_a_fault_and_a_missing_value_is_none(tmp_path: Path) -> None:
    config = drops(tmp_path, 'files = "*.parquet"')
    rows: list[dict[str, Any]] = [
        {**ROWS[0], "amount": 1.5, "cost": None},
        {**ROWS[1], "amount": float("nan"), "cost": 2.0},
        {**ROWS[1], "order_id": "O3", "amount": float("inf"), "cost": 2.0},
    ]
    write_parquet(tmp_path / "drops" / "sales.parquet", rows)
    result = pulled(config)
    assert result.quarantine[["place", "rule"]].to_numpy().tolist() == [
        ["sales.parquet:2", "orders.amount.type"],
        ["sales.parquet:3", "orders.amount.type"],
    ]
    assert read_snapshot(result.snapshots["orders"]["2024-06"])["cost"].isna().all()


def test_the_same_file_under_another_name_counts_as_duplicates(tmp_path: Path) -> None:
    config = drops(
        tmp_path,
        'files = "*.csv*"\ncolumns = { order_id = "order_id", sku = "channel", quantity = "one", unit_price = "amount" }',
        table="order_lines",
    )
    lines = [{**row, "channel": "A", "one": 1} for row in ROWS]
    write_csv(tmp_path / "drops" / "june.csv", lines)
    write_csv(tmp_path / "drops" / "june (2).csv.gz", lines)
    result = pulled(config)
    book = result.quality[(result.quality["table"] == "order_lines")].iloc[0]
    assert book[["read", "accepted", "duplicates", "money_read", "money_duplicates"]].tolist() == [4, 2, 2, 2_430_000, 1_215_000]
    finding = next(finding for finding in result.findings if finding.rule == "order_lines.files.twice")
    assert (
        finding.message
        == "order_lines: june.csv holds the same bytes as june (2).csv.gz; its rows count as duplicates. Remove one of them."
    )


def test_each_file_is_a_view_named_by_its_stem(tmp_path: Path) -> None:
    config = query(
        tmp_path,
        'select s.order_id, c.customer_id, s.ordered_at, sum(p.amount) as amount from "sales-2024" s join customers c using (customer_id)'
        " join payments p using (order_id) where s.ordered_at >= :start and s.ordered_at < :end group by all",
    )
    folder = tmp_path / "drops"
    write_csv(
        folder / "sales-2024.csv", [{key: row[key] for key in ("order_id", "customer_id", "ordered_at")} for row in ROWS], delimiter=";"
    )
    write_xlsx(folder / "customers.xlsx", [{"customer_id": "C1"}])
    write_parquet(
        folder / "payments.parquet",
        [{"order_id": "O1", "amount": 0.1}, {"order_id": "O1", "amount": 0.2}, {"order_id": "O2", "amount": 5.0}],
    )
    (folder / "notes.csv").write_bytes(b"\xff\xfe broken and not asked for")
    june = read_snapshot(pulled(config).snapshots["orders"]["2024-06"])
    assert june[["order_id", "amount"]].to_numpy().tolist() == [["O1", 3_000], ["O2", 50_000]]


def test_codes_with_leading_zeros_and_words_stay_text_in_sql(tmp_path: Path) -> None:
    config = query(
        tmp_path, "select zip || '/' || na as order_id, cast(n + 1 as varchar) as customer_id, t as ordered_at, m as amount from codes"
    )
    (tmp_path / "drops" / "codes.csv").write_text(
        "zip,na,n,t,m\n00501,NA,41,2024-06-03 10:00:00,1.10\n10001,x,42,2024-06-03 10:00:00,2.2222\n"
    )
    june = read_snapshot(pulled(config).snapshots["orders"]["2024-06"])
    assert june[["order_id", "customer_id", "amount"]].to_numpy().tolist() == [["00501/NA", "42", 11_000], ["10001/x", "43", 22_222]]


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/hostname')",
        "select * from '/etc/passwd'",
        "select * from glob('/*')",
        "select * from read_csv('https://example.com/x.csv')",
        "select * from read_parquet('s3://bucket/x.parquet')",
        "with x as (select 1) copy (select 1) to 'out.csv'",
        "select getenv('HOME') as order_id",
        "select * from duckdb_secrets(), sqlite_scan('x', 'y')",
        "from sales select *; attach 'x.db'",
        "copy sales to 'out.csv'",
        "install httpfs",
        "pragma database_list",
        "set enable_external_access = true",
    ],
)
def test_sql_over_files_reaches_no_other_file_and_no_network(sql: str, tmp_path: Path) -> None:
    config = query(tmp_path, sql)
    write_csv(tmp_path / "drops" / "sales.csv", ROWS)
    with pytest.raises(UsageError):
        pulled(config)
    assert sorted(path.name for path in (tmp_path / "drops").iterdir()) == ["sales.csv"]


def test_an_error_in_sql_over_files_names_the_tables_that_are_there(tmp_path: Path) -> None:
    config = query(tmp_path, "select * from sale")
    write_csv(tmp_path / "drops" / "sales.csv", ROWS)
    with pytest.raises(
        UsageError,
        match=r"^orders@drops: the query fails: Catalog Error: .*\nNothing was read\. .*one per file, and nothing else: sales\.$",
    ):
        pulled(config)


def test_new_columns_are_a_warning_where_a_block_takes_all_of_them(tmp_path: Path) -> None:
    config = drops(tmp_path, 'files = "*.csv"')
    write_csv(tmp_path / "drops" / "sales.csv", [{**row, "chanel": "web"} for row in ROWS])
    result = pulled(config)
    finding = next(finding for finding in result.findings if finding.rule == "orders.columns.extra")
    assert (finding.severity.value, finding.message) == (
        "warning",
        "orders: sales.csv has columns that nobody reads: chanel. Are they new, or misspelt?",
    )
    assert "orders.columns.extra" not in rules(pulled(drops(tmp_path, 'files = "*.csv"\ncolumns = { order_id = "order_id" }')))
