"""Who moved between the grades in a month."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from transforms.month import Month
from transforms.policy.rules import UNRATED, Policy
from transforms.statistics.estimates import share_of

NEW = "new"
LOST = "lost"
UNKNOWN = "unknown"
"""Grade before of a customer who ordered earlier but was in no review of last month."""


def transitions(customers: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Grade before x grade after with the number of customers; best grade first, only what occurs.

    grade_before  last month's grade; `new`: first order in the month; `lost`: was lost when it began;
                  `unknown`: ordered earlier, but last month's review did not know the customer
    grade_after   this month's grade; `lost`: lost at its end

    Customers lost before and after are left out, so that the column `lost` holds those lost in the month,
    the row `new` the new ones and the row `lost` those who came back:

        closing = opening + new + back - lost

    where opening adds up the rows that are grades (or unknown), closing the columns that are.
    """
    before = customers["previous_grade"].fillna(UNKNOWN)
    before = before.mask(customers["was_lost"], LOST).mask(customers["is_new"], NEW)
    after = customers["grade"].mask(customers["is_lost"], LOST)
    moving = ~(customers["was_lost"] & customers["is_lost"])
    return _count_moves(before[moving], after[moving], policy)


def year_transitions(customers: pd.DataFrame, year_ago: pd.DataFrame, month: Month, policy: Policy) -> pd.DataFrame:
    """The same from the grade of twelve months ago (`customer_id`, `grade`, `is_lost` of then) to this month's.

    grade_before  `lost`: was lost then; `new`: no order by then; `unknown`: ordered by then, but that review did not
                  know the customer
    grade_after   `lost`: lost now; `unknown`: this month's review no longer knows the customer

    Every customer of either month is counted once, but for those lost on both sides: a row adds up to those who
    stood there then, a column to those who stand there now.
    """
    then = year_ago.set_index("customer_id")
    ids = customers["customer_id"]
    before = ids.map(then["grade"].astype("object")).astype("object").fillna(UNKNOWN)
    came = customers["first_order_on"] >= pd.Timestamp((month - 11).first_day)
    before = before.mask(~ids.isin(then.index) & came, NEW)
    if "is_lost" in then:
        before = before.mask(ids.map(then["is_lost"]).astype("boolean").fillna(False).to_numpy(dtype=bool), LOST)
    after = customers["grade"].astype("object").mask(customers["is_lost"].to_numpy(dtype=bool), LOST)
    gone = then.loc[~then.index.isin(ids)]
    left = gone["grade"].astype("object")
    if "is_lost" in gone:
        left = left.mask(gone["is_lost"].astype("boolean").fillna(False).to_numpy(dtype=bool), LOST)
    every_before = pd.concat([before, left], ignore_index=True)
    every_after = pd.concat([after, pd.Series([UNKNOWN] * len(gone), dtype="object")], ignore_index=True)
    moving = ~((every_before == LOST) & (every_after == LOST))
    return _count_moves(every_before[moving], every_after[moving], policy)


class YearOn(NamedTuple):
    """What became within a year of the customers who had a grade then; the last five add up to `then`."""

    then: int
    stayed: int
    rose: int
    fell: int
    lost: int
    other: int
    """Unrated now, or no longer known."""


def year_on(moves: pd.DataFrame, grade: str, policy: Policy) -> YearOn:
    """What became of those who had a grade twelve months ago, from `year_transitions`.

    A tier's own customers of today tell nothing of who stays: who left is hardly ever in a good tier now.
    """
    ranks = {one.grade: place for place, one in enumerate(policy.grades)}
    own, sums = ranks[grade], dict.fromkeys(("stayed", "rose", "fell", "lost", "other"), 0)
    rows = moves[moves["grade_before"] == grade]
    for after, count in zip(rows["grade_after"], rows["customers"], strict=True):
        place = ranks.get(str(after))
        if place is None:
            sums["lost" if after == LOST else "other"] += int(count)
        else:
            sums["stayed" if place == own else "rose" if place < own else "fell"] += int(count)
    return YearOn(sum(sums.values()), **sums)


def _count_moves(before: pd.Series, after: pd.Series, policy: Policy) -> pd.DataFrame:
    """How many went from where to where, best grade first; of names that the policy does not know the most frequent first."""
    (left, befores), (right, afters) = pd.factorize(before), pd.factorize(after)
    known = (left >= 0) & (right >= 0)
    pairs, counts = np.unique(left[known] * max(1, len(afters)) + right[known], return_counts=True)
    order = {name: number for number, name in enumerate((*(grade.grade for grade in policy.grades), UNRATED, UNKNOWN, NEW, LOST))}
    rows = [
        (str(befores[pair // len(afters)]), str(afters[pair % len(afters)]), int(count)) for pair, count in zip(pairs, counts, strict=True)
    ]
    rows.sort(key=lambda row: (order.get(row[0], len(order)), order.get(row[1], len(order)), -row[2], row[0], row[1]))
    names = ("grade_before", "grade_after", "customers")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())
    types = {"grade_before": "str", "grade_after": "str", "customers": "int64"}
    return pd.DataFrame({name: pd.Series(list(cells), dtype=types[name]) for name, cells in columns.items()})


def with_shares(moves: pd.DataFrame) -> pd.DataFrame:
    """The same rows with `of` (all who stood there before), `share` (0-1) and its Wilson interval `lower`, `upper`.

    The share says how often a customer of that grade moved there; it is an estimate of what the next month
    may bring only if the months are alike.
    """
    of = moves.groupby("grade_before")["customers"].transform("sum")
    ends = [share_of(int(count), int(total)) for count, total in zip(moves["customers"], of, strict=True)]
    names = {"share": "value", "lower": "lower", "upper": "upper"}
    told = {name: pd.Series([getattr(end, field) for end in ends], dtype="float64") for name, field in names.items()}
    return moves.reset_index(drop=True).assign(of=of.to_numpy(), **told)
