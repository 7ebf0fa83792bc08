"""Splitting a change over the factors behind it, so that the parts add up to it exactly.

Each factor is taken at its old and at its new value. A factor's part is the change that it makes, averaged
over all orders in which the factors can change:

    part_k = sum over subsets S without k of |S|! (K - |S| - 1)! / K! x [f(S and k new) - f(S new)]

Shapley (1953); for sums of products this is the symmetric form of Das Gupta (1993), for two factors that of
Kitagawa (1955).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np

from transforms.money import FloatArray

MOST = 12
"""Factors that are split exactly: 4,096 values of the function."""


def shapley(value: Callable[[Sequence[bool]], FloatArray], factors: int) -> list[FloatArray]:
    """Each factor's part of `value(all new) - value(all old)`; the parts add up to it.

    `value` is given one flag per factor, true where it is at its new value, and may return one number or an
    array of them: then each place is split on its own. More than twelve factors are a ValueError.
    """
    if not 1 <= factors <= MOST:
        raise ValueError(f"{factors} factors; between 1 and {MOST} can be split exactly")
    values = [np.asarray(value([bool(chosen >> place & 1) for place in range(factors)]), dtype=np.float64) for chosen in range(2**factors)]
    parts: list[FloatArray] = []
    for place in range(factors):
        part = np.zeros_like(values[0])
        for chosen in range(2**factors):
            if not chosen >> place & 1:
                size = chosen.bit_count()
                weight = factorial(size) * factorial(factors - size - 1) / factorial(factors)
                part = part + weight * (values[chosen | 1 << place] - values[chosen])
        parts.append(part)
    return parts


@dataclass(frozen=True)
class MixAndRate:
    """A weighted mean's change by group: by its weights (mix) and by the groups' own values (rate); one number per group."""

    mix: FloatArray
    rate: FloatArray


def mix_and_rate(weights: tuple[FloatArray, FloatArray], rates: tuple[FloatArray, FloatArray]) -> MixAndRate:
    """Split the change of `sum(weight x rate)`, weights adding up to 1 on each side, over the groups.

        mix_g  = (weight_g1 - weight_g0) x ((rate_g0 + rate_g1) / 2 - mean of both sides)
        rate_g = (weight_g0 + weight_g1) / 2 x (rate_g1 - rate_g0)

    The mean taken off a group's mix cancels in the total; it makes a growing group with a rate below the mean
    count as a fall. A group without weight on one side has no rate there: it takes the other side's, so that
    an entry or an exit is all mix. A group without weight on both sides has no part.
    """
    shares = [np.asarray(side, dtype=np.float64) for side in weights]
    values = [np.asarray(side, dtype=np.float64) for side in rates]
    known = [np.where(shares[0] > 0, values[0], values[1]), np.where(shares[1] > 0, values[1], values[0])]
    known = [np.where((shares[0] > 0) | (shares[1] > 0), side, 0.0) for side in known]
    mean = (float(np.sum(shares[0] * known[0])) + float(np.sum(shares[1] * known[1]))) / 2
    mix = (shares[1] - shares[0]) * ((known[0] + known[1]) / 2 - mean)
    return MixAndRate(mix, (shares[0] + shares[1]) / 2 * (known[1] - known[0]))


def shares_of_r_squared(drivers: FloatArray, outcome: FloatArray, least_rows: float = 10) -> FloatArray:
    """Each driver's share of the R squared of a linear regression on all of them; they add up to it.

    LMG: the Shapley split of R squared (Groemping 2006). One column per driver. It says what goes together,
    not what causes what. Fewer than `least_rows` per driver are a ValueError: the shares would be noise.
    """
    rows, columns = drivers.shape
    if rows < least_rows * columns:
        raise ValueError(f"{rows} rows for {columns} drivers; at least {least_rows:g} rows per driver are needed")
    centred, target = drivers - drivers.mean(axis=0), outcome - outcome.mean()

    def explained(chosen: Sequence[bool]) -> FloatArray:
        if not any(chosen):
            return np.zeros(1)
        used = centred[:, np.asarray(chosen)]
        fitted = used @ np.linalg.lstsq(used, target, rcond=None)[0]
        return np.array([1 - float(np.sum((target - fitted) ** 2)) / float(np.sum(target**2))])

    return np.concatenate(shapley(explained, columns))
