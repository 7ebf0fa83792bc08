"""Our statistics and those of lifelines, statsmodels and scipy on the same random data: written by others, from other books."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.utils import median_survival_times
from scipy import stats
from statsmodels.regression.linear_model import WLS
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.rates import confint_poisson
from statsmodels.stats.weightstats import DescrStatsW

from transforms.statistics.estimates import mean_of, newcombe, poisson, wilson
from transforms.statistics.resampling import DRAWS, GROUPS, MANY, bootstrap_ratio
from transforms.statistics.separation import delong
from transforms.statistics.survival import median_of, survival

SHARES = st.integers(1, 5_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
WAITS = st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=1, max_size=60)
ALPHA = 0.05
FEW = settings(max_examples=40)
"""A fit of lifelines takes 25 ms; sixty waits hold every kind of tie already."""


@given(SHARES)
def test_a_share_has_the_wilson_interval_of_statsmodels(share):
    assert wilson(*share) == pytest.approx(proportion_confint(*share, alpha=ALPHA, method="wilson"), abs=1e-12)


@given(SHARES, SHARES)
def test_a_difference_of_shares_has_the_newcombe_interval_of_statsmodels(first, second):
    theirs = confint_proportions_2indep(*first, *second, method="newcomb", compare="diff", alpha=ALPHA)
    assert newcombe(*first, *second) == pytest.approx(theirs, abs=1e-9)


@given(st.integers(0, 3_000))
def test_a_count_has_the_exact_interval_of_statsmodels(count):
    assert poisson(count) == pytest.approx(confint_poisson(count, 1, method="exact-c", alpha=ALPHA), abs=1e-9)


@given(st.lists(st.integers(1, 5), min_size=2, max_size=80))
def test_a_mean_has_the_t_interval_of_statsmodels_within_its_scale(answers):
    assume(len(set(answers)) > 1)
    values = np.array(answers, dtype=float)
    found, (lower, upper) = mean_of(values, 1, 5), DescrStatsW(values).tconfint_mean(alpha=ALPHA)
    assert (found.value, found.lower, found.upper) == pytest.approx((values.mean(), max(1.0, lower), min(5.0, upper)), abs=1e-12)


def fitted(waits: list[tuple[int, bool]]) -> tuple[np.ndarray, np.ndarray, KaplanMeierFitter]:
    """Durations, which of them are over, and the curve of lifelines."""
    durations, done = np.array([float(time) for time, _ in waits]), np.array([over for _, over in waits])
    return durations, done, KaplanMeierFitter(alpha=ALPHA).fit(durations, done)


@FEW
@given(WAITS)
def test_the_curve_and_its_interval_are_those_of_lifelines(waits):
    durations, done, theirs = fitted(waits)
    ours = survival(durations, done)
    assert ours.share == pytest.approx(theirs.survival_function_at_times(ours.times).to_numpy(), abs=1e-9)
    ends = theirs.confidence_interval_.loc[ours.times].to_numpy()
    inside = ~np.isnan(ours.lower)
    assert ours.lower[inside] == pytest.approx(ends[inside, 0], abs=1e-9)
    assert ours.upper[inside] == pytest.approx(ends[inside, 1], abs=1e-9)


@FEW
@given(WAITS)
def test_the_median_and_its_interval_are_those_of_lifelines(waits):
    """But where nobody is left the log-log interval does not exist: lifelines calls it 0, we (as R does) leave the end open."""
    durations, done, theirs = fitted(waits)
    found = median_of(durations, done)
    median = median_survival_times(theirs.survival_function_.round(12))  # its curve is a sum of logarithms: a half is 0.5000000001
    assert found.value == (median if median < np.inf else None)
    if found.value is None:
        return
    lower, upper = median_survival_times(theirs.confidence_interval_.round(12)).to_numpy()[0]
    assert found.lower == lower
    reached = upper < np.inf and theirs.predict(upper) > 1e-12
    assert found.upper == (upper if reached else None)


@pytest.mark.parametrize("customers", [30, GROUPS])
def test_the_bootstrap_interval_is_scipys_up_to_the_luck_of_the_draws(customers):
    """Each end within a tenth of the interval's width: 1,000 draws leave an end uncertain by about a twentieth."""
    random = np.random.default_rng(11)
    below = random.lognormal(4, 0.5, customers)
    above = below * random.choice([0.0, 0.7, 1.0, 1.4], customers)
    theirs = stats.bootstrap(
        (above, below),
        lambda over, under, axis: over.sum(axis=axis) / under.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=20 * DRAWS,
        batch=DRAWS,
        method="percentile",
        random_state=random,
    ).confidence_interval
    ours = bootstrap_ratio(above, below, "")
    assert (ours.lower, ours.upper) == pytest.approx(tuple(theirs), abs=0.1 * (theirs.high - theirs.low))


def test_the_linearised_interval_is_that_of_a_weighted_regression_with_robust_errors():
    """sum y / sum x is the slope of y on x weighted by 1/x, and Cochran's error is its HC1."""
    random = np.random.default_rng(12)
    below = random.lognormal(4, 0.5, MANY)
    above = below * random.choice([0.0, 0.7, 1.0, 1.4], MANY)
    theirs = WLS(above, below[:, None], weights=1 / below).fit(cov_type="HC1")
    ours = bootstrap_ratio(above, below, "")
    assert ours.value == pytest.approx(theirs.params[0], rel=1e-12)
    assert (ours.lower, ours.upper) == pytest.approx(tuple(theirs.conf_int(ALPHA)[0]), rel=1e-9)


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=4, max_size=60))
def test_the_area_under_the_curve_is_mann_and_whitneys(rows):
    score, kept = np.array([float(value) for value, _ in rows]), np.array([stayed for _, stayed in rows])
    assume(2 <= kept.sum() <= len(rows) - 2)
    areas, _ = delong(kept, (score,))
    assert areas is not None
    theirs = stats.mannwhitneyu(score[kept], score[~kept], method="asymptotic").statistic
    assert areas[0] == pytest.approx(theirs / kept.sum() / (~kept).sum())
