"""The cohort triangle: of the customers who came in a month, how many order in each month after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.money import FloatArray
from transforms.month import Month

COHORTS = 13
AGES = 12


@dataclass(frozen=True)
class Cohort:
    """The customers whose first order was in one month: how many, and the share that ordered in each month after it."""

    month: Month
    customers: int
    shares: tuple[float | None, ...]
    """Month 1, 2, ... after the first; None: not there yet."""


@dataclass(frozen=True)
class Triangle:
    """The newest cohorts, oldest first, and the average of all cohorts of the history, weighted by their size."""

    cohorts: tuple[Cohort, ...]
    average: tuple[float | None, ...]
    behind: tuple[int, ...]
    """How many customers each average rests on."""


def triangle(facts: pd.DataFrame, month: Month, cohorts: int = COHORTS, ages: int = AGES) -> Triangle:
    """The triangle at a month's end, from one row per month of first order (`cohort`) and month told of (`month`).

    `facts` has cohort and month (`Month.index`), customers (size of the cohort) and active (those with an order in
    `month`). A month that is still to come has no share, not zero. An average is active customers / customers over
    every cohort old enough, so a large cohort counts for more.
    """
    known = facts.loc[(facts["month"] <= month.index).to_numpy(dtype=bool)]
    starts = np.unique(known["cohort"].to_numpy(dtype=np.int64))
    age = (known["month"] - known["cohort"]).to_numpy(dtype=np.int64)
    row = np.searchsorted(starts, known["cohort"].to_numpy(dtype=np.int64))
    size, active = (np.zeros((len(starts), ages + 1)) for _ in range(2))
    told = (age >= 0) & (age <= ages)
    size[row[told], age[told]] = known["customers"].to_numpy(dtype=np.float64)[told]
    active[row[told], age[told]] = known["active"].to_numpy(dtype=np.float64)[told]
    seen = (starts[:, None] + np.arange(ages + 1)[None, :]) <= month.index
    behind = np.where(seen, size, 0).sum(axis=0)[1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.where(seen & (size > 0), active / size, np.nan)[:, 1:]
        average = np.where(behind > 0, np.where(seen, active, 0).sum(axis=0)[1:] / behind, np.nan)
    rows = tuple(
        Cohort(Month.from_index(int(start)), int(size[place].max()), _known_shares(shares[place])) for place, start in enumerate(starts)
    )
    return Triangle(rows[-cohorts:], _known_shares(average), tuple(int(customers) for customers in behind))


def _known_shares(shares: FloatArray) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(share) else float(share) for share in shares)
