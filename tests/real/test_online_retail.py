"""Online Retail, August 2011: three ways in, one set of figures, and those of a plain computation over the raw file."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest

from tests.real.conftest import Reviewed


@pytest.fixture(scope="session")
def invoices(raw_lines: pd.DataFrame) -> pd.DataFrame:
    """One row per invoice, with its money as an exact Decimal: the plain second implementation."""
    money = [int(quantity) * Decimal(price) for quantity, price in zip(raw_lines["quantity"], raw_lines["unit_price"], strict=True)]
    lines = raw_lines.assign(money=money)
    grouped = lines.groupby("invoice", sort=False)
    return pd.DataFrame(
        {
            "money": grouped["money"].agg(lambda cells: sum(cells, Decimal(0))),
            "customer": grouped["customer"].first(),
            "at": grouped["invoiced_at"].min(),
        }
    )


def plainly(invoices: pd.DataFrame) -> dict[str, float]:
    """The contract's definitions for August 2011, spelled out."""
    august = invoices[invoices["at"].str.startswith("2011-08")]
    orders = august[august["money"] >= 0]
    credits_ = august[august["money"] < 0]
    year = invoices[(invoices["at"] >= "2010-09-01") & (invoices["at"] < "2011-09-01") & (invoices["money"] >= 0)].dropna(
        subset=["customer"]
    )
    days = year.assign(day=year["at"].str[:10]).groupby("customer")["day"].nunique()
    ever = invoices[(invoices["money"] >= 0)].dropna(subset=["customer"])
    first = ever.groupby("customer")["at"].min()
    gross, refunds = float(sum(orders["money"])), -float(sum(credits_["money"]))
    return {
        "orders": len(orders),
        "gross_revenue": gross,
        "refunds": refunds,
        "net_revenue": gross - refunds,
        "average_order_value": gross / len(orders),
        "customers_base": ever["customer"].nunique(),
        "customers_active_12m": len(days),
        "customers_new": int(first.str.startswith("2011-08").sum()),
        "repeat_purchase_rate": float((days >= 2).mean()),
    }


INDICATORS = (
    "orders",
    "gross_revenue",
    "refunds",
    "net_revenue",
    "average_order_value",
    "customers_base",
    "customers_active_12m",
    "customers_new",
    "repeat_purchase_rate",
)


@pytest.mark.parametrize("indicator", INDICATORS)
def test_figures_equal_a_plain_computation_over_the_raw_file(online_retail: Reviewed, invoices: pd.DataFrame, indicator: str) -> None:
    expected = plainly(invoices)[indicator]
    assert online_retail.figure(indicator)["value"] == pytest.approx(expected, abs=0.005 if abs(expected) > 2 else 1e-9)


def test_every_raw_row_is_accounted_for(online_retail: Reviewed, raw_lines: pd.DataFrame) -> None:
    lines = online_retail.table("quality").query("table == 'order_lines'")
    assert lines["read"].sum() == len(raw_lines)
    assert (lines["read"] == lines["accepted"] + lines["quarantined"] + lines["duplicates"]).all()
    from_december = lines[lines["month"] >= "2010-12"]
    assert from_december["read"].sum() == 320_705


def test_money_of_the_tiers_and_of_orders_without_a_customer_is_the_company_s(online_retail: Reviewed) -> None:
    figures = online_retail.table("figures")
    for indicator in ("orders", "gross_revenue", "refunds", "net_revenue"):
        rows = figures[figures["indicator"] == indicator]
        parts = rows.loc[rows["scope"].isin(["tier", "unattributed"]), "value"].sum()
        assert parts == pytest.approx(rows.loc[rows["scope"] == "company", "value"].item(), abs=1e-6)


def test_a_database_gives_the_same_figures_to_the_cent_as_the_files(online_retail_in_database: Reviewed, online_retail: Reviewed) -> None:
    from_files = online_retail.table("figures").drop(columns=["revision"])
    from_database = online_retail_in_database.table("figures").drop(columns=["revision"])
    pd.testing.assert_frame_equal(from_database, from_files, check_exact=True)
    pd.testing.assert_frame_equal(online_retail_in_database.table("customers"), online_retail.table("customers"), check_exact=True)


def test_what_was_never_supplied_says_so_and_is_not_zero(online_retail: Reviewed) -> None:
    for indicator in ("csat_mean", "nps", "tickets_opened", "resolution_hours_median"):
        figure = online_retail.figure(indicator)
        assert pd.isna(figure["value"])
        assert figure["reason"] == "not_supplied"
