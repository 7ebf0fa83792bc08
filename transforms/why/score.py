"""Why a score changed: its change in parts that add up, for every customer at once.

    score before, as published  --restated-->  as known now  --Shapley-->  score now

The score is a weighted sum of four ranks (`transforms.grades.grading.scores`), so its Shapley split over measures,
weights and reference is the sum of the splits of its four terms, each with three factors: exact, without
trying all subsets of factors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.facts.matching import Lookup
from transforms.grades.grading import SHORTEST, YEAR, is_rated, ranks, scores
from transforms.money import UNITS, BoolArray, FloatArray
from transforms.policy.rules import Policy
from transforms.statistics.ranks import percent_rank, round_scores
from transforms.statistics.shapley import shapley

INPUTS: Mapping[str, str] = {
    "tenure": "tenure_months",
    "recency": "recency_days",
    "orders": "orders_per_month",
    "net": "annual_net",
}
"""Name of a part -> the measure behind it."""

PARTS = (*INPUTS, "policy", "restated", "appeared")
"""What a change of score is made of.

tenure, recency, orders, net  the customer's own measures moved
policy     other weights, another reference distribution, or another rule of who is rated
restated   last month as known now against last month as published: late or corrected rows, or a newer program
appeared   the customer had no score and has one now, or had one and has none: the whole score counts
"""

DIGITS = 11
"""Decimals that a part is kept with, so that nothing prints as -0.00000000000001; parts still add up within 1e-10."""

_KEPT = ("score", "history_score", "frequency_score", "amount_score")


def change_columns(parts: tuple[str, ...] = PARTS) -> tuple[str, ...]:
    """The columns of a customer that hold the change of score and its parts."""
    return ("change_score", *(f"change_{name}" for name in parts))


@dataclass(frozen=True)
class ScoreSide:
    """Every customer at one month's end: measures and scores (missing where unknown) and the policy they were scored by.

    `scored` holds `score` and its parts `history_score`, `frequency_score` and `amount_score`.
    """

    measures: Mapping[str, FloatArray]
    scored: Mapping[str, FloatArray]
    policy: Policy

    def rank(self, name: str, policy: Policy) -> FloatArray:
        """Rank of one measure (0-100, more is better) by a policy's reference; silence counts the other way round."""
        assert policy.reference is not None
        measure = INPUTS[name]
        rank = percent_rank(self.measures[measure], policy.reference.grids[measure])
        return 100 - rank if name == "recency" else rank

    def level(self, policy: Policy, chosen: BoolArray) -> FloatArray:
        """The score that a policy gives to some of the customers, 0 to those who have none by it."""
        side = ScoreSide({name: values[chosen] for name, values in self.measures.items()}, {}, policy)
        weights = term_weights(policy)
        total = sum((weights[name] * side.rank(name, policy) for name in INPUTS), start=np.zeros(int(chosen.sum())))
        return np.where(side.measures["tenure_months"] >= policy.unrated_months, round_scores(total), 0.0)


def scored_side(measured: Mapping[str, FloatArray], policy: Policy) -> ScoreSide:
    """Customers scored from their measures."""
    assert policy.reference is not None
    return ScoreSide(measured, scores(ranks(measured, policy.reference), is_rated(measured, policy), policy), policy)


def term_weights(policy: Policy) -> dict[str, float]:
    """Share of each measure's rank in the score."""
    weights = policy.weights
    return {"tenure": weights.history / 2, "recency": weights.history / 2, "orders": weights.frequency, "net": weights.amount}


def kept_measures(customers: pd.DataFrame) -> dict[str, FloatArray]:
    """The measures of a kept review's customers, from its columns; the numbers that `transforms.grades.grading.measures` gave."""
    spread = np.maximum(_floats(customers, "observed_months"), SHORTEST)
    return {
        "tenure_months": _floats(customers, "tenure_months"),
        "recency_days": _floats(customers, "recency_days"),
        "orders_per_month": _floats(customers, "orders_12m") / spread,
        "annual_net": _floats(customers, "net_12m") * YEAR / spread / UNITS,
    }


def kept_side(customers: pd.DataFrame, rows: Lookup, policy: Policy) -> ScoreSide | None:
    """Last month's customers as they were kept, in this month's order; None where the review did not keep what is needed."""
    needed = {*_KEPT, "observed_months", "tenure_months", "recency_days", "orders_12m", "net_12m"}
    if not needed <= set(customers.columns):
        return None
    measured = {name: rows.numbers(pd.Series(values)) for name, values in kept_measures(customers).items()}
    return ScoreSide(measured, {name: rows.numbers(customers[name]) for name in _KEPT}, policy)


def change_of_score(published: ScoreSide, known: ScoreSide | None, now: ScoreSide) -> dict[str, FloatArray]:
    """`change_score` and its parts (`change_columns`), one number per customer.

    `published` is last month as it was kept, `known` the same month from the data known now (None: nothing was
    restated). A missing score counts as 0, so the change of a customer who had none is the whole score;
    without a score on both sides every part is 0.
    """
    base = published if known is None else known
    before, start, after = (np.nan_to_num(side.scored["score"]) for side in (published, base, now))
    was, is_now = ~np.isnan(base.scored["score"]), ~np.isnan(now.scored["score"])
    alike = _scores_alike(base.policy, now.policy)
    both, entered = was & is_now, was != is_now
    parts = {
        name: np.where(both, part, 0.0) for name, part in (_parts_by_rank(base, now) if alike else _parts_by_shapley(base, now)).items()
    }
    if not alike and entered.any():
        parts["policy"][entered] = _by_rule(base, now, entered)
    parts["appeared"] = np.where(entered, after - start - parts["policy"], 0.0)
    parts["restated"] = start - before
    # What a newer program computes otherwise from the same data belongs to last month, not to the customer.
    rest = after - before - sum(parts.values(), start=np.zeros(len(after)))
    parts["restated"] = parts["restated"] + np.where(np.abs(rest) > 1e-9, rest, 0.0)
    changed = {"change_score": after - before, **{f"change_{name}": parts[name] for name in PARTS}}
    return {name: np.round(values, DIGITS) + 0.0 for name, values in changed.items()}


def _scores_alike(one: Policy, two: Policy) -> bool:
    """Whether two policies give every customer the same score."""
    same_rules = one.weights == two.weights and one.unrated_months == two.unrated_months
    return same_rules and (one.reference is two.reference or one.reference == two.reference)


def _parts_by_rank(before: ScoreSide, now: ScoreSide) -> dict[str, FloatArray]:
    """The parts under one and the same policy: each measure's weight times the change of its rank."""
    weights = term_weights(now.policy)
    change = {name: now.scored[name] - before.scored[name] for name in _KEPT}
    recency = _recency_ranks(now, now.policy) - _recency_ranks(before, now.policy)
    moved = {
        "tenure": 2 * change["history_score"] - recency,
        "recency": recency,
        "orders": change["frequency_score"],
        "net": change["amount_score"],
    }
    return {name: weights[name] * moved[name] for name in INPUTS} | {"policy": np.zeros(len(recency))}


def _recency_ranks(side: ScoreSide, policy: Policy) -> FloatArray:
    """Ranks of the days of silence, looked up: they are whole and few."""
    days = side.measures[INPUTS["recency"]]
    whole = np.where(np.isnan(days), 0, days).astype(np.int64)
    least = whole.min(initial=0)
    table = ScoreSide({INPUTS["recency"]: np.arange(least, whole.max(initial=0) + 1.0)}, {}, policy)
    ranked: FloatArray = table.rank("recency", policy)[whole - least]
    return ranked


def _parts_by_shapley(before: ScoreSide, now: ScoreSide) -> dict[str, FloatArray]:
    """The parts where weights or reference changed as well: each term, weight x rank(measure, reference), is split."""
    sides, policies = (before, now), (before.policy, now.policy)
    weights = [term_weights(policy) for policy in policies]
    parts = {"policy": np.zeros(len(now.scored["score"]))}
    for name in INPUTS:
        ranked = [[side.rank(name, policy) for policy in policies] for side in sides]

        def term(new: Sequence[bool], name: str = name, ranked: list[list[FloatArray]] = ranked) -> FloatArray:
            return weights[new[2]][name] * ranked[new[0]][new[1]]

        parts[name], reference, weight = shapley(term, 3)
        parts["policy"] = parts["policy"] + reference + weight
    return parts


def _by_rule(before: ScoreSide, now: ScoreSide, entered: BoolArray) -> FloatArray:
    """The policy's part where a score appeared or vanished: the split over two factors, all measures together and the policy."""
    start, after = (np.nan_to_num(side.scored["score"][entered]) for side in (before, now))
    return ((before.level(now.policy, entered) - start) + (after - now.level(before.policy, entered))) / 2


def _floats(customers: pd.DataFrame, name: str) -> FloatArray:
    return customers[name].to_numpy(dtype=np.float64, na_value=np.nan)
