"""The evidence behind every grade: inputs, points, total, cut, grade before and after, and why it moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from transforms.facts.matching import Lookup, locate
from transforms.grades.grading import grade_numbers
from transforms.money import FloatArray
from transforms.policy.rules import Policy
from transforms.statistics.ranks import percent_rank
from transforms.why.grade import STEP_COLUMNS
from transforms.why.restoring import restoring
from transforms.why.score import INPUTS, change_columns, kept_measures, term_weights

POINTS = tuple(f"points_{name}" for name in INPUTS)

INPUT_COLUMNS = ("tenure_months", "recency_days", "orders_12m", "observed_months", "orders_per_month", "annual_net")
"""What the four ranks are read from; `annual_net` in currency units."""

EXPLANATION_COLUMNS = (
    *("customer_id", "name", "tier", "previous_grade", "grade", "rule_grade", "would_be", "held"),
    *("override_author", "override_reason", "cut", "score_before", "score"),
    *change_columns(),
    *STEP_COLUMNS,
    *INPUT_COLUMNS,
    *(f"{name}_before" for name in INPUT_COLUMNS),
    *POINTS,
    *("restore_measure", "restore_amount", "restore_orders", "restore_net", "restore_recency"),
)


def explanations(customers: pd.DataFrame, previous: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """One row per customer of `customers`, in their order, with `EXPLANATION_COLUMNS`; absent cells are missing.

    rule_grade     the grade by the rules; where another one stands in `grade`, override_author and override_reason say why
    cut            the lowest score of the grade that the score alone gives (`would_be`)
    score_before   last month's score as published, `..._before` its inputs
    points_...     weight x rank of each measure: they add up to the score
    change_...     the parts of the change of score (`transforms.why.score`)
    steps_...      the parts of the change of grade (`transforms.why.grade`)
    restore_...    what would bring a lost grade back (`transforms.why.restoring`)
    """
    (places,), _ = locate(customers["customer_id"], [previous["customer_id"]])
    before = Lookup.of(places, len(customers))
    own = _inputs(customers)
    earlier = _inputs(previous)
    score = _floats(customers, "score")
    texts = EXPLANATION_COLUMNS[: EXPLANATION_COLUMNS.index("cut")]
    columns: dict[str, object] = {
        name: customers[name] if name in customers else pd.Series([None] * len(customers), dtype="str") for name in texts
    }
    cuts = np.array([*(grade.cut for grade in policy.grades), np.nan])
    columns |= {"cut": cuts[grade_numbers(customers["would_be"], policy)] if "would_be" in customers else np.full(len(customers), np.nan)}
    columns |= {"score_before": before.numbers(previous["score"]) if "score" in previous else np.full(len(customers), np.nan)}
    columns |= {"score": score}
    columns |= {name: _floats(customers, name) for name in (*change_columns(), *STEP_COLUMNS)}
    columns |= own
    columns |= {f"{name}_before": before.numbers(pd.Series(values)) for name, values in earlier.items()}
    columns |= _points(own, score, policy)
    told = pd.DataFrame({name: pd.Series(value).reset_index(drop=True) for name, value in columns.items()})
    wanted = {"would_be", "previous_grade", *INPUT_COLUMNS[:4], "net_12m"} <= set(customers.columns)
    back = restoring(customers, policy) if wanted else restoring(customers.iloc[:0], policy)
    return told.merge(back, on="customer_id", how="left", validate="one_to_one")[list(EXPLANATION_COLUMNS)]


def _inputs(customers: pd.DataFrame) -> dict[str, FloatArray]:
    named = {name: _floats(customers, name) for name in INPUT_COLUMNS[:4]}
    if not {"observed_months", "orders_12m", "net_12m", "tenure_months", "recency_days"} <= set(customers.columns):
        return named | {name: np.full(len(customers), np.nan) for name in INPUT_COLUMNS[4:]}
    measured = kept_measures(customers)
    return named | {name: measured[name] for name in INPUT_COLUMNS[4:]}


def _points(inputs: dict[str, FloatArray], score: FloatArray, policy: Policy) -> dict[str, FloatArray]:
    """Weight x rank of each measure, missing for those without a score."""
    weights = term_weights(policy)
    found: dict[str, FloatArray] = {}
    for name, measure in INPUTS.items():
        if policy.reference is None or measure not in policy.reference.grids:
            found[f"points_{name}"] = np.full(len(score), np.nan)
            continue
        rank = percent_rank(inputs[measure], policy.reference.grids[measure])
        found[f"points_{name}"] = np.where(np.isnan(score), np.nan, weights[name] * (100 - rank if name == "recency" else rank))
    return found


def _floats(frame: pd.DataFrame, name: str) -> FloatArray:
    if name not in frame:
        return np.full(len(frame), np.nan)
    return frame[name].to_numpy(dtype=np.float64, na_value=np.nan)


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """One customer's line as plain values: numbers unrounded, missing as None."""
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and value != value else value
