"""How long something takes when part of it is not over yet (Kaplan & Meier 1958)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from transforms.money import FloatArray
from transforms.statistics.estimates import Estimate, Z, no_data


@dataclass(frozen=True)
class Survival:
    """The share not yet done after each event time, with Greenwood's standard error."""

    times: FloatArray
    share: FloatArray
    error: FloatArray
    lower: FloatArray
    upper: FloatArray
    """Ends of the log-log interval; missing where the share is 0 or 1."""


def survival(durations: FloatArray, done: npt.NDArray[np.bool_]) -> Survival:
    """Kaplan-Meier curve: S(t) = product over event times of (1 - events / at risk).

    `durations` run to the event where `done`, else to the moment of looking (censored). At one and the
    same time events come before censorings.
    """
    times, place = np.unique(durations[done], return_inverse=True)
    events = np.bincount(place, minlength=len(times)).astype(np.float64)
    at_risk = len(durations) - np.searchsorted(np.sort(durations), times, side="left").astype(np.float64)
    share = np.cumprod(1 - events / at_risk).astype(np.float64)
    left = at_risk - events
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(np.where(left > 0, events / (at_risk * left), np.inf))
        spread = Z * np.sqrt(greenwood) / np.abs(np.log(share))
        lower, upper = np.power(share, np.exp(spread)), np.power(share, np.exp(-spread))
        error: FloatArray = np.where(share > 0, share * np.sqrt(greenwood), 0.0)
    known = (share > 0) & (share < 1)
    return Survival(times, share, error, np.where(known, lower, np.nan), np.where(known, upper, np.nan))


def median_of(durations: FloatArray, done: npt.NDArray[np.bool_]) -> Estimate:
    """Median time to the event: the first time at which at most half are left, with the log-log interval.

    The interval's ends are the first times at which the ends of the curve's own interval reach one half
    (Brookmeyer & Crowley 1982); an end that is never reached stays open. No value while more than half
    are still open.
    """
    n = len(durations)
    method = "Kaplan-Meier median, open tickets censored at the month's end; Greenwood log-log interval"
    if n == 0:
        return no_data(method)
    curve = survival(durations, done)
    median = _first(curve.times, curve.share)
    if median is None:
        return no_data("Kaplan-Meier median not reached: more than half are still open", n)
    lower = _first(curve.times, curve.lower)
    return Estimate(median, n, median if lower is None else lower, _first(curve.times, curve.upper), method=method)


def _first(times: FloatArray, share: FloatArray) -> float | None:
    reached = np.flatnonzero(share <= 0.5 + 1e-12)
    return float(times[reached[0]]) if len(reached) else None
