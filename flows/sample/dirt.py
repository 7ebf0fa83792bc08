"""Realistic dirt, added to what the sources hold; each kind is counted, keyed, and says what should become of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from flows.sample.company import World
from flows.sample.seasons import Season


@dataclass(frozen=True)
class Dirt:
    """One kind of dirt: where, how many rows, their keys, and its fate.

    `fate`: duplicate (dropped and counted), quarantined, disputed (two rows claim one key: neither is believed),
    accepted (repaired or reported, but kept), unattributed (an order of nobody), not read (outside every month).
    """

    table: str
    place: str
    kind: str
    month: str
    keys: tuple[str, ...]
    fate: str

    @property
    def rows(self) -> int:
        return len(self.keys)


@dataclass
class Bin:
    """Collects what was soiled."""

    found: list[Dirt] = field(default_factory=list)

    def add(self, table: str, place: str, kind: str, month: object, keys: Sequence[object], fate: str) -> None:
        self.found.append(Dirt(table, place, kind, str(month), tuple(str(key) for key in keys), fate))


def soil_sales(sales: pd.DataFrame, refunds: pd.DataFrame, world: World, dirt: Bin, rng: np.random.Generator) -> pd.DataFrame:
    """Sales with duplicates, impossible dates and amounts, credits, unknown states and padded customer numbers."""
    season = world.season
    place = season.place((pd.to_datetime(sales["placed_at"]) + pd.Timedelta(hours=8)).to_numpy())
    added: list[pd.DataFrame] = []
    actors = world.customers.loc[world.customers["part"] != "", "customer_id"]
    ordinary = ((sales["buyer"].fillna("").str.strip() != "") & ~sales["buyer"].isin(actors) & (sales["state"] == "C")).to_numpy()

    def some(month: int, count: int) -> pd.DataFrame:
        fair = np.flatnonzero((place == month) & ordinary)
        return sales.iloc[np.sort(rng.choice(fair, min(count, len(fair)), replace=False))].copy()

    def new(month: int, count: int, letter: str, **changes: Sequence[object]) -> pd.DataFrame:
        rows = some(month, count)
        rows["sale_no"] = [
            f"{letter}{season.month(month).year % 100:02d}{season.month(month).number:02d}-{n}" for n in range(1, len(rows) + 1)
        ]
        rows["arrived_at"] = None
        for column, values in changes.items():
            rows[column] = pd.Series(list(values)[: len(rows)], index=rows.index, dtype=object)
        return rows

    newest = season.months - 1
    for month, count in ((newest, 4), (newest - 2, 2)):
        rows = some(month, count)
        added.append(rows)
        dirt.add("orders", "shop.db sales", "exact duplicate", season.month(month), rows["sale_no"].tolist(), "duplicate")
    rows = some(newest, 12)
    rows = rows[~rows["sale_no"].isin(refunds["sale_no"])].iloc[:2]
    disputed = rows.assign(net_amount=(rows["net_amount"].astype(float) + 111.11).round(2), warehouse_note="corrected?")
    added.append(disputed)
    dirt.add("orders", "shop.db sales", "same number, other amount", season.until, disputed["sale_no"].tolist(), "disputed")
    for month in (newest, newest - 1):
        when = season.month(month)
        rows = new(month, 1, "SD", placed_at=[f"{when}-10 27:15:00"])
        added.append(rows)
        dirt.add("orders", "shop.db sales", "impossible time of day", when, rows["sale_no"].tolist(), "quarantined")
    rows = new(newest, 3, "SA", net_amount=["n/a", "1,2O5.00", ""])
    added.append(rows)
    dirt.add("orders", "shop.db sales", "amount that is no number", season.until, rows["sale_no"].tolist(), "quarantined")
    rows = new(newest, 1, "SQ", state=["Q"])
    added.append(rows)
    dirt.add("orders", "shop.db sales", "unknown state", season.until, rows["sale_no"].tolist(), "quarantined")
    rows = new(newest, 1, "SF", placed_at=["2099-01-01 09:00:00"])
    added.append(rows)
    dirt.add("orders", "shop.db sales", "date in the far future", "2099-01", rows["sale_no"].tolist(), "not read")
    for month, count in ((newest, 4), (newest - 1, 3)):
        rows = new(month, count, "SC", net_amount=[-88.5, -240.0, -19.9, -60.0])
        rows["cogs"], rows["rebate"], rows["promo"], rows["curr"] = None, 0.0, "", "CNY"
        added.append(rows)
        dirt.add("orders", "shop.db sales", "credit (negative amount)", season.month(month), rows["sale_no"].tolist(), "accepted")
    padded = some(newest, 15)
    sales = sales.copy()
    sales.loc[padded.index, "buyer"] = padded["buyer"].astype(str) + "  "
    dirt.add("orders", "shop.db sales", "customer number with trailing blanks", season.until, padded["sale_no"].tolist(), "accepted")
    nobody = (sales["buyer"].fillna("").str.strip() == "").to_numpy()
    for month in range(season.months):
        keys = sales["sale_no"][nobody & (place == month)].tolist()
        dirt.add("orders", "shop.db sales", "no customer", season.month(month), keys, "unattributed")
    return pd.concat([sales, *added], ignore_index=True)


def soil_refunds(refunds: pd.DataFrame, season: Season, dirt: Bin) -> pd.DataFrame:
    """Refunds with one row exported twice."""
    last = refunds[
        refunds["paid_at"] < str(np.datetime_as_string(season.start(season.months) - np.timedelta64(8, "h"))).replace("T", " ")
    ].tail(1)
    dirt.add(
        "refunds", "shop.db paybacks", "exact duplicate", _local_month(last["paid_at"].tolist()), last["note_no"].tolist(), "duplicate"
    )
    return pd.concat([refunds, last], ignore_index=True)


def soil_cases(cases: pd.DataFrame, season: Season, dirt: Bin, rng: np.random.Generator) -> pd.DataFrame:
    """Cases with duplicates, clients nobody knows, a kind nobody declared and an impossible time."""
    until = str(season.until)
    fair = cases[cases["created"].str.startswith(until)]
    picked = fair.iloc[np.sort(rng.choice(len(fair), min(9, len(fair)), replace=False))].copy()
    twice, ghosts, unknown, odd = picked.iloc[:3], picked.iloc[3:6].copy(), picked.iloc[6:8].copy(), picked.iloc[8:9].copy()
    ghosts["client"] = [f"GHOST-{number}" for number in range(1, len(ghosts) + 1)]
    unknown["kind"] = "Z"
    odd["created"] = f"{until}-15 25:61:00"
    for number, rows in enumerate((ghosts, unknown, odd)):
        rows["case_id"] = 900_001 + 100 * number + np.arange(len(rows))
        rows["sale_ref"] = ""
    dirt.add("tickets", "helpdesk.db cases", "exact duplicate", until, twice["case_id"].tolist(), "duplicate")
    dirt.add("tickets", "helpdesk.db cases", "client that nobody knows", until, ghosts["case_id"].tolist(), "accepted")
    dirt.add("tickets", "helpdesk.db cases", "unknown kind", until, unknown["case_id"].tolist(), "value lost")
    dirt.add("tickets", "helpdesk.db cases", "impossible time of day", until, odd["case_id"].tolist(), "quarantined")
    return pd.concat([cases, twice, ghosts, unknown, odd], ignore_index=True)


def soil_answers(files: dict[str, pd.DataFrame], season: Season, dirt: Bin) -> dict[str, pd.DataFrame]:
    """Answers of the newest month with scores off the scale, words for scores, lost customers and dates, duplicates."""
    until = season.until
    name = f"csat10-{until}.csv"
    table = files[name].astype(object)
    odd = table.iloc[np.arange(9) % len(table)].copy()
    odd["RespID"] = [f"QX{number}" for number in range(1, 10)]
    odd["Q1"] = ["0", "11", "55", "very good", "7", "7", "8", "8", "9"]
    clients = [str(client) for client in odd["Cust"]]
    odd["Cust"] = [*clients[:4], "", "", *clients[6:8], "GHOST-1"]
    moments = [str(moment) for moment in odd["AnsweredAt"]]
    odd["AnsweredAt"] = [*moments[:6], "soon", "2099-01-01 09:00:00", moments[8]]
    kinds = (
        ("score off the scale", slice(0, 3), "quarantined"),
        ("score that is no number", slice(3, 4), "quarantined"),
        ("no customer", slice(4, 6), "accepted"),
        ("date that is no date", slice(6, 7), "quarantined"),
        ("date in the far future", slice(7, 8), "quarantined"),
        ("customer that nobody knows", slice(8, 9), "accepted"),
    )
    for kind, rows, fate in kinds:
        dirt.add("surveys", name, kind, until, odd["RespID"].tolist()[rows], fate)
    twice = table.iloc[:3]
    dirt.add("surveys", name, "exact duplicate", until, twice["RespID"].tolist(), "duplicate")
    padded = table.copy()
    padded.loc[padded.index[3:11], "Cust"] = padded["Cust"].iloc[3:11].astype(str) + " "
    dirt.add("surveys", name, "customer number with trailing blanks", until, padded["RespID"].iloc[3:11].tolist(), "accepted")
    dirt.add("surveys", name, "a column that nobody declared (Device)", until, [], "accepted")
    nps = f"nps-{until}.csv"
    beyond = files[nps].astype(object).iloc[np.arange(2) % len(files[nps])].copy()
    beyond["RespID"], beyond["Recommend"] = ["RX1", "RX2"], [11, -1]
    dirt.add("surveys", nps, "score off the scale", until, ["RX1", "RX2"], "quarantined")
    return {
        **files,
        name: pd.concat([padded, odd, twice], ignore_index=True),
        nps: pd.concat([files[nps].astype(object), beyond], ignore_index=True),
    }


def soil_crm(crm: pd.DataFrame, dirt: Bin) -> pd.DataFrame:
    """A CRM file with one record twice, one with two names, a test record and padded names."""
    twice = crm.iloc[[5]]
    renamed = crm.iloc[[7]].assign(ClientName="old name, do not use")
    robot = crm.iloc[[9]].assign(ClientNo="TEST-1", ClientName="Test, please ignore", Type="robot")
    crm = crm.copy()
    crm.loc[crm.index[10:15], "ClientName"] = crm["ClientName"].iloc[10:15] + "   "
    place = "crm/customers.csv"
    dirt.add("customers", place, "exact duplicate", "", twice["ClientNo"].tolist(), "duplicate")
    dirt.add("customers", place, "same number, other name", "", renamed["ClientNo"].tolist(), "disputed")
    dirt.add("customers", place, "unknown type", "", ["TEST-1"], "value lost")
    dirt.add("customers", place, "name with trailing blanks", "", crm["ClientNo"].iloc[10:15].tolist(), "accepted")
    return pd.concat([crm, twice, renamed, robot], ignore_index=True)


def _local_month(moments: list[str]) -> str:
    if not moments:
        return ""
    return str((pd.Timestamp(moments[0]) + pd.Timedelta(hours=8)).strftime("%Y-%m"))
