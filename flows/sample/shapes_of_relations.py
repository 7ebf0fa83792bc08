"""What the shop, the help desk, the diary and the office call the things beside orders, and how they write them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.sample.company import UTC_OFFSET, World
from flows.sample.lines import articles
from flows.sample.relations import moments_of
from flows.sample.shapes import text

ITEM_COLUMNS = {"price": "NUMERIC", "listed": "NUMERIC", "rebate": "NUMERIC", "cogs": "NUMERIC", "pos": "INTEGER", "sent_back": "INTEGER"}
OFFER_COLUMNS = {"amount": "NUMERIC", "rival": "NUMERIC", "purse": "NUMERIC"}


def sale_items(lines: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Table `sale_items` of the shop: no customer, no time, prices of one piece; engraved or not as J and N."""
    order_ids = orders["order_id"].to_numpy()
    pieces = lines["pieces"].to_numpy()
    return pd.DataFrame(
        {
            "sale_no": order_ids[lines["order"].to_numpy()],
            "pos": lines["line"],
            "item_no": lines["sku"],
            "pieces": pieces.astype(str),
            "price": _each(lines["cents"].to_numpy(), pieces),
            "listed": _each((lines["cents"] + lines["discount_cents"]).to_numpy(), pieces),
            "rebate": lines["discount_cents"] / 100,
            "cogs": lines["cost_cents"] / 100,
            "sent_back": lines["returned"],
            "sent_back_why": lines["reason"],
            "engraved": np.where(lines["engraved"], "J", "N"),
        }
    )


def _each(cents: np.ndarray, pieces: np.ndarray) -> np.ndarray:
    """Money of one piece, exact to the ten-thousandth."""
    return np.asarray((cents * 100 // pieces) / 10_000, dtype=np.float64)


def shop_articles() -> pd.DataFrame:
    """Table `articles` of the shop."""
    return articles().rename(columns={"sku": "item_no", "group": "product_group"})


def offers(quotes: pd.DataFrame, world: World) -> pd.DataFrame:
    """Table `offers` of the shop: UTC, outcomes as W and L."""
    ids, managers = (world.customers[name].to_numpy() for name in ("customer_id", "account_manager"))
    who = quotes["customer"].to_numpy()
    money = {name: quotes[f"{name}_cents"].to_numpy() for name in ("rival", "budget")}
    return pd.DataFrame(
        {
            "offer_no": quotes["quote_id"],
            "client": ids[who],
            "made_at": text(moments_of(quotes, "quoted") - UTC_OFFSET),
            "amount": quotes["cents"] / 100,
            "outcome": quotes["result"].map({"won": "W", "lost": "L", "": ""}),
            "decided_at": text(moments_of(quotes, "decided") - UTC_OFFSET),
            "why": quotes["reason"],
            "rival": pd.Series(money["rival"] / 100).where(money["rival"] > 0),
            "purse": pd.Series(money["budget"] / 100).where(money["budget"] > 0),
            "product_group": quotes["group"],
            "rep": managers[who],
        }
    )


def messages(desk: pd.DataFrame, world: World) -> pd.DataFrame:
    """Table `messages` of the help desk: local time, one row per message to a client about a case."""
    ids = world.customers["customer_id"].to_numpy()
    return pd.DataFrame(
        {
            "message_id": desk["contact_id"],
            "client": ids[desk["customer"].to_numpy().astype(np.int64)],
            "sent": text(moments_of(desk, "contacted")),
            "via": desk["method"],
            "subject": desk["kind"],
            "handler": desk["staff"],
            "case_ref": desk["ticket_id"],
            "replied": text(moments_of(desk, "answered")),
            "state": desk["result"],
            "minutes": desk["minutes"].astype("Int64"),
        }
    )


def diary_file(diary: pd.DataFrame, world: World) -> pd.DataFrame:
    """`diary.csv`: what the account managers write down, with In and Out and a flag for selling."""
    ids = world.customers["customer_id"].to_numpy()
    return pd.DataFrame(
        {
            "Entry": diary["contact_id"],
            "Client": ids[diary["customer"].to_numpy().astype(np.int64)],
            "When": text(moments_of(diary, "contacted")),
            "Way": diary["direction"].map({"in": "In", "out": "Out"}),
            "How": diary["method"],
            "What": diary["kind"],
            "Purpose": diary["purpose"],
            "Who": diary["staff"],
            "Rank": diary["staff_level"],
            "Result": diary["result"],
            "Minutes": diary["minutes"].astype("Int64"),
        }
    )


def mailing_file(letters: pd.DataFrame, world: World) -> pd.DataFrame:
    """`mailings.csv`: one row per letter, as the mailing house sends them back."""
    ids = world.customers["customer_id"].to_numpy()
    return pd.DataFrame(
        {
            "Letter": letters["contact_id"],
            "Client": ids[letters["customer"].to_numpy().astype(np.int64)],
            "Posted": text(moments_of(letters, "contacted")),
            "Answered": text(moments_of(letters, "answered")),
            "Result": letters["result"],
            "Campaign": letters["campaign_id"],
        }
    )
