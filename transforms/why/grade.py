"""Why a grade changed: the steps up or down in parts that add up, for every customer whose grade or score class moved.

    grade = what the cuts give for the score  +  what the hold rules add

The first is a function of the measures and the policy (weights, reference, cuts) and is split over them
(Shapley); the second is the difference of both sides. A step up counts +1, a step down -1; a part may be a
fraction, where a step took several causes together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from transforms.grades.grading import NONE, plain_grade, scores
from transforms.money import BoolArray, FloatArray, IntArray
from transforms.policy.rules import Policy
from transforms.statistics.ranks import percent_rank
from transforms.statistics.shapley import shapley
from transforms.why.score import INPUTS, ScoreSide

STEP_PARTS = (*INPUTS, "policy", "restated", "hold")
"""As `transforms.why.score.PARTS`; `policy` holds the cuts as well, `hold` the hold rules and whatever else sets a grade."""

STEP_COLUMNS = ("grade_steps", *(f"steps_{name}" for name in STEP_PARTS))


def change_of_grade(
    published: ScoreSide, known: ScoreSide | None, now: ScoreSide, grades: tuple[IntArray, IntArray], would_be: tuple[IntArray, IntArray]
) -> dict[str, FloatArray]:
    """`grade_steps` and its parts (`STEP_COLUMNS`), one number per customer; missing where nothing moved.

    `grades` and `would_be` are numbers (0 is the best, -1 none) of last month as published and of this month.
    Whoever had or has no grade is missing too: there is no step between a grade and none.
    """
    moved = (grades[0] != grades[1]) | (would_be[0] != would_be[1])
    moved &= (grades[0] != NONE) & (grades[1] != NONE) & (would_be[0] != NONE) & (would_be[1] != NONE)
    base = published if known is None else known
    moved &= ~np.isnan(base.scored["score"])
    found = {name: np.full(len(moved), np.nan) for name in STEP_COLUMNS}
    if not moved.any():
        return found
    before, after = (numbers[moved] for numbers in grades)
    plain_before, plain_after = (numbers[moved] for numbers in would_be)
    inputs = _steps(base, now, moved)
    steps = dict(zip((*INPUTS, "policy"), inputs, strict=True))
    # All that lies between last month as published and the split's own beginning: restated data, or a newer program.
    steps["restated"] = plain_before - plain_after - sum(inputs, start=np.zeros(int(moved.sum())))
    steps["hold"] = ((plain_after - after) - (plain_before - before)).astype(np.float64)
    found["grade_steps"][moved] = before - after
    for name in STEP_PARTS:
        found[f"steps_{name}"][moved] = np.round(steps[name], 11) + 0.0
    return found


def _steps(before: ScoreSide, now: ScoreSide, moved: BoolArray) -> list[FloatArray]:
    """Steps by each measure and by the policy between what the cuts gave and what they give, for the customers who moved."""
    sides, policies = (before, now), (before.policy, now.policy)
    ranked = {
        (side, policy, measure): _rank(sides[side].measures[measure][moved], policies[policy], measure)
        for side in (0, 1)
        for policy in (0, 1)
        for measure in INPUTS.values()
    }
    everyone = np.ones(int(moved.sum()), dtype=bool)

    def standing(new: Sequence[bool]) -> FloatArray:
        policy = int(new[-1])
        taken = {measure: ranked[int(flag), policy, measure] for measure, flag in zip(INPUTS.values(), new, strict=False)}
        return -plain_grade(scores(taken, everyone, policies[policy])["score"], policies[policy]).astype(np.float64)

    return shapley(standing, len(INPUTS) + 1)


def _rank(values: FloatArray, policy: Policy, measure: str) -> FloatArray:
    assert policy.reference is not None
    return percent_rank(values, policy.reference.grids[measure])
