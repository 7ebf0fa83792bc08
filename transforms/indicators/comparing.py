"""A month's figures held against the months before: last month's value, the change, the usual range, the signal.

Only like is held against like: months that `transforms.indicators.comparable` lets through, scores on one scale, and samples
large enough to be shown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from transforms.figures import SCALE, Figure, Indicator, Scope, Unit
from transforms.indicators.comparable import Comparability
from transforms.indicators.declare import MONTH, Part
from transforms.inputs import SurveyRules
from transforms.money import BoolArray, FloatArray
from transforms.month import Month
from transforms.statistics.estimates import Estimate, Z
from transforms.statistics.judging import Judged, judge

LOOKBACK = 24
"""Months of history that a usual range rests on."""

USUAL_COLUMNS = ("scope", "scope_value", "indicator", "expected", "usual_low", "usual_high", "beyond", "chance", "basis", "against")
"""`transforms.statistics.judging.Judged` by figure; in the indicator's unit."""

GRADED = (Scope.TIER, Scope.SEGMENT)
"""Scopes whose customers are chosen by grades: their months are alike from when grades rest on a whole year."""

BY_INTERVAL = frozenset({Unit.SCORE, Unit.POINTS, Unit.INDEX, Unit.HOURS})
"""Units whose sampling error is read from the figure's own interval and n."""
OF_SHARES = frozenset({Unit.SHARE, Unit.PER_THOUSAND})
PER = 1000.0
REFUNDED = frozenset({"refunds", "lost_customer_cost"})
"""Sums of few and unequal amounts, of which `n` does not tell how many there are."""
SUM_ERROR = 2 / 3 * math.sqrt(2.5)
"""A sum of n orders varies by sqrt((1 + v^2) / n) of itself, v the deviation of an order in its means: 1.22, as of log-normal orders
whose logarithms deviate by 0.96. On the scale log(sum + half of the usual sum), on which sums are judged, two thirds of that are left."""


class Computed(NamedTuple):
    """One indicator of one scope, not yet compared with the months before."""

    words: Indicator
    part: Part
    estimate: Estimate

    @property
    def key(self) -> tuple[str, str, str]:
        return self.part.scope.value, self.part.scope_value, self.words.name

    def figure(self, last: float, signal: str) -> Figure:
        """The figure, beside last month's value (NaN: none)."""
        made = self.estimate
        previous = None if np.isnan(last) else float(last)
        return Figure(
            scope=self.part.scope,
            scope_value=self.part.scope_value,
            indicator=self.words.name,
            value=made.value,
            n=made.n,
            lower=made.lower,
            upper=made.upper,
            method=made.method,
            label=made.label or self.words.label,
            reason=made.reason,
            previous=previous,
            change=None if previous is None or made.value is None else made.value - previous,
            signal=signal,
            scale=made.scale,
            detail=made.detail,
        )


@dataclass(frozen=True)
class Comparisons:
    """The figures, and what the months before would make one expect: `USUAL_COLUMNS`, a row for each that could be judged."""

    figures: list[Figure]
    usual: pd.DataFrame


@dataclass(frozen=True)
class _Past:
    """Values of the months before, one row per figure, last month's last; with what they rest on. NaN: none, or not alike."""

    value: FloatArray
    n: FloatArray
    half: FloatArray
    """Half of the 95 % interval."""


def compare(found: Sequence[Computed], before: pd.DataFrame, month: Month, comparable: Comparability, rules: SurveyRules) -> Comparisons:
    """Each figure with last month's value, the change, and what Wheeler's rules say of it.

    Signals and usual ranges are for figures of the month itself: windows of twelve months overlap and would give false alarms.
    """
    past = _past(found, before, month, comparable)
    newest = np.array([np.nan if item.estimate.value is None else item.estimate.value for item in found])
    words = {item.words.name: item.words for item in found}
    is_alike = {name: comparable.gap(one, month) is None for name, one in words.items()}
    alike = np.array([is_alike[item.words.name] for item in found], dtype=bool)
    monthly = np.array([item.words.window == MONTH for item in found], dtype=bool)
    last = np.where(alike, past.value[:, -1], np.nan) if len(found) else newest
    graded = np.array([item.part.scope in GRADED for item in found], dtype=bool)
    early = LOOKBACK - max(0, min(LOOKBACK, month.index - comparable.alike_since.index))
    past.value[graded, :early] = np.nan
    asked = np.flatnonzero(monthly & alike & np.isfinite(newest) & ~(graded & (month < comparable.alike_since)))
    judged = _judge([found[place] for place in asked.tolist()], _rows(past, asked), newest[asked], rules)
    signal = np.full(len(found), "", dtype=object)
    signal[asked] = judged.signal
    figures = [item.figure(value, flag) for item, value, flag in zip(found, last, signal, strict=True)]
    return Comparisons(figures, _usual([found[place].key for place in asked.tolist()], judged))


def no_usual() -> pd.DataFrame:
    """The usual ranges of a month without history."""
    months, newest = np.empty((0, LOOKBACK)), np.empty(0)
    return _usual([], judge(months, newest, months, newest))


def _usual(keys: Sequence[tuple[str, str, str]], judged: Judged) -> pd.DataFrame:
    able = np.isfinite(judged.expected)
    texts = {
        name: pd.array([key[place] for key, kept in zip(keys, able, strict=True) if kept], dtype="str")
        for place, name in enumerate(USUAL_COLUMNS[:3])
    }
    numbers = {
        "expected": judged.expected,
        "usual_low": judged.low,
        "usual_high": judged.high,
        "beyond": judged.beyond,
        "chance": judged.chance,
    }
    told = {name: values[able].astype(np.float64) for name, values in {**numbers, "basis": judged.basis}.items()}
    against = pd.array([str(one) for one in judged.against[able]], dtype="str")
    return pd.DataFrame({**texts, **told, "against": against})[list(USUAL_COLUMNS)]


def _rows(past: _Past, rows: np.ndarray[tuple[int], np.dtype[Any]]) -> _Past:
    return _Past(past.value[rows], past.n[rows], past.half[rows])


def _judge(found: Sequence[Computed], past: _Past, newest: FloatArray, rules: SurveyRules) -> Judged:
    """Judge each series in the units of its own sampling error; sums of money, which have none, by their ratios."""
    units = np.array([item.words.unit for item in found], dtype=object)
    n = np.array([np.nan if item.estimate.n is None else float(item.estimate.n) for item in found])
    names = np.array([item.words.name for item in found], dtype=object)
    rated = np.isin(units, list(OF_SHARES))
    history = np.where(rated[:, None] & ~(past.n >= rules.min_n), np.nan, past.value)
    newest = np.where(rated & ~(n >= rules.min_n), np.nan, newest)
    errors, newest_errors = _errors(units, _Past(history, past.n, past.half), n)
    sums = (units == Unit.MONEY) & ((history >= 0) | np.isnan(history)).all(axis=1) & ((newest >= 0) | np.isnan(newest))
    known = np.isfinite(history)
    added = np.where(known, history, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1) / 2
    sums &= added > 0
    few = np.isin(names, list(REFUNDED))
    counted = np.where(few[:, None], np.nan, past.n)
    with np.errstate(invalid="ignore", divide="ignore"):
        errors[sums] = SUM_ERROR / np.sqrt(counted[sums])
        newest_errors[sums] = SUM_ERROR / np.sqrt(np.where(few, np.nan, n)[sums])
        line = np.where(sums[:, None], np.log(np.where(sums[:, None], history, 1.0) + added[:, None]), history)
        judged = judge(line, np.where(sums, np.log(np.where(sums, newest, 1.0) + added), newest), errors, newest_errors)
        back = {
            name: np.where(sums, np.exp(np.where(sums, getattr(judged, name), 0.0)) - added, getattr(judged, name))
            for name in ("expected", "low", "high")
        }
    low, high = _bounds(found)
    low = np.where(sums, 0.0, low)
    return Judged(
        expected=np.clip(back["expected"], low, high),
        low=np.clip(back["low"], low, high),
        high=np.clip(back["high"], low, high),
        beyond=judged.beyond,
        chance=judged.chance,
        basis=judged.basis,
        signal=judged.signal,
        against=judged.against,
    )


def _bounds(found: Sequence[Computed]) -> tuple[FloatArray, FloatArray]:
    """What each figure can be at all, so that no usual range says more than that."""
    ends: Mapping[Unit, tuple[float, float]] = {
        Unit.SHARE: (0.0, 1.0),
        Unit.INDEX: (0.0, 100.0),
        Unit.POINTS: (-100.0, 100.0),
        Unit.COUNT: (0.0, np.inf),
        Unit.PER_THOUSAND: (0.0, np.inf),
        Unit.HOURS: (0.0, np.inf),
        Unit.DAYS: (0.0, np.inf),
    }

    def of(item: Computed) -> tuple[float, float]:
        scale = item.estimate.scale
        if item.words.unit is Unit.SCORE and scale is not None and item.words.name != "servqual_gap":
            return scale.low, scale.high
        return ends.get(item.words.unit, (-np.inf, np.inf))

    pairs = np.array([of(item) for item in found], dtype=np.float64).reshape(len(found), 2)
    return pairs[:, 0], pairs[:, 1]


def _errors(units: np.ndarray[tuple[int], np.dtype[Any]], past: _Past, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Standard errors of sampling of the months before and of the newest, from what all months together show; NaN: none known.

    share p: sqrt(p(1-p)/n); events u per 1,000: sqrt(1000 u/n); a count: the root of its level, at least 1; scores, points,
    indices and medians: the pooled deviation that their intervals imply, over the root of n.
    """
    shape = past.value.shape
    errors, newest = np.full(shape, np.nan), np.full(shape[0], np.nan)
    known = np.isfinite(past.value)
    with np.errstate(invalid="ignore", divide="ignore"):
        weights = np.where(known & np.isfinite(past.n), past.n, 0.0)
        total = weights.sum(axis=1)
        level = (weights * np.where(known, past.value, 0.0)).sum(axis=1) / total
        share = (level * total + 0.5) / (total + 1)
        per_one = {
            Unit.SHARE: np.sqrt(share * (1 - share)),
            Unit.PER_THOUSAND: np.sqrt(PER * np.maximum(level, PER * 0.5 / total)),
        }
        square = np.where(np.isfinite(past.half) & (weights > 0), (past.half / Z) ** 2 * past.n, np.nan)
        counted = np.isfinite(square).sum(axis=1)
        pooled = np.sqrt(np.where(np.isfinite(square), square, 0.0).sum(axis=1) / counted)
        for unit in BY_INTERVAL:
            per_one[unit] = pooled
        for unit, deviation in per_one.items():
            rows = units == unit
            errors[rows] = deviation[rows, None] / np.sqrt(past.n[rows])
            newest[rows] = deviation[rows] / np.sqrt(n[rows])
        counts = units == Unit.COUNT
        mean = np.where(known, past.value, 0.0).sum(axis=1) / known.sum(axis=1)
        root = np.sqrt(np.maximum(1.0, mean))
        errors[counts], newest[counts] = np.where(known, root[:, None], np.nan)[counts], root[counts]
    return errors, newest


def _past(found: Sequence[Computed], before: pd.DataFrame, month: Month, comparable: Comparability) -> _Past:
    """What the months before say of each figure.

    Only figures of the month itself are looked up in all months, as only they get a signal. A score on another scale
    than today's is no value to compare with: a questionnaire that changed its scale would look like customers who
    changed their mind. So is a month that is not comparable.
    """
    past = _Past(*(np.full((len(found), LOOKBACK), np.nan) for _ in range(3)))
    if before.empty:
        return past
    place = {item.key: number for number, item in enumerate(found)}
    columns = {str(month - back): LOOKBACK - back for back in range(1, LOOKBACK + 1)}
    codes, held = pd.factorize(before["month"].astype("str"))
    column = np.array([*(columns.get(str(one), -1) for one in held), -1], dtype=np.int64)[codes]
    signalled = sorted({item.words.name for item in found if item.words.window == MONTH})
    asked = (column == LOOKBACK - 1) | ((column >= 0) & before["indicator"].isin(signalled).to_numpy(dtype=bool))
    asked &= before["value"].notna().to_numpy(dtype=bool)
    before, column = before.loc[asked], column[asked]
    keys = zip(*(before[name].to_numpy(dtype=object, na_value="") for name in ("scope", "scope_value", "indicator")), strict=True)
    rows = np.array([place.get(key, -1) for key in keys], dtype=np.int64)
    known = (rows >= 0) & _alike(found, month, comparable)[rows, column]
    if set(SCALE) <= set(before.columns):
        known &= _same_scale(found, before, rows)
    for name, values in (("value", past.value), ("n", past.n)):
        if name in before.columns:
            values[rows[known], column[known]] = before[name].to_numpy(dtype=np.float64, na_value=np.nan)[known]
    if {"lower", "upper"} <= set(before.columns):
        ends = [before[name].to_numpy(dtype=np.float64, na_value=np.nan)[known] for name in ("lower", "upper")]
        past.half[rows[known], column[known]] = (ends[1] - ends[0]) / 2
    return past


def _alike(found: Sequence[Computed], month: Month, comparable: Comparability) -> BoolArray:
    """Whether each figure's value of each of the months before may be compared; one row per figure."""
    by_words: dict[str, list[bool]] = {}
    earlier = [month - back for back in range(LOOKBACK, 0, -1)]
    for item in found:
        if item.words.name not in by_words:
            by_words[item.words.name] = [gap is None for gap in comparable.gaps(item.words, earlier)]
    return np.array([by_words[item.words.name] for item in found], dtype=bool).reshape(len(found), LOOKBACK)


def _same_scale(found: Sequence[Computed], before: pd.DataFrame, rows: np.ndarray[tuple[int], np.dtype[Any]]) -> BoolArray:
    """Whether each kept value was asked on today's scale; also true of figures without a scale."""
    scales = np.array([(np.nan, np.nan) if (one := item.estimate.scale) is None else (one.low, one.high) for item in found])
    told = before[list(SCALE)].to_numpy(dtype=np.float64, na_value=np.nan)
    same: BoolArray = np.isnan(scales[rows, 0]) | (scales[rows] == told).all(axis=1)
    return same
