"""The loss model: its arithmetic, its trial on an unseen year, and that it is shown only where it earns it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, special

from tests.transforms.builders import Company, orders
from tests.transforms.lifetime.companies import company
from transforms.inputs import MonthInputs
from transforms.lifetime import logistic
from transforms.lifetime.backtest import calibration, score, top_capture
from transforms.lifetime.churn import churn_test, standing
from transforms.lifetime.state import BaseState
from transforms.money import FloatArray
from transforms.month import Month
from transforms.policy.rules import builtin
from transforms.review import no_history, review_month

FIRST, LAST = Month(2022, 1), Month(2024, 12)


def sample(count: int, seed: int = 1) -> tuple[FloatArray, FloatArray]:
    random = np.random.default_rng(seed)
    features = random.normal(size=(count, 3)) * [1.0, 5.0, 0.2] + [0.0, 10.0, 1.0]
    return features, random.random(count) < special.expit(0.8 * features[:, 0] - 0.3 * (features[:, 1] - 10))


def test_the_regression_is_the_penalised_optimum_that_a_general_optimiser_finds():
    features, outcome = sample(400)
    found = logistic.fit(features, outcome)
    standard = (features - features.mean(axis=0)) / features.std(axis=0)

    def loss(weights: FloatArray) -> float:
        odds = weights[0] + standard @ weights[1:]
        return float(np.logaddexp(0, odds).sum() - odds[outcome].sum() + 0.5 * (weights[1:] ** 2).sum())

    plain = optimize.minimize(loss, np.zeros(4), tol=1e-12).x
    np.testing.assert_allclose([found.intercept, *found.weights], plain, atol=1e-4)


def test_a_feature_that_separates_everybody_keeps_finite_weights():
    features = np.arange(40.0)[:, None]
    found = logistic.fit(features, features[:, 0] > 19)
    assert np.isfinite(found.weights).all() and ((found.probability(features) > 0.5) == (features[:, 0] > 19)).all()


def test_the_area_and_its_interval_are_those_of_comparing_every_pair():
    """DeLong's variance against sums over all pairs; ties count half."""
    random = np.random.default_rng(4)
    outcome = random.random(60) < 0.4
    one, other = (np.round(random.normal(size=60) + outcome * shift, 1) for shift in (1.2, 0.5))
    found = logistic.areas(one, other, outcome)

    def pairs(ranking: FloatArray) -> FloatArray:
        lost, kept = ranking[outcome][:, None], ranking[~outcome][None, :]
        return (lost > kept) + 0.5 * (lost == kept)

    first, second = pairs(one), pairs(other)
    assert (found.first, found.second) == pytest.approx((first.mean(), second.mean()))
    gap = first - second
    m, n = gap.shape
    error = np.sqrt(gap.mean(axis=1).var(ddof=1) / m + gap.mean(axis=0).var(ddof=1) / n)
    assert found.gain_interval == pytest.approx((gap.mean() - 1.96 * error, gap.mean() + 1.96 * error))


def test_brier_and_calibration_of_a_forecast_that_is_right_and_of_one_that_is_too_bold():
    odds = np.linspace(-2, 2, 4000)
    outcome = np.random.default_rng(2).random(4000) < special.expit(odds)
    intercept, slope = logistic.calibration_line(special.expit(odds), outcome)
    assert (intercept, slope) == pytest.approx((0, 1), abs=0.12)
    assert logistic.calibration_line(special.expit(3 * odds), outcome)[1] == pytest.approx(slope / 3, rel=1e-3)
    assert logistic.brier(np.array([0.8, 0.4]), np.array([True, False])) == pytest.approx((0.04 + 0.16) / 2)


def test_features_worked_by_hand():
    """Two purchase days in 2024, of 120 and 80 net, first order in 2023; the last 61 days before the end, every 142.5 days so far."""
    sold = orders(("a", "2023-11-28", 500), ("a", "2024-01-31", 120), ("a", "2024-10-31", 80), ("b", "2022-05-01", 10))
    made = Company(sold, first=Month(2022, 5))
    now, before = (BaseState.of(made.inputs(month).window, month) for month in (Month(2024, 12), Month(2023, 12)))
    found = standing(now, before)
    assert found.rows.tolist() == [0]
    gap = (pd.Timestamp("2024-10-31") - pd.Timestamp("2023-11-28")).days / 2
    tenure = (pd.Timestamp("2024-12-31") - pd.Timestamp("2023-11-28")).days
    np.testing.assert_allclose(found.features[0], np.log1p([61, 2, tenure, 100.0, 61 / gap]))


@cache
def month(follows: float) -> MonthInputs:
    """Thirty-six months of 900 customers; the larger `follows`, the sooner those leave who spend little."""
    return company(FIRST, LAST, 900, seed=21, leave=0.15, follows=follows).inputs(LAST)


def states(follows: float) -> tuple[BaseState, dict[int, BaseState]]:
    made = month(follows)
    return BaseState.of(made.window, LAST), {back: BaseState.of(frame, LAST - back) for back, frame in made.earlier.items()}


@pytest.mark.simulated
def test_where_spend_tells_who_leaves_the_model_beats_the_rules_and_its_list_is_shown():
    now, earlier = states(follows=3.0)
    found = churn_test(now, earlier, None)
    assert found is not None and found.beats_rules
    assert found.gain_interval[0] > 0 and found.brier < found.base_brier
    asked = standing(now, earlier[12]).rows
    assert (~np.isnan(found.probability)).sum() == len(asked) and np.nanmax(found.probability) <= 1


def test_where_it_does_not_beat_the_rules_nobody_gets_a_probability():
    now, earlier = states(follows=3.0)
    later = pd.Series(now.days, index=now.customer_id).reindex(earlier[12].customer_id).to_numpy()
    rule = (later == earlier[12].days).astype(float)  # a rule that knows the future cannot be beaten
    found = churn_test(now, earlier, rule)
    assert found is not None and not found.beats_rules and found.rule_auc == pytest.approx(1.0)
    assert np.isnan(found.probability).all()


def test_the_model_learns_nothing_from_the_year_that_it_is_tried_on():
    """Other orders in the last twelve months change the verdict, not the weights."""
    now, earlier = states(follows=3.0)
    some = np.arange(len(now)) % 3 == 0
    days = now.days + some
    found, other = churn_test(now, earlier, None), churn_test(replace(now, days=days), earlier, None)
    assert found is not None and other is not None
    assert found.odds_ratios == other.odds_ratios and found.lost != other.lost


def test_no_grade_depends_on_the_loss_model():
    made = month(3.0)
    with_model, without = (review_month(one, no_history(), builtin()) for one in (made, replace(made, models=False)))
    assert with_model.outlook is not None and with_model.outlook.churn is not None
    for column in ("score", "grade", "tier", "would_be", "value_class"):
        pd.testing.assert_series_equal(with_model.customers[column], without.customers[column])


def test_too_few_customers_are_no_test():
    now, earlier = states(follows=3.0)
    few = {back: _first(state, 60) for back, state in earlier.items()}
    assert churn_test(now, few, None) is None


def _first(state: BaseState, count: int) -> BaseState:
    arrays = {name: getattr(state, name)[:count] for name in ("first_day", "last_day", "days", "gross", "refunds", "first_day_gross")}
    return replace(state, customer_id=state.customer_id.iloc[:count], **arrays)


def test_a_forecast_is_scored_by_hand():
    """Ten groups of three alike: the best tenth brought 27 + 28 + 29 of 435; doubled forecasts are off by the outcome itself."""
    came = np.arange(30.0)
    found = score(came * 2, came)
    assert found is not None
    assert (found.n, found.rank_correlation, found.ratio, found.mean_error) == (30, pytest.approx(1.0), 2.0, 14.5)
    assert found.capture == pytest.approx((27 + 28 + 29) / 435)
    assert [one.came for one in calibration(came * 2, came)] == [1, 4, 7, 10, 13, 16, 19, 22, 25, 28]
    assert score(came[:29], came[:29]) is None


def test_equal_forecasts_share_the_best_tenth_alike_whatever_their_order():
    came = np.arange(40.0)
    assert top_capture(np.ones(40), came) == top_capture(np.ones(40), came[::-1]) == pytest.approx(0.1)


def test_forecasts_that_are_all_alike_have_a_flat_line_and_no_crash():
    outcome = np.arange(40) % 4 == 0
    intercept, slope = logistic.calibration_line(np.full(40, 0.25), outcome)
    assert slope == pytest.approx(0, abs=1e-6)
    assert intercept == pytest.approx(special.logit(0.25), abs=1e-6)
