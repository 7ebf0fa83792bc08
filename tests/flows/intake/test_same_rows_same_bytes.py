"""The same rows give the same snapshots, whatever they come from and in whatever order."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows.settings import Settings
from flows.snapshots.store import read_snapshot
from tests.flows.intake.builders import at, database, digests, order, pulled, settings, write_csv, write_parquet, write_table, write_xlsx

ORDERS = [
    order("007", "2024-04-30 16:30:00", "12.50", customer="C1", currency="CNY", status="completed"),
    order("O2", "2024-05-01 00:00:00", "100.0001", customer=None, currency=None, status=None),
    order(
        "O3", "2024-05-31 15:59:59.123", "20.10", customer="客户三", currency="EUR", status="Completed", updated_at=at("2024-06-02 10:00")
    ),
    order("O4", "2024-05-31 16:00:00", "-7.25", customer="NA", currency="CNY", status="completed"),
    {
        **order("O5", "2024-06-03 09:00:00", "80", customer="None", currency="CNY", status="returned"),
        "refund_amount": Decimal("30.5"),
        "refunded_at": at("2024-06-20 08:00:00"),
    },
]

RATES = [
    {"date": date(2024, 5, 30), "currency": "EUR", "rate": Decimal("7.8456")},
    {"date": date(2024, 6, 7), "currency": "EUR", "rate": Decimal("7.9")},
]


def line(line_id: str, sku: str, quantity: int, price: str) -> dict[str, Any]:
    when = at("2024-06-03 09:00:00")
    return {"order_id": "O5", "line_id": line_id, "sku": sku, "quantity": quantity, "unit_price": Decimal(price), "ordered_at": when}


LINES = [line("1", "0012", 3, "10.1"), line("2", 'A|B, "x"\ny', -1, "0.3333")]

TABLES = {"orders": ORDERS, "fx_rates": RATES, "order_lines": LINES}

TIME = {"orders": "ordered_at", "order_lines": "ordered_at"}


def by_database(folder: Path, url: str, rows: dict[str, list]) -> Settings:
    blocks = ""
    for table, content in rows.items():
        write_table(url, table, content)
        where = f" where {TIME[table]} >= :start and {TIME[table]} < :end" if table in TIME else ""
        blocks += f'[[tables.{table}]]\nsource = "db"\ntimezone = "UTC"\nquery = "select * from {table}{where}"\n'
    return settings(folder, blocks, sources=f'[sources.db]\nurl = "{url}"')


def by_files(folder: Path, ending: str, rows: dict[str, list], **how: str) -> Settings:
    drops = folder / "drops"
    drops.mkdir()
    blocks = ""
    for table, content in rows.items():
        path = drops / f"{table}{ending}"
        {".xlsx": write_xlsx, ".parquet": write_parquet}.get(ending, write_csv)(path, content, **how)
        extra = "".join(f'{key} = "{value}"\n' for key, value in how.items())
        blocks += f'[[tables.{table}]]\nsource = "drops"\nfiles = "{table}*"\ntimezone = "UTC"\n{extra}'
    return settings(folder, blocks, sources='[sources.drops]\npath = "drops"')


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    return digests(pulled(by_files(tmp_path_factory.mktemp("expected"), ".csv", TABLES)))


@pytest.mark.parametrize("backend", ["sqlite", "postgresql", "mariadb"])
def test_a_database_gives_the_same_snapshots_as_a_csv_file(backend: str, tmp_path: Path, expected: dict[str, dict[str, str]]) -> None:
    with database(backend, tmp_path) as url:
        result = pulled(by_database(tmp_path, url, TABLES))
    assert digests(result) == expected
    assert not [finding for finding in result.findings if "control" in finding.rule]


@pytest.mark.parametrize(
    ("ending", "how"),
    [
        (".xlsx", {}),
        (".parquet", {}),
        (".csv.gz", {}),
        (".csv", {"delimiter": ";", "decimal": ","}),
        (".csv", {"encoding": "gb18030"}),
    ],
)
def test_every_kind_of_file_gives_the_same_snapshots(
    ending: str, how: dict[str, str], tmp_path: Path, expected: dict[str, dict[str, str]]
) -> None:
    assert digests(pulled(by_files(tmp_path, ending, TABLES, **how))) == expected


def test_the_order_of_the_rows_does_not_matter(tmp_path: Path, expected: dict[str, dict[str, str]]) -> None:
    assert digests(pulled(by_files(tmp_path, ".csv", {table: rows[::-1] for table, rows in TABLES.items()}))) == expected


def test_rows_split_over_blocks_and_files_give_the_same_snapshots(tmp_path: Path, expected: dict[str, dict[str, str]]) -> None:
    drops = tmp_path / "drops"
    drops.mkdir()
    write_csv(drops / "orders-1.csv", ORDERS[:2])
    write_csv(drops / "orders-2.csv", ORDERS[2:4])
    write_csv(drops / "rest.csv", ORDERS[4:])
    write_csv(drops / "order_lines.csv", LINES)
    write_csv(drops / "fx_rates.csv", RATES)
    block = '[[tables.{}]]\nsource = "drops"\nfiles = "{}"\ntimezone = "UTC"\n'
    names = [("orders", "orders-*.csv"), ("orders", "rest.csv"), ("order_lines", "order_lines.csv"), ("fx_rates", "fx_rates.csv")]
    config = settings(tmp_path, "".join(block.format(*name) for name in names), sources='[sources.drops]\npath = "drops"')
    assert digests(pulled(config)) == expected


def test_files_queried_with_sql_give_the_same_orders_and_rates(tmp_path: Path, expected: dict[str, dict[str, str]]) -> None:
    config = by_files(tmp_path, ".csv", TABLES)
    sql = "select * from orders where ordered_at >= :start and ordered_at < :end"
    query = f'[[tables.orders]]\nsource = "drops"\ntimezone = "UTC"\nquery = "{sql}"\n'
    rates = '[[tables.fx_rates]]\nsource = "drops"\nquery = "select * from fx_rates"\n'
    config = settings(tmp_path, query + rates, sources='[sources.drops]\npath = "drops"')
    found = digests(pulled(config))
    assert found == {table: expected[table] for table in found}


def test_the_values_are_exact_and_placed_by_the_business_time_zone(tmp_path: Path) -> None:
    result = pulled(by_files(tmp_path, ".csv", TABLES))
    months = {month: read_snapshot(snapshot) for month, snapshot in result.snapshots["orders"].items()}
    assert {month: list(frame["order_id"]) for month, frame in months.items()} == {
        "2024-05": ["007", "O2", "O3"],  # 16:30 UTC on 30 April is already May in Shanghai
        "2024-06": ["O4", "O5"],
    }
    may = months["2024-05"].set_index("order_id")
    assert may.loc["O2", "amount"] == 1_000_001
    assert may.loc["O3", ["amount", "original_amount", "currency", "customer_id"]].tolist() == [1_576_966, 201_000, "EUR", "客户三"]
    assert str(may.loc["O3", "ordered_at"]) == "2024-05-31 15:59:59.123000+00:00"
    assert months["2024-06"]["customer_id"].tolist() == ["NA", "None"]
    refunds = read_snapshot(result.snapshots["refunds"]["2024-06"])
    assert refunds[["refund_id", "amount"]].to_numpy().tolist() == [["O4#credit", 72_500], ["O5#refund", 305_000]]
