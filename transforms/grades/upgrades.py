"""Upgrades and what they rest on, so that one is taken back when the money that earned it is given back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.facts.matching import Lookup
from transforms.grades.grading import NONE, SHORTEST, YEAR, Graded, earned_grade, grade_names, grade_numbers, held_grade
from transforms.money import UNITS, BoolArray, FloatArray, IntArray
from transforms.month import Month
from transforms.policy.rules import Policy
from transforms.statistics.ranks import percent_rank, round_scores

UPGRADE_COLUMNS = {
    "raised_from": "str",
    "raised_by": "str",
    "raised_in": "Int64",
    "raised_score": "float64",
    "raised_net": "float64",
    "raised_refunds": "Int64",
}
"""What a review keeps of a customer's last upgrade, missing where none is open."""


@dataclass(frozen=True)
class Upgrades:
    """Each customer's open upgrade, one entry per customer; `grade_before` is -1 where there is none.

    grade_before  grade number from which the customer rose
    month         index of the month of the upgrade
    score         the score that earned it
    annual_net    net of twelve months, brought to a year, that the score rested on (currency units)
    refunds       ten-thousandths given back since
    """

    grade_before: IntArray
    month: IntArray
    score: FloatArray
    annual_net: FloatArray
    refunds: IntArray

    @classmethod
    def from_review(cls, before: Lookup, customers: pd.DataFrame, policy: Policy) -> Upgrades:
        """The open upgrades of last month's review; none where it did not keep them, or that another policy gave."""
        if not len(customers) or not set(UPGRADE_COLUMNS) <= set(customers.columns):
            return cls.none(len(before.rows))
        same = (before.column(customers["raised_by"]).astype("str") == policy.version).fillna(False).to_numpy(dtype=bool)
        return cls(
            np.where(same, grade_numbers(before.column(customers["raised_from"]).astype("str"), policy), NONE),
            before.counts(customers["raised_in"]),
            before.numbers(customers["raised_score"]),
            before.numbers(customers["raised_net"]),
            before.counts(customers["raised_refunds"]),
        )

    @classmethod
    def none(cls, size: int) -> Upgrades:
        zeros, unknown = np.zeros(size, dtype=np.int64), np.full(size, np.nan)
        return cls(np.full(size, NONE, dtype=np.int64), zeros, unknown, unknown, zeros)

    def columns(self, policy: Policy) -> dict[str, object]:
        """`UPGRADE_COLUMNS`, as they are kept."""
        closed = self.grade_before == NONE
        return {
            "raised_from": grade_names(self.grade_before, policy),
            "raised_by": pd.Series(pd.Series([policy.version, None], dtype="str").array.take(closed.astype(np.int64))),
            "raised_in": pd.arrays.IntegerArray(self.month, closed),
            "raised_score": np.where(closed, np.nan, self.score),
            "raised_net": np.where(closed, np.nan, self.annual_net),
            "raised_refunds": pd.arrays.IntegerArray(self.refunds, closed),
        }


@dataclass(frozen=True)
class Rechecked:
    """Grades after the re-check, the upgrades that stay open, and whose upgrade was taken back this month."""

    graded: Graded
    upgrades: Upgrades
    reversed: BoolArray


def recheck_upgrades(
    graded: Graded,
    previous: IntArray,
    open_upgrades: Upgrades,
    score: FloatArray,
    annual_net: FloatArray,
    month_refunds: IntArray,
    first_month: IntArray,
    month: Month,
    policy: Policy,
) -> Rechecked:
    """Take back upgrades whose money was given back, and note those of this month.

    An upgrade stays open for `hold.recheck_months` months while its grade is kept. With every refund the score
    that earned it is worked out anew as if all refunds since had been known then:

        score then - weight of amount x (rank of net then - rank of (net then - refunds since, brought to a year))

    If that does not pass the cut by its band, and today's score does not either, the customer is judged from
    the grade before the upgrade, by today's score. A refund is not tied to its order: every one since counts.
    """
    cuts, bands = np.array([grade.cut for grade in policy.grades]), np.array(policy.bands)
    held = previous != NONE
    own = np.where(held, previous, 0)
    since = month.index - open_upgrades.month
    live = held & (open_upgrades.grade_before != NONE) & (since <= policy.hold.recheck_months) & (graded.would_be != NONE)
    refunds = np.where(live, open_upgrades.refunds + month_refunds, 0)
    asked = live & (month_refunds > 0)
    unearned = np.zeros(len(score), dtype=bool)
    if asked.any():
        assert policy.reference is not None
        grid = policy.reference.grids["annual_net"]
        observed = np.clip(open_upgrades.month - first_month + 1, SHORTEST, YEAR)
        net = open_upgrades.annual_net
        lost = percent_rank(net, grid) - percent_rank(net - refunds / UNITS * (YEAR / observed), grid)
        anew = round_scores(open_upgrades.score - policy.weights.amount * lost)
        needed = round_scores(cuts + bands)[own]
        unearned = asked & (anew < needed) & (earned_grade(score, policy) > own)
    judged = held_grade(score, np.where(unearned, open_upgrades.grade_before, previous), np.where(unearned, 0, graded.months_below), policy)
    taken = unearned & (judged.grade > graded.grade)
    after = Graded(
        np.where(taken, judged.grade, graded.grade),
        graded.would_be,
        np.where(taken, judged.months_below, graded.months_below),
    )
    rose = held & (after.grade != NONE) & (after.grade < own)
    stays = live & (after.grade == own) & ~taken
    kept = Upgrades(
        np.where(rose, previous, np.where(stays, open_upgrades.grade_before, NONE)),
        np.where(rose, month.index, np.where(stays, open_upgrades.month, 0)),
        np.where(rose, score, np.where(stays, open_upgrades.score, np.nan)),
        np.where(rose, annual_net, np.where(stays, open_upgrades.annual_net, np.nan)),
        np.where(stays & ~rose, refunds, 0),
    )
    return Rechecked(after, kept, taken)
