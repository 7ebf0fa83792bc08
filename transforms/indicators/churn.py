"""Who stays, who goes, who comes back: churn by three stated definitions, money churn, replacement, survival of customers.

All three definitions look at the same people, those with an order in the twelve months before the last twelve, so
that their rates can stand side by side: no order in the twelve months (`churn_rate`), none for `warn_days` days
(`churn_rate_silent`), lost by the company's rule (`churn_rate_lost`). What a model expects is `churn_rate_model`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from transforms.figures import Better, Label, Unit
from transforms.indicators.customers import won_12m
from transforms.indicators.declare import COMPANY_ONLY, MONTH_END, ORDERS, YEAR_WINDOW, Part, indicator
from transforms.indicators.money import net_of
from transforms.indicators.retention import grr, of_whole_years
from transforms.money import BoolArray
from transforms.statistics.estimates import Estimate, no_data, no_source, share_of
from transforms.statistics.resampling import bootstrap_ratio
from transforms.statistics.survival import Survival, survival

DAYS_A_YEAR = 365.25
FIVE_YEARS = 5
SURVIVAL_YEARS = (1, 2, 3, FIVE_YEARS)


def _cohort(part: Part) -> BoolArray:
    cohort: BoolArray = part.integers("prior_orders") > 0
    return cohort


def _has_left(part: Part) -> BoolArray:
    """Those of the cohort without an order in the twelve months."""
    left: BoolArray = _cohort(part) & (part.integers("orders_12m") == 0)
    return left


@indicator(
    "churn_rate_silent",
    title="Churn: silent",
    unit=Unit.SHARE,
    better=Better.LOWER,
    formula="of those with an order in the twelve months before the last twelve, those silent for 180 days or more (warn_days)",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="retention",
    serves=("S140", "S203"),
)
@of_whole_years
def churn_rate_silent(part: Part) -> Estimate:
    cohort = _cohort(part)
    silent = cohort & (part.integers("recency_days") >= part.policy.warn_days)
    method = f"silent for {part.policy.warn_days} days or more; Wilson interval"
    return share_of(int(silent.sum()), int(cohort.sum()), method)


@indicator(
    "churn_rate_lost",
    title="Churn: lost by the company's rule",
    unit=Unit.SHARE,
    better=Better.LOWER,
    formula="of the same customers those lost at the month's end: max(365 days, 3 x own interval) without an order, or contract ended",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="retention",
    serves=("S140", "S203"),
)
@of_whole_years
def churn_rate_lost(part: Part) -> Estimate:
    cohort = _cohort(part)
    return share_of(int((cohort & part.flags("is_lost")).sum()), int(cohort.sum()), "lost by rule; Wilson interval")


@indicator(
    "churn_rate_model",
    title="Churn: expected by the model",
    unit=Unit.SHARE,
    better=Better.LOWER,
    formula="mean of 1 - P(alive) over those of the same customers for whom the model tells it",
    window=MONTH_END,
    needs=ORDERS,
    section="retention",
    label=Label.ESTIMATE,
    serves=("S140",),
)
def churn_rate_model(part: Part) -> Estimate:
    alive = part.numbers("p_alive")[_cohort(part)]
    known = alive[~np.isnan(alive)]
    if len(known) == 0:
        return no_source("no fitted model tells who is still alive")
    return Estimate(float(1 - known.mean()), len(known), method=f"mean of 1 - P(alive); known for {len(known)} of {len(alive)} customers")


@indicator(
    "customers_reactivated_12m",
    title="Reactivated customers (12 months)",
    unit=Unit.COUNT,
    better=Better.HIGHER,
    formula="customers with an order in the twelve months, none in the twelve before, and one before that; neither new nor retained",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="retention",
    serves=("S140",),
)
def customers_reactivated_12m(part: Part) -> Estimate:
    back = (part.integers("orders_12m") > 0) & ~_cohort(part) & ~won_12m(part)
    return Estimate(float(back.sum()), int(back.sum()), method="full count")


@indicator(
    "revenue_churn_rate",
    title="Revenue churn",
    unit=Unit.RATIO,
    better=Better.LOWER,
    formula="1 - gross revenue retention: what was lost by leaving and by buying less / net of the twelve months before",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="retention",
    serves=("S140",),
)
def revenue_churn_rate(part: Part) -> Estimate:
    kept = grr(part)
    if kept.value is None:
        return kept
    lower, upper = (None if end is None else 1 - end for end in (kept.upper, kept.lower))
    return Estimate(1 - kept.value, kept.n, lower, upper, method=kept.method)


@indicator(
    "revenue_left_rate",
    title="Revenue churn by leaving",
    unit=Unit.RATIO,
    better=Better.LOWER,
    formula="net of the twelve months before of customers without an order in the last twelve / that of all who ordered then",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="retention",
    serves=("S140",),
)
@of_whole_years
def revenue_left_rate(part: Part) -> Estimate:
    cohort = _cohort(part)
    before = net_of(part, "prior")
    return bootstrap_ratio(np.where(_has_left(part), before, 0.0)[cohort], before[cohort], "12 months against the 12 before")


@indicator(
    "replacement_ratio",
    title="Replacement ratio, money",
    unit=Unit.RATIO,
    better=Better.HIGHER,
    formula="twelve-month net of customers whose first order is in the twelve months / net of the twelve months before of those who left",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="retention",
    serves=("S54", "S218"),
)
@of_whole_years
def replacement_ratio(part: Part) -> Estimate:
    won, left = won_12m(part), _has_left(part)
    gone = float(net_of(part, "prior")[left].sum())
    method = f"{int(won.sum())} won, {int(left.sum())} left; net revenue"
    if gone <= 0:
        return no_data(method, int(left.sum()))
    return Estimate(float(net_of(part, "12m")[won].sum()) / gone, int(won.sum() + left.sum()), method=method)


@indicator(
    "replacement_ratio_customers",
    title="Replacement ratio, customers",
    unit=Unit.RATIO,
    better=Better.HIGHER,
    formula="customers whose first order is in the twelve months / customers of the twelve months before without an order since",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="retention",
    serves=("S54", "S218"),
)
@of_whole_years
def replacement_ratio_customers(part: Part) -> Estimate:
    won, left = int(won_12m(part).sum()), int(_has_left(part).sum())
    method = f"{won} won, {left} left"
    return no_data(method, won) if left == 0 else Estimate(won / left, won + left, method=method)


@indicator(
    "customer_survival_5y",
    title="Customers still with us after five years",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="Kaplan-Meier share of customers who still bought five years after their first order; lost ones ended with the last order",
    window=MONTH_END,
    needs=ORDERS,
    section="retention",
    label=Label.ESTIMATE,
    serves=("S140",),
    scopes=COMPANY_ONLY,
)
def customer_survival_5y(part: Part) -> Estimate:
    return share_after(following(part), FIVE_YEARS)


@dataclass(frozen=True)
class Following:
    """How long customers keep buying: the curve by days since the first order, over how many, and the longest follow-up in days."""

    curve: Survival
    customers: int
    longest: int


def following(part: Part) -> Following:
    """How long the scope's customers keep buying, worked out once."""
    return part.once("following", lambda: _following(part))


def _following(part: Part) -> Following:
    """The survival curve of customers: a lost one ended with the last order, which is what the others have not done yet.

    Whether a silence is a loss is known only after max(lost_days, lost_intervals x own median interval), so each
    customer is followed to that many days before the month's end and no further: the newest silence counts neither
    as loss nor as loyalty. Who is too new to be judged is left out. Who was lost and came back counts as not lost.
    """
    patience = np.floor(np.fmax(part.policy.lost_days, part.policy.lost_intervals * part.numbers("median_gap_days"))).astype(np.int64)
    day = np.datetime64(part.inputs.month.last_day, "D")
    since = (day - part.days("first_order_on")).astype(np.int64)
    lost, followed = part.flags("is_lost"), since - patience
    durations = np.where(lost, since - part.integers("recency_days"), followed)
    known = lost | (followed >= 0)
    return Following(survival(durations[known].astype(np.float64), lost[known]), int(known.sum()), int(followed.max(initial=0)))


def share_after(found: Following, years: int) -> Estimate:
    """Share of customers who still bought so many years after their first order; no value where nobody was followed so long."""
    days = int(years * DAYS_A_YEAR)
    if found.longest < days:
        return no_data(f"the longest known customer can be followed for {max(0, found.longest) / DAYS_A_YEAR:.1f} years", found.customers)
    place = int(np.searchsorted(found.curve.times, days, side="left")) - 1
    method = "Kaplan-Meier, Greenwood log-log interval"
    if place < 0:
        return Estimate(1.0, found.customers, method=method)
    lower, upper = (None if np.isnan(end) else float(end) for end in (found.curve.lower[place], found.curve.upper[place]))
    return Estimate(float(found.curve.share[place]), found.customers, lower, upper, method=method)
