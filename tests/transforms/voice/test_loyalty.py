"""Satisfaction and loyalty of one customer: hand-worked cases and properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.policy.rules import Loyalty, Satisfaction
from transforms.voice.loyalty import attitude, behavioural_loyalty, ladder, loyalty_index, loyalty_type
from transforms.voice.satisfaction import satisfaction_index

NONE = float("nan")
RULE = Loyalty()


def array(*values):
    return np.array(values, dtype=float)


def test_one_bad_answer_is_softened_by_the_prior():
    """(0 + 4 x 0.8) / (1 + 4) = 0.64."""
    found = satisfaction_index(array(0.0), np.array([1]), Satisfaction(prior_answers=4, prior_mean=0.8))
    assert found.tolist() == [64.0]


def test_without_answers_there_is_no_satisfaction_index():
    assert np.isnan(satisfaction_index(array(0.0), np.array([0]), Satisfaction(prior_mean=0.8)))[0]


def test_without_a_frozen_mean_nothing_is_added():
    assert satisfaction_index(array(1.5), np.array([2]), Satisfaction()).tolist() == [75.0]


@given(st.integers(1, 20), st.floats(0, 1), st.floats(0, 1))
def test_a_better_answer_never_lowers_the_index(answers, share, prior):
    rule = Satisfaction(prior_mean=prior)
    low, high = satisfaction_index(array(share * answers, answers), np.array([answers] * 2), rule)
    assert 0 <= low <= high + 1e-9 <= 100 + 1e-9


def test_the_loyalty_index_by_hand():
    """0.5 x 60 + 0.2 x 80 + 0.3 x 90 = 73."""
    index, partial = loyalty_index(array(60), array(80), array(9), RULE)
    assert index == pytest.approx([73])
    assert partial.tolist() == [False]


@pytest.mark.parametrize(
    ("behaviour", "satisfaction", "recommendation", "expected"),
    [
        (60, NONE, NONE, 60),  # behaviour alone is half of the weight: enough
        (NONE, 80, 9, (0.2 * 80 + 0.3 * 90) / 0.5),
        (NONE, 80, NONE, None),
        (NONE, NONE, 9, None),
        (60, 80, NONE, (0.5 * 60 + 0.2 * 80) / 0.7),
        (NONE, NONE, NONE, None),
    ],
)
def test_what_is_unknown_leaves_its_weight_to_the_rest_until_too_little_is_known(behaviour, satisfaction, recommendation, expected):
    index, partial = loyalty_index(array(behaviour), array(satisfaction), array(recommendation), RULE)
    if expected is None:
        assert np.isnan(index[0])
        assert not partial[0]
    else:
        assert index == pytest.approx([expected])
        assert partial[0]


@given(st.floats(0, 100), st.floats(0, 100), st.integers(0, 10))
def test_the_loyalty_index_lies_between_its_parts(behaviour, satisfaction, recommendation):
    index, _ = loyalty_index(array(behaviour), array(satisfaction), array(recommendation), RULE)
    parts = (behaviour, satisfaction, recommendation * 10)
    assert min(parts) - 1e-9 <= index[0] <= max(parts) + 1e-9


@pytest.mark.parametrize(
    ("attitude_score", "behaviour", "kind"),
    [
        (90, 70, "true"),  # Dick & Basu 1994: high, high
        (90, 20, "latent"),  # high, low
        (30, 70, "spurious"),
        (30, 20, "none"),
        (80, 50, "true"),  # on the cut is high
        (NONE, 70, "unclassified"),
        (90, NONE, "unclassified"),
    ],
)
def test_attitude_and_behaviour_crossed(attitude_score, behaviour, kind):
    assert loyalty_type(array(attitude_score), array(behaviour), RULE).tolist() == [kind]


def test_attitude_is_the_mean_of_what_was_said_and_never_satisfaction():
    found = attitude(array(9, 9, NONE, NONE), array(70, NONE, 70, NONE))
    assert found[:3].tolist() == [80, 90, 70]
    assert np.isnan(found[3])


def test_behavioural_loyalty_is_the_mean_of_three_ranks_and_needs_a_history():
    ranked = {"annual_net": array(90, 90), "orders_per_month": array(60, 60), "tenure_months": array(30, 30)}
    found = behavioural_loyalty(ranked, np.array([True, False]))
    assert found[0] == 60
    assert np.isnan(found[1])


def test_the_ladder_says_only_what_the_data_can_vouch_for():
    rungs = ladder(array(10, 9, 10, 3, NONE), array(2, 5, 1, 9, 9))
    assert rungs.tolist()[:4] == ["loyalty", "loyalty", "consideration", "consideration"]
    assert rungs.isna().tolist() == [False] * 4 + [True]
