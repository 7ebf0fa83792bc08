"""Dirt in what stands beside the orders: order lines, quotes, contacts, and the files that people keep by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.sample.company import UTC_OFFSET
from flows.sample.dirt import Bin
from flows.sample.seasons import Season

NONE = np.timedelta64(0, "h")


def soil_items(items: pd.DataFrame, sales: pd.DataFrame, season: Season, dirt: Bin, rng: np.random.Generator) -> pd.DataFrame:
    """Order lines with repetitions, a number of pieces in words, lines of sales nobody knows, and articles in no list.

    `sales` are the shop's before any dirt.
    """
    fresh = sales.loc[pd.to_datetime(sales["placed_at"]).to_numpy() >= season.start(season.months - 1) - UTC_OFFSET]
    inside = fresh.loc[(pd.to_datetime(fresh["placed_at"]).to_numpy() < season.start(season.months) - UTC_OFFSET) & (fresh["state"] == "C")]
    mine = np.flatnonzero(items["sale_no"].isin(inside["sale_no"]).to_numpy())
    picked = np.sort(rng.choice(mine, min(10, len(mine)), replace=False))
    twice, worded, astray, unlisted = (picked[start:end] for start, end in ((0, 3), (3, 5), (5, 8), (8, 10)))
    items = items.copy()
    items.loc[unlisted, "item_no"] = "ZZ-99"
    words = items.iloc[worded].assign(pos=[9] * len(worded), pieces="a few")
    strays = items.iloc[astray].assign(sale_no=[f"S00-{number:06d}" for number in range(1, len(astray) + 1)])
    place, until = "shop.db sale_items", season.until
    dirt.add("order_lines", place, "exact duplicate", until, _lines(items.iloc[twice]), "duplicate")
    dirt.add("order_lines", place, "pieces that are no number", until, _lines(words), "quarantined")
    dirt.add("order_lines", place, "line of a sale that nobody knows", until, _lines(strays), "not read")
    dirt.add("order_lines", place, "article in no list", until, _lines(items.iloc[unlisted]), "accepted")
    return pd.concat([items, items.iloc[twice], words, strays], ignore_index=True)


def _lines(rows: pd.DataFrame) -> list[str]:
    return [f"{sale}|{pos}" for sale, pos in zip(rows["sale_no"], rows["pos"], strict=True)]


def soil_offers(offers: pd.DataFrame, season: Season, dirt: Bin) -> pd.DataFrame:
    """Quotes with two rows twice, an outcome nobody declared and an amount in words; all of the newest month."""
    newest = offers[_of_month(offers["made_at"], season, UTC_OFFSET)]
    twice = newest.iloc[:2]
    odd = newest.iloc[2:3].assign(offer_no="AX-1", outcome="V")
    words = newest.iloc[3:4].astype({"amount": object}).assign(offer_no="AX-2", amount="on request")
    place, until = "shop.db offers", season.until
    dirt.add("quotes", place, "exact duplicate", until, twice["offer_no"].tolist(), "duplicate")
    dirt.add("quotes", place, "unknown outcome", until, odd["offer_no"].tolist(), "quarantined")
    dirt.add("quotes", place, "amount that is no number", until, words["offer_no"].tolist(), "quarantined")
    return pd.concat([offers.astype({"amount": object}), twice, odd, words], ignore_index=True)


def soil_messages(messages: pd.DataFrame, season: Season, dirt: Bin) -> pd.DataFrame:
    """Messages of the newest month with two rows twice and two to clients nobody knows."""
    newest = messages[_of_month(messages["sent"], season)]
    twice = newest.iloc[:2]
    ghosts = newest.iloc[2:4].assign(message_id=["NX-1", "NX-2"][: len(newest.iloc[2:4])], client="GHOST-2", case_ref="")
    place, until = "helpdesk.db messages", season.until
    dirt.add("contacts", place, "exact duplicate", until, twice["message_id"].tolist(), "duplicate")
    dirt.add("contacts", place, "client that nobody knows", until, ghosts["message_id"].tolist(), "accepted")
    return pd.concat([messages, twice, ghosts], ignore_index=True)


def soil_diary(diary: pd.DataFrame, season: Season, dirt: Bin) -> pd.DataFrame:
    """The diary with padded clients, a way that is neither in nor out and a day that no month has."""
    newest = np.flatnonzero(_of_month(diary["When"], season))
    diary = diary.copy()
    padded = newest[2:7]
    diary.loc[padded, "Client"] = diary["Client"].iloc[padded] + " "
    odd = diary.iloc[newest[:1]].assign(Entry="BX-1", Way="sideways")
    day = diary.iloc[newest[1:2]].assign(Entry="BX-2", When=f"{season.until}-32 10:00:00")
    place, until = "office/diary.csv", season.until
    dirt.add("contacts", place, "customer number with trailing blanks", until, diary["Entry"].iloc[padded].tolist(), "accepted")
    dirt.add("contacts", place, "neither in nor out", until, odd["Entry"].tolist(), "value lost")
    dirt.add("contacts", place, "impossible day", until, day["Entry"].tolist(), "quarantined")
    return pd.concat([diary, odd, day], ignore_index=True)


def soil_log(log: pd.DataFrame, dirt: Bin) -> pd.DataFrame:
    """The office's list with one line twice and one action without a number."""
    blank = log.iloc[[0]].assign(No="", Subject="to be numbered")
    dirt.add("registers", "office/log.csv", "exact duplicate", "", log["No"].iloc[[1]].tolist(), "duplicate")
    dirt.add("registers", "office/log.csv", "no number", "", ["to be numbered"], "quarantined")
    return pd.concat([log, log.iloc[[1]], blank], ignore_index=True)


def soil_campaigns(campaigns: pd.DataFrame, dirt: Bin) -> pd.DataFrame:
    """Marketing's list with a plan that has no first day yet."""
    plan = campaigns.iloc[[0]].assign(Code="PLAN-1", Begins=None, Ends=None, Title="Coffee week (idea)")
    dirt.add("campaigns", "office/campaigns.xlsx", "no first day", "", ["PLAN-1"], "quarantined")
    return pd.concat([campaigns.astype(object), plan.astype(object)], ignore_index=True)


def _of_month(texts: pd.Series, season: Season, offset: np.timedelta64 = NONE) -> np.ndarray:
    """Which moments, written as text, lie in the newest month; `offset` is what the source's clock is behind ours."""
    moments = pd.to_datetime(texts).to_numpy()
    first, last = season.start(season.months - 1) - offset, season.start(season.months) - offset
    return np.asarray((moments >= first) & (moments < last))
