"""Numbers with their uncertainty: shares, means, NPS, rates and ratios, each with n and an interval.

All intervals are 95 %. None of them collapses to a point where little is known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from scipy import special

from transforms.figures import Detail, Label, Reason, Scale
from transforms.money import FloatArray

CONFIDENCE = 0.95
Z = float(special.ndtri(0.5 + CONFIDENCE / 2))


@dataclass(frozen=True)
class Estimate:
    """One computed number, not yet tied to an indicator: value or reason, n, interval and how it was made."""

    value: float | None
    n: int | None = None
    lower: float | None = None
    upper: float | None = None
    method: str = ""
    reason: Reason | None = None
    label: Label | None = None
    """Where it differs from the indicator's own."""
    scale: Scale | None = None
    """What a score was asked on."""
    detail: Detail | None = None

    def with_method(self, method: str) -> Estimate:
        """The same number with its method told."""
        return replace(self, method=method)


def count_of(number: int, n: int | None = None, method: str = "full count") -> Estimate:
    """A number of things, all of them counted; it rests on itself where nothing else is said."""
    return Estimate(float(number), number if n is None else n, method=method)


def no_data(method: str = "", n: int = 0, detail: Detail | None = None) -> Estimate:
    """Nothing to divide by: neither 0 nor 100, but a reason."""
    return Estimate(None, n, method=method, reason=Reason.NO_DATA, detail=detail)


def no_source(method: str = "") -> Estimate:
    """The source does not tell this at all."""
    return Estimate(None, method=method, reason=Reason.NOT_SUPPLIED)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Score interval of a share hits / n (Wilson 1927); never of width 0.

    (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)
    """
    return _wilson(hits / n, n)


def _wilson(share: float, n: int) -> tuple[float, float]:
    square = Z * Z / n
    middle = share + square / 2
    half = Z * math.sqrt(share * (1 - share) / n + square / (4 * n))
    lower, upper = (middle - half) / (1 + square), (middle + half) / (1 + square)
    return (0.0 if share <= 0 else max(0.0, lower)), (1.0 if share >= 1 else min(1.0, upper))


def newcombe(hits: int, n: int, other_hits: int, other_n: int) -> tuple[float, float]:
    """Interval of the difference of two independent shares (Newcombe 1998, method 10)."""
    share, other = hits / n, other_hits / other_n
    (low, high), (other_low, other_high) = wilson(hits, n), wilson(other_hits, other_n)
    down = math.hypot(share - low, other_high - other)
    up = math.hypot(high - share, other - other_low)
    return share - other - down, share - other + up


def poisson(count: int) -> tuple[float, float]:
    """Exact interval of a count (Garwood 1936); for a rate, divide both ends by the exposure."""
    tail = (1 - CONFIDENCE) / 2
    lower = 0.0 if count == 0 else float(special.gammaincinv(count, tail))
    return lower, float(special.gammaincinv(count + 1, 1 - tail))


def share_of(hits: int, n: int, method: str = "share; Wilson interval") -> Estimate:
    """A share 0-1 with its Wilson interval; without a denominator no value."""
    if n == 0:
        return no_data(method)
    return Estimate(hits / n, n, *wilson(hits, n), method=method)


def rate_of(count: int, exposure: int, per: int, method: str) -> Estimate:
    """Events per `per` units of exposure, with the exact Poisson interval; `n` is the exposure."""
    if exposure == 0:
        return no_data(method)
    lower, upper = poisson(count)
    return Estimate(count * per / exposure, exposure, lower * per / exposure, upper * per / exposure, method=method)


def net_promoter(detractors: int, passives: int, promoters: int) -> Estimate:
    """Net promoter score, -100 to 100, with the adjusted Wald interval.

    NPS = promoters - detractors, in shares; the interval adds 3/4, 3/2, 3/4 imaginary answers to
    detractors, passives and promoters before taking Wald's, so that unanimous answers are not
    taken for certainty (Rocks 2016, The American Statistician 70:365). Of very few answers the interval
    is stretched to hold the score itself.
    """
    n = detractors + passives + promoters
    method = "promoters less detractors; adjusted Wald interval"
    if n == 0:
        return no_data(method)
    low, high = (0.75 + detractors) / (n + 3), (0.75 + promoters) / (n + 3)
    half = Z * math.sqrt((low + high - (high - low) ** 2) / (n + 3))
    score = (promoters - detractors) / n
    lower, upper = min(score, max(-1.0, high - low - half)), max(score, min(1.0, high - low + half))
    return Estimate(100 * score, n, 100 * lower, 100 * upper, method=method)


def net_promoter_error(detractors: int, passives: int, promoters: int) -> float:
    """Plain standard error of the NPS in shares: sqrt((p + d - NPS^2) / n); 0 for unanimous answers, so never shown alone."""
    n = detractors + passives + promoters
    score = (promoters - detractors) / n
    return math.sqrt(((promoters + detractors) / n - score * score) / n)


def mean_of(values: FloatArray, low: float, high: float, method: str = "mean") -> Estimate:
    """Mean of answers on a scale from `low` to `high`, with Student's t interval kept within the scale.

    Where there is one answer, or all are alike, t would collapse; then the interval is Wilson's for the
    mean as a share of the scale, which is wide enough for any answers on that scale.
    """
    n = len(values)
    if n == 0:
        return no_data(method)
    mean = float(values.mean())
    spread = float(values.std(ddof=1)) if n > 1 else 0.0
    if spread == 0.0:
        share = min(1.0, max(0.0, (mean - low) / (high - low)))
        lower, upper = (low + (high - low) * end for end in _wilson(share, n))
        return Estimate(mean, n, lower, upper, method=f"{method}; interval of the scale, answers do not vary")
    half = float(special.stdtrit(n - 1, 0.5 + CONFIDENCE / 2)) * spread / math.sqrt(n)
    return Estimate(mean, n, max(low, mean - half), min(high, mean + half), method=f"{method}; t interval")
