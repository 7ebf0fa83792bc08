"""Kaplan-Meier: the published curve, medians, and a plain second version."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.places import ORACLES
from transforms.figures import Reason
from transforms.statistics.survival import median_of, survival

MAINTAINED = [(9, 1), (13, 1), (13, 0), (18, 1), (23, 1), (28, 0), (31, 1), (34, 1), (45, 0), (48, 1), (161, 0)]
"""The maintained group of Miller's leukaemia data, as in the R package survival."""


def curve_of(pairs):
    return survival(np.array([time for time, _ in pairs], dtype=float), np.array([done == 1 for _, done in pairs]))


def test_the_maintained_group_of_the_leukaemia_data():
    curve = curve_of(MAINTAINED)
    assert curve.times.tolist() == [9, 13, 18, 23, 31, 34, 48]
    assert curve.share == pytest.approx([0.909, 0.818, 0.716, 0.614, 0.491, 0.368, 0.184], abs=5e-4)
    assert curve.error[0] == pytest.approx(0.0867, abs=5e-5)
    found = median_of(np.array([time for time, _ in MAINTAINED], dtype=float), np.array([done == 1 for _, done in MAINTAINED]))
    assert found.value == 31
    assert found.lower == 13
    assert found.upper is None


def test_the_typed_data_are_those_of_the_file():
    path = ORACLES / "data" / "aml.csv"
    if not path.exists():
        pytest.skip("the oracle data are not beside the checkout (looked for shared/oracles/data/aml.csv)")
    with path.open() as file:
        rows = [(int(row["time"]), int(row["status"])) for row in csv.DictReader(file) if row["x"] == "Maintained"]
    assert sorted(rows) == sorted(MAINTAINED)


def plainly(pairs):
    """The curve by its definition, one event time after the other."""
    share, steps = 1.0, []
    for time in sorted({time for time, done in pairs if done}):
        events = sum(1 for other, done in pairs if done and other == time)
        at_risk = sum(1 for other, _ in pairs if other >= time)
        share *= 1 - events / at_risk
        steps.append((time, share))
    return steps


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 1)), min_size=1, max_size=30))
def test_the_curve_agrees_with_its_definition(pairs):
    curve = curve_of(pairs)
    plain = plainly(pairs)
    assert curve.times.tolist() == [time for time, _ in plain]
    assert curve.share == pytest.approx([share for _, share in plain])
    known = ~np.isnan(curve.lower)
    assert (curve.lower[known] <= curve.share[known] + 1e-12).all()
    assert (curve.upper[known] >= curve.share[known] - 1e-12).all()


def test_without_open_tickets_it_is_the_ordinary_median():
    found = median_of(np.array([1.0, 2, 3, 4, 50]), np.ones(5, dtype=bool))
    assert found.value == 3
    assert found.lower <= 3


def test_while_most_are_open_there_is_no_median():
    found = median_of(np.array([1.0, 9, 9, 9]), np.array([True, False, False, False]))
    assert (found.value, found.reason, found.n) == (None, Reason.NO_DATA, 4)
    assert "not reached" in found.method
    assert median_of(np.array([]), np.array([], dtype=bool)).n == 0
