"""Published numbers: transactions, BG/NBD, MBG/NBD, Pareto/NBD, Gamma-Gamma, lifetime value, retention."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.transforms.lifetime import cdnow
from transforms.lifetime import beta_geometric, pareto, retention, spend
from transforms.lifetime.beta_geometric import BetaGeometric, Leaving
from transforms.lifetime.fitting import NotFitted
from transforms.lifetime.histories import Histories
from transforms.lifetime.value import MONTH_IN_WEEKS, lifetime_value, margin_multiple

PAPER = BetaGeometric(Leaving.AFTER_REPEATS, r=0.243, alpha=4.414, a=0.793, b=2.426)
"""Fader, Hardie & Lee 2005, table 2: the parameters as printed."""
FIRST = Histories.of(np.array([2.0]), np.array([30.43]), np.array([38.86]))
"""CDNOW's customer 1."""
HIGH_END = (1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394)
"""Fader & Hardie 2007, table 1: survivors of the segment "High End" at years 0 to 12, of 1,000."""


def numbers(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"-?\d*\.?\d+", text.replace(",", ""))]


@cache
def fitted(leaving: Leaving) -> beta_geometric.Fit:
    found = beta_geometric.fit(cdnow.histories(), leaving)
    assert not isinstance(found, NotFitted)
    return found


@cache
def fitted_spend() -> spend.SpendFit:
    seen = cdnow.summary()
    found = spend.fit(seen["x"].to_numpy(dtype=np.float64), seen["zbar"].to_numpy())
    assert not isinstance(found, NotFitted)
    return found


def expected_spend() -> np.ndarray:
    seen = cdnow.summary()
    return fitted_spend().model.expected_spend(seen["x"].to_numpy(dtype=np.float64), seen["zbar"].to_numpy())


def calibration() -> pd.DataFrame:
    """Purchase days of each customer until 30 September 1997."""
    bought = cdnow.transactions().query("day <= 10134")
    return bought.groupby("customer")["day"].agg(days="nunique", first="min", last="max")


def test_transactions_become_repeats_recency_and_age():
    """TX-D1 to TX-D3: Fader & Hardie, note 004; counts of the BTYD walk-through."""
    assert (pd.Timestamp("1997-09-30") - pd.Timestamp(0)).days == 10134
    people = calibration()
    seen = Histories.from_days(*(people[name].to_numpy() for name in ("days", "first", "last")), end_day=10134)
    lines = cdnow.transactions()
    assert (len(lines), len(seen), len(lines.drop_duplicates(["customer", "day"]))) == (6919, 2357, 6696)
    assert (seen.repeats.sum(), (seen.repeats == 0).sum()) == (2457, 1411)
    assert np.round((seen.repeats > 0).mean() * 100, 2) == 40.14
    first_three = np.column_stack([seen.repeats, seen.recency, seen.age])[:3]
    np.testing.assert_allclose(first_three, [(2, 30.43, 38.86), (1, 1.71, 38.86), (0, 0, 38.86)], atol=0.005)


def test_the_bg_nbd_fit_is_the_published_one():
    """BG-D1: Fader, Hardie & Lee 2005, table 2."""
    model, published = fitted(Leaving.AFTER_REPEATS).model, numbers(cdnow.oracle("BG-D1"))
    np.testing.assert_allclose([model.r, model.alpha, model.a, model.b], published[:4], atol=0.001)
    assert fitted(Leaving.AFTER_REPEATS).log_likelihood == pytest.approx(published[4], abs=0.05)


def test_bg_nbd_expectations_of_a_new_customer_are_those_of_hardies_workbook():
    """BG-D2, with the unrounded optimum: the rounded parameters give 1.8605 at 78 weeks."""
    weeks, published = np.array([0.1429, 1, 3, 31.8571, 32, 78]), numbers(cdnow.oracle("BG-D2"))
    np.testing.assert_allclose(fitted(Leaving.AFTER_REPEATS).model.expected_purchases(weeks), published, atol=5e-4)
    assert PAPER.expected_purchases(78.0)[0] == pytest.approx(1.8605, abs=5e-5)


def test_bg_nbd_expects_1_226_more_purchases_of_customer_1_in_39_weeks():
    """BG-D3: Hardie's bgnbd.xls, with the printed parameters."""
    assert PAPER.purchases_ahead(FIRST, 39.0)[0] == pytest.approx(1.226, abs=0.001)


def test_bg_nbd_probabilities_of_a_number_of_purchases():
    """BG-D4: BTYD.pdf, with the printed parameters."""
    assert PAPER.chance_of(np.array([0.0]), 39.0)[0] == pytest.approx(0.5737864, abs=1e-6)
    assert PAPER.chance_of(np.array([10.0]), 2.0)[0] == pytest.approx(1.07869e-07, abs=1e-12)


def test_bg_nbd_cannot_doubt_anybody_without_a_repeat():
    """BG-D5: exactly 1, whatever the age; that is why packs use the MBG/NBD."""
    ages = np.array([0.0, 1.0, 38.86, 1e6])
    assert (PAPER.p_alive(Histories.of(np.zeros(4), np.zeros(4), ages)) == 1.0).all()


def test_the_pareto_nbd_fit_is_the_published_one():
    """PN-D1 and PN-D2: Fader, Hardie & Lee 2005; the BTYD walk-through."""
    found = pareto.fit(cdnow.histories())
    assert not isinstance(found, NotFitted)
    model, published = found.model, numbers(cdnow.oracle("PN-D1"))
    np.testing.assert_allclose([model.r, model.alpha, model.s, model.beta], published[:4], atol=0.01)
    assert found.log_likelihood == pytest.approx(published[4], abs=0.05)
    assert model.expected_purchases(52.0) == pytest.approx(1.473434, abs=2e-4)


def test_the_mbg_nbd_fit_is_the_published_one():
    """MB-D1: BTYDplus."""
    found = fitted(Leaving.AFTER_EVERY)
    np.testing.assert_allclose([found.model.r, found.model.alpha, found.model.a, found.model.b], numbers(cdnow.oracle("MB-D1")), atol=0.001)
    assert found.log_likelihood > fitted(Leaving.AFTER_REPEATS).log_likelihood


def test_the_gamma_gamma_fit_and_its_spends_are_the_published_ones():
    """GG-D1 to GG-D3: Fader & Hardie 2013 (note 025)."""
    found, published = fitted_spend(), numbers(cdnow.oracle("GG-D1"))
    np.testing.assert_allclose([found.model.p, found.model.q, found.model.gamma], published[:3], atol=0.01)
    assert found.log_likelihood == pytest.approx(published[3], abs=0.01)
    np.testing.assert_allclose(expected_spend()[:5], numbers(cdnow.oracle("GG-D2")), atol=0.001)
    assert found.correlation == pytest.approx(0.113884, abs=1e-6)
    assert (found.n, found.left_out) == (946, 0)


def test_lifetime_values_with_periods_in_the_models_unit():
    """CL-D1: published for twelve periods of 30 weeks; CL-D2: the same customers with months of 4.345 weeks."""
    model, seen = fitted(Leaving.AFTER_REPEATS).model, cdnow.histories()
    long = lifetime_value(model, seen, expected_spend(), 12, 30.0, 0.01)
    np.testing.assert_allclose(long[:3], numbers(cdnow.oracle("CL-D1")), atol=0.01)
    right = lifetime_value(model, seen, expected_spend(), 12, 4.345, 0.01)
    np.testing.assert_allclose(right[:3], numbers(cdnow.oracle("CL-D2")), atol=0.005)
    assert pytest.approx(4.345, abs=0.004) == MONTH_IN_WEEKS


def test_a_contract_kept_by_80_percent_at_10_percent_discount_is_worth_2_67_margins():
    """CL-D3: Gupta & Lehmann; one more where the first margin is paid at once."""
    assert margin_multiple(0.8, 0.1) == pytest.approx(2.67, abs=0.005)
    assert margin_multiple(0.8, 0.1, at_once=True) == pytest.approx(3.67, abs=0.005)
    with pytest.raises(ValueError, match="no finite value"):
        margin_multiple(1.0, 0.0)


def test_retention_rates_of_the_high_end_segment():
    """RT-D1: Fader & Hardie 2007, table 1."""
    published = (86.9, 85.5, 87.9, 90.8, 92.9, 93.8, 95.0, 95.3, 95.1, 96.0, 95.8, 96.3)
    np.testing.assert_allclose(100 * retention.retention_rates(np.array(HIGH_END, dtype=np.float64)), published, atol=0.05)


def test_the_shifted_beta_geometric_fit_is_the_published_one_and_foretells_the_years_after():
    """RT-D2: Fader & Hardie 2007, fitted on years 0 to 7; the later years were never shown to it."""
    found = retention.fit(np.array(HIGH_END[:8]))
    assert not isinstance(found, NotFitted)
    np.testing.assert_allclose([found.model.alpha, found.model.beta], [0.668, 3.806], atol=0.001)
    assert found.log_likelihood == pytest.approx(-1611.2, abs=0.05)
    np.testing.assert_allclose(found.model.surviving(np.arange(8, 13)), np.array(HIGH_END[8:]) / 1000, atol=0.017)
