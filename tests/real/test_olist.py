"""Olist, July 2018: the published monthly sums of the sample are met."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.places import data
from tests.real.conftest import Reviewed

NOTE = {"orders": 967, "cancelled": 7, "payments": 178_073.99, "reviews": 864, "mean_score": 4.265}
"""July 2018 in the data set's own note; orders and payments before cancelled ones are taken out."""


@pytest.fixture(scope="session")
def july() -> pd.DataFrame:
    orders = pd.read_csv(data("olist-random15k") / "orders.csv.gz")
    paid = pd.read_csv(data("olist-random15k") / "order_payments.csv.gz").groupby("order_id")["payment_value"].sum()
    july = orders[orders["order_purchase_timestamp"].str.startswith("2018-07")]
    return july.join(paid, on="order_id")


def test_the_note_and_the_raw_file_agree(july: pd.DataFrame) -> None:
    assert len(july) == NOTE["orders"]
    assert july["payment_value"].sum() == pytest.approx(NOTE["payments"], abs=0.005)


def test_all_orders_are_read_and_the_cancelled_ones_are_no_orders(olist: Reviewed, july: pd.DataFrame) -> None:
    quality = olist.table("quality")
    row = quality[(quality["table"] == "orders") & (quality["month"] == "2018-07")].iloc[0]
    assert row["read"] == row["accepted"] == NOTE["orders"]
    assert row["money_accepted"] == pytest.approx(NOTE["payments"], abs=0.005)
    kept = july[july["order_status"] != "canceled"]
    assert len(july) - len(kept) == NOTE["cancelled"]
    assert olist.figure("orders")["value"] == len(kept) == NOTE["orders"] - NOTE["cancelled"]
    assert olist.figure("gross_revenue")["value"] == pytest.approx(kept["payment_value"].sum(), abs=0.005)


def test_mean_score_and_n_are_those_of_the_note(olist: Reviewed) -> None:
    csat = olist.figure("csat_mean")
    assert csat["n"] == NOTE["reviews"]
    assert csat["value"] == pytest.approx(NOTE["mean_score"], abs=5e-4)
    assert csat["lower"] < csat["value"] < csat["upper"]


def test_months_without_orders_in_2016_do_not_hold_a_month_of_2018(olist: Reviewed) -> None:
    assert olist.outcome.ending == "published"
    assert olist.outcome.replayed == 22


def test_the_packs_are_made_in_both_languages(olist: Reviewed) -> None:
    names = {pack.name for pack in olist.outcome.packs}
    assert {"company.en.pdf", "company.zh_CN.pdf", "tier-a.en.pdf", "tier-unrated.zh_CN.pdf"} <= names
