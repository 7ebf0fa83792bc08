"""What counts as another mapping, and what only is written otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flows.settings import Settings
from flows.sources.mapping import table_mappings
from flows.sources.plain_query import plain_query

URL = "postgresql+psycopg://reader:secret@db.example.com:5432/shop"


def settings(url: str = URL, name: str = "shop", company: dict[str, Any] | None = None, **orders: Any) -> Settings:
    block = {"source": name, "query": "select id as order_id from sales", "timezone": "UTC", **orders}
    return Settings.model_validate(
        {
            "company": {"name": "Tiny", "timezone": "Asia/Shanghai", "currency": "CNY", **(company or {})},
            "sources": {name: {"url": url}, "drops": {"path": Path("drops")}},
            "tables": {
                "orders": [block],
                "tickets": [{"source": "drops", "files": "t*.csv", "timezone": "UTC"}],
                "fx_rates": [{"source": "drops", "files": "fx.csv"}],
            },
        }
    )


def digests(of: Settings) -> dict[str, str]:
    return {table: mapping.digest for table, mapping in table_mappings(of).items()}


SAME = [
    settings(url="postgresql://other:words@db.example.com:6543/shop?connect_timeout=3"),
    settings(name="store"),
    settings(query="select  id\n as order_id -- the key\nfrom sales"),
    settings(encoding="utf-8", duplicates="keep"),
    settings(columns={}),
    settings(company={"name": "Another Name", "notice": "invented"}),
]
OTHER = {
    "another database": settings(url=URL.replace("/shop", "/shop2")),
    "another server": settings(url=URL.replace("db.example.com", "old.example.com")),
    "a literal": settings(query="select id as order_id from sales where kind = 'a  b'"),
    "case": settings(query="select ID as order_id from sales"),
    "zone": settings(timezone="Asia/Shanghai"),
    "decimal": settings(decimal=","),
    "constants": settings(constants={"status": "completed"}),
    "columns": settings(columns={"amount": "net"}),
    "currency": settings(company={"currency": "USD"}),
}


@pytest.mark.parametrize("same", SAME)
def test_who_reads_and_how_it_is_written_is_no_part_of_a_mapping(same: Settings) -> None:
    assert digests(same) == digests(settings())


@pytest.mark.parametrize("what", OTHER)
def test_what_decides_a_row_is_part_of_its_mapping(what: str) -> None:
    before, after = digests(settings()), digests(OTHER[what])
    assert before["orders"] != after["orders"]
    assert before["refunds"] != after["refunds"]  # orders may carry them
    assert before["tickets"] == after["tickets"] or what == "months"


def test_the_companys_months_and_its_exchange_rates_are_part_of_what_they_decide() -> None:
    plain = digests(settings())
    elsewhere = digests(settings(company={"timezone": "Europe/Berlin"}))
    assert all(plain[table] != elsewhere[table] for table in plain)
    rates = settings().model_copy(update={"tables": {**settings().tables, "fx_rates": settings(encoding="gb18030").tables["orders"]}})
    changed = {table for table, digest in digests(rates).items() if digest != plain[table]}
    assert {"orders", "refunds", "fx_rates"} <= changed
    assert "tickets" not in changed


def test_a_mapping_tells_what_differs_by_its_place_and_holds_no_text_of_it() -> None:
    before, after = (
        table_mappings(settings())["orders"],
        table_mappings(settings(query="select 'hush' as order_id", timezone="Asia/Tokyo"))["orders"],
    )
    assert after.differing(before.parts) == ("tables.orders[1].query", "tables.orders[1].timezone")
    assert "hush" not in str(after)
    assert "secret" not in str(after)


PLAIN = [
    ("postgresql", "select a,\n\t b from t -- why\n", "select a, b from t"),
    ("postgresql", "select /* one\n two */ a", "select a"),
    ("postgresql", "select 'a  -- b' , \"c  d\"", "select 'a  -- b' , \"c  d\""),
    ("postgresql", "select $x$ a  b $x$", "select $x$ a  b $x$"),
    ("postgresql", "select a /* x /* y */ z */", "select a /* x /* y */ z */"),
    ("postgresql", "select  a  # b", "select a # b"),
    ("mysql", "select  a # why\n, b", "select a , b"),
    ("mysql", "select 5--1,  b", "select 5--1, b"),
    ("mysql", "select 5 -- 1\n,  b", "select 5 , b"),
    ("mysql", "select /*+ MAX_EXECUTION_TIME(9) */  a", "select /*+ MAX_EXECUTION_TIME(9) */ a"),
    ("mysql", "select 'a\\'  b',  c", "select 'a\\'  b',  c"),
    ("sqlite", "select [a  b],  `c  d`", "select [a  b], `c  d`"),
]


@pytest.mark.parametrize(("dialect", "query", "plain"), PLAIN)
def test_a_query_is_compared_without_comments_and_blanks_where_that_is_certain(dialect: str, query: str, plain: str) -> None:
    assert plain_query(query, dialect) == plain
