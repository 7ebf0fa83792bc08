"""Targets that name what does not exist, or contradict each other: told with the nearest name, as nobody would see them otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import pandas as pd

from expectations.findings import Finding, Severity
from transforms.indicators.all import CATALOGUE
from transforms.indicators.plans import contradictions, plan_rows, plan_strangers
from transforms.month import Month


def check_targets(plans: pd.DataFrame, tiers: Sequence[str], month: Month) -> list[Finding]:
    """A warning for each wrong name in plans of this month and later ones, and one for targets that contradict each other.

    Examples are the word and, where there is one, the nearest name.
    """
    if plans.empty:
        return []
    found: list[Finding] = []
    for column, word, scope, rows in plan_strangers(plans, tiers, month):
        if scope:
            message = f"plans: {word} is computed for the company alone, so its target of a tier is held against nothing."
            found.append(_finding("plans.scope.company", message, month, rows, len(plans), (word,)))
            continue
        near = get_close_matches(word, list(CATALOGUE) if column == "indicator" else list(tiers), n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]}?" if near else ""
        message = (
            f"plans: no {column} is called {word}, so its target is held against nothing.{hint} Correct the plans and run the month again."
        )
        found.append(_finding(f"plans.{column}.strange", message, month, rows, len(plans), (word, *near)))
    rows_of_plan = plan_rows(plans)
    twice = rows_of_plan.loc[contradictions(rows_of_plan).to_numpy(dtype=bool) & (rows_of_plan["month"] == str(month)).to_numpy(dtype=bool)]
    if len(twice):
        some = tuple(dict.fromkeys(twice["indicator"].astype("str")))
        message = f"plans {month}: {len(twice)} rows set different targets for one figure (first: {some[0]}); none of them is taken."
        found.append(_finding("plans.target.twice", message, month, len(twice), len(plans), some[:1]))
    return found


def _finding(rule: str, message: str, month: Month, rows: int, of_rows: int, examples: tuple[str, ...]) -> Finding:
    return Finding("plans", rule, Severity.WARNING, message, str(month), rows, of_rows, examples)
