"""Orders of the customers that play a part: what each of them buys, day by day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from flows.sample.company import World
from flows.sample.orders import LINE_COLUMNS
from flows.sample.seasons import Moments
from flows.sample.standing import CUT_A, OrderMonths, is_rated, ledger, reference, scores, single_buyer, window_net

NEVER = np.datetime64("NaT", "s")
SILENT_ORDERS = (1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4, 4)
"""Orders of each silent customer in the newest month, the one before, ...: the shrinking that no ticket announced."""
GIANT_OF_REST = 0.125
"""The giant's net as a share of what all others bring: 11 % of the whole."""


@dataclass(frozen=True)
class _Line:
    customer: int
    ordered: np.datetime64
    cents: int
    refunded: np.datetime64 = NEVER
    wait_days: float = 2.5


def scripted_lines(world: World, crowd: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Orders of all parts, of walk-in buyers, and those on and after the newest month's edge."""
    book = ledger(crowd, world.season, len(world.customers))
    lines = [*_giant(world, book), *_defector(world, book), *_riser(world, book), *_late_refund(world, book)]
    lines += [*_merged(world, book), *_contract(world, book), *_silent(world, book, rng), *_newly_lost(world, book)]
    lines += _at_the_edge(world, book, rng)
    played = pd.concat([crowd, _frame(lines), _walk_ins(world, crowd, rng)], ignore_index=True)
    flapping = _flapper(world, ledger(played, world.season, len(world.customers)))
    return pd.concat([played, _frame(flapping)], ignore_index=True)[list(LINE_COLUMNS)]


def _frame(lines: Iterable[_Line]) -> pd.DataFrame:
    held = list(lines)
    refunded: Moments = np.array([line.refunded for line in held], dtype="datetime64[s]")
    back = ~np.isnat(refunded)
    cents = np.array([line.cents for line in held], dtype=np.int64)
    return pd.DataFrame(
        {
            "customer": np.array([line.customer for line in held], dtype=np.int64),
            "ordered": np.array([line.ordered for line in held], dtype="datetime64[s]"),
            "cents": cents,
            "wait_days": np.array([line.wait_days for line in held], dtype=np.float64),
            "refunded": refunded,
            "refund_cents": np.where(back, cents, 0),
            "state": np.where(back, "R", "C").astype(object),
            "scripted": True,
        }
    )


def _quantile(world: World, book: OrderMonths, share: float, month: int) -> int:
    """A quantile of the rated crowd's twelve-month net, in hundredths; of all buyers where nobody is rated yet."""
    inside = is_rated(book, month)
    inside = inside if inside.any() else book.first <= month
    return int(np.quantile(window_net(book, month)[inside], share))


def _giant(world: World, book: OrderMonths) -> list[_Line]:
    season = world.season
    rest = book.net.sum(axis=0)
    return [
        _Line(customer, season.at(month, 2 + 5 * turn, 9.25), int(rest[month] * GIANT_OF_REST / 6))
        for customer in world.playing("giant")
        for month in range(season.months)
        for turn in range(6)
    ]


def _defector(world: World, book: OrderMonths) -> list[_Line]:
    """Weekly orders until seven months ago, so large that even the five months of them within the year make a top ten."""
    season = world.season
    last = season.months - 8
    eighth = np.sort(window_net(book, season.months - 1))[-8]
    return [
        _Line(customer, season.at(month, day, 11.0), int(eighth * 1.2 / 20), wait_days=7.0)
        for customer in world.playing("defector")
        for month in range(last + 1)
        for day in (3, 10, 17, 24)
    ]


def _riser(world: World, book: OrderMonths) -> list[_Line]:
    """One small order eight months ago, then a dozen large ones in the newest month."""
    season = world.season
    newest = season.months - 1
    large = _quantile(world, book, 0.97, newest) // 10
    return [
        line
        for customer in world.playing("riser")
        for line in [
            _Line(customer, season.at(newest - 7, 6, 15.0), 9_900),
            *(_Line(customer, season.at(newest, 2 + 2 * turn, 15.5), large) for turn in range(12)),
        ]
    ]


def _late_refund(world: World, book: OrderMonths) -> list[_Line]:
    """A steady middling buyer; one huge order two months ago, given back whole in the newest month."""
    season = world.season
    newest = season.months - 1
    steady, huge = _quantile(world, book, 0.35, newest) // 12, _quantile(world, book, 0.985, newest)
    return [
        line
        for customer in world.playing("late_refund")
        for line in [
            *(_Line(customer, season.at(month, 18, 13.0), steady) for month in range(max(0, newest - 18), newest + 1)),
            *(_Line(customer, season.at(month, 4, 13.0), steady) for month in range(max(0, newest - 11), newest + 1, 3)),
            _Line(customer, season.at(newest - 2, 9, 16.0), huge, refunded=season.at(newest, 12, 16.0)),
        ]
    ]


def _merged(world: World, book: OrderMonths) -> list[_Line]:
    """One buyer with two records: the old number until nine months ago, the new one since."""
    season = world.season
    switch = season.months - 9
    cents = _quantile(world, book, 0.6, season.months - 1) // 12
    old = [_Line(c, season.at(month, 8, 12.0), cents) for c in world.playing("merged_old") for month in range(switch)]
    new = [_Line(c, season.at(month, 8, 12.0), cents) for c in world.playing("merged_new") for month in range(switch, season.months)]
    return old + new


def _contract(world: World, book: OrderMonths) -> list[_Line]:
    season = world.season
    cents = _quantile(world, book, 0.92, season.months - 1) // 24
    return [
        _Line(customer, season.at(month, day, 10.0), cents, wait_days=6.0)
        for customer in world.playing("contract")
        for month in range(season.months)
        for day in (5, 20)
    ]


def _silent(world: World, book: OrderMonths, rng: np.random.Generator) -> list[_Line]:
    season = world.season
    newest = season.months - 1
    usual = _quantile(world, book, 0.85, newest) / 36
    return [
        _Line(customer, season.at(newest - back, 3 + 6 * turn + number % 3, 14.0), int(usual * rng.uniform(0.8, 1.2)), wait_days=8.0)
        for number, customer in enumerate(world.playing("silent"))
        for back in range(season.months)
        for turn in range(SILENT_ORDERS[min(back, len(SILENT_ORDERS) - 1)])
    ]


def _newly_lost(world: World, book: OrderMonths) -> list[_Line]:
    """Monthly buyers whose last order turns 365 days old within the newest month."""
    season = world.season
    newest = season.months - 1
    cents = _quantile(world, book, 0.5, newest) // 12
    day, hour = np.timedelta64(1, "D"), np.timedelta64(1, "h")
    return [
        _Line(customer, season.start(newest) + (4 + 4 * number - 365 - 30 * turn) * day + 11 * hour, cents)
        for number, customer in enumerate(world.playing("newly_lost"))
        for turn in range(3)
    ]


def _at_the_edge(world: World, book: OrderMonths, rng: np.random.Generator) -> list[_Line]:
    """Orders in the newest month's first and last second, at the instant it ends, and in the hours after."""
    season = world.season
    newest = season.months - 1
    steady = np.argsort(-book.orders[:, newest], kind="stable")[: max(8, len(world.customers) // 150)]
    second = np.timedelta64(1, "s")
    moments = [season.start(newest), season.start(newest + 1) - second, season.start(newest + 1)]
    lines = [_Line(int(customer), moment, 12_345) for customer, moment in zip(steady, moments, strict=False)]
    for customer in steady[3:]:
        after = season.start(newest + 1) + int(rng.integers(60, 6 * 3600 - 60)) * second
        lines.append(_Line(int(customer), after, int(rng.integers(5_000, 80_000))))
    return lines


def _walk_ins(world: World, crowd: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """About one order in a hundred has no customer; each month has at least one."""
    season = world.season
    extra = rng.integers(0, season.months, max(0, len(crowd) // 110 - season.months))
    places = np.sort(np.concatenate([np.arange(season.months), extra])).astype(np.int64)
    moments = season.draw(places, rng)
    cents = np.maximum(np.rint(np.exp(rng.normal(4.8, 0.6, len(places))) * 100), 500).astype(np.int64)
    return _frame(_Line(-1, moment, int(amount)) for moment, amount in zip(moments, cents, strict=True))


def _flapper(world: World, book: OrderMonths) -> list[_Line]:
    """A monthly buyer whose score goes to and fro across the cut of the best grade, by a point or so.

    Silence at the month's end alternates (late order, early order). Growing tenure would carry the score
    upward, so amounts fall a little. The day and the fall that keep the score nearest to the cut are taken.
    """
    playing = world.playing("flapper")
    if not playing:
        return []
    season, ranks = world.season, reference(book)
    newest = season.months - 1

    def lines(customer: int, cents: int, day: int, fall: float) -> list[_Line]:
        months = range(max(0, newest - 17), newest + 1)
        amounts = {month: int(cents * (1 - fall) ** max(0, month - newest + 6)) for month in months}
        return [_Line(customer, season.at(month, 24 if (newest - month) % 2 == 0 else day, 12.5), amounts[month]) for month in months]

    def path(cents: int, day: int, fall: float) -> list[float]:
        alone = single_buyer([(line.ordered, line.cents) for line in lines(0, cents, day, fall)], season)
        return [float(scores(alone, month, ranks)[0]) for month in range(newest - 5, newest + 1)]

    def centred(day: int, fall: float) -> int:
        low, high = 5_000, 20_000_000
        while high > low * 1.005:
            half = round((low * high) ** 0.5)
            seen = path(half, day, fall)
            low, high = (half, high) if min(seen) + max(seen) < 2 * CUT_A else (low, half)
        return high

    def unfit(choice: tuple[int, int, float]) -> tuple[int, float]:
        seen = path(*choice)
        crossings = sum((one < CUT_A) != (two < CUT_A) for one, two in pairwise(seen))
        return -min(crossings, 4), max(abs(score - CUT_A) for score in seen)

    choices = [(centred(day, fall), day, fall) for day in (13, 16, 19) for fall in (0.0, 0.04, 0.08, 0.12)]
    return lines(playing[0], *min(choices, key=unfit))
