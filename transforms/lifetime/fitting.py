"""Finding the parameters that explain the data best, and saying so when the data do not tell them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.optimize import minimize

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

    From each start a quasi-Newton search (L-BFGS-B on logarithms, with the true gradient); the best end is
    polished by Newton's steps. Not fitted: ends that differ in likelihood, a slope that does not vanish,
    a parameter at the edge, or one that the curvature leaves open (a ridge).
    """
    counted = 0

    def down(point: FloatArray) -> tuple[float, FloatArray]:
        nonlocal counted
        counted += 1
        height, slope = objective(point)
        if not (np.isfinite(height) and np.isfinite(slope).all()):
            return 1e10, np.zeros_like(slope)
        return -height, -slope

    ends = [
        minimize(
            down,
            np.log(np.asarray(start, dtype=np.float64)),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-EDGE, EDGE)] * len(start),
            options={"maxiter": 500, "ftol": 1e-14, "gtol": FLAT / 10, "maxcor": 20},
        )
        for start in starts
    ]
    best = min(ends, key=lambda end: float(end.fun))
    if np.abs(best.x).max() > EDGE - 0.1:
        return NotFitted(Unfit.RUNAWAY, n, _told(best.x))
    point, curvature = _polished(down, np.asarray(best.x, dtype=np.float64))
    height, slope = objective(point)
    errors = _errors(curvature, n)
    if not np.isfinite(errors).all() or errors.max() > LOOSE:
        return NotFitted(Unfit.RUNAWAY, n, _told(point))
    if not np.isfinite(height) or np.abs(slope).max() > 10 * FLAT:
        return NotFitted(Unfit.NOT_CONVERGED, n, _told(point))
    apart = n * (height + max(float(end.fun) for end in ends))
    if apart > SAME:
        return NotFitted(Unfit.STARTS_DISAGREE, n, f"log likelihoods differ by {apart:.3g}")
    return Peak(np.exp(point), n * height, errors, counted)


def rounded(values: FloatArray) -> FloatArray:
    """Values to six significant digits."""
    return np.array([float(f"{value:.{DIGITS}g}") for value in values])


def _polished(down: Objective, point: FloatArray) -> tuple[FloatArray, FloatArray]:
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


def _told(point: FloatArray) -> str:
    return "parameters " + ", ".join(f"{value:.4g}" for value in np.exp(point))
