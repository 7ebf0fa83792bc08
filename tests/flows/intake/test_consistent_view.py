"""All blocks of a source see one moment of it, and none of them can change it."""

from __future__ import annotations

import random
import threading
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from flows.intake.pull import pull
from tests.flows.intake.builders import NOW, at, database, order, pulled, settings, write_table
from transforms.errors import ReviewError
from transforms.month import Month

BACKENDS = ["postgresql", "mariadb", "sqlite"]


@pytest.mark.parametrize("backend", BACKENDS[:2])
def test_money_that_moves_between_two_tables_is_never_lost_or_doubled(backend: str, tmp_path: Path) -> None:
    """A writer moves amounts between orders and refunds without rest; every extract sums to the same."""
    with database(backend, tmp_path) as url:
        write_table(url, "orders", [order(f"O{number}", "2024-06-03 09:00", "10000") for number in range(40)])
        refunds = [
            {"refund_id": f"R{n}", "customer_id": "C1", "refunded_at": at("2024-06-04 09:00"), "amount": Decimal(10000)} for n in range(40)
        ]
        write_table(url, "refunds", refunds)
        config = settings(
            tmp_path,
            "".join(
                f'[[tables.{name}]]\nsource = "db"\ntimezone = "UTC"\nquery = "select * from {name}"\n' for name in ("orders", "refunds")
            ),
            sources=f'[sources.db]\nurl = "{url}"',
        )
        stop = threading.Event()
        moves = [0]

        def move() -> None:
            engine = sa.create_engine(url)
            dice = random.Random(7)
            while not stop.is_set():
                step, place = dice.randint(-50, 50), dice.randrange(40)
                with engine.begin() as connection:
                    connection.exec_driver_sql(f"update orders set amount = amount + {step} where order_id = 'O{place}'")
                    connection.exec_driver_sql(f"update refunds set amount = amount - {step} where refund_id = 'R{place}'")
                moves[0] += 1
            engine.dispose()

        writer = threading.Thread(target=move)
        writer.start()
        try:
            seen = []
            for _ in range(10):
                result = pull(config, None, Month(2024, 6), now=NOW, progress=lambda line: None)
                books = result.quality.groupby("table")[["money_read"]].sum()
                seen.append((int(books.loc["orders", "money_read"]), int(books.loc["refunds", "money_read"])))
                assert not [finding for finding in result.findings if "control" in finding.rule]
        finally:
            stop.set()
            writer.join()
    assert moves[0] > 10 and len(set(seen)) > 1, "the writer did not write while we read"
    assert {orders + refunds for orders, refunds in seen} == {800_000 * 10_000}


@pytest.mark.parametrize("backend", BACKENDS[:2])
def test_both_tables_are_read_at_one_moment_though_they_change_in_between(backend: str, tmp_path: Path) -> None:
    from flows.sources.chunks import Block, Span
    from flows.sources.sql import SqlSource

    with database(backend, tmp_path) as url:
        write_table(url, "orders", [order("O1", "2024-06-03 09:00", "60")])
        write_table(url, "refunds", [order("R1", "2024-06-03 09:00", "40")])
        config = settings(
            tmp_path,
            "".join(
                f'[[tables.orders]]\nsource = "db"\ntimezone = "UTC"\nquery = "select * from {name}"\n' for name in ("orders", "refunds")
            ),
            sources=f'[sources.db]\nurl = "{url}"',
        )
        source = SqlSource("db", url, "orders@db", frozenset())
        first, second = (Block("orders", number, block) for number, block in enumerate(config.tables["orders"], start=1))
        span = Span(at("1980-01-01T00:00:00+00:00"), at("2025-01-01T00:00:00+00:00"))
        engine = sa.create_engine(url)
        try:
            before = next(source.read(first, span)).frame["amount"].iloc[0]
            with engine.begin() as connection:
                connection.exec_driver_sql("update orders set amount = 0")
                connection.exec_driver_sql("update refunds set amount = 100")
            after = next(source.read(second, span)).frame["amount"].iloc[0]
            counted = source.totals(second, span, [], 0)
            assert (before, after) == (60, 40)
            assert counted is not None and counted.whole.money == 40
        finally:
            source.close()
            engine.dispose()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_source_cannot_be_written_to(backend: str, tmp_path: Path) -> None:
    from flows.sources.sql import SqlSource

    with database(backend, tmp_path) as url:
        write_table(url, "orders", [order("O1", "2024-06-03 09:00", "60")])
        source = SqlSource("db", url, "orders@db", frozenset())
        try:
            with pytest.raises(sa.exc.DBAPIError, match=r"(?i)read.?only"):
                source._connection.exec_driver_sql("update orders set amount = 0")
        finally:
            source.close()


@pytest.mark.parametrize(
    "query", ["delete from orders", "select 1; delete from orders", "update orders set amount = 0", "drop table orders"]
)
def test_a_query_is_one_select_or_refused_before_it_is_sent(query: str, tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as url:
        write_table(url, "orders", [order("O1", "2024-06-03 09:00", "60")])
        block = f'[[tables.orders]]\nsource = "db"\ntimezone = "UTC"\nquery = "{query}"\n'
        config = settings(tmp_path, block, sources=f'[sources.db]\nurl = "{url}"')
        with pytest.raises(ReviewError, match=r"tables\.orders\[1\]\.query (is not a SELECT|holds more than one statement)"):
            pulled(config)


@pytest.mark.parametrize("backend", BACKENDS)
def test_percent_signs_casts_and_colons_in_a_query_survive(backend: str, tmp_path: Path) -> None:
    texts = {"postgresql": "'10:30 %s 5% :end'::text", "mariadb": "'10:30 %s 5% :end'", "sqlite": "'10:30 %s 5% :end'"}
    with database(backend, tmp_path) as url:
        write_table(
            url,
            "sales",
            [order("O1", "2024-06-03 09:00", "60"), order("X%1", "2024-06-03 10:30", "1"), order("O3", "2024-07-03 09:00", "1")],
        )
        query = (
            f"select s.*, {texts[backend]} as channel -- :start of a comment; 100%\n"
            "from sales s /* 'quote */ where ordered_at >= :start and ordered_at < :end and order_id not like 'X%';"
        )
        config = settings(
            tmp_path,
            f"[[tables.orders]]\nsource = \"db\"\ntimezone = \"UTC\"\nquery = '''{query}'''\n",
            sources=f'[sources.db]\nurl = "{url}"',
        )
        result = pulled(config)
    from flows.snapshots.store import read_snapshot

    june = read_snapshot(result.snapshots["orders"]["2024-06"])
    assert june[["order_id", "channel"]].to_numpy().tolist() == [["O1", "10:30 %s 5% :end"]]
    assert result.rows_read == 1


@pytest.mark.parametrize("backend", BACKENDS[:2])
def test_zoned_columns_are_bounded_and_read_as_the_instants_they_are(backend: str, tmp_path: Path) -> None:
    """TIMESTAMPTZ and TIMESTAMP columns are shown by the server in a session zone; ours is the block's."""
    kind = "timestamptz" if backend == "postgresql" else "timestamp"
    with database(backend, tmp_path) as url:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            if backend == "postgresql":
                connection.exec_driver_sql("set time zone 'UTC'")
            else:
                connection.exec_driver_sql("set time_zone = '+00:00'")
            connection.exec_driver_sql(
                f"create table sales (order_id varchar(9), customer_id varchar(9), ordered_at {kind} null, amount numeric(9,2))"
            )
            connection.exec_driver_sql(
                "insert into sales values ('a','c','2024-05-31 15:59:59',1), ('b','c','2024-05-31 16:00:00',2),"
                " ('c','c','2024-06-30 15:59:59',4), ('d','c','2024-06-30 16:00:00',8)"
            )
        engine.dispose()
        query = "select * from sales where ordered_at >= :start and ordered_at < :end"
        for zone in ("Asia/Shanghai", "UTC"):
            config = settings(
                tmp_path,
                f'[[tables.orders]]\nsource = "db"\ntimezone = "{zone}"\nquery = "{query}"\n',
                sources=f'[sources.db]\nurl = "{url}"',
            )
            result = pulled(config, first="2024-06")
            row = result.quality[(result.quality["table"] == "orders") & (result.quality["month"] == "2024-06")].iloc[0]
            assert (row["read"], row["money_read"], row["source_rows"], row["source_money"]) == (2, 60_000, 2, 60_000)
            assert str(row["freshest"]) == str(row["source_newest"]) == "2024-06-30 15:59:59+00:00"
