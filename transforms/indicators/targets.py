"""Targets: what was planned for a month beside what came, for the company and each tier.

    difference = actual - target          (in the indicator's unit)

Which way is good is the indicator's own (`Better`): a target is met where the value lies on it or beyond it. One that is
missed while the value's 95 % interval still holds it is within reach: chance alone may have kept it away.

A year's plan is the twelve months of a calendar year. Where each month from January on has a target and a value, the pace
says what was due by now and what came; the whole year's plan is told where all twelve months are planned. Only figures that
months add up to a year (`SUMMED`) have a pace: a rate of twelve months is not the sum of twelve rates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

import pandas as pd

from transforms.figures import Better, Reason, Scale, Scope, figure_id, scale_of
from transforms.indicators.all import CATALOGUE
from transforms.indicators.comparable import Comparability
from transforms.indicators.last_year import Key, LastYear
from transforms.indicators.plans import Plan
from transforms.month import Month, months

SUMMED = frozenset({"orders", "gross_revenue", "refunds", "net_revenue", "customers_new", "customers_lost", "tickets_opened", "complaints"})
"""Figures of a month of which twelve add up to the year's."""

SCORECARD = (
    *("net_revenue", "customers_active_12m", "csat_top2_share", "nps", "complaint_rate"),
    *("first_response_hours_median", "sla_attainment", "retention_rate"),
)
"""What a scorecard always shows, planned or not; whatever else is planned stands after these."""


class Standing(StrEnum):
    """How a figure stands to its target."""

    MET = "met"
    MISSED = "missed"
    WITHIN_REACH = "within_reach"
    """Missed, but the target lies within the value's interval."""
    NO_DIRECTION = "no_direction"
    """Neither more nor less of it is better, so it can neither be met nor missed."""
    NO_VALUE = "no_value"
    INCOMPLETE = "incomplete"
    """Days of the month are missing at the source, so that it is held against nothing."""
    NO_TARGET = "no_target"


@dataclass(frozen=True)
class Pace:
    """A year's plan up to a month: what was due from January on, what came, and the whole year's where twelve months are planned."""

    due: float
    came: float
    year: float | None

    @property
    def share(self) -> float | None:
        """What came / what was due; None where nothing was due."""
        return self.came / self.due if self.due > 0 else None


@dataclass(frozen=True)
class Target:
    """One figure of a scorecard: actual, target (None: none was supplied), and last year's same month.

    `reason` says why there is no actual value, `not_comparable` why there is none of last year.
    """

    scope: Scope
    scope_value: str
    indicator: str
    standing: Standing
    target: float | None
    actual: float | None
    lower: float | None
    upper: float | None
    reason: str
    last_year: float | None
    not_comparable: str
    pace: Pace | None

    @property
    def difference(self) -> float | None:
        """Actual less target; None where one of them is missing."""
        return None if self.actual is None or self.target is None else round(self.actual - self.target, 9)

    @property
    def figure_id(self) -> str:
        """The figure that is held against the target."""
        return figure_id(self.scope, self.scope_value, self.indicator)


def month_targets(
    plan: Plan, month: Month, figures: pd.DataFrame, history: pd.DataFrame, comparable: Comparability | None
) -> tuple[Target, ...]:
    """The scorecards of the company and of each tier: one row per planned figure, and one per figure of `SCORECARD` without a plan.

    `figures` are the month's, `history` those of earlier months (`History.figures`); `comparable` says which of last year's
    may stand beside them (None: all). Of a plan only figures count that exist;
    of the others `expectations.planned` tells. Company first, then the tiers by id; within one `SCORECARD`'s order, then by name.
    """
    now = _rows(figures)
    then = LastYear.of_history(history, month, comparable)
    paces = _Paces(plan, month, now, _sums(history, month))
    planned = plan.get(month, {})
    wanted = {key for key in planned if key in now} | {key for key in now if key[2] in SCORECARD}
    return tuple(_target(key, now[key], planned.get(key), then, paces) for key in sorted(wanted, key=_order))


def targets_table(targets: Iterable[Target], month: Month) -> pd.DataFrame:
    """The columns of targets.csv: one row per figure that has a target."""
    rows = [one for one in targets if one.target is not None]
    return pd.DataFrame(
        {
            "figure_id": pd.Series([one.figure_id for one in rows], dtype="str"),
            "month": pd.Series([str(month)] * len(rows), dtype="str"),
            "scope": pd.Series([one.scope.value for one in rows], dtype="str"),
            "scope_value": pd.Series([one.scope_value for one in rows], dtype="str"),
            "indicator": pd.Series([one.indicator for one in rows], dtype="str"),
            "unit": pd.Series([CATALOGUE[one.indicator].unit.value for one in rows], dtype="str"),
            "actual": pd.Series([one.actual for one in rows], dtype="float64"),
            "target": pd.Series([one.target for one in rows], dtype="float64"),
            "difference": pd.Series([one.difference for one in rows], dtype="float64"),
            "last_year": pd.Series([one.last_year for one in rows], dtype="float64"),
            "not_comparable": pd.Series([one.not_comparable for one in rows], dtype="str"),
            "status": pd.Series([one.standing.value for one in rows], dtype="str"),
            "reason": pd.Series([one.reason for one in rows], dtype="str"),
            "due_to_date": pd.Series([one.pace.due if one.pace else None for one in rows], dtype="float64"),
            "actual_to_date": pd.Series([one.pace.came if one.pace else None for one in rows], dtype="float64"),
            "target_year": pd.Series([one.pace.year if one.pace else None for one in rows], dtype="float64"),
        }
    )


@dataclass(frozen=True)
class _Row:
    """A figure of the month, as far as a target looks at it."""

    value: float | None
    lower: float | None
    upper: float | None
    reason: str
    scale: Scale | None


@dataclass(frozen=True)
class _Paces:
    """What months from January on were planned and brought."""

    plan: Plan
    month: Month
    now: Mapping[Key, _Row]
    earlier: Mapping[tuple[Month, Key], float]

    def of(self, key: Key) -> Pace | None:
        """The pace of a figure; None where a month from January on lacks its target or its value, or where months do not add up."""
        if key[2] not in SUMMED:
            return None
        year = [Month(self.month.year, number) for number in range(1, 13)]
        aims = {one: self.plan[one][key] for one in year if key in self.plan.get(one, {})}
        begun = list(months(year[0], self.month))
        values = [self.now[key].value if one == self.month else self.earlier.get((one, key)) for one in begun]
        if any(one not in aims for one in begun) or any(value is None for value in values):
            return None
        whole = sum(aims.values()) if len(aims) == len(year) else None
        return Pace(sum(aims[one] for one in begun), sum(cast(Sequence[float], values)), whole)


def _rows(figures: pd.DataFrame) -> dict[Key, _Row]:
    """The month's figures of the company and the tiers."""
    own = figures.loc[figures["scope"].isin([Scope.COMPANY, Scope.TIER]).to_numpy(dtype=bool)]
    return {
        (str(row["scope"]), str(row["scope_value"]), str(row["indicator"])): _Row(
            _number(row["value"]),
            _number(row["lower"]),
            _number(row["upper"]),
            "" if _number(row["value"]) is not None else str(row["reason"] or Reason.NO_DATA),
            scale_of(row["scale_low"], row["scale_high"]),
        )
        for row in own.to_dict("records")
    }


def _sums(history: pd.DataFrame, month: Month) -> dict[tuple[Month, Key], float]:
    """The values of `SUMMED` in this year's earlier months."""
    if history.empty:
        return {}
    this_year = history["month"].astype("str").str.startswith(f"{month.year:04d}-").to_numpy(dtype=bool)
    rows = history.loc[this_year & history["indicator"].isin(SUMMED).to_numpy(dtype=bool) & history["value"].notna().to_numpy(dtype=bool)]
    cells = zip(rows["month"], rows["scope"], rows["scope_value"].fillna(""), rows["indicator"], rows["value"], strict=True)
    return {(Month.parse(str(one)), (str(scope), str(place), str(name))): float(value) for one, scope, place, name, value in cells}


def _target(key: Key, row: _Row, target: float | None, then: LastYear, paces: _Paces) -> Target:
    scope, place, name = key
    before = then.value(key, CATALOGUE[name], row.scale)
    known = isinstance(before, float)
    return Target(
        scope=Scope(scope),
        scope_value=place,
        indicator=name,
        standing=_standing(row, target, CATALOGUE[name].better, lacks_days=then.lacks_days(CATALOGUE[name])),
        target=target,
        actual=row.value,
        lower=row.lower,
        upper=row.upper,
        reason=row.reason,
        last_year=cast(float, before) if known else None,
        not_comparable="" if known else str(before),
        pace=None if target is None else paces.of(key),
    )


def _standing(row: _Row, target: float | None, better: Better, *, lacks_days: bool) -> Standing:
    if target is None:
        return Standing.NO_TARGET
    if row.value is None:
        return Standing.NO_VALUE
    if lacks_days:
        return Standing.INCOMPLETE
    if better is Better.NEITHER:
        return Standing.NO_DIRECTION
    rising = better is Better.HIGHER
    if row.value >= target if rising else row.value <= target:
        return Standing.MET
    best = row.upper if rising else row.lower
    if best is not None and (best >= target if rising else best <= target):
        return Standing.WITHIN_REACH
    return Standing.MISSED


def _order(key: Key) -> tuple[bool, str, int, str]:
    scope, place, name = key
    return scope != Scope.COMPANY, place, SCORECARD.index(name) if name in SCORECARD else len(SCORECARD), name


def _number(value: object) -> float | None:
    return None if value is None or pd.isna(value) else float(value)  # type: ignore[call-overload,arg-type]
