"""The crowd's orders: how often, how much, how long delivery takes, and who stops buying."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.sample.company import World, temper
from flows.sample.seasons import Floats, Moments, Season

LINE_COLUMNS = ("customer", "ordered", "cents", "wait_days", "refunded", "refund_cents", "state", "scripted")
"""One row per order before it is dressed; `customer` is a place (-1: nobody), money in hundredths of CNY,
`refunded` NaT and `refund_cents` 0 where nothing was given back."""


def crowd(world: World, rng: np.random.Generator) -> tuple[pd.DataFrame, Floats]:
    """Every order of the crowd, and each customer's mood (0-1) month by month.

    Orders are Poisson at a gamma-distributed rate; long waits sour the mood, a sour mood
    makes leaving likelier (a few per cent a month), and who has left orders no more.
    """
    customers, season = world.customers, world.season
    count = len(customers)
    start, rate = customers["start"].to_numpy(), customers["rate"].to_numpy()
    remote = np.isin(customers["region"].to_numpy(), ["West", "Overseas"])
    tempers, intensity = temper(world), season.intensity()
    mood = np.empty((count, season.months))
    orders, wait = np.zeros((count, season.months), dtype=np.int64), np.empty((count, season.months))
    feeling, here = tempers.copy(), np.ones(count, dtype=bool)
    for month in range(season.months):
        drawn = rng.poisson(rate * intensity[month])
        drawn = np.where((start == month) & (month > 0), np.maximum(drawn, 1), drawn)
        orders[:, month] = np.where(here & (start <= month) & (rate > 0), drawn, 0)
        wait[:, month] = rng.lognormal(np.where(remote, 1.25, 0.95), 0.45) * (1.15 if season.month(month).number == 11 else 1.0)
        soured = tempers - 0.05 * np.maximum(wait[:, month] - 3.0, 0.0)
        feeling = np.clip(0.7 * feeling + 0.3 * soured + rng.normal(0, 0.03, count), 0.02, 0.99)
        mood[:, month] = feeling
        here &= rng.random(count) >= np.minimum(0.016 * np.exp(4.0 * (0.68 - feeling)), 0.5)
    who, when = np.nonzero(orders)
    times = orders[who, when]
    who, when = np.repeat(who, times), np.repeat(when, times)
    spread = customers["spread"].to_numpy()[who]
    amount = np.exp(customers["level"].to_numpy()[who] + spread * rng.normal(size=len(who))) * (1 + 0.004 * when)
    moments = season.draw(when.astype(np.int64), rng)
    lines = pd.DataFrame(
        {
            "customer": who.astype(np.int64),
            "ordered": moments,
            "cents": np.maximum(np.rint(amount * 100), 500).astype(np.int64),
            "wait_days": wait[who, when] * rng.lognormal(0, 0.2, len(who)),
            "scripted": False,
        }
    )
    return _fates(lines, mood[who, when], season, rng), mood


def _fates(lines: pd.DataFrame, mood: Floats, season: Season, rng: np.random.Generator) -> pd.DataFrame:
    """Cancellations, and refunds that come days to months after the order."""
    count = len(lines)
    ordered = lines["ordered"].to_numpy()
    cancelled = rng.random(count) < 0.025
    back = ~cancelled & (rng.random(count) < 0.025 + 0.09 * (1 - mood))
    whole = rng.random(count) < 0.4
    part = np.where(whole, 1.0, rng.uniform(0.1, 0.7, count))
    refund_cents = np.maximum(np.rint(lines["cents"].to_numpy() * part), 1).astype(np.int64)
    refunded: Moments = ordered + np.rint(rng.lognormal(2.5, 0.8, count) * 86400).astype("timedelta64[s]")
    known = back & (refunded < season.horizon)
    fresh = (season.horizon - ordered) < np.timedelta64(5, "D")
    state = np.where(cancelled, "X", np.where(known & whole, "R", np.where(fresh & ~known & (rng.random(count) < 0.5), "O", "C")))
    return lines.assign(
        refunded=np.where(known, refunded, np.datetime64("NaT")),
        refund_cents=np.where(known, refund_cents, 0),
        state=state.astype(object),
    )[list(LINE_COLUMNS)]


def order_table(lines: pd.DataFrame, world: World, rng: np.random.Generator) -> pd.DataFrame:
    """One row per order as the shop knows it, in order of time, with its number and its trimmings.

    Orders of overseas customers are in USD or EUR: `amount`, `refund` and `cost` are hundredths of `currency`,
    while `cents` and `refund_cents` stay in CNY. Their rate is that of the order's month (see `rates`).
    """
    season = world.season
    orders = lines.sort_values(["ordered", "customer", "cents"], kind="stable", ignore_index=True)
    count = len(orders)
    who = orders["customer"].to_numpy()
    abroad = (world.customers["region"].to_numpy() == "Overseas")[who] & (who >= 0)
    currency = np.where(abroad, np.where(who % 2 == 0, "USD", "EUR"), "CNY")
    table = rates(season)
    place = np.minimum(season.place(orders["ordered"].to_numpy()), season.months - 1)
    rate = np.where(currency == "USD", table["USD"][place], np.where(currency == "EUR", table["EUR"][place], 1.0))
    delivered = orders["ordered"].to_numpy() + np.rint(orders["wait_days"].to_numpy() * 86400).astype("timedelta64[s]")
    there = (delivered < season.horizon) & np.isin(orders["state"].to_numpy(), ["C", "R"])
    delivered = np.where(there, delivered, np.datetime64("NaT", "s")).astype("datetime64[s]")
    changed = np.fmax(np.fmax(orders["ordered"].to_numpy(), delivered), orders["refunded"].to_numpy())
    promo = rng.random(count) < 0.18
    amount = np.rint(orders["cents"].to_numpy() / rate).astype(np.int64)
    managers = world.customers["account_manager"].to_numpy()
    year = orders["ordered"].to_numpy().astype("datetime64[Y]").astype(np.int64) + 1970
    return orders.assign(
        order_id=[f"S{y % 100:02d}-{number:06d}" for y, number in zip(year.tolist(), range(1, count + 1), strict=True)],
        currency=currency.astype(object),
        amount=amount,
        refund=np.minimum(np.rint(orders["refund_cents"].to_numpy() / rate).astype(np.int64), amount),
        cost=np.rint(amount * rng.uniform(0.55, 0.75, count)).astype(np.int64),
        discount=np.where(promo, np.rint(amount * 0.08).astype(np.int64), 0),
        promo=np.where(promo, np.where(orders["ordered"].dt.month == 11, "DOUBLE11", "WELCOME8"), "").astype(object),
        channel=np.array(["web", "app", "phone", "store"], dtype=object)[rng.choice(4, count, p=[0.4, 0.35, 0.1, 0.15])],
        site=np.array(["Hangzhou", "Beijing", "Guangzhou", "Chengdu"], dtype=object)[rng.integers(0, 4, count)],
        salesperson=np.where(who >= 0, managers[who], "").astype(object),
        delivered=delivered,
        changed=changed,
    )


def rates(season: Season) -> dict[str, Floats]:
    """CNY per USD and per EUR, fixed by the treasury for each whole month."""
    wave = np.arange(season.months)
    return {
        "USD": np.round(7.10 + 0.08 * np.sin(wave / 3.0), 4),
        "EUR": np.round(7.75 + 0.12 * np.cos(wave / 4.0), 4),
    }
