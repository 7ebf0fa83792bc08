"""Pareto classes, concentration, recency-frequency-money: published cases and cases by hand."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.places import ORACLES
from transforms.classes.portfolio import classes_by_count, core_customers, gini, pareto_classes, quantile_cuts, scores_by_cuts

SILICON_CHIPS = np.array([90_000, 77_000, 26_350, 15_001, 12_500, 8_502, 1_200, 850, 504, 150], dtype=float)
"""Heizer & Render, Operations Management, example 12.1."""

MPG = np.array(
    [
        *(21, 21, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4, 14.7, 32.4, 30.4, 33.9, 21.5, 15.5),
        *(15.2, 13.3, 19.2, 27.3, 26, 30.4, 15.8, 19.7, 15, 21.4),
    ]
)
"""Miles per gallon of the data set mtcars (Henderson & Velleman 1981)."""


def test_silicon_chips_have_the_textbooks_shares_and_its_classes_by_count():
    shares = 100 * SILICON_CHIPS / SILICON_CHIPS.sum()
    assert SILICON_CHIPS.sum() == 232_057
    assert shares == pytest.approx([38.8, 33.2, 11.3, 6.4, 5.4, 3.7, 0.5, 0.4, 0.2, 0.1], abs=0.1)
    assert np.bincount(classes_by_count(SILICON_CHIPS, (0.2, 0.3, 0.5))).tolist() == [2, 3, 5]


def test_the_chip_that_crosses_80_percent_is_a_by_the_rule_before_and_b_by_the_rule_including():
    """The third one runs from 71.97 % to 83.32 %."""
    assert pareto_classes(SILICON_CHIPS).tolist() == [0, 0, 0, 1, 1, 2, 2, 2, 2, 2]
    assert pareto_classes(SILICON_CHIPS, including=True).tolist()[:3] == [0, 0, 1]


def test_equal_values_share_the_better_class_and_nothing_or_less_is_c():
    assert pareto_classes(np.array([50.0, 30.0, 30.0, 0.0, -5.0])).tolist() == [0, 0, 0, 2, 2]
    assert pareto_classes(np.array([0.0, 0.0, -1.0])).tolist() == [-1, -1, -1]
    assert pareto_classes(np.array([5.0, 1.0])).tolist() == [-1, -1]


def test_published_quintiles_of_the_r_package_rfm():
    """rfm tests/testthat/test-utils.R: five bins of mtcars' mpg, with the package's + 1."""
    assert quantile_cuts(MPG, whole=True) == pytest.approx([16.20, 18.92, 22.00, 25.08], abs=0.005)


def test_published_scores_of_the_r_package_rfm():
    """Its table of orders with the analysis date 2006-12-31: the README's five customers."""
    path = ORACLES / "data" / "rfm_orders.csv"
    if not path.is_file():
        pytest.skip("the published orders are not beside the checkout")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    name, day, money = list(rows[0])[:3]
    people = sorted({row[name] for row in rows})
    last: dict[str, np.datetime64] = {}
    for row in rows:
        last[row[name]] = max(last.get(row[name], np.datetime64("1900-01-01")), np.datetime64(row[day][:10]))
    recency = np.array([(np.datetime64("2006-12-31") - last[who]).astype(int) for who in people], dtype=float)
    frequency, amount = dict.fromkeys(people, 0), dict.fromkeys(people, 0.0)
    for row in rows:
        frequency[row[name]] += 1
        amount[row[name]] += float(row[money])
    counts, sums = np.array([frequency[who] for who in people], float), np.array([amount[who] for who in people])
    cuts = [quantile_cuts(values, whole=True) for values in (recency, counts, sums)]
    assert cuts[0] == pytest.approx([115, 181, 297.4, 482], abs=0.05)
    assert cuts[1] == pytest.approx([4, 5, 6, 8], abs=0.05)
    assert cuts[2] == pytest.approx([255.8, 382, 506.4, 666], abs=0.05)
    code = (
        100 * scores_by_cuts(recency, cuts[0], lower_is_better=True) + 10 * scores_by_cuts(counts, cuts[1]) + scores_by_cuts(sums, cuts[2])
    )
    wanted = {"Abbey O'Reilly": 343, "Add Senger": 412, "Aden Lesch": 323, "Aden Murphy": 544, "Admiral Senger": 433}
    found = {who: int(number) for who, number in zip(people, code, strict=True)}
    assert {who: found[who] for who in wanted} == wanted


def test_gini_by_hand():
    assert gini(np.array([1.0, 1.0, 1.0])) == 0
    assert gini(np.array([0.0, 0.0, 0.0, 4.0])) == 0.75
    assert gini(np.array([1.0, 3.0])) == 0.25
    assert gini(np.array([-5.0, 0.0])) is None


def test_the_core_is_the_smallest_set_with_its_ties():
    assert core_customers(np.array([50.0, 30.0, 10.0, 10.0]), 0.8).tolist() == [True, True, False, False]
    assert core_customers(np.array([50.0, 20.0, 20.0, 10.0]), 0.7).tolist() == [True, True, True, False]
    assert not core_customers(np.array([0.0, -1.0]), 0.5).any()


@given(st.lists(st.integers(-50, 1000), min_size=3, max_size=40))
def test_more_value_never_earns_a_worse_class_and_equal_value_the_same(values):
    array = np.array(values, dtype=float)
    numbers = pareto_classes(array)
    for one, own in zip(values, numbers, strict=True):
        for other, theirs in zip(values, numbers, strict=True):
            assert not (one >= other and own > theirs)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=30), st.integers(1, 9))
def test_gini_does_not_depend_on_the_unit_and_lies_between_0_and_1(values, factor):
    array = np.array(values, dtype=float)
    found = gini(array)
    assert found is None or (0 <= found < 1 and gini(array * factor) == pytest.approx(found, abs=1e-12))
