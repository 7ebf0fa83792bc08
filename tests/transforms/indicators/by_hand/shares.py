"""Shares with the ends of Wilson's interval, which no person works out twice: a table of them, to six digits.

The ends are the two p at which (hits / n - p)^2 = 1.959964^2 p (1 - p) / n, found by trying; with no hit at all the upper one is
3.841459 / (n + 3.841459).
"""

from __future__ import annotations

from tests.transforms.indicators.by_hand.rows import Row
from transforms.figures import Scope

WILSON = {
    (0, 1): (0, 0.793451),
    (1, 1): (0.206549, 1),
    (0, 2): (0, 0.657620),
    (1, 2): (0.094531, 0.905469),
    (2, 2): (0.342380, 1),
    (0, 3): (0, 0.561497),
    (1, 3): (0.061492, 0.792340),
    (2, 3): (0.207660, 0.938508),
    (1, 4): (0.045587, 0.699358),
    (2, 4): (0.150039, 0.849961),
    (4, 4): (0.510109, 1),
    (1, 5): (0.036224, 0.624465),
    (2, 5): (0.117621, 0.769276),
    (3, 5): (0.230724, 0.882379),
    (2, 6): (0.096771, 0.700007),
    (3, 6): (0.187616, 0.812384),
    (2, 7): (0.082219, 0.641066),
    (4, 7): (0.250458, 0.841780),
}


def share(indicator: str, scope: Scope, scope_value: str, hits: int, n: int, working: str) -> Row:
    """The row of a share with its interval."""
    lower, upper = WILSON[hits, n]
    return Row(indicator, scope, scope_value, hits / n, working, n=n, lower=lower, upper=upper, near=1e-6)
