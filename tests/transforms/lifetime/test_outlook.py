"""The models in a month's review: what they add, what they never touch, and what they say of themselves."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.places import CHECKOUT
from tests.transforms.builders import Company, orders
from tests.transforms.lifetime.companies import company
from transforms.inputs import MonthInputs
from transforms.lifetime.beta_geometric import Fit
from transforms.lifetime.fitting import NotFitted, Unfit
from transforms.lifetime.forecast import forecast
from transforms.lifetime.lognormal import LogSpend, LogSpendFit
from transforms.lifetime.outlook import look_ahead
from transforms.lifetime.state import BaseState
from transforms.month import Month
from transforms.policy.reading import policy_from_mapping
from transforms.policy.rules import builtin
from transforms.review import MonthReview, no_history, review_month

FIRST, LAST = Month(2023, 1), Month(2025, 6)


@cache
def month(follows: float = 0.0) -> MonthInputs:
    """Thirty months of 500 customers."""
    return company(FIRST, LAST, 500, seed=11, follows=follows).inputs(LAST)


@cache
def review(follows: float = 0.0) -> MonthReview:
    return review_month(month(follows), no_history(), builtin())


def figure(made: MonthReview, name: str, scope: str = "company") -> pd.Series:
    rows = made.figures[(made.figures["indicator"] == name) & (made.figures["scope"] == scope)]
    return rows.iloc[0]


def test_first_day_spend_is_not_repeat_spend():
    sold = orders(("a", "2025-01-05 09:00", 100), ("a", "2025-01-05 18:00", 20), ("a", "2025-02-01", 30), ("a", "2025-03-01", 50))
    state = BaseState.of(Company(sold).inputs(Month(2025, 3)).window, Month(2025, 3))
    assert state.repeat_spend.tolist() == [40.0]
    seen = state.histories
    assert (seen.repeats[0], seen.recency[0] * 7, seen.age[0] * 7) == (2, 55, 85)


@pytest.mark.simulated
def test_every_customer_has_estimates_and_those_without_a_repeat_say_so():
    people = review().customers
    assert people["p_alive"].between(0, 1).all() and people["expected_net_12m"].notna().all()
    once = people["lifetime_note"] == "no repeat yet"
    window = month().window
    assert (once.to_numpy() == (window["total_days"] == 1).to_numpy()).all() and once.any()
    assert (people.loc[once, "p_alive"] < 1).all()
    assert (people["p_active_12m"] <= people["p_alive"]).all()
    assert (people["value_36m"] >= people["expected_net_12m"]).all()


def test_figures_are_the_sums_of_their_customers():
    made = review()
    assert figure(made, "expected_net_12m")["value"] == pytest.approx(made.customers["expected_net_12m"].sum() / 10_000)
    tiers = made.figures[(made.figures["indicator"] == "expected_net_12m") & (made.figures["scope"] == "tier")]
    assert tiers["value"].sum() == pytest.approx(figure(made, "expected_net_12m")["value"])
    assert set(made.figures.loc[made.figures["indicator"] == "model_r", "scope"]) == {"company"}
    assert figure(made, "expected_net_12m")["label"] == "estimate"


def test_no_grade_depends_on_a_model():
    """The same month with and without models: every column that the grade is made of is the same, to the last bit."""
    with_models, without = review(), review_month(replace(month(), models=False), no_history(), builtin())
    assert without.outlook is None and with_models.outlook is not None
    estimates = ("p_alive", "expected_net_12m", "potential_value", "p_active", "p_active_from")
    estimates += ("priority", "priority_value", "priority_value_from")
    kept = [name for name in without.customers.columns if name not in estimates]
    assert {"potential_by_rule", "potential_rank", "value_class", "practice_class", "grade"} <= set(kept)
    pd.testing.assert_frame_equal(with_models.customers[kept], without.customers[kept], check_exact=True)
    assert without.customers["p_alive"].isna().all()


def test_potential_value_counts_the_gap_to_the_peers_as_far_as_the_model_says_that_somebody_is_there():
    """Every customer again by a second way: p_alive x (P75 of the frozen values - own value); no quotes are open here."""
    made = review()
    people, policy = made.customers, made.policy
    assert policy.reference is not None
    peers = policy.reference.grids["peer_p75|revenue|other"][0]
    gap = np.maximum(0.0, peers - people["current_value"].to_numpy(dtype=np.float64) / 10_000)
    alive = np.where(people["is_lost"], 0.0, people["p_alive"])
    np.testing.assert_allclose(people["potential_value"].to_numpy(dtype=np.float64) / 10_000, alive * gap, atol=1e-3)
    assert set(people["p_active_from"]) == {"model", "lost"}
    row = figure(made, "potential_value")
    assert row["value"] == pytest.approx((alive * gap).sum())
    by_model = int((people["p_active_from"] == "model").sum())
    assert f"P(alive) of MBG/NBD: {by_model}, by silence: 0, lost: {len(people) - by_model}" in row["method"]


def test_a_month_without_a_fitted_model_counts_silence_and_says_so():
    made = review_month(replace(month(), models=False), no_history(), builtin())
    assert set(made.customers["p_active_from"]) == {"silence", "lost"}
    assert (made.customers["potential_value"] == made.customers["potential_by_rule"]).all()
    assert "P(alive) of MBG/NBD: 0" in figure(made, "potential_value")["method"]


def test_the_same_month_gives_the_same_estimates_whatever_the_order_of_its_customers():
    once, again = look_ahead(month(), builtin()), look_ahead(month(), builtin())
    assert once is not None and again is not None
    pd.testing.assert_frame_equal(once.columns, again.columns, check_exact=True)
    turned = replace(month(), window=month().window.iloc[::-1].reset_index(drop=True), earlier={})
    other = look_ahead(turned, builtin())
    assert other is not None and isinstance(other.fit, Fit) and isinstance(once.fit, Fit)
    assert other.fit.model == once.fit.model
    assert other.columns["p_alive"].iloc[::-1].tolist() == once.columns["p_alive"].tolist()


def test_last_years_forecast_is_made_from_what_was_known_then_alone():
    """What came since changes the outcome, not the forecast."""
    made = company(FIRST, LAST, 500, seed=11)
    then = look_ahead(replace(made, first=FIRST).inputs(LAST - 12), builtin())
    now = review().outlook
    assert then is not None and now is not None and now.year_ago is not None
    np.testing.assert_array_equal(now.year_ago.orders, then.now.orders)
    np.testing.assert_array_equal(now.year_ago.net, then.now.net)


def test_the_forecast_of_customers_who_behave_as_the_model_says_holds():
    made = review()
    assert figure(made, "forecast_net_ratio")["value"] == pytest.approx(1.0, abs=0.15)
    rank = figure(made, "forecast_rank_correlation")
    assert rank["lower"] < rank["value"] < rank["upper"] and rank["value"] > 0.5
    assert figure(made, "forecast_error_ratio")["value"] < 1


def test_what_the_year_before_brought_is_counted_from_its_own_months():
    made, window = review(), month().window
    prior = window["prior_gross"] - window["prior_refunds"]
    known = made.customers["prior_net_12m"].notna().to_numpy()
    assert made.customers.loc[known, "prior_net_12m"].tolist() == prior[known].tolist()


def test_the_first_two_years_have_no_forecast_to_judge():
    early = company(FIRST, Month(2024, 6), 300, seed=11).inputs(Month(2024, 6))
    made = review_month(early, no_history(), builtin())
    found = figure(made, "forecast_net_ratio")
    assert pd.isna(found["value"]) and found["reason"] == "no_data" and "24 months" in found["method"]


def test_a_small_company_is_told_that_nothing_is_fitted():
    sold = orders(*[(f"c{number}", f"2025-0{1 + number % 5}-10", 50 + number) for number in range(40)])
    made = review_month(Company(sold, models=True).inputs(Month(2025, 6)), no_history(), builtin())
    assert made.outlook is not None and isinstance(made.outlook.fit, NotFitted)
    assert made.outlook.fit.why is Unfit.TOO_FEW_CUSTOMERS
    found = figure(made, "expected_net_12m")
    assert (found["reason"], found["n"]) == ("too_few", 40) and "not fitted" in found["method"]
    assert set(made.customers["lifetime_note"]) == {"not fitted"}
    assert made.customers["p_alive"].isna().all() and made.customers["expected_net_12m"].isna().all()


def test_a_policy_may_assume_another_discount_or_none():
    def value(**assumptions: object) -> pd.Series:
        raw = {"version": "v", "effective_from": "2020-01", "author": "a", "reason": "r", "assumptions": assumptions}
        grades = [{"grade": one.grade, "tier": one.tier, "name_en": "n", "name_zh": "n", "cut": one.cut} for one in builtin().grades]
        found = look_ahead(month(), policy_from_mapping({**raw, "grades": grades}, "test"))
        assert found is not None
        return found.columns["value_36m"]

    dear, usual = value(discount_rate=0.3), value(discount_rate=0.1)
    assert (dear <= usual).all() and dear.sum() < usual.sum()
    assert value(discount_rate=False).isna().all()


def test_margin_is_expected_only_where_every_order_tells_its_cost():
    window = month().window
    costs = window.assign(cost_12m=window["gross_12m"] // 2, costed_orders_12m=window["orders_12m"])
    found = look_ahead(replace(month(), window=costs), builtin())
    assert found is not None and found.margin_share == pytest.approx(0.5, abs=0.001)
    ratio = found.columns["expected_margin_12m"].sum() / found.columns["expected_net_12m"].sum()
    assert ratio == pytest.approx(found.margin_share, abs=0.001)
    one_missing = costs.assign(costed_orders_12m=costs["costed_orders_12m"].where(costs.index > 0, 0))
    found = look_ahead(replace(month(), window=one_missing), builtin())
    assert found is not None and (found.margin_share is None) == (int(costs["costed_orders_12m"].iloc[0]) > 0)


def test_where_gamma_gamma_has_no_mean_the_log_normal_stands_in_and_says_why():
    random = np.random.default_rng(5)
    state = BaseState.of(month().window, LAST)
    level = np.exp(random.normal(3, 2.2, len(state)))
    first = np.rint(level * np.exp(random.normal(0, 0.5, len(state))) * 10_000).astype(np.int64)
    repeats = np.maximum(state.days - 1, 0)
    rest = np.rint(level * repeats * np.exp(random.normal(0, 0.5, len(state)) / np.sqrt(np.maximum(repeats, 1))) * 10_000).astype(np.int64)
    heavy = replace(state, first_day_gross=first, gross=first + rest, refunds=np.zeros_like(first))
    found = forecast(heavy, 0.1)
    assert isinstance(found.spend, LogSpendFit) and found.spend.instead.why in (Unfit.NO_MEAN, Unfit.DIVERGES)
    assert found.spend.model.sigma == pytest.approx(0.5, abs=0.06)
    assert found.spend.model.tau == pytest.approx(2.2, abs=0.2)
    assert np.isfinite(found.net).all()


def test_log_normal_spend_worked_by_hand():
    """tau 1, sigma 1, four days: w = 1 / (1 + 1/4) = 0.8; exp(0.2 x 4 + 0.8 x ln 100 + 0.2 x 0.5) = 97.9."""
    model = LogSpend(mu=4.0, tau=1.0, sigma=1.0)
    assert model.expected_spend(np.array([4.0]), np.array([100.0]))[0] == pytest.approx(97.92, abs=0.01)
    assert model.expected_spend(np.array([0.0]), np.array([0.0]))[0] == pytest.approx(model.mean)


ELSEWHERE = """
from tests.transforms.lifetime.test_outlook import digest
print(digest())
"""


def digest() -> str:
    """Of every estimate of the month, to the last bit."""
    found = look_ahead(month(), builtin())
    assert found is not None
    hashed = pd.util.hash_pandas_object(found.columns, index=False).to_numpy().tobytes()
    return hashlib.sha256(hashed + repr((found.now.purchases.model, found.now.spend.model)).encode()).hexdigest()  # type: ignore[union-attr]


@pytest.mark.whole
def test_another_process_with_other_threads_gives_the_same_bytes() -> None:
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "7"}
    told = subprocess.run([sys.executable, "-c", ELSEWHERE], env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == digest()


def test_what_was_given_back_is_not_expected_again():
    """Of two customers with the same orders, of whom one gave back all, that one is expected to bring a small part only."""
    state = BaseState.of(month().window, LAST)
    often = int(np.argmax(state.days))
    given_back = replace(state, refunds=np.where(np.arange(len(state)) == often, state.gross, state.refunds))
    assert given_back.kept_spend[often] == 0
    kept, returned = (forecast(one, None).net[often] for one in (state, given_back))
    assert returned < 0.1 * kept
