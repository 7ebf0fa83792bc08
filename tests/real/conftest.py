"""Runs on real data, each made once and looked at by many tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from flows.review.outcome import RunOutcome
from flows.review.request import RunRequest
from flows.review.run import run_month
from flows.settings import Settings, load
from tests.flows.quick_packs import quickly
from tests.places import CHECKOUT, DATA, MARIADB, POSTGRES, data
from transforms.month import Month


@dataclass(frozen=True)
class Reviewed:
    """A published month of real data: what came of it, and its files as frames."""

    settings: Settings
    outcome: RunOutcome

    def table(self, name: str) -> pd.DataFrame:
        assert self.outcome.folder is not None
        return pd.read_csv(self.outcome.folder / f"{name}.csv", dtype={"customer_id": str}, keep_default_na=False, na_values=[""])

    def figure(self, indicator: str, scope: str = "company", scope_value: str = "") -> pd.Series:
        figures = self.table("figures")
        mask = (figures["indicator"] == indicator) & (figures["scope"] == scope) & (figures["scope_value"].fillna("") == scope_value)
        assert mask.sum() == 1, f"{indicator} of {scope} {scope_value}: {mask.sum()} rows"
        return figures.loc[mask].iloc[0]


def reviewed(configuration: str, month: str, folder: Path, *, whole: bool = False, **environment: str) -> Reviewed:
    """Run one of the configurations of this folder into `folder`; packs are printed in full where that is asked for."""
    settings = load(CHECKOUT / "tests" / "real" / configuration, {"KEPING_DATA": str(DATA), "KEPING_REAL": str(folder), **environment})
    with nullcontext() if whole else quickly():
        outcome = run_month(settings, RunRequest(Month.parse(month)))
    return Reviewed(settings, outcome)


@pytest.fixture(scope="session")
def online_retail(tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    data("online-retail")
    data("online-retail-2010-uk-clean")
    return reviewed("online-retail-files.toml", "2011-08", tmp_path_factory.mktemp("online-retail"))


@pytest.fixture(scope="session")
def olist(tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    """A month of Olist; its packs are built in both languages, and laid out in full by `make soak`."""
    data("olist-random15k")
    return reviewed("olist.toml", "2018-07", tmp_path_factory.mktemp("olist"), whole=bool(os.environ.get("KEPING_SOAK")))


@pytest.fixture(scope="session")
def helpdesk(tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    data("helpdesk-italy")
    return reviewed("helpdesk.toml", "2012-08", tmp_path_factory.mktemp("helpdesk"))


@pytest.fixture(scope="session")
def raw_lines() -> pd.DataFrame:
    """All Online Retail lines of both files, as text and exact tenths of pennies, read by plain pandas."""
    new = pd.read_csv(data("online-retail") / "online_retail_to_2011-08.csv.gz", dtype=str, keep_default_na=False)
    old = pd.read_csv(data("online-retail-2010-uk-clean") / "online_retail_2010_uk_clean.csv.gz", dtype=str, keep_default_na=False)
    new = new.rename(
        columns={
            "InvoiceNo": "invoice",
            "StockCode": "stock_code",
            "Quantity": "quantity",
            "InvoiceDate": "invoiced_at",
            "UnitPrice": "unit_price",
            "CustomerID": "customer",
            "Country": "country",
        }
    )
    old = old.rename(
        columns={
            "BasketID": "invoice",
            "StockCode": "stock_code",
            "Quantity": "quantity",
            "InvoiceDate": "invoiced_at",
            "Price": "unit_price",
            "Customer ID": "customer",
        }
    )
    old = old[old["invoiced_at"] < "2010-12-01"].assign(country=None)
    both = pd.concat([old, new], ignore_index=True)[
        ["invoice", "stock_code", "quantity", "invoiced_at", "unit_price", "customer", "country"]
    ]
    return both.assign(customer=both["customer"].str.removesuffix(".0").replace("", None))


SERVERS = {"mariadb": f"{MARIADB}", "postgresql": f"{POSTGRES}/postgres"}


@pytest.fixture(scope="session", params=sorted(SERVERS))
def online_retail_in_database(
    request: pytest.FixtureRequest, raw_lines: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Reviewed]:
    """The same rows loaded into a real server and read from there."""
    server = sa.create_engine(SERVERS[request.param], isolation_level="AUTOCOMMIT")
    try:
        connection = server.connect()
    except sa.exc.OperationalError:
        pytest.skip(f"no {request.param} server at {sa.make_url(SERVERS[request.param]).render_as_string()}")
    name = f"keping_real_{tmp_path_factory.getbasetemp().name.replace('-', '_')}"
    connection.execute(sa.text(f"drop database if exists {name}"))
    connection.execute(sa.text(f"create database {name}"))
    url = sa.make_url(SERVERS[request.param]).set(database=name)
    load_lines(sa.create_engine(url), raw_lines)
    try:
        yield reviewed(
            "online-retail-database.toml",
            "2011-08",
            tmp_path_factory.mktemp(request.param),
            KEPING_SHOP_URL=url.render_as_string(hide_password=False),
        )
    finally:
        connection.execute(sa.text(f"drop database {name}" + (" with (force)" if request.param == "postgresql" else "")))
        connection.close()


def load_lines(engine: sa.Engine, lines: pd.DataFrame) -> None:
    metadata = sa.MetaData()
    table = sa.Table(
        "invoice_lines",
        metadata,
        sa.Column("invoice", sa.String(12)),
        sa.Column("stock_code", sa.String(20)),
        sa.Column("quantity", sa.Integer),
        sa.Column("invoiced_at", sa.DateTime, index=True),
        sa.Column("unit_price", sa.Numeric(14, 4)),
        sa.Column("customer", sa.String(12)),
        sa.Column("country", sa.String(40)),
    )
    metadata.create_all(engine)
    typed = lines.astype({"quantity": int}).assign(customer=lines["customer"].astype(object), country=lines["country"].astype(object))
    typed["invoiced_at"] = pd.to_datetime(typed["invoiced_at"]).dt.to_pydatetime()
    rows = typed.astype(object).where(typed.notna(), None)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            cursor = connection.connection.cursor()
            with cursor.copy("copy invoice_lines from stdin") as copy:
                for row in rows.itertuples(index=False, name=None):
                    copy.write_row(row)
        else:
            records = rows.to_dict("records")
            for start in range(0, len(records), 20_000):
                connection.execute(sa.insert(table), records[start : start + 20_000])
    engine.dispose()
