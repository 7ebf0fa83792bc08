"""Silent replays: what one month of a small company costs, facts and review together."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pandas as pd

from flows.facts.cache import FactStore
from tests.bench.data import FIRST, LAST, TIMEZONE, large_company
from tests.bench.rows import Row, row
from transforms.month import Month, months
from transforms.policy.rules import builtin
from transforms.review import History, MonthInputs, freeze_reference, no_history, replay_month

SECONDS_A_MONTH = 0.15
"""Set when a month had 210 figures; with 750 it is not met yet, and it stands until it is. CPU seconds: the clock counts others' work."""


def bench_replay(folder: Path) -> list[Row]:
    """Twenty-four months of 600 customers, each with its snapshot, facts, state and review; seconds per month."""
    chain = large_company(folder, 600, 9_600, 400)
    cache = folder / "replay-facts"
    shutil.rmtree(cache, ignore_errors=True)
    store = FactStore(cache, TIMEZONE)
    nobody = pd.DataFrame({"customer_id": pd.Series([], dtype="str")})

    def inputs_of(month: Month) -> MonthInputs:
        known = {earlier: snapshots for earlier, snapshots in chain.items() if earlier <= month}
        return store.inputs(month, known, customers=nobody, supplied=frozenset({"orders", "tickets", "surveys"}), currency="CNY")

    policy = freeze_reference(inputs_of(LAST), builtin())
    shutil.rmtree(cache)
    store = FactStore(cache, TIMEZONE)
    history = no_history()
    started = time.process_time()
    for month in months(FIRST, LAST):
        review = replay_month(inputs_of(month), history, policy)
        history = History(review.customers, pd.concat([history.figures, review.figures.assign(month=str(month))], ignore_index=True))
    seconds = (time.process_time() - started) / 24
    shutil.rmtree(cache)
    return [row("silent replay, one month", seconds, "s", "0.15 CPU seconds", SECONDS_A_MONTH, 1.0)]
