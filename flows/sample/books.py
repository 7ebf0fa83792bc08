"""The sample's own books: what each month truly held, dirt left out, for tests to compare packs with."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.sample.dirt import Dirt
from flows.sample.orders import rates
from flows.sample.planted import Everything
from flows.sample.seasons import Season

MonthBooks = dict[str, float | int | None]


def books(all_of: Everything, sales: pd.DataFrame, soiled: list[Dirt]) -> dict[str, MonthBooks]:
    """One entry per month `YYYY-MM`: orders, money in CNY, answers and tickets.

    Orders are not cancelled, refunds are of the month they were paid back in, credits (negative amounts) count
    as refunds. Foreign money is turned at the rate of its own month, each row rounded to a ten-thousandth.
    """
    season = all_of.world.season
    credits = _credits(sales, soiled)
    return {str(season.month(index)): {**_trade(all_of, index, credits), **_voices(all_of, index)} for index in range(season.months)}


def _credits(sales: pd.DataFrame, soiled: list[Dirt]) -> dict[str, float]:
    keys = {key: item.month for item in soiled if item.kind.startswith("credit") for key in item.keys}
    amounts = sales[sales["sale_no"].isin(keys)]
    found: dict[str, float] = {}
    for number, amount in zip(amounts["sale_no"], amounts["net_amount"], strict=True):
        found[keys[number]] = round(found.get(keys[number], 0.0) - float(amount), 2)
    return found


def _trade(all_of: Everything, index: int, credits: dict[str, float]) -> MonthBooks:
    season, orders = all_of.world.season, all_of.orders
    mine = orders[(season.place(orders["ordered"].to_numpy()) == index) & (orders["state"] != "X")]
    back = orders[(orders["refund_cents"] > 0) & (_place_of(orders["refunded"], season) == index)]
    credit = credits.get(str(season.month(index)), 0.0)
    gross = _in_cny(mine["amount"], mine["currency"], index, season)
    refunds = round(_in_cny(back["refund"], back["currency"], index, season) + credit, 4)
    return {
        "orders": len(mine),
        "orders_unattributed": int((mine["customer"] < 0).sum()),
        "orders_foreign": int((mine["currency"] != "CNY").sum()),
        "customers_ordering": int(mine.loc[mine["customer"] >= 0, "customer"].nunique()),
        "gross_revenue": gross,
        "refunds": refunds,
        "net_revenue": round(gross - refunds, 4),
    }


def _in_cny(cents: pd.Series, currency: pd.Series, index: int, season: Season) -> float:
    """Hundredths of several currencies as one sum of CNY, exact to the ten-thousandth of each row."""
    table = {name: round(float(rate[index]) * 10_000) for name, rate in rates(season).items()}
    factor = currency.map(lambda name: table.get(str(name), 10_000)).astype("int64")
    millionths = cents.astype("int64") * factor
    units = (millionths + 50) // 100
    return int(units.sum()) / 10_000


def _voices(all_of: Everything, index: int) -> MonthBooks:
    season, cases = all_of.world.season, all_of.cases.frame
    opened = cases[season.place(cases["opened"].to_numpy()) == index]
    csat = all_of.satisfaction[season.place(all_of.satisfaction["answered"].to_numpy()) == index]
    nps = all_of.recommendation[season.place(all_of.recommendation["answered"].to_numpy()) == index]
    last = nps.drop_duplicates("customer", keep="last")["score"]
    score = 100 * float((last >= 9).mean() - (last <= 6).mean()) if len(last) else None
    return {
        "tickets_opened": len(opened),
        "complaints": int((opened["type"] == "complaint").sum()),
        "csat_answers": len(csat),
        "csat_mean": round(float(csat["score"].mean()), 6) if len(csat) else None,
        "nps_answers": len(nps),
        "nps_customers": len(last),
        "nps": None if score is None else round(score, 6),
    }


def _place_of(moments: pd.Series, season: Season) -> np.ndarray:
    held = moments.to_numpy()
    missing = np.isnat(held)
    return np.where(missing, -1, season.place(np.where(missing, season.start(0), held)))
