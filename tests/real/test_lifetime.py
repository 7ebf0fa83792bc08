"""Lifetime value on real orders: fitted on the first months, held against the later ones, beside RFM alone.

Online Retail is a wholesaler of gift-ware. The numbers are printed (run with -s) and quoted in docs/method/lifetime.md,
whichever way they fall; asserted is only what any sensible ranking must reach.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

from tests.places import data
from transforms.lifetime.backtest import rank_correlation, top_capture
from transforms.lifetime.fitting import NotFitted
from transforms.lifetime.forecast import forecast
from transforms.lifetime.state import BaseState, last_day_of
from transforms.money import FloatArray
from transforms.month import Month


@pytest.fixture(scope="module")
def days() -> pd.DataFrame:
    """One row per customer and purchase day: customer, day (since 1970), units of money. Credits and nameless orders are left out."""
    path = data("online-retail") / "online_retail_to_2011-08.csv.gz"
    columns = ["InvoiceNo", "Quantity", "UnitPrice", "InvoiceDate", "CustomerID"]
    lines = pd.read_csv(path, usecols=columns, dtype={"InvoiceNo": "str", "CustomerID": "str"})
    sold = lines[lines["CustomerID"].notna() & ~lines["InvoiceNo"].str.startswith("C") & (lines["UnitPrice"] > 0)]
    cents = np.rint(sold["Quantity"] * sold["UnitPrice"] * 100).astype("int64")
    day = (pd.to_datetime(sold["InvoiceDate"]).dt.normalize() - pd.Timestamp(0)).dt.days
    named = pd.DataFrame({"customer": sold["CustomerID"], "day": day, "units": cents * 100})
    return named.groupby(["customer", "day"], as_index=False)["units"].sum()


def known_at(days: pd.DataFrame, month: Month) -> BaseState:
    """The customers as they were known at a month's end."""
    until = days[days["day"] <= last_day_of(month)]
    people = until.groupby("customer").agg(
        days=("day", "size"), first=("day", "min"), last=("day", "max"), gross=("units", "sum"), on_first=("units", "first")
    )
    numbers = [people[name].to_numpy(dtype=np.int64) for name in ("first", "last", "days", "gross")]
    nothing = np.zeros(len(people), dtype=np.int64)
    return BaseState(month, people.index.to_series().reset_index(drop=True), *numbers, nothing, people["on_first"].to_numpy(dtype=np.int64))


def ranked(state: BaseState, came: FloatArray) -> dict[str, tuple[float, float]]:
    """Spearman and the best tenth's share of what came, for lifetime value and for RFM alone."""
    found = forecast(state, None)
    assert not isinstance(found.purchases, NotFitted), found.purchases
    assert not isinstance(found.spend, NotFitted), found.spend
    rfm = rankdata(state.last_day) + rankdata(state.days) + rankdata(state.gross)
    scores = {"lifetime value": found.net, "RFM": rfm, "money so far": state.gross.astype(np.float64)}
    print(f"\n{len(state)} customers known at the end of {state.month}: {found.purchases.model}, {found.spend.model}")
    told = {}
    for name, values in scores.items():
        rank, capture = rank_correlation(values, came), top_capture(values, came)
        assert rank is not None and capture is not None
        print(f"  {name:<16} Spearman {rank:.3f}  best tenth {capture:.3f}")
        told[name] = rank, capture
    return told


@pytest.mark.parametrize("cut", [Month(2011, 3), Month(2011, 5)])
def test_lifetime_value_of_the_first_months_ranks_the_later_spend_no_worse_than_rfm(days: pd.DataFrame, cut: Month) -> None:
    state = known_at(days, cut)
    later = days[(days["day"] > state.end_day) & (days["day"] <= last_day_of(Month(2011, 8)))].groupby("customer")["units"].sum()
    came = later.reindex(state.customer_id).fillna(0).to_numpy(dtype=np.float64)
    told = ranked(state, came)
    assert told["lifetime value"][0] > 0.4 and told["lifetime value"][1] > 0.35
    assert told["lifetime value"][0] > told["RFM"][0] - 0.05
    assert told["lifetime value"][1] > told["RFM"][1]
