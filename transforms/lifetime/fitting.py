"""Finding the parameters that explain the data best, and saying so when the data do not tell them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from transforms.money import FloatArray

Objective = Callable[[FloatArray], tuple[float, FloatArray]]
"""Mean log likelihood and its gradient, both as functions of the logarithms of the parameters."""

EDGE = 11.0
"""Bound of a parameter's logarithm: beyond it (a factor of 60,000) no data speak any more."""
LOOSE = 2.5
"""Standard error of a parameter's logarithm from which the data do not pin it: its 95 % interval spans a factor of 18,000."""
SAME = 1e-3
"""Largest difference in log likelihood, over all customers, at which two ends of the search are one."""
STEP = 1e-4
TURNS = 150
LONGEST = 2.0
"""Longest step of the search in any logarithm."""
FLAT = 1e-7
"""Largest slope (per customer and per unit of a logarithm) that still counts as the top."""
DIGITS = 6
"""Significant digits of kept parameters: beyond them stands the machine's rounding, not the data."""


class Unfit(StrEnum):
    """Why there is no model."""

    TOO_FEW_CUSTOMERS = "too few customers"
    NO_REPEATS = "too few customers came back"
    RUNAWAY = "parameters run away"
    STARTS_DISAGREE = "two starts end in different places"
    NOT_CONVERGED = "the search did not come to rest"
    NO_MEAN = "the mean spend does not exist (q <= 1)"
    NO_SPEND = "too few customers with repeat spend"
    DIVERGES = "expectations diverge"


@dataclass(frozen=True)
class NotFitted:
    """No model, with the reason and what was seen."""

    why: Unfit
    n: int
    detail: str = ""


@dataclass(frozen=True)
class Peak:
    """The best parameters with their log likelihood over all customers, and the standard errors of their logarithms."""

    parameters: FloatArray
    log_likelihood: float
    errors: FloatArray
    evaluations: int


def climb(objective: Objective, starts: Sequence[Sequence[float]], n: int) -> Peak | NotFitted:
    """The maximum of a likelihood of positive parameters, found alike from every start; or why there is none.

    From each start a quasi-Newton search (BFGS on logarithms, with the true gradient); the best end is
    polished by Newton's steps. No sum depends on threads. Not fitted: ends that differ in likelihood, a slope that
    does not vanish, a parameter at the edge, or one that the curvature leaves open (a ridge).
    """
    counted = 0

    def down(point: FloatArray) -> tuple[float, FloatArray]:
        nonlocal counted
        counted += 1
        height, slope = objective(point)
        if not (np.isfinite(height) and np.isfinite(slope).all()):
            return 1e10, np.zeros_like(slope)
        return -height, -slope

    ends = [_descend(down, np.log(np.asarray(start, dtype=np.float64))) for start in starts]
    best = min(ends, key=lambda end: end[1])
    if np.abs(best[0]).max() >= EDGE:
        return NotFitted(Unfit.RUNAWAY, n, _parameters_line(best[0]))
    point, curvature = _polish(down, best[0])
    height, slope = objective(point)
    errors = _errors(curvature, n)
    if not np.isfinite(errors).all() or errors.max() > LOOSE:
        return NotFitted(Unfit.RUNAWAY, n, _parameters_line(point))
    if not np.isfinite(height) or np.abs(slope).max() > 10 * FLAT:
        return NotFitted(Unfit.NOT_CONVERGED, n, _parameters_line(point))
    apart = n * (height + max(end[1] for end in ends))
    if apart > SAME:
        return NotFitted(Unfit.STARTS_DISAGREE, n, f"log likelihoods differ by {apart:.3g}")
    return Peak(np.exp(point), n * height, errors, counted)


def to_six_digits(values: FloatArray) -> FloatArray:
    """Values to six significant digits."""
    return np.array([float(f"{value:.{DIGITS}g}") for value in values])


def _descend(down: Objective, point: FloatArray) -> tuple[FloatArray, float]:
    """The lowest point that BFGS finds from here and its depth (Nocedal & Wright, chapter 6); stops at the edge.

    Own lines instead of scipy's: for four parameters its threaded linear algebra costs more than the likelihood.
    """
    size = len(point)
    depth, slope = down(point)
    inverse = np.eye(size)
    for turn in range(TURNS):
        if np.abs(slope).max() < FLAT / 10:
            break
        course = -(inverse * slope).sum(axis=1)
        fall = float((course * slope).sum())
        if fall >= 0:
            inverse, course = np.eye(size), -slope
            fall = float((course * slope).sum())
        length = min(1.0, LONGEST / float(np.abs(course).max()))
        for _ in range(25):
            moved = point + length * course
            there, tilt = down(moved)
            if there <= depth + 1e-4 * length * fall:
                break
            length /= 2
        else:
            break
        if depth - there <= 1e-15 * abs(depth):
            break  # nothing to be gained but rounding
        step, turned = moved - point, tilt - slope
        point, depth, slope = moved, there, tilt
        if np.abs(point).max() >= EDGE:
            break
        along = float((step * turned).sum())
        if along <= 1e-12:
            continue
        if turn == 0:
            inverse *= along / float((turned * turned).sum())
        pushed = (inverse * turned).sum(axis=1)
        rise = float((turned * pushed).sum())
        inverse = inverse + (1 + rise / along) / along * step[:, None] * step - (pushed[:, None] * step + step[:, None] * pushed) / along
    return point, depth


def _polish(down: Objective, point: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Newton's steps while they help; with the curvature at the end."""
    curvature = _curvature(down, point)
    for _ in range(3):
        height, slope = down(point)
        if np.abs(slope).max() < FLAT / 100:
            break
        try:
            step = np.linalg.solve(curvature, slope)
        except np.linalg.LinAlgError:
            break
        if not np.isfinite(step).all() or np.abs(step).max() > 0.5:
            break
        moved = point - step
        if down(moved)[0] > height + 1e-13 * abs(height):
            break
        point = moved
    return point, _curvature(down, point)


def _curvature(down: Objective, point: FloatArray) -> FloatArray:
    """Second derivatives from differences of the gradient."""
    size = len(point)
    rows = np.empty((size, size))
    for place in range(size):
        step = np.zeros(size)
        step[place] = STEP
        rows[place] = (down(point + step)[1] - down(point - step)[1]) / (2 * STEP)
    return (rows + rows.T) / 2


def _errors(curvature: FloatArray, n: int) -> FloatArray:
    """Standard errors of the logarithms; infinite where the top is a ridge or no top."""
    size = len(curvature)
    if not np.isfinite(curvature).all() or np.linalg.eigvalsh(curvature).min() <= 0:
        return np.full(size, np.inf)
    return np.sqrt(np.diag(np.linalg.inv(curvature)) / n)


def _parameters_line(point: FloatArray) -> str:
    return "parameters " + ", ".join(f"{value:.4g}" for value in np.exp(point))
