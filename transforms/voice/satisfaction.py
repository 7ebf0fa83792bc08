"""Satisfaction of one customer, from few answers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.facts.matching import Lookup, locate
from transforms.money import FloatArray, IntArray
from transforms.policy.rules import Satisfaction
from transforms.statistics.ranks import round_scores


def satisfaction_index(score_sum: FloatArray, answers: IntArray, rule: Satisfaction) -> FloatArray:
    """How satisfied each customer is, 0-100.

    A few answers say little, so each customer starts with `rule.prior_answers` imaginary answers at
    the frozen mean `rule.prior_mean`:

        index = 100 * (sum + m * mean) / (count + m)

    Without answers there is no index: unknown is not zero. Without a frozen mean nothing is added.
    """
    weight = 0.0 if rule.prior_mean is None else rule.prior_answers
    mean = rule.prior_mean or 0.0
    asked = answers > 0
    index = 100 * (score_sum + weight * mean) / np.where(asked, answers + weight, 1.0)
    return np.where(asked, round_scores(index), np.nan)


def answers_of(customers: pd.Series, survey_window: pd.DataFrame, instruments: tuple[str, ...]) -> tuple[FloatArray, IntArray]:
    """Sum of the answers (as 0-1) and their number over twelve months, for each of `customers`."""
    rows = survey_window.loc[survey_window["instrument"].isin(instruments)]
    (places,), _ = locate(customers, [rows["customer_id"]])
    inside = places < len(customers)
    total, count = np.zeros(len(customers)), np.zeros(len(customers), dtype=np.int64)
    np.add.at(total, places[inside], rows["score_sum"].to_numpy(dtype=np.float64)[inside])
    np.add.at(count, places[inside], rows["answers"].to_numpy(dtype=np.int64)[inside])
    return total, count


def last_recommendation(customers: pd.Series, survey_window: pd.DataFrame) -> FloatArray:
    """Each customer's newest answer to the recommendation question (0-10) of twelve months; missing without one.

    The answer is taken on its own scale of 0-10; another scale is rescaled to it.
    """
    rows = survey_window.loc[survey_window["instrument"] == "nps"].reset_index(drop=True)
    (places,), _ = locate(customers, [rows["customer_id"]])
    return Lookup.of(places, len(customers)).numbers(rows["last_share"]).round(12) * 10
