"""A rough reckoning of who stands where, only to aim the planted facts; the review itself never sees it.

It follows the teaching rule of a grade (history, frequency, amount as percentiles of the first month
that has a whole year behind it) in the plainest way: no hold bands, no policy file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.sample.seasons import Flags, Floats, Ints, Season

CUT_A, CUT_B = 70.0, 40.0
UNRATED_MONTHS = 3
WHOLE_YEAR = 12


@dataclass(frozen=True)
class OrderMonths:
    """Customers x months: orders, net CNY hundredths (refunds in their own month), and the newest order's day.

    `last_day` counts days from the first month's start to the newest order by each month's end; -1 without any.
    `first` is the place of the month of the first order; months where there is none.
    """

    orders: Ints
    net: Ints
    last_day: Ints
    first: Ints
    ends: Ints


def ledger(lines: pd.DataFrame, season: Season, customers: int) -> OrderMonths:
    """Add up order lines; cancelled ones and those of nobody are left out."""
    kept = lines[(lines["customer"] >= 0) & (lines["state"] != "X")]
    months = season.months
    place = season.place(kept["ordered"].to_numpy())
    who = kept["customer"].to_numpy()
    inside = place < months
    at = (who[inside], place[inside])
    orders, net = np.zeros((customers, months), dtype=np.int64), np.zeros((customers, months), dtype=np.int64)
    np.add.at(orders, at, 1)
    np.add.at(net, at, kept["cents"].to_numpy()[inside])
    back = kept[kept["refund_cents"] > 0]
    back_place = season.place(back["refunded"].to_numpy())
    known = back_place < months
    np.subtract.at(net, (back["customer"].to_numpy()[known], back_place[known]), back["refund_cents"].to_numpy()[known])
    day = (kept["ordered"].to_numpy() - season.start(0)).astype("timedelta64[D]").astype(np.int64)
    last = np.full((customers, months), -1, dtype=np.int64)
    np.maximum.at(last, at, day[inside])
    return OrderMonths(orders, net, np.maximum.accumulate(last, axis=1), _first(orders), season.days_until)


def single_buyer(bought: list[tuple[np.datetime64, int]], season: Season) -> OrderMonths:
    """The ledger of one customer with these orders (moment, hundredths), none of them cancelled or given back; quick to ask often."""
    months = season.months
    orders, net, last = (np.zeros((1, months), dtype=np.int64), np.zeros((1, months), dtype=np.int64), np.full((1, months), -1, np.int64))
    moments = np.array([moment for moment, _ in bought], dtype="datetime64[s]")
    days = (moments - season.start(0)).astype("timedelta64[D]").astype(np.int64)
    for place, day, (_, cents) in zip(season.place(moments).tolist(), days.tolist(), bought, strict=True):
        orders[0, place] += 1
        net[0, place] += cents
        last[0, place] = max(last[0, place], day)
    return OrderMonths(orders, net, np.maximum.accumulate(last, axis=1), _first(orders), season.days_until)


def _first(orders: Ints) -> Ints:
    first: Ints = np.where(orders.any(axis=1), (orders > 0).argmax(axis=1), orders.shape[1]).astype(np.int64)
    return first


def window_net(book: OrderMonths, month: int) -> Ints:
    """Net of the twelve months that end with `month`."""
    net: Ints = book.net[:, max(0, month - 11) : month + 1].sum(axis=1)
    return net


def measures(book: OrderMonths, month: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Tenure in months, days of silence (negative: better is more), orders a month, net of twelve months."""
    active = np.clip(month - book.first + 1, 1, 12)
    frequency = book.orders[:, max(0, month - 11) : month + 1].sum(axis=1) / active
    silence = book.ends[month] - book.last_day[:, month]
    tenure = np.maximum(month - book.first, 0)
    return tenure.astype(np.float64), -silence.astype(np.float64), frequency, window_net(book, month) * (12 / active)


def is_rated(book: OrderMonths, month: int) -> Flags:
    """Whose first order is old enough for a grade."""
    old_enough: Flags = book.first <= month - UNRATED_MONTHS
    return old_enough


@dataclass(frozen=True)
class SortedMeasures:
    """The four measures of the rated customers of the month of reference, each sorted; ranks are read from them."""

    tenure: Floats
    recency: Floats
    frequency: Floats
    amount: Floats


def reference(book: OrderMonths) -> SortedMeasures:
    """The distributions that ranks are taken against: of the first month with a whole year of orders, as a review freezes them."""
    month = min(WHOLE_YEAR, book.orders.shape[1]) - 1
    inside = is_rated(book, month)
    return SortedMeasures(*(np.sort(values[inside]) for values in measures(book, month)))


def scores(book: OrderMonths, month: int, against: SortedMeasures | None = None) -> Floats:
    """0-100 for each customer at a month's end, ranked `against` a reference (default: the book's own)."""
    ranks = against or reference(book)
    tenure, recency, frequency, amount = measures(book, month)
    history = (_percent_rank(tenure, ranks.tenure) + _percent_rank(recency, ranks.recency)) / 2
    return 0.3 * history + 0.3 * _percent_rank(frequency, ranks.frequency) + 0.4 * _percent_rank(amount, ranks.amount)


def _percent_rank(values: Floats, ordered: Floats) -> Floats:
    middle = (np.searchsorted(ordered, values, side="left") + np.searchsorted(ordered, values, side="right")) / 2
    return 100 * middle / max(len(ordered), 1)
