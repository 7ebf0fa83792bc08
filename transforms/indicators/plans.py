"""The table of plans as targets of figures: by month, scope and indicator, and what it names that does not exist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from transforms.figures import Scope
from transforms.indicators.all import CATALOGUE, MEASURES
from transforms.indicators.last_year import Key
from transforms.month import Month

Plan = Mapping[Month, Mapping[Key, float]]
"""Month -> scope, scope value and indicator -> target."""


def plan_rows(plans: pd.DataFrame) -> pd.DataFrame:
    """The plans with their scope settled: without a scope a row is the company's, or the tier's that it names; sorted."""
    place = plans["scope_value"].astype("str").fillna("") if "scope_value" in plans else pd.Series("", index=plans.index, dtype="str")
    told = plans["scope"].astype("str").fillna("") if "scope" in plans else pd.Series("", index=plans.index, dtype="str")
    scope = told.mask(told == "", place.map(lambda one: Scope.TIER.value if one else Scope.COMPANY.value))
    rows = plans[["month", "indicator", "target"]].assign(scope=scope, scope_value=place.mask(scope == Scope.COMPANY.value, ""))
    return rows.sort_values(["month", "scope", "scope_value", "indicator", "target"], kind="stable")


def contradictions(rows: pd.DataFrame) -> pd.Series:
    """Which of `plan_rows` set two different targets for one figure; neither is taken, as no row is better than another."""
    return rows.groupby(["month", "scope", "scope_value", "indicator"])["target"].transform("nunique") > 1


def plan_of(plans: pd.DataFrame) -> Plan:
    """The targets by month and figure, without those that contradict each other."""
    rows = plan_rows(plans)
    rows = rows.loc[~contradictions(rows).to_numpy(dtype=bool)]
    found: dict[Month, dict[Key, float]] = {}
    cells = (rows[name] for name in ("month", "scope", "scope_value", "indicator", "target"))
    for month, scope, place, name, target in zip(*cells, strict=True):
        found.setdefault(Month.parse(str(month)), {})[str(scope), str(place), str(name)] = float(target)
    return found


def plan_strangers(plans: pd.DataFrame, tiers: Sequence[str], since: Month) -> Iterator[tuple[str, str, str, int]]:
    """What plans from a month on name that does not exist: which column, the word, where (a tier), how many rows.

    An indicator that nobody computes, a tier that the policy lacks, and an indicator that is none of a tier's.
    """
    rows = plan_rows(plans)
    rows = rows.loc[(rows["month"].astype("str") >= str(since)).to_numpy(dtype=bool)]
    strange = ~rows["indicator"].isin(CATALOGUE).to_numpy(dtype=bool)
    of_tiers = rows.loc[(rows["scope"] == Scope.TIER.value).to_numpy(dtype=bool) & ~strange]
    nowhere = ~of_tiers["scope_value"].isin(tiers).to_numpy(dtype=bool)
    yield from (("indicator", word, "", count) for word, count in _counted(rows.loc[strange, "indicator"]))
    yield from (("tier", word, "", count) for word, count in _counted(of_tiers.loc[nowhere, "scope_value"]))
    for word, count in _counted(of_tiers.loc[~nowhere, "indicator"]):
        if not MEASURES[word].concerns(Scope.TIER):
            yield "scope", word, Scope.TIER.value, count


def _counted(words: pd.Series) -> list[tuple[str, int]]:
    return sorted(Counter(words.astype("str")).items())
