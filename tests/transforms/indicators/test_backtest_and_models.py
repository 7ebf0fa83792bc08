"""Thirty customers whose forecast, outcome and year before are given: what is said of them, and of models that could not be fitted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.transforms.parts import MARCH, bare_part
from transforms.figures import Reason
from transforms.indicators.all import MEASURES
from transforms.indicators.declare import Part
from transforms.lifetime.beta_geometric import BetaGeometric, Fit, Leaving
from transforms.lifetime.churn import ChurnTest
from transforms.lifetime.fitting import NotFitted, Peak, Unfit
from transforms.lifetime.forecast import Forecast
from transforms.lifetime.outlook import Outlook
from transforms.lifetime.spend import Spend, SpendFit
from transforms.lifetime.state import BaseState
from transforms.statistics.estimates import Estimate

UNIT = 10_000
NONE = np.empty(0)
DAYS = np.empty(0, dtype=np.int64)
TOP = Peak(np.ones(4), -1.0, np.ones(4), 1)
AHEAD = Forecast(
    BaseState(MARCH, pd.Series([], dtype="str"), DAYS, DAYS, DAYS, DAYS, DAYS, DAYS),
    Fit(BetaGeometric(Leaving.AFTER_EVERY, 0.5, 6.0, 0.9, 1.6), 250, -1234.567, TOP, held=True),
    SpendFit(Spend(6.25, 3.74, 15.44), 100, 2, -400.0, 0.12345678, TOP),
    *(NONE, NONE, NONE, NONE, NONE),
    discount=0.1,
)
OUTLOOK = Outlook(AHEAD, AHEAD, None, None, pd.DataFrame())
UNFITTED = NotFitted(Unfit.NO_SPEND, 12)
RUNAWAY = NotFitted(Unfit.RUNAWAY, 300)


def part_of(predicted: list[float], came: list[float], before: list[float], outlook: Outlook = OUTLOOK) -> Part:
    """Money in currency units."""
    columns: dict[str, Any] = {"forecast_net_12m": predicted, "net_12m": came, "prior_net_12m": before}
    units = {name: [value * UNIT for value in values] for name, values in columns.items()}
    return replace(bare_part(**units), outlook=outlook)


CAME = [float(number) for number in range(30)]
ONES = [1.0] * 30


def found(name: str, part: Part) -> Estimate:
    return MEASURES[name].compute(part)


def test_the_error_of_the_forecast_stands_over_that_of_the_year_before():
    """Twice what came is off by 14.5 on average, the year before by 1 in every case."""
    part = part_of([2 * value for value in CAME], CAME, [value + 1 for value in CAME])
    error = found("forecast_error_ratio", part)
    assert (error.value, error.n) == (14.5, 30)
    assert found("forecast_net_ratio", part).value == 2
    assert found("forecast_top_decile_capture", part).value == pytest.approx((27 + 28 + 29) / 435)


def test_a_year_before_that_came_again_leaves_no_error_to_stand_over():
    assert found("forecast_error_ratio", part_of(ONES, CAME, CAME)).reason is Reason.NO_DATA


def test_forecasts_that_are_all_alike_have_no_rank():
    rank = found("forecast_rank_correlation", part_of(ONES, CAME, CAME))
    assert (rank.value, rank.n, rank.reason) == (None, 30, Reason.NO_DATA)


def test_twenty_nine_customers_are_too_few_to_judge():
    rank = found("forecast_rank_correlation", part_of(CAME[:29], CAME[:29], CAME[:29]))
    assert (rank.n, rank.reason) == (29, Reason.TOO_FEW)


@pytest.mark.parametrize(
    "outlook",
    [
        replace(OUTLOOK, now=replace(AHEAD, spend=UNFITTED)),
        replace(OUTLOOK, year_ago=replace(AHEAD, spend=UNFITTED)),
        replace(OUTLOOK, year_ago=replace(AHEAD, purchases=UNFITTED)),
    ],
    ids=["spend now", "spend then", "purchases then"],
)
def test_a_model_that_is_not_fitted_now_or_then_judges_nothing(outlook: Outlook):
    ratio = found("forecast_net_ratio", part_of(CAME, CAME, CAME, outlook))
    assert (ratio.value, ratio.n, ratio.reason) == (None, 12, Reason.TOO_FEW)


def test_purchases_are_expected_without_a_model_of_spend_but_no_money_is():
    part = replace(
        bare_part(expected_orders_12m=[1.5, None, 2.0], expected_net_12m=[None] * 3),
        outlook=replace(OUTLOOK, now=replace(AHEAD, spend=UNFITTED)),
    )
    assert (found("expected_orders_12m", part).value, found("expected_orders_12m", part).n) == (3.5, 3)
    assert (found("expected_net_12m", part).n, found("expected_net_12m", part).reason) == (12, Reason.TOO_FEW)


def test_parameters_that_run_away_are_no_want_of_customers():
    part = part_of(CAME, CAME, CAME, replace(OUTLOOK, now=replace(AHEAD, purchases=RUNAWAY)))
    gone = found("share_likely_gone", part)
    assert (gone.n, gone.reason) == (300, Reason.NO_DATA) and "run away" in gone.method


def test_likely_gone_is_who_ordered_in_the_year_and_is_below_one_half():
    """Of three who ordered one is below one half, one on it; the fourth ordered nothing. The one brought 70 - 20."""
    columns = {"p_alive": [0.49, 0.5, 0.9, 0.1], "orders_12m": [2, 1, 1, 0], "net_12m": [50 * UNIT, 30 * UNIT, 9 * UNIT, 4 * UNIT]}
    part = replace(bare_part(**columns), outlook=OUTLOOK)
    share, net = found("share_likely_gone", part), found("net_likely_gone", part)
    assert (share.value, share.n) == (pytest.approx(1 / 3), 3)
    assert (net.value, net.n) == (50, 1)


def test_the_models_say_their_parameters_as_far_as_they_tell_anything():
    part = part_of(CAME, CAME, CAME)
    assert [found(f"model_{name}", part).value for name in ("r", "alpha", "a", "b")] == [0.5, 6.0, 0.9, 1.6]
    height = found("model_log_likelihood", part)
    assert (height.value, height.n) == (-1234.57, 250) and "held by a weak prior" in height.method
    free = replace(AHEAD, purchases=replace(AHEAD.purchases, held=False))  # type: ignore[type-var]
    assert "prior" not in found("model_r", replace(part, outlook=replace(OUTLOOK, now=free))).method
    assert [found(f"spend_{name}", part).value for name in ("p", "q", "gamma", "correlation")] == [6.25, 3.74, 15.44, 0.123457]
    assert "2 without positive spend left out" in found("spend_p", part).method
    assert found("spend_mu", part).reason is Reason.NO_DATA
    none = found("spend_q", replace(part, outlook=replace(OUTLOOK, now=replace(AHEAD, spend=UNFITTED))))
    assert (none.n, none.reason) == (12, Reason.TOO_FEW)


def test_money_is_expected_by_the_model_of_spend_that_is_named():
    part = replace(bare_part(expected_net_12m=[15 * UNIT, None], value_36m=[40 * UNIT, 1 * UNIT]), outlook=OUTLOOK)
    net, value = found("expected_net_12m", part), found("lifetime_value_36m", part)
    assert (net.value, net.n, value.value, value.n) == (15, 2, 41, 2)
    assert net.method == "MBG/NBD and Gamma-Gamma; present customers alone; n = customers"
    assert value.method == "MBG/NBD and Gamma-Gamma; 36 months; assumed discount 10.0% a year; n = customers"


@pytest.mark.parametrize(("least", "words"), [(0.01, "beats the rules"), (-0.01, "does not beat the rules: not shown")])
def test_the_loss_model_says_whether_it_beats_the_rules(least: float, words: str):
    areas = {"auc": 0.9, "interval": (0.8, 1.0), "rule_name": "silence", "rule_auc": 0.85, "gain": 0.05, "gain_interval": (least, 0.09)}
    told = {"brier": 0.1, "base_brier": 0.2, "intercept": 0.3, "slope": 1.1, "odds_ratios": {}, "probability": NONE}
    churn = ChurnTest(n=400, lost=90, trained_on=300, **areas, **told)  # type: ignore[arg-type]
    part = replace(bare_part(), outlook=replace(OUTLOOK, churn=churn))
    area = found("loss_model_auc", part)
    assert (area.value, area.n, area.lower, area.upper) == (0.9, 400, 0.8, 1.0)
    assert area.method == f"logistic regression, trained 24 to 12 months ago on 300, tested on the year since; {words}"
    names = ("loss_rule_auc", "loss_model_gain", "loss_model_brier", "loss_model_slope", "loss_model_intercept")
    assert [found(name, part).value for name in names] == [0.85, 0.05, 0.1, 1.1, 0.3]
