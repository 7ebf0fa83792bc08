"""Two standards over the same months: who moves and why, and which one told better who would stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from transforms.grades.grading import freeze_grids, measures
from transforms.month import Month
from transforms.policy.rules import Hold, Policy, Reference, Weights, builtin
from transforms.statistics.separation import contest, delong
from transforms.why.whatif import simulate_months

THEN, NOW = Month(2024, 1), Month(2025, 1)


def window(month: Month, **columns: np.ndarray) -> pd.DataFrame:
    """Rows of customers who first ordered in 2022; money in currency units, the last order `silent` days before the month's end."""
    size = len(columns["orders"])
    end = np.datetime64(month.last_day, "D")
    net = np.asarray(columns["net"] * 10_000, dtype=np.int64)
    return pd.DataFrame(
        {
            "customer_id": pd.Series([f"c{number:04}" for number in range(size)], dtype="str"),
            "first_order_on": np.full(size, np.datetime64("2022-01-01", "us")),
            "last_order_on": (end - columns["silent"].astype("timedelta64[D]")).astype("datetime64[us]"),
            "orders_12m": columns["orders"].astype(np.int64),
            "gross_12m": net,
            "refunds_12m": np.zeros(size, dtype=np.int64),
            "total_gross": net,
            "total_refunds": np.zeros(size, dtype=np.int64),
            "month_refunds": np.zeros(size, dtype=np.int64),
        }
    )


def always(policy: Policy) -> Callable[[Month], Policy]:
    return lambda _: policy


def frozen(rows: pd.DataFrame, policy: Policy) -> Policy:
    return replace(policy, reference=Reference(str(THEN), len(rows), freeze_grids(measures(rows, THEN))))


def portfolio(seed: int, size: int = 250) -> list[tuple[Month, pd.DataFrame]]:
    """Who orders often and lately stays; money says nothing about it."""
    chance = np.random.default_rng(seed)
    orders, silent, net = chance.integers(1, 25, size), chance.integers(0, 300, size), chance.lognormal(7, 1, size)
    stays = chance.random(size) < 1 / (1 + np.exp(-(orders / 4 - silent / 60)))
    later = np.where(stays, orders, 0)
    return [(THEN, window(THEN, orders=orders, silent=silent, net=net)), (NOW, window(NOW, orders=later, silent=silent, net=net))]


@pytest.mark.simulated
@pytest.mark.parametrize("portfolios", [20, pytest.param(100, marks=pytest.mark.soak)])
def test_the_card_that_weighs_what_keeps_customers_wins_in_at_least_95_of_100_portfolios(portfolios: int) -> None:
    by_money, by_habit = replace(builtin(), weights=Weights(0.0, 0.0, 1.0)), replace(builtin(), weights=Weights(0.4, 0.6, 0.0))
    won = 0
    for seed in range(portfolios):
        months = portfolio(seed)
        current, candidate = frozen(months[0][1], by_money), frozen(months[0][1], by_habit)
        found = simulate_months(months, always(current), candidate, 2).contest
        assert found is not None
        assert found.difference.value is not None
        won += found.difference.value > 0
    assert won >= 0.95 * portfolios


def test_row_sums_are_the_current_card_s_counts_and_column_sums_the_candidate_s() -> None:
    months = portfolio(1)
    current, candidate = frozen(months[0][1], builtin()), frozen(months[0][1], replace(builtin(), weights=Weights(0.1, 0.1, 0.8)))
    there = simulate_months(months, always(current), candidate, 2)
    back = simulate_months(months, always(candidate), current, 2)
    for one, other in zip(there.months, back.months, strict=True):
        assert (one.matrix.to_numpy() == other.matrix.to_numpy().T).all()
        assert int(one.matrix.to_numpy().sum()) == 250
        assert one.moved == one.rose + one.fell == sum(one.causes.values()) > 0  # type: ignore[operator]
        assert one.money <= one.all_money
    assert len(there.movers) == there.months[-1].moved
    difference = there.movers["candidate_score"] - there.movers["current_score"]
    assert (there.movers[["history", "frequency", "amount"]].sum(axis=1) - difference).abs().max() < 1e-9


def test_the_same_card_moves_nobody_and_wins_nothing() -> None:
    months = portfolio(2)
    card = frozen(months[0][1], builtin())
    found = simulate_months(months, always(card), replace(card, version="again"), 2)
    assert [month.moved for month in found.months] == [0, 0]
    assert found.contest is not None
    assert (found.contest.difference.value, found.contest.p_value) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        (replace(builtin(), weights=Weights(0.0, 0.0, 1.0), hold=Hold(0.0, 1)), "score"),
        (replace(builtin(), grades=(*builtin().grades[:1], replace(builtin().grades[1], cut=50.0), builtin().grades[2])), "cuts"),
        (replace(builtin(), unrated_months=99), "rating"),
    ],
)
def test_the_cause_of_a_move_is_the_rule_that_was_changed(changed: Policy, cause: str) -> None:
    months = portfolio(3)[:1]
    found = simulate_months(months, always(frozen(months[0][1], builtin())), frozen(months[0][1], changed), 1).months[0]
    assert found.moved > 0
    assert found.causes == {**dict.fromkeys(("score", "cuts", "hold", "rating"), 0), cause: found.moved}


def test_without_twelve_later_months_there_is_no_verdict() -> None:
    months = portfolio(4)[:1]
    card = frozen(months[0][1], builtin())
    found = simulate_months(months, always(card), card, 1)
    assert (found.contest, found.why_not) == (None, "no month has twelve later months")


def test_the_area_is_the_share_of_pairs_in_which_the_kept_one_scored_higher() -> None:
    """Counted pair by pair, ties as half; and its variance by the definition of DeLong, DeLong & Clarke-Pearson."""
    chance = np.random.default_rng(5)
    kept = chance.random(60) < 0.6
    scores = [np.round(chance.random(60), 1), np.round(chance.random(60), 1)]
    pairs = [((s[kept][:, None] > s[~kept]) + 0.5 * (s[kept][:, None] == s[~kept])) for s in scores]
    areas, covariance = delong(kept, scores)
    assert areas is not None
    assert covariance is not None
    assert areas == pytest.approx([pair.mean() for pair in pairs])
    by_kept, by_lost = [[pair.mean(axis=axis) for pair in pairs] for axis in (1, 0)]
    plain = np.cov(by_kept) / kept.sum() + np.cov(by_lost) / (~kept).sum()
    assert covariance == pytest.approx(plain)


def test_with_one_lost_customer_there_is_no_area_but_shares_with_wide_intervals() -> None:
    kept = np.array([True] * 9 + [False])
    worst = np.array([False] * 8 + [True, True])
    found = contest(kept, (np.arange(10.0), np.arange(10.0)), (worst, worst))
    assert found.first.auc.value is None
    assert (found.first.precision.value, found.first.recall.value) == (0.5, 1.0)
    assert found.first.recall.lower == pytest.approx(0.2065, abs=1e-3)
