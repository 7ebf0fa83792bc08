"""The sources' own words: what the shop, the help desk, the surveys and the CRM call things, and how they write them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.sample.company import UTC_OFFSET, World
from flows.sample.orders import rates
from flows.sample.seasons import Moments, Season
from flows.sample.surveys import TEN_POINT_MONTHS

SHOP_COLUMNS = {"net_amount": "NUMERIC", "cogs": "NUMERIC", "rebate": "NUMERIC", "amount": "NUMERIC"}
DESK_COLUMNS = {"case_id": "INTEGER", "reopens": "INTEGER", "handovers": "INTEGER", "goodwill": "NUMERIC"}
KIND_CODES = {"complaint": "C", "enquiry": "Q", "request": "R", "suggestion": "S", "praise": "P"}
BRANCH_REGION = "South"


@dataclass(frozen=True)
class Raw:
    """The sources as they are written: `answers` maps a file's name to its rows, `beside` the other tables and files."""

    sales: pd.DataFrame
    refunds: pd.DataFrame
    cases: pd.DataFrame
    answers: dict[str, pd.DataFrame]
    crm: pd.DataFrame
    beside: dict[str, pd.DataFrame]


def sales(orders: pd.DataFrame, world: World) -> pd.DataFrame:
    """Table `sales` of the shop: UTC text timestamps, states as letters, `warehouse_note` that nobody asked for."""
    who = orders["customer"].to_numpy()
    ids = world.customers["customer_id"].to_numpy()
    blank = np.array([None, "", "   "], dtype=object)[np.arange(len(orders)) % 3]
    return pd.DataFrame(
        {
            "sale_no": orders["order_id"],
            "buyer": np.where(who >= 0, ids[who], blank),
            "placed_at": _utc(orders["ordered"].to_numpy()),
            "net_amount": orders["amount"] / 100,
            "curr": orders["currency"],
            "state": orders["state"],
            "channel": orders["channel"],
            "shop": orders["site"],
            "rep": orders["salesperson"],
            "promo": orders["promo"],
            "cogs": orders["cost"] / 100,
            "rebate": orders["discount"] / 100,
            "arrived_at": _utc(orders["delivered"].to_numpy()),
            "changed_at": _utc(orders["changed"].to_numpy()),
            "warehouse_note": "",
        }
    )


def refunds(orders: pd.DataFrame, world: World) -> pd.DataFrame:
    """Table `paybacks` of the shop: one row per refund, in order of time."""
    back = orders[orders["refund"] > 0].sort_values(["refunded", "order_id"], ignore_index=True)
    who = back["customer"].to_numpy()
    ids = world.customers["customer_id"].to_numpy()
    return pd.DataFrame(
        {
            "note_no": [f"G{number:06d}" for number in range(1, len(back) + 1)],
            "sale_no": back["order_id"],
            "buyer": np.where(who >= 0, ids[who], None),
            "paid_at": _utc(back["refunded"].to_numpy()),
            "amount": back["refund"] / 100,
            "curr": back["currency"],
        }
    )


def help_desk(cases: pd.DataFrame, world: World) -> pd.DataFrame:
    """Table `cases` of the help desk: local naive timestamps, kinds as letters."""
    ids = world.customers["customer_id"].to_numpy()
    money = cases["compensation_cents"].to_numpy()
    return pd.DataFrame(
        {
            "case_id": cases["ticket_id"],
            "client": ids[cases["customer"].to_numpy()],
            "created": text(cases["opened"].to_numpy()),
            "kind": [KIND_CODES[str(kind)] for kind in cases["type"]],
            "reason": cases["cause"],
            "product": cases["component"],
            "via": cases["channel"],
            "prio": cases["priority"],
            "queue": cases["team"],
            "handler": cases["agent"],
            "answered": text(cases["answered"].to_numpy()),
            "closed": text(cases["solved"].to_numpy()),
            "reopens": cases["reopened"],
            "handovers": cases["transfers"],
            "due": text(cases["due"].to_numpy()),
            "goodwill": pd.Series(money / 100).where(money > 0),
            "sale_ref": cases["order_id"],
            "touched": text(cases["changed"].to_numpy()),
        }
    )


def satisfaction_files(answers: pd.DataFrame, world: World) -> dict[str, pd.DataFrame]:
    """One file a month, named by its scale; in the newest month one branch sends its own, with Chinese headings."""
    season = world.season
    table = _answer_table(answers, world, {"score": "Q1"})
    place = season.place(answers["answered"].to_numpy())
    newest = place == season.months - 1
    branch = newest & (world.customers["region"].to_numpy() == BRANCH_REGION)[answers["customer"].to_numpy()]
    files: dict[str, pd.DataFrame] = {}
    for month in range(season.months):
        scale = 10 if season.months - 1 - month < TEN_POINT_MONTHS else 5
        mine = table[(place == month) & ~branch].reset_index(drop=True)
        files[f"csat{scale}-{season.month(month)}.csv"] = mine.assign(Device="web") if month == season.months - 1 else mine
    headings = ["问卷编号", "客户编号", "回答时间", "发送时间", "满意度", "触点", "意见"]
    files[f"branch-{season.until}.csv"] = table[branch].reset_index(drop=True).set_axis(headings, axis=1)
    return files


def recommendation_files(answers: pd.DataFrame, world: World) -> dict[str, pd.DataFrame]:
    """One file a month; in the newest month an agency asked a third of them by phone and writes decimal commas."""
    season = world.season
    table = _answer_table(answers, world, {"score": "Recommend"}).drop(columns="Touch")
    place = season.place(answers["answered"].to_numpy())
    agency = (place == season.months - 1) & (np.arange(len(answers)) % 3 == 0)
    files = {f"nps-{season.month(month)}.csv": table[(place == month) & ~agency].reset_index(drop=True) for month in range(season.months)}
    called = table[agency].reset_index(drop=True)
    called["Recommend"] = [f"{score},0" for score in called["Recommend"]]
    files[f"agency-{season.until}.csv"] = called.rename(columns={"RespID": "Interview", "Cust": "Klient", "AnsweredAt": "Zeitpunkt"})
    return files


def effort_books(answers: pd.DataFrame, world: World) -> dict[str, pd.DataFrame]:
    """One workbook per wave, with real date cells."""
    season = world.season
    table = _answer_table(answers, world, {"score": "Effort"})
    table["AnsweredAt"] = pd.Series(answers["answered"].to_numpy())
    table["SentAt"] = pd.Series(answers["sent"].to_numpy())
    place = season.place(answers["answered"].to_numpy())
    return {f"effort-{season.month(int(month))}.xlsx": table[place == month].reset_index(drop=True) for month in np.unique(place)}


def service_quality_files(answers: pd.DataFrame, world: World) -> dict[str, pd.DataFrame]:
    """The wave of the newest month, one row per dimension."""
    table = _answer_table(answers, world, {"perceived": "Perceived", "expected": "Expected", "dimension": "Dimension"})
    return {f"servqual-{world.season.until}.csv": table.drop(columns=["Touch", "Comment"])}


def crm(world: World) -> pd.DataFrame:
    """`customers.csv`, in order of customer number."""
    names = {
        "customer_id": "ClientNo",
        "name": "ClientName",
        "kind": "Type",
        "role": "Role",
        "region": "Region",
        "industry": "Industry",
        "source_channel": "Origin",
        "account_manager": "Manager",
        "first_seen": "Since",
        "referred_by": "ReferredBy",
        "related_to_employee": "StaffFamily",
        "contract_end": "ContractUntil",
        "constraints": "Bound",
        "birth_date": "Born",
        "gender": "Gender",
        "preferred_channel": "Prefers",
        "member_level": "Level",
        "merged_into": "MergedInto",
    }
    return world.customers.sort_values("customer_id", ignore_index=True)[list(names)].rename(columns=names)


def treasury(season: Season) -> pd.DataFrame:
    """`fx.csv`: one row a day, one column per currency; the next month's first days are known as well."""
    table = rates(season)
    days = np.concatenate([season.days, season.days[-1] + np.arange(1, 4)]).astype("datetime64[D]")
    place = np.concatenate([season.month_of_day, np.full(3, season.months - 1)])
    return pd.DataFrame({"Day": np.datetime_as_string(days), "USD": table["USD"][place], "EUR": table["EUR"][place]})


def _answer_table(answers: pd.DataFrame, world: World, scores: dict[str, str]) -> pd.DataFrame:
    ids = world.customers["customer_id"].to_numpy()
    fixed = {
        "RespID": answers["response_id"],
        "Cust": ids[answers["customer"].to_numpy()],
        "AnsweredAt": text(answers["answered"].to_numpy()),
        "SentAt": text(answers["sent"].to_numpy()),
    }
    asked = {heading: answers[name] for name, heading in scores.items()}
    return pd.DataFrame({**fixed, **asked, "Touch": answers["touchpoint"], "Comment": answers["comment"]}).reset_index(drop=True)


def _utc(local: Moments) -> np.ndarray:
    return text(local - UTC_OFFSET)


def text(moments: Moments) -> np.ndarray:
    """`YYYY-MM-DD HH:MM:SS`, None where there is no moment."""
    seconds = moments.astype("datetime64[s]")
    if not len(seconds):
        return np.empty(0, dtype=object)
    missing = np.isnat(seconds)
    written = np.datetime_as_string(np.where(missing, np.datetime64(0, "s"), seconds))
    spaced = np.char.replace(written, "T", " ").astype(object)
    spaced[missing] = None
    return spaced
