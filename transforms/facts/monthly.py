"""Each customer's last months one by one: for what a sum over twelve of them cannot tell."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from transforms.facts.matching import locate
from transforms.money import UNITS, BoolArray, FloatArray
from transforms.month import Month
from transforms.tables.nothing import no_rows_of

YEAR, SEASON_MONTHS = 12, 3
TWO_YEARS = 2 * YEAR
SEASON_ORDERS = 4
"""Orders that each of two years must have before a season is looked for."""
SEASON_SHARE = 0.75
"""Share of each year's orders that must fall into the same three calendar months."""

_TYPES = dict.fromkeys(("row", "back", "orders", "net"), "int64")


def no_months() -> pd.DataFrame:
    """The empty frame of monthly facts."""
    return no_rows_of(_TYPES)


def monthly_facts(ids: pd.Series, facts: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """What each customer ordered in each month; one row per customer and month with an order or a refund.

    `ids` are the customers of the window, `facts` the order facts by months back (0: the month itself). row is the
    customer's place in the window, back the months back; orders and net (ten-thousandths) are the month's. Sorted by both.
    """
    if not facts:
        return no_months()
    backs = sorted(facts)
    places, _ = locate(ids, [facts[back]["customer_id"] for back in backs])
    parts = []
    for back, rows in zip(backs, places, strict=True):
        known, told = rows < len(ids), facts[back]
        net = (told["gross"] - told["refunds"]).to_numpy(dtype=np.int64)
        orders = told["orders"].to_numpy(dtype=np.int64)
        parts.append(np.column_stack([rows[known], np.full(int(known.sum()), back), orders[known], net[known]]).astype(np.int64))
    together = np.concatenate(parts)
    together = together[np.lexsort((together[:, 1], together[:, 0]))]
    return pd.DataFrame(together, columns=list(_TYPES))


def season_start(monthly: pd.DataFrame, size: int, month: Month) -> FloatArray:
    """The calendar month (1-12) in which each customer's season of three months begins; NaN where none is claimed.

    A season is claimed where each of the last two years has four orders or more, and in both of them three quarters of
    the orders fall into the same three calendar months in a row. Of several such stretches the one whose poorer year
    has the greater share, then the first of the year. `monthly` must hold all 24 months.
    """
    found = np.full(size, np.nan)
    row, back, orders = (monthly[name].to_numpy() for name in ("row", "back", "orders"))
    inside = back < TWO_YEARS
    row, back, orders = row[inside], back[inside], orders[inside]
    totals = np.zeros((size, 2), dtype=np.int64)
    np.add.at(totals, (row, back // YEAR), orders)
    often = np.flatnonzero((totals >= SEASON_ORDERS).all(axis=1))
    if not len(often):
        return found
    place = np.full(size, -1, dtype=np.int64)
    place[often] = np.arange(len(often))
    asked = place[row] >= 0
    counts = np.zeros((len(often), 2, YEAR), dtype=np.int64)
    calendar = (month.number - 1 - back[asked]) % YEAR
    np.add.at(counts, (place[row[asked]], back[asked] // YEAR, calendar), orders[asked])
    stretches = sum(np.roll(counts, -ahead, axis=2) for ahead in range(SEASON_MONTHS))
    poorer = (stretches / totals[often][:, :, None]).min(axis=1)
    best = poorer.argmax(axis=1)
    claimed = poorer[np.arange(len(often)), best] >= SEASON_SHARE
    found[often[claimed]] = best[claimed] + 1
    return found


def spread_of_months(monthly: pd.DataFrame, chosen: BoolArray) -> float | None:
    """Standard deviation over mean of the twelve monthly nets of some customers taken together; None where the mean is not positive.

    `chosen` marks them, one entry per customer of the window. The deviation is that of the population: the twelve months are all there are.
    """
    rows = monthly.loc[chosen[monthly["row"].to_numpy()] & (monthly["back"] < YEAR).to_numpy()]
    sums = np.zeros(YEAR, dtype=np.int64)
    np.add.at(sums, rows["back"].to_numpy(), rows["net"].to_numpy())
    mean = sums.mean() / UNITS
    return float((sums / UNITS).std() / mean) if mean > 0 else None
