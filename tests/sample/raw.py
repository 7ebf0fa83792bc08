"""The sample's raw files read plainly, without any of the pipeline: what a person with a notebook would see."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd

EIGHT_HOURS = pd.Timedelta(hours=8)


def table(path: Path, name: str) -> pd.DataFrame:
    """One whole table of a SQLite file."""
    with closing(sqlite3.connect(path)) as connection:
        return pd.read_sql_query(f'select * from "{name}"', connection)


def months_of(moments: pd.Series) -> pd.Series:
    """`YYYY-MM` of local moments; missing where the text is no moment."""
    return pd.to_datetime(moments, errors="coerce", format="%Y-%m-%d %H:%M:%S").dt.strftime("%Y-%m")


def clean_sales(folder: Path, planted: dict[str, Any]) -> pd.DataFrame:
    """Sales without the rows that are planted as dirt; `month` is local, `buyer` trimmed, `amount` a number."""
    sales = table(folder / "shop.db", "sales")
    bad = keys_of(planted, "orders", "quarantined", "not read", "disputed")
    sales = sales[~sales["sale_no"].isin(bad)].drop_duplicates()
    local = pd.to_datetime(sales["placed_at"]) + EIGHT_HOURS
    return sales.assign(
        local=local,
        month=local.dt.strftime("%Y-%m"),
        buyer=sales["buyer"].fillna("").str.strip(),
        amount=sales["net_amount"].astype(float),
    )


def clean_refunds(folder: Path) -> pd.DataFrame:
    """Refunds without repetition; `month` is local."""
    refunds = table(folder / "shop.db", "paybacks").drop_duplicates()
    return refunds.assign(month=(pd.to_datetime(refunds["paid_at"]) + EIGHT_HOURS).dt.strftime("%Y-%m"))


def clean_cases(folder: Path, planted: dict[str, Any]) -> pd.DataFrame:
    """Cases without repetition and without those that cannot be believed."""
    cases = table(folder / "helpdesk.db", "cases")
    bad = keys_of(planted, "tickets", "quarantined")
    cases = cases[~cases["case_id"].astype(str).isin(bad)].drop_duplicates()
    return cases.assign(
        month=months_of(cases["created"]), opened=pd.to_datetime(cases["created"]), answered=pd.to_datetime(cases["answered"])
    )


def clean_items(folder: Path, planted: dict[str, Any]) -> pd.DataFrame:
    """Lines of the sales that can be believed, each once, with the sale's buyer, month, state and currency; money as numbers."""
    items = table(folder / "shop.db", "sale_items")
    bad = keys_of(planted, "order_lines", "quarantined", "not read")
    items = items[~(items["sale_no"] + "|" + items["pos"].astype(str)).isin(bad)].drop_duplicates()
    sales = clean_sales(folder, planted)[["sale_no", "buyer", "month", "state", "curr", "amount", "cogs", "rebate"]]
    groups = table(folder / "shop.db", "articles")[["item_no", "product_group"]]
    held = items.assign(pieces=items["pieces"].astype(float)).merge(sales, on="sale_no", suffixes=("", "_of_sale"))
    return held.assign(money=held["pieces"] * held["price"]).merge(groups, on="item_no", how="left")


def clean_offers(folder: Path, planted: dict[str, Any]) -> pd.DataFrame:
    """Quotes that can be believed, each once; `month` is local, `decided` the local moment."""
    offers = table(folder / "shop.db", "offers")
    offers = offers[~offers["offer_no"].isin(keys_of(planted, "quotes", "quarantined"))].drop_duplicates()
    made, decided = (pd.to_datetime(offers[name]) + EIGHT_HOURS for name in ("made_at", "decided_at"))
    return offers.assign(made=made, month=made.dt.strftime("%Y-%m"), decided=decided, amount=offers["amount"].astype(float))


def office(folder: Path, name: str) -> pd.DataFrame:
    """One hand-kept CSV file of the office as text."""
    encoding = "gb18030" if name == "manual" else "utf-8"
    return pd.read_csv(folder / f"drops/office/{name}.csv", dtype=str, keep_default_na=False, encoding=encoding)


def crm(folder: Path) -> pd.DataFrame:
    """The CRM file as text, first row of each number."""
    held = pd.read_csv(folder / "drops/crm/customers.csv", dtype=str, keep_default_na=False)
    return held[held["ClientNo"] != "TEST-1"].drop_duplicates("ClientNo").set_index("ClientNo")


def answers(folder: Path, pattern: str, score: str, planted: dict[str, Any] | None = None, **reading: Any) -> pd.DataFrame:
    """Answers of all files of a pattern: RespID, Cust, month, score (numbers), file; planted dirt left out if given."""
    frames = []
    for path in sorted((folder / "drops/surveys").glob(pattern)):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, **reading)
        frames.append(frame.assign(file=path.name))
    held = pd.concat(frames, ignore_index=True).rename(columns={score: "score"})
    if planted is not None:
        bad = keys_of(planted, "surveys", "quarantined")
        held = held[~held["RespID"].isin(bad)].drop_duplicates()
        held["score"] = held["score"].str.replace(",", ".").astype(float)
        held["Cust"] = held["Cust"].str.strip()
    return held.assign(month=months_of(held["AnsweredAt"]))


def all_satisfaction(folder: Path, planted: dict[str, Any]) -> pd.DataFrame:
    """Every satisfaction answer, with `share`: the place on its own scale, 0-1."""
    chinese = {"问卷编号": "RespID", "客户编号": "Cust", "回答时间": "AnsweredAt", "发送时间": "SentAt", "触点": "Touch", "意见": "Comment"}
    branch = pd.concat(
        [
            pd.read_csv(path, dtype=str, keep_default_na=False, encoding="gb18030").rename(columns={**chinese, "满意度": "score"})
            for path in sorted((folder / "drops/surveys").glob("branch-*.csv"))
        ]
    )
    branch = branch.assign(score=branch["score"].astype(float), month=months_of(branch["AnsweredAt"]), file="branch", top=10)
    five, ten = (answers(folder, pattern, "Q1", planted) for pattern in ("csat5-*.csv", "csat10-*.csv"))
    held = pd.concat([five.assign(top=5), ten.assign(top=10), branch], ignore_index=True)
    return held.assign(share=(held["score"] - 1) / (held["top"] - 1))


def all_recommendation(folder: Path, planted: dict[str, Any]) -> pd.DataFrame:
    """Every answer to the recommendation question, in order of time."""
    mail = answers(folder, "nps-*.csv", "Recommend", planted)
    phone = pd.concat(
        [
            pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", sep=";").rename(
                columns={"Interview": "RespID", "Klient": "Cust", "Zeitpunkt": "AnsweredAt", "Recommend": "score"}
            )
            for path in sorted((folder / "drops/surveys").glob("agency-*.csv"))
        ]
    )
    phone = phone.assign(score=phone["score"].str.replace(",", ".").astype(float), month=months_of(phone["AnsweredAt"]), file="agency")
    return pd.concat([mail, phone], ignore_index=True).sort_values("AnsweredAt", ignore_index=True)


def keys_of(planted: dict[str, Any], name: str, *fates: str) -> set[str]:
    """Keys of the dirt of one table whose rows are extra rows and go one of these ways."""
    return {
        key
        for item in planted["dirt"]
        if item["table"] == name and item["fate"] in fates and "blanks" not in item["kind"] and "credit" not in item["kind"]
        for key in item["keys"]
    }


def fact(planted: dict[str, Any], name: str) -> dict[str, Any]:
    """One planted fact by its name."""
    (found,) = [item for item in planted["facts"] if item["name"] == name]
    return dict(found)


def plain_scores(folder: Path, planted: dict[str, Any]) -> pd.Series:
    """Grade scores (0-100) of the newest month by customer, written down anew: ranks in pandas, foreign money at par.

    0.15 tenure + 0.15 recency + 0.3 orders a month + 0.4 twelve-month net, each a mid-rank percentile among
    those whose first order was three months old in the first month with a whole year of orders.
    """
    sales = clean_sales(folder, planted)
    sales = sales[(sales["buyer"] != "") & (sales["state"] != "X") & (sales["amount"] > 0)]
    refunds, until = clean_refunds(folder), pd.Period(planted["until"], "M")
    newest = _plain_measures(sales, refunds, until)
    against = _plain_measures(sales, refunds, min(pd.Period(sales["month"].min(), "M") + 11, until))
    against = against[against["tenure"] >= 3]
    percent = newest.apply(
        lambda values: [100 * ((against[values.name] < one).mean() + (against[values.name] <= one).mean()) / 2 for one in values]
    )
    return 0.15 * percent["tenure"] + 0.15 * percent["recency"] + 0.3 * percent["frequency"] + 0.4 * percent["amount"]


def _plain_measures(sales: pd.DataFrame, refunds: pd.DataFrame, until: pd.Period) -> pd.DataFrame:
    """What is ranked, by customer, at the end of a month."""
    sales = sales[sales["month"] <= str(until)]
    month = pd.PeriodIndex(sales["month"], freq="M")
    first = sales.groupby("buyer")["month"].min().map(lambda name: (until - pd.Period(name, "M")).n)
    silence = (until.end_time.normalize() - sales.groupby("buyer")["local"].max().dt.normalize()).dt.days
    recent = sales[month > until - 12]
    back = refunds[(refunds["month"] > str(until - 12)) & (refunds["month"] <= str(until))].groupby("buyer")["amount"].sum()
    active = (first + 1).clip(1, 12)
    orders = recent.groupby("buyer").size().reindex(first.index, fill_value=0)
    net = recent.groupby("buyer")["amount"].sum().reindex(first.index, fill_value=0.0) - back.reindex(first.index, fill_value=0.0)
    return pd.DataFrame({"tenure": first, "recency": -silence, "frequency": orders / active, "amount": net * 12 / active})
