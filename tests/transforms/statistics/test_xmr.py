"""XmR limits: NIST's and Wheeler's published series."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.places import ORACLES
from transforms.statistics.xmr import NIST, limits

NIST_FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
"""NIST/SEMATECH e-Handbook 6.3.2.2."""
WHEELER = [5045, 4350, 4350, 3975, 4290, 4430, 4485, 4285, 3980, 3925, 3645, 3760, 3300, 3685, 3463, 5200]
"""Wheeler, Making Sense of Data, p. 382."""


def test_nist_flow_rates_with_the_unrounded_factor():
    found = limits(np.array(NIST_FLOW), factor=NIST, range_factor=3.267)
    assert found.centre == pytest.approx(50.81)
    assert found.mean_range == pytest.approx(1.8778, abs=5e-5)
    assert (found.upper, found.lower) == pytest.approx((55.8041, 45.8159), abs=5e-5)
    assert found.range_upper == pytest.approx(6.13, abs=5e-3)
    rounded = limits(np.array(NIST_FLOW))
    assert (rounded.upper, rounded.lower) == pytest.approx((55.8049, 45.8151), abs=5e-5)


def test_wheelers_verification_series():
    found = limits(np.array(WHEELER, dtype=float))
    assert (found.centre, found.mean_range) == pytest.approx((4135.50, 355.93), abs=0.01)
    assert (found.lower, found.upper) == pytest.approx((3188.72, 5082.28), abs=0.01)
    assert found.range_upper == pytest.approx(1163.19, abs=0.01)
    assert WHEELER[-1] > found.upper
    assert max(WHEELER[:-1]) < found.upper


def test_the_typed_series_are_those_of_the_file():
    path = ORACLES / "data" / "xmr_series_dev.json"
    if not path.exists():
        pytest.skip("the oracle data are not beside the checkout (looked for shared/oracles/data/xmr_series_dev.json)")
    series = json.loads(path.read_text())
    assert series["nist_6_3_2_2"] == NIST_FLOW
    assert series["wheeler_msd_p382"] == WHEELER


def test_a_missing_month_takes_no_moving_range_across_it():
    found = limits(np.array([1.0, 2, np.nan, 12, 13]))
    assert found.mean_range == 1
    assert found.centre == 7
