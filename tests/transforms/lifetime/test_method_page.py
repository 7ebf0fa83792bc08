"""The worked examples of docs/method/lifetime.md, computed anew: what the page says in bold is what the code gives."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.places import CHECKOUT
from tests.transforms.builders import Company, orders
from transforms.lifetime.backtest import score
from transforms.lifetime.beta_geometric import BetaGeometric, Leaving
from transforms.lifetime.histories import Histories
from transforms.lifetime.logistic import brier
from transforms.lifetime.lognormal import LogSpend
from transforms.lifetime.retention import ShiftedBetaGeometric
from transforms.lifetime.spend import Spend
from transforms.lifetime.state import BaseState
from transforms.lifetime.value import margin_multiple
from transforms.month import Month

PAGE = (CHECKOUT / "docs" / "method" / "lifetime.md").read_text(encoding="utf-8")
MODEL = BetaGeometric(Leaving.AFTER_EVERY, 0.525, 6.183, 0.891, 1.614)
CUSTOMER = Histories.of(np.array([2.0]), np.array([30.43]), np.array([38.86]))


def capture() -> float:
    found = score(np.arange(30.0) * 2, np.arange(30.0))
    assert found is not None and found.capture is not None
    return found.capture


COMPUTED = (
    MODEL.p_alive(CUSTOMER)[0],
    MODEL.purchases_ahead(CUSTOMER, 39.0)[0],
    Spend(6.25, 3.74, 15.44).expected_spend(np.array([2.0]), np.array([22.35]))[0],
    LogSpend(4.0, 1.0, 1.0).expected_spend(np.array([4.0]), np.array([100.0]))[0],
    margin_multiple(0.8, 0.1),
    capture(),
    brier(np.array([0.8, 0.4]), np.array([True, False])),
    ShiftedBetaGeometric(0.668, 3.806).retention(np.array([1]))[0],
)
"""In the order of the page."""


def test_every_example_of_the_page_is_what_the_code_gives():
    printed = re.findall(r"\*\*Example\.\*\*(?:(?!\*\*Example).)*?\*\*(\d+\.\d+)\*\*", PAGE, flags=re.DOTALL)
    assert len(printed) == len(COMPUTED)
    for text, value in zip(printed, COMPUTED, strict=True):
        digits = len(text.split(".")[1])
        assert float(text) == pytest.approx(value, abs=0.51 * 10**-digits), text


def test_the_history_of_the_page_is_read_as_it_says():
    sold = orders(("a", "2025-01-05 09:00", 1), ("a", "2025-01-05 15:00", 1), ("a", "2025-01-26", 1))
    seen = BaseState.of(Company(sold).inputs(Month(2025, 3)).window, Month(2025, 3)).histories
    assert (seen.repeats[0], seen.recency[0], round(seen.age[0], 2)) == (1, 3.0, 12.14)
    assert "x = 1, t_x = 3.0 and\nT = 12.14 weeks" in PAGE
