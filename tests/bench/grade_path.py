"""The grade path at a million customers, against DuckDB adding up the same orders.

Measured: from the month's snapshot and the cached facts of the months before to scored customers
and figures. Not measured: making the data, packs, models, explanations.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from flows.facts.cache import FactStore
from flows.snapshots.store import Snapshot
from tests.bench.data import LAST, TIMEZONE, large_company
from tests.bench.rows import Row, row
from transforms.month import Month
from transforms.policy.reading import policy_from_json
from transforms.policy.rules import builtin, canonical_json
from transforms.review import History, MonthInputs, no_history, review_month

TIMES_DUCKDB = 5.0
GIB = 3.0


@dataclass(frozen=True)
class Size:
    customers: int
    orders: int
    last_month_orders: int
    rounds: int


GRADE_PATH = Size(1_000_000, 20_000_000, 900_000, 3)


def bench_grade_path(folder: Path, size: Size) -> list[Row]:
    """Best of a few interleaved rounds of both, each in a process of its own."""
    home = folder / f"grade-path-{size.customers}-{size.orders}"
    chain = large_company(folder, size.customers, size.orders, size.last_month_orders)
    apart(_prepare, home, chain)
    aggregated: list[float] = []
    graded: list[dict[str, float]] = []
    for _ in range(size.rounds):
        aggregated.append(apart(_aggregate, home)["seconds"])
        graded.append(apart(_grade, home, chain))
    assert all(run["customers"] == graded[0]["customers"] for run in graded)
    best, seconds = min(aggregated), min(run["seconds"] for run in graded)
    memory = max(run["gib"] for run in graded)
    rows = f"{size.orders:,} orders by customer ({best:.2f} s)"
    return [
        row("grade path, time", seconds, "s", f"DuckDB adding up {rows}", best, TIMES_DUCKDB),
        row("grade path, peak memory", memory, "GiB", "one GiB", 1.0, GIB),
    ]


def apart(work: Callable[..., dict[str, float]], *given: Any) -> dict[str, float]:
    """Run a function in a fresh process, so that its peak memory is its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def _prepare(home: Path, chain: dict[Month, dict[str, Snapshot]]) -> dict[str, float]:
    """Everything that exists before the month begins: facts of earlier months, last month's review, the orders in one file."""
    import duckdb

    home.mkdir(parents=True, exist_ok=True)
    whole = home / "orders.parquet"
    if not whole.exists():
        files = [str(snapshots["orders"].path) for _, snapshots in sorted(chain.items())]
        with duckdb.connect() as database:
            database.execute("set enable_progress_bar = false")
            database.execute(f"copy (select * from read_parquet({files!r})) to '{home / 'making.parquet'}' (format parquet)")
        (home / "making.parquet").rename(whole)
    store = FactStore(home / "facts", TIMEZONE)
    review = review_month(_inputs(store, chain, LAST - 1), no_history(), builtin())
    review.customers.to_parquet(home / "customers.parquet")
    review.figures.assign(month=str(LAST - 1)).astype({"scope": "str", "label": "str", "reason": "str"}).to_parquet(
        home / "figures.parquet"
    )
    (home / "policy.json").write_text(canonical_json(review.policy), encoding="utf-8")
    return {}


def _grade(home: Path, chain: dict[Month, dict[str, Snapshot]]) -> dict[str, float]:
    """One month, measured; the cache is a copy that has not seen the month."""
    cache = home / "facts-of-this-run"
    shutil.rmtree(cache, ignore_errors=True)
    shutil.copytree(home / "facts", cache, copy_function=os.link)
    history = History(pd.read_parquet(home / "customers.parquet"), pd.read_parquet(home / "figures.parquet"))
    policy = policy_from_json((home / "policy.json").read_text(encoding="utf-8"))
    started = time.perf_counter()
    review = review_month(_inputs(FactStore(cache, TIMEZONE), chain, LAST), history, policy)
    seconds = time.perf_counter() - started
    shutil.rmtree(cache)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return {"seconds": seconds, "gib": peak, "customers": float(len(review.customers))}


def _aggregate(home: Path) -> dict[str, float]:
    """DuckDB over all orders: number, sum, first and last order of each customer."""
    import duckdb

    with duckdb.connect() as database:
        database.execute("set enable_progress_bar = false")
        started = time.perf_counter()
        database.sql(
            "select customer_id, count(*) as orders, sum(amount) as gross, min(ordered_at) as first, max(ordered_at) as last "
            f"from '{home / 'orders.parquet'}' where status <> 'cancelled' group by customer_id"
        ).to_arrow_table()
        return {"seconds": time.perf_counter() - started}


def _inputs(store: FactStore, chain: dict[Month, dict[str, Snapshot]], month: Month) -> MonthInputs:
    return store.inputs(
        month,
        {earlier: snapshots for earlier, snapshots in chain.items() if earlier <= month},
        customers=pd.DataFrame({"customer_id": pd.Series([], dtype="str")}),
        supplied=frozenset({"orders"}),
        currency="CNY",
    )


if __name__ == "__main__":
    print(json.dumps(bench_grade_path(Path("var/bench"), GRADE_PATH), indent=1))
