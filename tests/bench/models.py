"""The lifetime models at a million customers: MBG/NBD, BG/NBD and Gamma-Gamma fitted on grouped histories, and all forecasts made."""

from __future__ import annotations

import resource
import time

import numpy as np

from tests.bench.grade_path import apart
from tests.bench.rows import Row, row
from transforms.lifetime import beta_geometric, spend
from transforms.lifetime.beta_geometric import BetaGeometric, Leaving
from transforms.lifetime.fitting import NotFitted
from transforms.lifetime.histories import Histories
from transforms.lifetime.spend import Spend

SEED = 20_251_031
SECONDS, GIB = 60.0, 2.0
TRUE = BetaGeometric(Leaving.AFTER_EVERY, r=0.8, alpha=5.0, a=0.9, b=2.5)
TRUE_SPEND = Spend(p=6.0, q=3.7, gamma=15.0)


def bench_models(customers: int) -> list[Row]:
    """Seconds and memory of both fits and of a year's forecasts, in a process of their own."""
    measured = apart(_fitted, customers)
    return [
        row("lifetime models, time", measured["seconds"], "s", f"60 s for {customers:,} customers", SECONDS, 1.0),
        row("lifetime models, peak memory", measured["gib"], "GiB", "two GiB", GIB, 1.0),
    ]


def invented(customers: int, seed: int = SEED) -> tuple[Histories, np.ndarray]:
    """Histories in whole days over two years, drawn as the models have it, and each customer's mean repeat spend."""
    random = np.random.default_rng(seed)
    age = random.integers(0, 730, customers)
    rate = random.gamma(TRUE.r, 1 / (7 * TRUE.alpha), customers)
    stays = random.geometric(np.clip(random.beta(TRUE.a, TRUE.b, customers), 1e-9, 1)) - 1
    days, last, now = np.zeros(customers, np.int64), np.zeros(customers, np.int64), np.zeros(customers)
    there = np.flatnonzero(stays > 0)
    while len(there):
        now[there] += random.exponential(1 / rate[there])
        there = there[now[there] <= age[there]]
        days[there] += 1
        last[there] = now[there].astype(np.int64)
        there = there[days[there] < stays[there]]
    seen = Histories.of(days.astype(np.float64), last / 7, age / 7)
    x = np.maximum(days, 1)
    money = random.gamma(TRUE_SPEND.p * x) / x * TRUE_SPEND.gamma / random.gamma(TRUE_SPEND.q, 1.0, customers)
    return seen, np.where(days > 0, np.round(money, 2), 0.0)


def _fitted(customers: int) -> dict[str, float]:
    seen, money = invented(customers)
    started = time.perf_counter()
    models = [beta_geometric.fit(seen, leaving) for leaving in Leaving]
    spent = spend.fit(seen.repeats, money)
    for found in (*models, spent):
        assert not isinstance(found, NotFitted), found
    chosen = models[-1]
    assert not isinstance(chosen, NotFitted)
    chosen.model.p_alive(seen)
    chosen.model.purchases_ahead(seen, 52.18)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2}
