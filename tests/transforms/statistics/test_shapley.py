"""Splitting changes: published tables, the rules that any split must keep, and a plain second way."""

from __future__ import annotations

import json
from itertools import permutations
from math import prod

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.places import ORACLES
from transforms.statistics.shapley import mix_and_rate, shapley, shares_of_r_squared


def parts_of_product(before, after):
    """Parts of the change of a product of single numbers."""
    values = (before, after)
    return [float(part) for part in shapley(lambda new: prod(values[flag][place] for place, flag in enumerate(new)), len(before))]


def das_gupta(example):
    path = ORACLES / "data" / "dasgupta_1993_dev.json"
    if not path.is_file():
        pytest.skip("the published tables are not beside the checkout (looked for shared/oracles/data/dasgupta_1993_dev.json)")
    return json.loads(path.read_text(encoding="utf-8"))[example]


def test_two_factors_by_das_gupta_table_2_1():
    """Mean earnings times share of earners, black and white persons (US Census Bureau P23-186, 1993; oracle DC-D1)."""
    earnings, earners = parts_of_product((10930, 0.717892), (16591, 0.825974))
    assert (earnings, earners, earnings + earners) == pytest.approx((4369.913, 1487.262, 5857.175), abs=0.001)


def test_four_factors_by_das_gupta_table_2_3():
    """Births from four rates, 1971 and 1979 (oracle DC-D3)."""
    found = parts_of_product((25.3, 0.214, 0.279, 0.949), (32.7, 0.290, 0.473, 0.986))
    assert found == pytest.approx([0.6889411, 0.8125381, 1.3829055, 0.1047547], abs=1e-6)
    assert sum(found) == pytest.approx(2.9891394, abs=1e-6)


def test_mix_and_rate_by_das_gupta_table_5_1():
    """Household headship by thirteen ages, 1970 and 1985 (oracle DC-D2)."""
    example = das_gupta("eg5.1")
    weights = tuple(np.array(side) / sum(side) for side in example["size"])
    found = mix_and_rate(weights, tuple(np.array(side) for side in example["value"]))
    assert (found.mix.sum(), found.rate.sum()) == pytest.approx((1.2269, 1.7403), abs=1e-4)
    assert found.mix.sum() + found.rate.sum() == pytest.approx(2.9672, abs=1e-4)


def test_a_difference_of_two_rates_by_das_gupta_table_3_1():
    example = das_gupta("eg3.1")
    values = list(zip(example["crude_birth"], example["crude_death"], strict=True))
    births, deaths = shapley(lambda new: np.float64(values[new[0]][0] - values[new[1]][1]), 2)
    assert (float(births), float(deaths)) == pytest.approx((4.3, 1.3))


def test_shares_of_r_squared_of_the_swiss_fertility_data():
    """Oracle DC-D4: lmg of relaimpo on 47 districts, 1888 (Groemping 2006)."""
    path = ORACLES / "data" / "swiss_fertility_1888.csv"
    if not path.is_file():
        pytest.skip("the districts are not beside the checkout (looked for shared/oracles/data/swiss_fertility_1888.csv)")
    rows = pd.read_csv(path)
    drivers = ["Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality"]
    found = shares_of_r_squared(rows[drivers].to_numpy(dtype=float), rows["Fertility"].to_numpy(dtype=float), least_rows=9)
    assert found == pytest.approx([0.0571, 0.1712, 0.2601, 0.1056, 0.1128], abs=5e-5)
    assert found.sum() == pytest.approx(0.7067, abs=5e-5)


def test_too_few_rows_for_drivers_are_refused():
    with pytest.raises(ValueError, match="19 rows for 2 drivers"):
        shares_of_r_squared(np.zeros((19, 2)), np.zeros(19))


def test_more_than_twelve_factors_are_refused_and_twelve_are_not():
    assert shapley(lambda new: np.float64(sum(new)), 12) == pytest.approx([1.0] * 12)
    with pytest.raises(ValueError, match="13 factors"):
        shapley(lambda new: np.float64(sum(new)), 13)


numbers = st.floats(-100, 100, allow_nan=False)


@given(st.integers(1, 4).flatmap(lambda size: st.lists(numbers, min_size=2**size, max_size=2**size)))
def test_any_function_is_split_as_by_trying_every_order(values):
    """The second way: let the factors change one after the other in every order and average what each did."""
    factors = len(values).bit_length() - 1

    def value(new):
        return np.float64(values[sum(1 << place for place, flag in enumerate(new) if flag)])

    found = [float(part) for part in shapley(value, factors)]
    steps = np.zeros(factors)
    orders = list(permutations(range(factors)))
    for order in orders:
        new = [False] * factors
        for place in order:
            before = value(new)
            new[place] = True
            steps[place] += value(new) - before
    assert found == pytest.approx(list(steps / len(orders)), abs=1e-9)
    assert sum(found) == pytest.approx(values[-1] - values[0], abs=1e-9)


groups = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), numbers, numbers), min_size=1, max_size=8)


@given(groups)
def test_mix_and_rate_add_up_also_where_groups_enter_and_leave(rows):
    table = np.array(rows).T
    if not table[0].sum() or not table[1].sum():
        return
    weights = table[0] / table[0].sum(), table[1] / table[1].sum()
    rates = tuple(np.where(side > 0, own, np.nan) for side, own in zip(weights, table[2:], strict=True))
    found = mix_and_rate(weights, rates)
    change = np.nansum(weights[1] * rates[1]) - np.nansum(weights[0] * rates[0])
    assert found.mix.sum() + found.rate.sum() == pytest.approx(change, abs=1e-9)
    one_sided = (weights[0] > 0) != (weights[1] > 0)
    assert found.rate[one_sided] == pytest.approx(0)


def test_a_growing_group_below_the_mean_pulls_it_down():
    """Half and half at 60 and 80; the lower half grows to 60 %: against the mean of 69 it carries -0.9, the other -1.1."""
    found = mix_and_rate((np.array([0.5, 0.5]), np.array([0.6, 0.4])), (np.array([60.0, 80.0]), np.array([60.0, 80.0])))
    assert found.rate.tolist() == [0, 0]
    assert found.mix == pytest.approx([-0.9, -1.1])
