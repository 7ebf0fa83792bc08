"""The health of the grading standard: how many it leaves out, near a line or in other hands, and whether it predicted value."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.stats import rankdata

from transforms.figures import Better, Label, Reason, Scope, Unit
from transforms.grades.overrides import overrides_of
from transforms.indicators.declare import COMPANY_ONLY, MONTH_END, YEAR_WINDOW, Part, indicator
from transforms.money import UNITS, BoolArray, FloatArray
from transforms.policy.rules import UNRATED
from transforms.statistics.estimates import Estimate, Z, mean_of, no_data
from transforms.statistics.ranks import round_scores

LEAST = 10
"""Customers below which no rank correlation is told."""


def _is_near_a_cut(part: Part) -> BoolArray:
    score = part.numbers("score")
    cuts = np.array([grade.cut for grade in part.policy.grades if grade.cut > 0])
    apart: FloatArray = round_scores(np.abs(score[:, None] - cuts))
    return np.asarray((apart <= part.policy.borderline).any(axis=1))


def _count(hits: BoolArray, part: Part, method: str) -> Estimate:
    return Estimate(float(hits.sum()), len(part), method=method)


@indicator(
    "standard_unrated",
    title="Unrated customers",
    unit=Unit.COUNT,
    better=Better.NEITHER,
    formula="customers without a grade: their first order is too recent, or they are employees or stockholders",
    window=MONTH_END,
    needs=("orders",),
    section="standard",
    serves=("S41", "S28"),
    scopes=COMPANY_ONLY,
)
def standard_unrated(part: Part) -> Estimate:
    return _count(
        part.holds_word("grade", UNRATED), part, f"first order less than {part.policy.unrated_months} months ago, employees, stockholders"
    )


@indicator(
    "standard_borderline",
    title="Customers near a pass mark",
    unit=Unit.COUNT,
    better=Better.NEITHER,
    formula="customers whose score lies within the borderline points of a pass mark",
    window=MONTH_END,
    needs=("orders",),
    section="standard",
    serves=("S41",),
)
def borderline(part: Part) -> Estimate:
    return _count(_is_near_a_cut(part), part, f"within {part.policy.borderline:g} points")


@indicator(
    "standard_held",
    title="Grades kept by the hold rules",
    unit=Unit.COUNT,
    better=Better.NEITHER,
    formula="customers whose grade differs from what the pass marks alone would give",
    window=MONTH_END,
    needs=("orders",),
    section="standard",
    serves=("S14",),
)
def standard_held(part: Part) -> Estimate:
    return _count(part.flags("held"), part, "rule-based grade against the plain cuts")


@indicator(
    "standard_overrides",
    title="Manual grades in force",
    unit=Unit.COUNT,
    better=Better.NEITHER,
    formula="customers whose grade was set by hand, with author, reason and last day",
    window=MONTH_END,
    needs=("orders",),
    section="standard",
    label=Label.MANUAL,
    serves=("S28", "S41", "S43"),
)
def overrides(part: Part) -> Estimate:
    if "registers" not in part.inputs.supplied:
        return Estimate(None, len(part), method="register override", reason=Reason.NOT_SUPPLIED)
    return _count(part["override_grade"].notna().to_numpy(dtype=bool), part, "register override")


@indicator(
    "standard_upgrades_reversed",
    title="Upgrades taken back",
    unit=Unit.COUNT,
    better=Better.NEITHER,
    formula="customers whose last upgrade was not earned, as refunds since have shown",
    window="month",
    needs=("orders",),
    section="standard",
    serves=("S14",),
)
def standard_upgrades_reversed(part: Part) -> Estimate:
    return _count(part.flags("upgrade_reversed"), part, f"refunds within {part.policy.hold.recheck_months} months of the upgrade")


@indicator(
    "standard_multiple",
    title="Customers matched more than once",
    unit=Unit.COUNT,
    better=Better.LOWER,
    formula="customers with more than one grade or more than one manual grade in force; must be 0",
    window=MONTH_END,
    needs=("orders",),
    section="standard",
    serves=("S41",),
    scopes=COMPANY_ONLY,
)
def multiple(part: Part) -> Estimate:
    rows = int(part["customer_id"].duplicated().sum())
    return Estimate(float(rows + overrides_of(part.inputs.registers, part.inputs.month, part.policy).twice), len(part), method="must be 0")


@indicator(
    "standard_inputs",
    title="Inputs of the score",
    unit=Unit.COUNT,
    better=Better.NEITHER,
    formula="measures that carry weight: tenure and silence, orders per month, net of twelve months",
    window=MONTH_END,
    needs=("orders",),
    section="standard",
    serves=("S27", "S28", "S41"),
    scopes=COMPANY_ONLY,
)
def inputs(part: Part) -> Estimate:
    weights = part.policy.weights
    count = 2 * (weights.history > 0) + (weights.frequency > 0) + (weights.amount > 0)
    return Estimate(float(count), method=standard_line(part))


def standard_line(part: Part) -> str:
    """Version, month, author and reason of the standard in force."""
    policy = part.policy
    said = (policy.version, str(policy.effective_from), policy.author, policy.reason)
    return "policy " + "; ".join(" ".join(text.replace(";", ",").split())[:120] for text in said)


@indicator(
    "grade_value_correlation",
    title="Score a year ago and revenue since",
    unit=Unit.RATIO,
    better=Better.HIGHER,
    formula="Spearman rank correlation of the score twelve months ago with net revenue of the twelve months since",
    window=YEAR_WINDOW,
    needs=("orders",),
    section="standard",
    serves=("S15",),
    scopes=COMPANY_ONLY,
)
def correlation(part: Part) -> Estimate:
    """Interval after Bonett & Wright 2000 (Psychometrika 65:23): atanh r +- z sqrt((1 + r^2 / 2) / (n - 3)).

    Where both stand in one order, or in opposite ones, it would collapse to a point, and none is told.
    """
    score, since = part.numbers("score_year_ago"), part.numbers("net_12m")
    known = ~np.isnan(score)
    n = int(known.sum())
    if n == 0:
        return no_data("no review twelve months ago")
    if n < LEAST:
        return Estimate(None, n, method=f"withheld below {LEAST}", reason=Reason.TOO_FEW)
    r = spearman(score[known], since[known])
    if r is None:
        return Estimate(None, n, method="all scores or revenues are alike", reason=Reason.NO_DATA)
    if 1 - abs(r) < 1e-12:
        return Estimate(r, n, method="Spearman; no interval, both stand in one order; revenue")
    half = Z * np.sqrt((1 + r * r / 2) / (n - 3))
    middle = np.arctanh(r)
    return Estimate(r, n, float(np.tanh(middle - half)), float(np.tanh(middle + half)), method="Spearman; Bonett-Wright interval; revenue")


def spearman(one: FloatArray, other: FloatArray) -> float | None:
    """Pearson's correlation of the midranks; None where one of them does not vary."""
    first, second = rankdata(one), rankdata(other)
    if first.std() == 0 or second.std() == 0:
        return None
    return float(np.clip(np.corrcoef(first, second)[0, 1], -1.0, 1.0))


@indicator(
    "grade_value_since",
    title="Revenue since, by grade a year ago",
    unit=Unit.MONEY,
    better=Better.NEITHER,
    formula="mean net revenue of twelve months per customer who had this grade twelve months ago",
    window=YEAR_WINDOW,
    needs=("orders",),
    section="standard",
    serves=("S15",),
)
def value_since(part: Part) -> Estimate:
    """Of a tier: those who had its grade then, wherever they stand now."""
    names = [grade.grade for grade in part.policy.grades if part.scope is Scope.COMPANY or grade.tier == part.scope_value]
    chosen = np.any([part.everybody.holds_word("grade_year_ago", name) for name in names], axis=0)
    if not chosen.any():
        return no_data("nobody had this grade twelve months ago")
    net = part.everybody.numbers("net_12m")[chosen] / UNITS
    if net.std() == 0:
        return Estimate(float(net.mean()), len(net), method="mean net revenue; no interval, it does not vary")
    return mean_of(net, -np.inf, np.inf, "mean net revenue")


@indicator(
    "grade_value_inversions",
    title="Inversions of grade and revenue",
    unit=Unit.COUNT,
    better=Better.LOWER,
    formula="neighbouring grades of which the lower one brought more revenue per customer in the twelve months since",
    window=YEAR_WINDOW,
    needs=("orders",),
    section="standard",
    serves=("S15",),
    scopes=COMPANY_ONLY,
)
def inversions(part: Part) -> Estimate:
    then = {grade.grade: part.everybody.holds_word("grade_year_ago", grade.grade) for grade in part.policy.grades}
    net = part.everybody.numbers("net_12m")
    means = [(name, float(net[chosen].mean()) if chosen.any() else None) for name, chosen in then.items()]
    known = [(name, mean) for name, mean in means if mean is not None]
    if len(known) < 2:
        return no_data("fewer than two grades twelve months ago")
    turned = [f"{low} above {high}" for (high, above), (low, below) in pairwise(known) if below > above]
    n = sum(int(then[name].sum()) for name, _ in known)
    return Estimate(float(len(turned)), n, method="; ".join(turned) or "none")
