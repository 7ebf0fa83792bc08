"""Signal or noise: rules worked by hand, and how often steady months are called news."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from transforms.statistics.judging import Against, judge

NOTHING = np.nan


def judgement(months, newest, errors=NOTHING, last_error=NOTHING):
    """One series of at most 24 months, oldest first."""
    gap = [NOTHING] * (24 - len(months))
    own = [errors] * len(months) if np.isscalar(errors) else list(errors)
    history, sizes = np.array([[*gap, *months]], dtype=float), np.array([[*gap, *own]], dtype=float)
    return judge(history, np.array([newest], dtype=float), sizes, np.array([last_error], dtype=float))


CALM = [10.0, 12.0] * 6
"""Mean 11; moving range 2, so 2 / 1.128 = 1.773; standard deviation sqrt(12 / 11) = 1.044. Limits 11 -+ 5.319."""


@pytest.mark.parametrize(("newest", "signal"), [(16.3, ""), (16.4, "above"), (5.7, ""), (5.6, "below"), (np.nan, "")])
def test_rule_1_is_a_month_outside_of_the_limits(newest, signal):
    found = judgement(CALM, newest)
    assert (found.expected[0], found.basis[0], found.against[0]) == (11, 12, Against.LEVEL)
    assert (found.low[0], found.high[0]) == pytest.approx((11 - 3 * 2 / 1.128, 11 + 3 * 2 / 1.128))
    assert found.signal[0] == signal


def test_eleven_months_are_too_few():
    found = judgement(CALM[1:], 1e6)
    assert np.isnan([found.expected[0], found.chance[0], found.beyond[0]]).all() and found.signal[0] == ""


def test_rule_2_is_eight_months_on_one_side():
    low, high = [9.0, 11.0] * 6, [12.5, 12.0, 12.5, 12.0, 12.5, 12.0, 12.5]
    assert judgement([*low, *high], 12.2).signal[0] == "run_above"
    assert judgement([*low, *high], 10.6).signal[0] == ""
    assert judgement([-one for one in (*low, *high)], -12.2).signal[0] == "run_below"


def test_rule_3_is_three_of_four_near_a_limit():
    # around 10, then 14 in every second month; the newest is the third of the last four beyond half of the way
    base = [9.0, 11.0] * 9
    found = judgement([*base, 10, 14, 10, 14], 14)
    assert found.signal[0] == "near_above" and found.beyond[0] < 1
    assert judgement([*base, 10, 14, 10, 10], 14).signal[0] == ""


def test_a_limit_knows_how_many_were_asked():
    """Shares of 80 %, from 100 answers a month: 0.04. The newest month has 16: its limits are 2.5 times as wide."""
    months = [0.78, 0.82] * 6
    many, few = judgement(months, 0.65, 0.04, 0.04), judgement(months, 0.65, 0.04, 0.1)
    assert (many.low[0], few.low[0]) == pytest.approx((0.68, 0.5))
    assert (many.signal[0], few.signal[0]) == ("below", "")


def test_one_small_early_month_widens_no_limit():
    """54, 79, 130, 126 per 1,000 from some 300 orders, after a first month of 6 orders in which one of six complained."""
    months, orders = [1000 / 6, *[50.0, 55.0, 58.0, 52.0, 54.0, 49.0] * 2], [6, *[300] * 12]
    errors = [float(np.sqrt(1000 * 55 / n)) for n in orders]
    found = judgement(months, 126, errors, float(np.sqrt(1000 * 55 / 300)))
    assert found.signal[0] == "above" and found.high[0] < 110


def test_months_that_climb_are_held_against_their_line():
    climbing = [100 + 5.0 * place + (-1) ** place for place in range(18)]
    found = judgement(climbing, 190)
    assert found.against[0] == Against.LINE and found.expected[0] == pytest.approx(190, abs=0.5) and found.signal[0] == ""
    assert judgement(climbing, 150).signal[0] == "below"


def test_a_season_is_held_against_the_same_month_a_year_ago():
    """A wholesaler's August: July to August is no news, half of last August is."""
    year = [100.0, 60, 80, 90, 150, 200, 180, 120, 100, 90, 300, 400]
    months = [*year, *(value * 1.02 + (-1) ** place for place, value in enumerate(year))]
    usual, odd = judgement(months, 104), judgement(months, 52)
    assert usual.against[0] == Against.YEAR_AGO and usual.signal[0] == ""
    assert odd.signal[0] == "below" and usual.expected[0] == pytest.approx(105.0, abs=2)


def test_a_peak_that_last_year_had_too_is_no_news():
    """Twenty months around 10; the newest is the November that last year stood at 30. Of a July at 30 nobody says so."""
    months = [9.0, 11.0] * 4 + [30.0] + [9.0, 11.0] * 5 + [9.0]
    assert len(months) == 20 and months[-12] == 30
    again, alone = judgement(months, 32), judgement([*months[1:], 9.0], 60)
    assert again.signal[0] == "" and again.chance[0] > 0.5
    assert alone.signal[0] == "above" and alone.chance[0] < 0.001


def test_the_chance_is_students_by_hand():
    """Newest month alone, as twelve months leave no room for a longer window: t = 5 / (1.773 sqrt(1 + 1/12)), 0.62 x 11 degrees."""
    found = judgement(CALM, 16.0)
    t = 5 / (2 / 1.128 * (13 / 12) ** 0.5)
    assert found.chance[0] == pytest.approx(2 * stats.t.sf(t, 0.62 * 11))


def test_four_months_together_say_more_than_one():
    base = [9.0, 11.0] * 8
    one, four = judgement([*base, 10, 10, 10], 13.5), judgement([*base, 13.5, 13.5, 13.5], 13.5)
    assert four.chance[0] < one.chance[0] / 5


def test_a_series_that_never_varied_is_not_judged():
    assert judgement([5.0] * 12, 6.0).signal[0] == "" and np.isnan(judgement([5.0] * 12, 6.0).expected[0])


RANDOM = np.random.default_rng(20261130)
PAGES, FAMILIES = 1500, 12


def steady(kind, months):
    """Series in which nothing changes but chance, and their standard errors: (series, months + 1)."""
    shape = (PAGES * FAMILIES, months + 1)
    time, none = np.arange(months + 1), np.full(shape, np.nan)
    if kind == "normal":
        return RANDOM.normal(100, 10, shape), none
    if kind == "counts" or kind == "rare":
        drawn = RANDOM.poisson(30 if kind == "counts" else 1, shape).astype(float)
        return drawn, np.sqrt(np.maximum(1, drawn[:, :-1].mean(axis=1)))[:, None] + np.zeros(shape)
    if kind == "shares":
        n = RANDOM.integers(15, 60, shape)
        hits = RANDOM.binomial(n, 0.8)
        share = (hits.sum(axis=1) + 0.5) / (n.sum(axis=1) + 1)
        return hits / n, np.sqrt(share * (1 - share))[:, None] / np.sqrt(n)
    if kind == "growing":
        return 100 + 4 * time + RANDOM.normal(0, 10, shape), none
    return 100 * (1 + 0.4 * np.sin(2 * np.pi * time / 12)) + RANDOM.normal(0, 8, shape), none


@pytest.mark.simulated
@pytest.mark.parametrize("months", [12, 18, 24])
@pytest.mark.parametrize("kind", ["normal", "counts", "rare", "shares", "growing", "seasonal"])
def test_of_pages_with_nothing_but_chance_at_most_one_in_twenty_claims_something(kind, months):
    series, errors = steady(kind, months)
    history, sizes = np.full((len(series), 24), np.nan), np.full((len(series), 24), np.nan)
    history[:, 24 - months :], sizes[:, 24 - months :] = series[:, :-1], errors[:, :-1]
    found = judge(history, series[:, -1], sizes, errors[:, -1])
    claims = (found.chance < 0.05 / FAMILIES).reshape(PAGES, FAMILIES).any(axis=1)
    assert claims.mean() <= 0.05
