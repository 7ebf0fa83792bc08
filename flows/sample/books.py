"""The sample's own books: what each month truly holds once the dirt is out, for tests to compare packs with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.sample.dirt import Dirt
from flows.sample.orders import rates
from flows.sample.planted import Everything
from flows.sample.seasons import Season
from flows.sample.shapes import Raw

MonthBooks = dict[str, float | int | None]


@dataclass(frozen=True)
class _Odd:
    """Rows among the dirt that count all the same, by month: credits in CNY, and what nobody we know said."""

    credits: dict[str, float]
    tickets: dict[str, list[str]]
    scores: dict[str, list[int]]
    disputed: frozenset[str]


def books(all_of: Everything, raw: Raw, soiled: list[Dirt]) -> dict[str, MonthBooks]:
    """One entry per month `YYYY-MM`: orders and their lines, money in CNY, answers, tickets, contacts and quotes of the company.

    Orders are not cancelled and not disputed; refunds are of the month they were paid back in, credits (negative
    amounts) count as refunds. Foreign money is turned at the rate of its own month, each row rounded half to even
    to a ten-thousandth. Tickets and answers of people who are in no file count for the company.
    """
    season, odd = all_of.world.season, _odd(raw, soiled)
    held = _beside(all_of, odd, soiled)
    months = range(season.months)
    return {str(season.month(at)): {**_trade(all_of, at, odd), **_voices(all_of, at, odd), **held[at]} for at in months}


def _odd(raw: Raw, soiled: list[Dirt]) -> _Odd:
    amount = dict(zip(raw.sales["sale_no"], raw.sales["net_amount"], strict=True))
    kind = dict(zip(raw.cases["case_id"].astype(str), raw.cases["kind"], strict=True))
    odd = _Odd({}, {}, {}, frozenset(key for item in soiled if (item.table, item.fate) == ("orders", "disputed") for key in item.keys))
    for item in soiled:
        if item.kind.startswith("credit"):
            odd.credits[item.month] = round(-sum(float(str(amount[key])) for key in item.keys), 2)
        if item.table == "tickets" and (item.kind == "client that nobody knows" or item.fate == "value lost"):
            odd.tickets.setdefault(item.month, []).extend(str(kind[key]) for key in item.keys)
        if item.table == "surveys" and item.kind in ("no customer", "customer that nobody knows"):
            score = raw.answers[item.place].set_index("RespID")["Q1"]
            odd.scores.setdefault(item.month, []).extend(int(str(score[key])) for key in item.keys)
    return odd


def _trade(all_of: Everything, index: int, odd: _Odd) -> MonthBooks:
    season, orders = all_of.world.season, all_of.orders
    mine = orders[(season.place(orders["ordered"].to_numpy()) == index) & (orders["state"] != "X") & ~orders["order_id"].isin(odd.disputed)]
    back = orders[(orders["refund_cents"] > 0) & (_place_of(orders["refunded"], season) == index)]
    gross = _in_cny(mine["amount"], mine["currency"], index, season)
    refunds = round(_in_cny(back["refund"], back["currency"], index, season) + odd.credits.get(str(season.month(index)), 0.0), 4)
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
    whole, rest = np.divmod((cents.astype("int64") * factor).to_numpy(), 100)
    up = (rest > 50) | ((rest == 50) & (whole % 2 == 1))
    return int((whole + up).sum()) / 10_000


def _voices(all_of: Everything, index: int, odd: _Odd) -> MonthBooks:
    season, cases = all_of.world.season, all_of.cases.frame
    month = str(season.month(index))
    opened = cases[season.place(cases["opened"].to_numpy()) == index]
    strangers = odd.tickets.get(month, [])
    answers = all_of.satisfaction[season.place(all_of.satisfaction["answered"].to_numpy()) == index]
    csat = np.array([*answers["score"], *odd.scores.get(month, [])])
    nps = all_of.recommendation[season.place(all_of.recommendation["answered"].to_numpy()) == index]
    last = nps.drop_duplicates("customer", keep="last")["score"]
    return {
        "tickets_opened": len(opened) + len(strangers),
        "complaints": int((opened["type"] == "complaint").sum()) + strangers.count("C"),
        "csat_answers": len(csat),
        "csat_mean": round(float(csat.mean()), 6) if len(csat) else None,
        "nps_answers": len(nps),
        "nps_customers": len(last),
        "nps": round(100 * float((last >= 9).mean() - (last <= 6).mean()), 6) if len(last) else None,
    }


def _place_of(moments: pd.Series, season: Season) -> np.ndarray:
    held = moments.to_numpy()
    missing = np.isnat(held)
    return np.where(missing, -1, season.place(np.where(missing, season.start(0), held)))


def _beside(all_of: Everything, odd: _Odd, soiled: list[Dirt]) -> list[MonthBooks]:
    """Order lines, contacts and quotes that are accepted in each month; lines of disputed orders belong to no order."""
    season, orders, relation = all_of.world.season, all_of.orders, all_of.relation
    believed = ~orders["order_id"].isin(odd.disputed).to_numpy()
    ordered = season.place(orders["ordered"].to_numpy())[all_of.lines["order"].to_numpy()]
    talks = pd.concat([relation.desk, relation.diary, relation.mailings])["contacted"].to_numpy()
    strangers: dict[str, int] = {}
    for item in soiled:
        if item.table == "contacts" and (item.kind == "client that nobody knows" or item.fate == "value lost"):
            strangers[item.month] = strangers.get(item.month, 0) + item.rows
    of_month = {
        "order_lines": ordered[believed[all_of.lines["order"].to_numpy()]],
        "contacts": season.place(talks),
        "quotes": season.place(relation.quotes["quoted"].to_numpy()),
    }
    counts = {name: np.bincount(places, minlength=season.months + 1) for name, places in of_month.items()}
    held: list[MonthBooks] = [{name: int(found[month]) for name, found in counts.items()} for month in range(season.months)]
    for month, entry in enumerate(held):
        entry["contacts"] = int(counts["contacts"][month]) + strangers.get(str(season.month(month)), 0)
    return held
