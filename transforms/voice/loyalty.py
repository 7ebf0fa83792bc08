"""Loyalty of one customer: behaviour, attitude, the index of both, and the type."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from transforms.money import BoolArray, FloatArray
from transforms.policy.rules import Loyalty
from transforms.statistics.ranks import round_scores
from transforms.tables.columns import names_of_codes

LOYALTY_TYPES = ("true", "latent", "spurious", "none", "unclassified")


def behavioural_loyalty(ranked: Mapping[str, FloatArray], rated: BoolArray) -> FloatArray:
    """How loyally a customer buys, 0-100: the mean rank of amount, frequency and duration (REQUIREMENTS S100).

    Missing while the history is too short for a rank.
    """
    mean = (ranked["annual_net"] + ranked["orders_per_month"] + ranked["tenure_months"]) / 3
    return np.where(rated, round_scores(mean), np.nan)


def attitude(recommendation: FloatArray, loyalty_items: FloatArray) -> FloatArray:
    """What customers say of staying and recommending, 0-100; satisfaction is no part of it (REQUIREMENTS S91).

    The mean of the recommendation answer (0-10, times ten) and of the answers to loyalty items (0-100),
    of those that there are. Missing without either: it is never guessed from behaviour.
    """
    both = np.stack([recommendation * 10, loyalty_items])
    told = ~np.isnan(both)
    total = np.where(told, both, 0.0).sum(axis=0)
    return np.where(told.any(axis=0), round_scores(total / np.maximum(told.sum(axis=0), 1)), np.nan)


def loyalty_index(
    behaviour: FloatArray, satisfaction: FloatArray, recommendation: FloatArray, rule: Loyalty
) -> tuple[FloatArray, BoolArray]:
    """The loyalty index 0-100 and whether it is partial (REQUIREMENTS S94).

    LI = weights x (behavioural loyalty, satisfaction index, recommendation 0-10 x 10). A part that is not
    known leaves its weight to the others; below `rule.minimum_share` of known weight there is no index.
    It contains satisfaction, so it must not be used to show what satisfaction does to loyalty.
    """
    parts = np.stack([behaviour, satisfaction, recommendation * 10])
    weights = np.array([rule.behaviour, rule.satisfaction, rule.recommendation])[:, None]
    told = ~np.isnan(parts)
    share = (weights * told).sum(axis=0) / weights.sum()
    total = (weights * np.where(told, parts, 0.0)).sum(axis=0) / weights.sum()
    enough = (share > 0) & (share >= rule.minimum_share - 1e-12)
    index = np.where(enough, total / np.where(share > 0, share, 1.0), np.nan)
    return index, enough & ~told.all(axis=0)


def loyalty_type(attitude_score: FloatArray, behaviour: FloatArray, rule: Loyalty) -> pd.Series:
    """Attitude and behaviour crossed (Dick & Basu 1994; REQUIREMENTS S92), with fixed cuts from the policy.

    true: both high; latent: attitude alone; spurious: behaviour alone; none: neither. Whoever was not asked,
    or is too new, is "unclassified" and never filled in.
    """
    high_attitude, high_behaviour = attitude_score >= rule.attitude_cut, behaviour >= rule.behaviour_cut
    number = np.where(high_attitude, np.where(high_behaviour, 0, 1), np.where(high_behaviour, 2, 3))
    return names_of_codes(LOYALTY_TYPES, np.where(np.isnan(attitude_score) | np.isnan(behaviour), 4, number))


def ladder(recommendation: FloatArray, purchase_days_12m: FloatArray) -> pd.Series:
    """The rung that the data can vouch for (REQUIREMENTS S125, A18); missing for whoever was not asked.

    loyalty        bought on at least two days of the twelve months and recommends (9 or 10)
    consideration  answered, but has not told a preference (a buyer without one stands here)
    """
    loyal = (purchase_days_12m >= 2) & (recommendation >= 9)
    asked = ~np.isnan(recommendation)
    return names_of_codes(("loyalty", "consideration", None), np.where(loyal, 0, np.where(asked, 1, 2)))
