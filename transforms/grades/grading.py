"""The grade: history, frequency and amount against a frozen standard, with patience before it changes.

A grade depends on its customer and the frozen standard alone: any partition of the customers,
scored anywhere, gives the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.money import UNITS, BoolArray, FloatArray, IntArray
from transforms.month import Month
from transforms.policy.rules import MEASURES, Grade, Policy, Reference
from transforms.statistics.ranks import frozen_grid, percent_rank, round_scores

YEAR = 12
SHORTEST = 3
"""Months below which nothing is blown up to a year."""


NONE = -1
"""Grade number of a customer without a grade."""


def measures(window: pd.DataFrame, month: Month) -> dict[str, FloatArray]:
    """The measures behind the scores, one number per row of the window.

    tenure_months     whole months from the first order to the month's end
    recency_days      calendar days from the last order to the month's last day
    observed_months   months of the last twelve in which the customer could order: from the month of the first order, 1-12
    orders_per_month  orders of the twelve months / observed_months (3 at least)
    annual_net        net of the twelve months x 12 / observed_months (3 at least)
    net_12m           net of the twelve months
    historic_net      net before the last twelve months
    """
    first, last = _days(window["first_order_on"]), _days(window["last_order_on"])
    end = int(np.datetime64(month.last_day, "D").astype(np.int64))
    first_month = _month_index(first)
    begun_late = first.astype("datetime64[D]") > first.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]")
    tenure = month.index + 1 - first_month - begun_late
    observed = np.clip(month.index - first_month + 1, 1, YEAR)
    spread = np.maximum(observed, SHORTEST)
    net_year = window["gross_12m"].to_numpy() - window["refunds_12m"].to_numpy()
    net_ever = window["total_gross"].to_numpy() - window["total_refunds"].to_numpy()
    return {
        "tenure_months": tenure.astype(np.float64),
        "recency_days": (end - last).astype(np.float64),
        "observed_months": observed.astype(np.float64),
        "orders_per_month": window["orders_12m"].to_numpy() / spread,
        "annual_net": net_year * YEAR / spread / UNITS,
        "net_12m": net_year / UNITS,
        "historic_net": (net_ever - net_year) / UNITS,
    }


def is_rated(measured: Mapping[str, FloatArray], policy: Policy) -> BoolArray:
    """Whether the first order is old enough for a grade."""
    rated: BoolArray = measured["tenure_months"] >= policy.unrated_months
    return rated


def freeze_grids(measured: Mapping[str, FloatArray], chosen: BoolArray | None = None) -> dict[str, tuple[float, ...]]:
    """The distribution of every measure over the chosen customers (default: all)."""
    return {name: frozen_grid(measured[name] if chosen is None else measured[name][chosen]) for name in MEASURES}


def ranks(measured: Mapping[str, FloatArray], reference: Reference) -> dict[str, FloatArray]:
    """Percent rank (0-100) of every measure against the frozen distributions."""
    return {name: percent_rank(measured[name], reference.grids[name]) for name in MEASURES}


def scores(ranked: Mapping[str, FloatArray], rated: BoolArray, policy: Policy) -> dict[str, FloatArray]:
    """The grade score 0-100 and its parts; missing for the unrated (REQUIREMENTS S27).

    history_score   = (rank of tenure + 100 - rank of days since the last order) / 2
    frequency_score = rank of orders per observed month
    amount_score    = rank of net of twelve months, brought to a year
    score           = weights x parts
    """
    parts = {
        "history_score": (ranked["tenure_months"] + (100 - ranked["recency_days"])) / 2,
        "frequency_score": ranked["orders_per_month"],
        "amount_score": ranked["annual_net"],
    }
    weights = policy.weights
    total = weights.history * parts["history_score"] + weights.frequency * parts["frequency_score"] + weights.amount * parts["amount_score"]
    return {name: np.where(rated, values, np.nan) for name, values in (parts | {"score": round_scores(total)}).items()}


@dataclass(frozen=True)
class Graded:
    """Grade numbers (0 is the best, -1 unrated), what the cuts alone would say, and the months in a row below the own cut."""

    grade: IntArray
    would_be: IntArray
    months_below: IntArray


def plain_grade(score: FloatArray, policy: Policy) -> IntArray:
    """The grade that the cuts alone give: a score equal to a cut earns it; -1 without a score."""
    cuts = np.array([grade.cut for grade in reversed(policy.grades)])
    number = len(cuts) - np.searchsorted(cuts, np.where(np.isnan(score), 0.0, score), side="right")
    return np.where(np.isnan(score), NONE, np.minimum(number, len(cuts) - 1)).astype(np.int64)


def earned_grade(score: FloatArray, policy: Policy) -> IntArray:
    """The best grade whose cut the score passes by that cut's band: what an upgrade needs; -1 without a score."""
    passed = [grade.cut + band for grade, band in zip(policy.grades, policy.bands, strict=True)]
    needed = round_scores(np.array([0.0, *reversed(passed[:-1])]))
    number = len(needed) - np.searchsorted(needed, np.where(np.isnan(score), 0.0, score), side="right")
    return np.where(np.isnan(score), NONE, np.clip(number, 0, len(needed) - 1)).astype(np.int64)


def held_grade(score: FloatArray, previous: IntArray, months_below: IntArray, policy: Policy) -> Graded:
    """The grade after the hold rules; `previous` and `months_below` are last month's (-1 and 0 for a newcomer).

    Up, at once and by any number of grades: to the best one whose cut the score passes by the band.
    Down, one grade a month: below the own cut by more than the band, or below the cut itself for
    `months_below` months in a row, this one included. Otherwise the grade is held. Band and months are
    the boundary's own where the policy gives it some.
    """
    cuts, bands, patience = (np.array(rule) for rule in ([grade.cut for grade in policy.grades], policy.bands, policy.patience))
    would_be = plain_grade(score, policy)
    graded, known = would_be != NONE, (previous != NONE) & (would_be != NONE)
    own = np.where(known, previous, 0)
    earned = earned_grade(score, policy)
    up = known & (earned < own)
    below = known & (score < cuts[own])
    count = np.where(below, months_below + 1, 0)
    down = below & ((score < round_scores(cuts - bands)[own]) | (count >= patience[own]))
    grade = np.where(up, earned, np.where(down, own + 1, own))
    grade = np.where(known, np.clip(grade, 0, len(cuts) - 1), would_be)
    after = np.where(down, (score < cuts[np.maximum(grade, 0)]).astype(np.int64), count)
    return Graded(grade, would_be, np.where(graded & known & ~up, after, 0).astype(np.int64))


def grade_numbers(names: pd.Series, policy: Policy) -> IntArray:
    """Grade names as numbers; a name that the policy does not have is -1, as if never graded."""
    known = {grade.grade: number for number, grade in enumerate(policy.grades)}
    codes, distinct = pd.factorize(names)
    numbers = np.array([known.get(str(name), NONE) for name in distinct] + [NONE], dtype=np.int64)
    return numbers[codes]


def grade_names(numbers: IntArray, policy: Policy) -> pd.Series:
    """Grade numbers as names, missing where there is none."""
    names = pd.Series([*(grade.grade for grade in policy.grades), None], dtype="str")
    return pd.Series(names.array.take(np.where(numbers == NONE, len(policy.grades), numbers)))


def grade_of(policy: Policy, number: int) -> Grade:
    """The grade behind a number."""
    return policy.grades[number]


def _days(column: pd.Series) -> IntArray:
    return column.to_numpy(dtype="datetime64[D]").astype(np.int64)


def _month_index(days: IntArray) -> IntArray:
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
