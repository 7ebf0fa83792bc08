"""The worked examples of docs/method/classes.md are run."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.places import CHECKOUT
from transforms.classes.portfolio import gini, pareto_classes
from transforms.indicators.separation import eta_squared
from transforms.policy.rules import builtin

PAGE = (CHECKOUT / "docs" / "method" / "classes.md").read_text(encoding="utf-8")
CHIPS = np.array([90_000, 77_000, 26_350, 15_001, 12_500, 8_502, 1_200, 850, 504, 150], dtype=float)


def test_the_pages_numbers_are_those_of_the_code() -> None:
    """Potential value of the example: `tests/transforms/classes/test_value.py` runs it on orders."""
    letters = " ".join("ABC"[number] for number in pareto_classes(CHIPS))
    coefficient, eta = gini(CHIPS), eta_squared(np.array([1.0, 3.0, 5.0, 7.0]), pd.Series(["x", "x", "y", "y"]))[0]
    potential = 0.8 * (np.sort([100, 200, 300, 400])[2] - 100)
    baskets = np.array([35, 45, 55, 65, 75, 85], dtype=float)
    slope, priority = np.polyfit(np.arange(6), baskets, 1)[0] / baskets.mean(), np.mean([75, 95, 100])
    found = (
        f"**{letters}**",
        f"**{coefficient:.3f}**",
        f"**{eta:.1f}**",
        f"**{potential:.0f}**",
        f"**{slope:.3f}**",
        f"**{priority:.0f}**",
    )
    for number in found:
        assert number in PAGE, number


def test_the_pages_cuts_and_weights_are_the_built_in_policys() -> None:
    value, behaviour, classes = builtin().value, builtin().behaviour, builtin().classes
    told = (
        f"V = {value.history:.2f} rank(historic) + {value.current:.2f} rank(current) + {value.potential:.2f} rank(potential)",
        f"high from {value.high_cut:.0f}, mid from {value.mid_cut:.0f}",
        f"potential rank from {classes.developable_cut:.0f}",
        f"Loyal: {behaviour.loyal_orders} orders or more in twelve months, silent for at most {behaviour.loyal_intervals} own intervals",
        f"give {classes.core_share:.0%} of current value".replace("%", " %"),
        f"the cost of {classes.cost_share:.0%} of the month's orders".replace("%", " %"),
    )
    for words in told:
        assert words in PAGE, words
