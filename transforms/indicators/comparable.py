"""From which month an indicator says something, and which months may be held against each other.

One place that comparisons, trends, limits, highlights and sentences ask. In the first year of a history nobody can have been
lost yet, everybody looks new and windows are not whole: values of such months are printed, but nothing is compared with them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from transforms.figures import Indicator
from transforms.indicators.declare import ORDERS, YEAR_WINDOW
from transforms.month import Month
from transforms.policy.rules import Policy

DAYS_A_MONTH = 30.44
"""365.25 / 12."""

TWO_YEARS = frozenset(
    {
        *("retention_rate", "churn_rate", "nrr", "grr", "group_retention", "retention_cost_per_kept", "win_to_keep_ratio"),
        *("churn_rate_silent", "churn_rate_lost", "customers_reactivated_12m", "revenue_churn_rate", "revenue_left_rate"),
        *("replacement_ratio", "replacement_ratio_customers", "retention_plus_5_value", "grade_value_since", "separation"),
        *("grade_value_correlation", "grade_value_inversions", "risers_below_top", "churn_rate_model"),
    }
)
"""Twelve months held against the twelve before."""

THREE_YEARS = frozenset({"forecast_net_ratio", "forecast_rank_correlation", "forecast_top_decile_capture", "forecast_error_ratio"})
"""A model of two years tested on the year after."""

FIRST_EVER = frozenset(
    {
        *("customers_new", "group_new", "acquisition_cost_per_new", "group_acquisition_cost", "referred_new_share"),
        *("effort_new_contact_share", "effort_new_discount_share", "bucket_first_share", "bucket_repeat_share"),
        *("score_mean", "behavioural_loyalty", "loyalty_index", "group_tenure_median", "share_true_loyalty"),
        *("share_latent_loyalty", "share_spurious_loyalty", "share_no_loyalty", "share_likely_gone", "net_likely_gone"),
        *("expected_orders_12m", "expected_net_12m", "lifetime_value_36m", "customer_survival_5y"),
    }
)
"""Who was a customer before the history began looks new in its first year, and the length of his relation is cut there."""

AFTER_LOSS = frozenset({"customers_lost", "lost_customer_cost", "base_reactivated"})
"""Cannot occur before somebody has been silent for as long as the rule asks."""

YEAR = 12


class Gap(StrEnum):
    """Why a month's value is not compared."""

    NOT_YET = "not_yet"
    """It cannot occur yet."""
    HALF = "half"
    """Its window reaches before the first month."""
    INCOMPLETE = "incomplete"
    """Days of the month are missing at the source; a window of twelve months hardly feels them and is compared."""


def months_until(words: Indicator, policy: Policy) -> int:
    """How many months of its tables an indicator needs until a value can be held against another; at least 1."""
    if words.name in AFTER_LOSS:
        return math.ceil(policy.lost_days / DAYS_A_MONTH) + 1
    if words.name in THREE_YEARS:
        return 3 * YEAR
    if words.name in TWO_YEARS:
        return 2 * YEAR
    if words.name in FIRST_EVER:
        return YEAR + 1
    return YEAR if words.window == YEAR_WINDOW else 1


@dataclass(frozen=True)
class Comparability:
    """What is known of the months of a history: where each table begins, and which of its months lack days.

    `began` holds the first month with rows by table; one that is not told begins with the history, `first`.
    """

    policy: Policy
    first: Month
    began: Mapping[str, Month] = field(default_factory=dict)
    incomplete: frozenset[tuple[str, Month]] = frozenset()

    @property
    def alike_since(self) -> Month:
        """The first month whose grades rest on a whole year: from then on the customers of a tier are chosen alike."""
        return min((self.began[table] for table in ORDERS if table in self.began), default=self.first) + (YEAR - 1)

    def since(self, words: Indicator) -> Month:
        """The first month whose value can be held against another."""
        tables = [self.began[table] for table in words.needs if table in self.began]
        return min(tables, default=self.first) + (months_until(words, self.policy) - 1)

    def gap(self, words: Indicator, month: Month) -> Gap | None:
        """Why the value of `month` is not compared; None: it may be."""
        return self.gaps(words, [month])[0]

    def gaps(self, words: Indicator, asked: Sequence[Month]) -> list[Gap | None]:
        """The same of several months."""
        since, early = self.since(words), Gap.NOT_YET if words.name in AFTER_LOSS else Gap.HALF
        torn = {month for table, month in self.incomplete if table in words.needs and words.window != YEAR_WINDOW}
        return [early if month < since else Gap.INCOMPLETE if month in torn else None for month in asked]
