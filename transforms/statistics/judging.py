"""Is the newest month news, or what the months before it usually do?

Limits after Wheeler (XmR), in units of each month's own sampling error where one is known (Laney's u' and p'), around a
level, around a line where the months clearly climb or fall, or around the same month a year ago where the series has a
season. Rule 1 finds a single month outside, rule 2 eight months on one side, rule 3 three of four near a limit.
`chance` is stricter: how often steady months would look so odd. A highlight asks for that, not for a rule alone, since
among a hundred figures some rule is always broken.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from scipy import special

from transforms.money import BoolArray, FloatArray
from transforms.statistics.xmr import ENOUGH, mean_moving_range

Texts = np.ndarray[tuple[int], np.dtype[Any]]

SIGMA = 3.0
MOVING_RANGE = 1.128
"""Mean moving range of a normal variable, in standard deviations."""
CLIMBS = 3.5
"""Standard errors of the slope from which the months are taken to climb or fall."""
SEASON = 0.5
"""The share of a series' variance that may be left within months of the same name for it to be called seasonal."""
YEAR = 12
RUN, NEAR, OF = 8, 3, 4
"""Wheeler's rules 2 and 3: eight on one side; three of four beyond half of the way to the limit."""
WINDOWS = (1, 2, 4, 8)
"""How many of the last months, the newest included, are weighed against those before them."""
FREEDOM = 0.62
"""Degrees of freedom of a spread from moving ranges, as a share of those of a standard deviation (Wheeler 1995)."""
_TINY = 1e-9


class Signal(StrEnum):
    """What Wheeler's rules say of the newest month."""

    NONE = ""
    ABOVE = "above"
    BELOW = "below"
    RUN_ABOVE = "run_above"
    RUN_BELOW = "run_below"
    NEAR_ABOVE = "near_above"
    NEAR_BELOW = "near_below"

    @property
    def rises(self) -> bool:
        return self.value.endswith("above")


class Against(StrEnum):
    """What the newest month was held against."""

    NOTHING = ""
    LEVEL = "level"
    LINE = "line"
    YEAR_AGO = "year_ago"


@dataclass(frozen=True)
class Judged:
    """One entry per series; NaN and empty where there are fewer than twelve months to judge by.

    expected, low, high   what the newest month would usually be, and its natural limits
    beyond   distance from the expected value in half widths of the limits; above 1: outside
    chance   0-1: how often steady months would look at least as odd, over the windows looked at
    basis    months that the limits rest on
    """

    expected: FloatArray
    low: FloatArray
    high: FloatArray
    beyond: FloatArray
    chance: FloatArray
    basis: FloatArray
    signal: Texts
    against: Texts


@dataclass(frozen=True)
class _Model:
    """A level or a line fitted to weighted months, with the sums that predictions need."""

    at: FloatArray
    """Weighted mean time of the months, per series."""
    mean: FloatArray
    slope: FloatArray
    weight: FloatArray
    """Sum of the weights."""
    lean: FloatArray
    """Weighted sum of squares of time around `at`; infinite where the model has no slope."""

    def value(self, time: FloatArray) -> FloatArray:
        found: FloatArray = self.mean[:, None] + self.slope[:, None] * (time[None, :] - self.at[:, None])
        return found

    def variance(self, time: float) -> FloatArray:
        """Of the fitted value at a time, in squared units of error."""
        found: FloatArray = 1 / self.weight + (time - self.at) ** 2 / self.lean
        return found


def judge(history: FloatArray, newest: FloatArray, errors: FloatArray, newest_errors: FloatArray) -> Judged:
    """Judge the newest month of many series at once.

    `history` has one row per series and one column per month, the last column last month; NaN is a month that is not
    known or not comparable. `errors` are the standard errors of sampling of the same shape, NaN in every month of a series
    that has none (sums of money). Steady months vary at least by them; beyond that their own spread counts, the larger of
    mean moving range / 1.128 and standard deviation, so that months that hang together are not called stable.
    """
    sampled = np.isfinite(errors).any(axis=1) & np.isfinite(newest_errors)
    sizes = np.where(sampled[:, None], errors, 1.0)
    history = np.where(np.isfinite(sizes) & (sizes > 0), history, np.nan)
    last_size = np.where(sampled, newest_errors, 1.0)
    floor = np.where(sampled, 1.0, 0.0)
    levels, lines = _straight(history, newest, sizes, last_size, floor)
    climbs = _climbs(history, sizes, floor)
    straight = _excuse_last_year(_choose(climbs, lines, levels), history, newest, sizes, last_size)
    years, seasonal = _seasonal(history, newest, sizes, last_size, floor, straight)
    return _choose(seasonal, years, straight)


def _straight(
    history: FloatArray, newest: FloatArray, sizes: FloatArray, last_size: FloatArray, floor: FloatArray
) -> tuple[Judged, Judged]:
    """Held against a level, and against a line."""
    never = np.zeros(len(history), dtype=bool)
    level = _judge_by(history, newest, sizes, last_size, floor, never, Against.LEVEL)
    return level, _judge_by(history, newest, sizes, last_size, floor, ~never, Against.LINE)


def _excuse_last_year(found: Judged, history: FloatArray, newest: FloatArray, sizes: FloatArray, last_size: FloatArray) -> Judged:
    """No news where the same month a year ago lay out on the same side and about as far: a season, as far as one year can tell."""
    ago, ago_size = history[:, -YEAR], sizes[:, -YEAR]
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = (found.high - found.low) / (2 * SIGMA * last_size)
        out, out_ago = newest - found.expected, (ago - found.expected) / (spread * ago_size)
        seasonal = (np.sign(out) == np.sign(out_ago)) & (np.abs(out_ago) > SIGMA / 2)
        apart = np.abs(newest - ago) / (spread * np.hypot(last_size, ago_size))
        since = 2 * special.stdtr(FREEDOM * np.maximum(found.basis - 1, 1), -apart)
    return replace(
        found,
        chance=np.where(seasonal, np.maximum(found.chance, since), found.chance),
        signal=np.where(seasonal & (apart <= SIGMA), Signal.NONE.value, found.signal).astype(object),
    )


def _seasonal(
    history: FloatArray, newest: FloatArray, sizes: FloatArray, last_size: FloatArray, floor: FloatArray, straight: Judged
) -> tuple[Judged, BoolArray]:
    """Held against the same month a year ago plus the usual step of a year; and which series ask for that.

    Only where two whole years are known. A series has a season where the steps of a year vary much less than its months do.
    """
    months = history.shape[1]
    if months < 2 * YEAR:
        return straight, np.zeros(len(history), dtype=bool)
    first, second = slice(months - 2 * YEAR, months - YEAR), slice(months - YEAR, months)
    steps = history[:, second] - history[:, first]
    step_sizes = np.hypot(sizes[:, second], sizes[:, first])
    ago, ago_size = history[:, months - YEAR], sizes[:, months - YEAR]
    never = np.zeros(len(history), dtype=bool)
    found = _judge_by(steps, newest - ago, step_sizes, np.hypot(last_size, ago_size), floor, never, Against.YEAR_AGO)
    with np.errstate(invalid="ignore", divide="ignore"):
        known, count = np.isfinite(steps), np.isfinite(steps).sum(axis=1)
        mean = np.where(known, steps, 0.0).sum(axis=1) / count
        within = np.where(known, (steps - mean[:, None]) ** 2, 0.0).sum(axis=1) / (count - 1) / 2
        around = ((straight.high - straight.low) / (2 * SIGMA)) ** 2
        seasonal = np.isfinite(found.expected) & (within < SEASON * around)
    shifted = Judged(
        found.expected + ago, found.low + ago, found.high + ago, found.beyond, found.chance, found.basis, found.signal, found.against
    )
    return shifted, seasonal


def _judge_by(
    history: FloatArray,
    newest: FloatArray,
    sizes: FloatArray,
    last_size: FloatArray,
    floor: FloatArray,
    sloped: BoolArray,
    against: Against,
) -> Judged:
    """Limits, rules and chance by one kind of model."""
    months = history.shape[1]
    time = np.arange(months, dtype=np.float64)
    known = np.isfinite(history)
    basis = known.sum(axis=1)
    model = _fit(history, sizes, known, sloped)
    spread = _spread(history, sizes, known, model, floor, time)
    able = (basis >= ENOUGH) & (spread > _TINY * np.maximum(1.0, np.abs(model.mean)))
    expected = model.value(np.array([float(months)]))[:, 0]
    half = SIGMA * spread * last_size
    with np.errstate(invalid="ignore", divide="ignore"):
        places = np.concatenate(
            [(history - model.value(time)) / (spread[:, None] * sizes), ((newest - expected) / (half / SIGMA))[:, None]], 1
        )
    judged = able & np.isfinite(newest)
    rules = _rules(places)
    if against is Against.LINE:  # about a line, months on one side say that the line is bent
        rules = np.where(np.isin(rules, [Signal.ABOVE.value, Signal.BELOW.value]), rules, Signal.NONE.value)
    chance = _chance(history, newest, sizes, last_size, floor, sloped)
    return Judged(
        expected=np.where(able, expected, np.nan),
        low=np.where(able, expected - half, np.nan),
        high=np.where(able, expected + half, np.nan),
        beyond=np.where(judged, np.abs(places[:, -1]) / SIGMA, np.nan),
        chance=np.where(judged, chance, np.nan),
        basis=basis.astype(np.float64),
        signal=np.where(judged, rules, Signal.NONE.value).astype(object),
        against=np.where(able, against.value, Against.NOTHING.value).astype(object),
    )


def _fit(history: FloatArray, sizes: FloatArray, known: BoolArray, sloped: BoolArray) -> _Model:
    """A weighted level, or a weighted line where `sloped`, through the known months."""
    time = np.arange(history.shape[1], dtype=np.float64)
    weights = np.where(known, 1 / np.where(known, sizes, 1.0) ** 2, 0.0)
    values = np.where(known, history, 0.0)
    total = weights.sum(axis=1)
    safe = np.where(total > 0, total, 1.0)
    at, mean = (weights * time).sum(axis=1) / safe, (weights * values).sum(axis=1) / safe
    apart = time[None, :] - at[:, None]
    lean = (weights * apart**2).sum(axis=1)
    slope = np.where(sloped & (lean > 0), (weights * apart * values).sum(axis=1) / np.where(lean > 0, lean, 1.0), 0.0)
    return _Model(at, mean, slope, safe, np.where(sloped & (lean > 0), lean, np.inf))


def _spread(history: FloatArray, sizes: FloatArray, known: BoolArray, model: _Model, floor: FloatArray, time: FloatArray) -> FloatArray:
    """How far a month lies from the model, in units of its error: the largest of moving range, deviation and the floor."""
    rest = np.where(known, (history - model.value(time)) / np.where(known, sizes, 1.0), np.nan)
    freedom = known.sum(axis=1) - 1 - np.isfinite(model.lean)
    deviation = np.sqrt(np.where(known, rest**2, 0.0).sum(axis=1) / np.maximum(freedom, 1))
    found: FloatArray = np.fmax(np.maximum(deviation, floor), mean_moving_range(rest) / MOVING_RANGE)
    return found


def _climbs(history: FloatArray, sizes: FloatArray, floor: FloatArray) -> BoolArray:
    """Whether the months clearly climb or fall: a slope of more than `CLIMBS` of its errors."""
    known = np.isfinite(history)
    always = np.ones(len(history), dtype=bool)
    line = _fit(history, sizes, known, always)
    spread = _spread(history, sizes, known, line, floor, np.arange(history.shape[1], dtype=np.float64))
    with np.errstate(invalid="ignore"):
        found: BoolArray = (known.sum(axis=1) >= ENOUGH) & (np.abs(line.slope) * np.sqrt(line.lean) > CLIMBS * spread)
    return found


def _rules(places: FloatArray) -> Texts:
    """Wheeler's rules over distances from the expected value in spreads, the newest month last."""
    newest = places[:, -1]
    found = np.full(len(places), Signal.NONE.value, dtype=object)
    with np.errstate(invalid="ignore"):
        run, near = places[:, -RUN:], places[:, -OF:]
        for sign, outside, eight, close in (
            (1.0, Signal.ABOVE, Signal.RUN_ABOVE, Signal.NEAR_ABOVE),
            (-1.0, Signal.BELOW, Signal.RUN_BELOW, Signal.NEAR_BELOW),
        ):
            beyond_half = sign * near > SIGMA / 2
            found[(beyond_half.sum(axis=1) >= NEAR) & (sign * newest > SIGMA / 2)] = close.value
            if places.shape[1] >= RUN:
                found[(sign * run > _TINY).all(axis=1)] = eight.value
            found[sign * newest > SIGMA + _TINY] = outside.value
    return found


def _chance(
    history: FloatArray, newest: FloatArray, sizes: FloatArray, last_size: FloatArray, floor: FloatArray, sloped: BoolArray
) -> FloatArray:
    """The smallest two-sided probability over the newest one, two, four and eight months, times the looks that were taken.

    The months of a window are held against a model of the months before it alone; the spread comes from those too, so
    that news does not hide itself. Student's t with the degrees of freedom that a spread from moving ranges has.
    """
    whole, whole_sizes = np.column_stack([history, newest]), np.column_stack([sizes, last_size])
    time = np.arange(whole.shape[1], dtype=np.float64)
    best, looks = np.full(len(whole), np.inf), np.zeros(len(whole))
    for window in WINDOWS:
        before, last = slice(0, whole.shape[1] - window), slice(whole.shape[1] - window, None)
        values, own = whole[:, before], whole_sizes[:, before]
        known = np.isfinite(values)
        count = known.sum(axis=1)
        complete = np.isfinite(whole[:, last]).all(axis=1)
        model = _fit(values, own, known, sloped)
        spread = _spread(values, own, known, model, floor, time[before])
        apart = (whole[:, last] - model.value(time[last])).mean(axis=1)
        middle = float(time[last].mean())
        variance = (whole_sizes[:, last] ** 2).sum(axis=1) / window**2 + model.variance(middle)
        able = complete & (count >= ENOUGH) & (spread > _TINY * np.maximum(1.0, np.abs(model.mean)))
        with np.errstate(invalid="ignore", divide="ignore"):
            odd = 2 * special.stdtr(FREEDOM * np.maximum(count - 1.0, 1.0), -np.abs(apart) / (spread * np.sqrt(variance)))
        best = np.where(able, np.minimum(best, odd), best)
        looks += able
    found: FloatArray = np.where(looks > 0, np.minimum(1.0, best * np.maximum(looks, 1.0)), np.nan)
    return found


def _choose(first: BoolArray, one: Judged, other: Judged) -> Judged:
    """Per series the one where `first`, else the other."""
    names = ("expected", "low", "high", "beyond", "chance", "basis", "signal", "against")
    return Judged(**{name: np.where(first, getattr(one, name), getattr(other, name)) for name in names})
