"""Reviews small enough to see, or as large as asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from flows.snapshots.store import Snapshot
from flows.warehouse.records import Run
from flows.warehouse.store import Warehouse
from transforms.figures import Figure, Reason, Scope, figure_frame
from transforms.month import Month
from transforms.policy.rules import Policy, builtin
from transforms.review import MonthReview

MAY = Month(2026, 5)
KNOWN_AT = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)


def customers(count: int = 3, seed: int = 1) -> pd.DataFrame:
    """Customers with a column of every type that the method uses, some values missing."""
    random = np.random.default_rng(seed)
    gap = np.arange(count) % 7 == 3
    frame = pd.DataFrame({"customer_id": pd.Series([f"c{number:06d}" for number in range(count)], dtype="str")})
    return frame.assign(
        name=pd.Series([f"林 Customer {number}" for number in range(count)], dtype="str").where(~gap),
        tier=pd.Series(random.choice(["a", "b", "c"], count), dtype="str"),
        grade=pd.Series(random.choice(["A", "B", "C"], count), dtype="str"),
        previous_grade=pd.Series(random.choice(["A", "B", "C"], count), dtype="str").where(~gap),
        held=pd.Series(random.random(count) > 0.9, dtype="boolean"),
        score=np.where(gap, np.nan, random.random(count) * 100),
        recency_days=pd.Series(random.integers(0, 400, count), dtype="Int64"),
        orders_12m=pd.Series(random.integers(0, 40, count), dtype="Int64"),
        net_12m=pd.Series(random.integers(-10_000, 9_000_000_000_000, count), dtype="Int64").mask(gap),
        net_total=pd.Series(random.integers(0, 9_000_000_000_000_000, count), dtype="Int64"),
        satisfaction_index=random.random(count) * 100,
        loyalty_index=np.where(gap, np.nan, random.random(count) * 100),
        behavioural_loyalty=random.random(count),
        last_order_at=pd.Series(pd.to_datetime(random.integers(1_600_000_000, 1_700_000_000, count), unit="s", utc=True)).astype(
            "datetime64[us, UTC]"
        ),
        watch=pd.Series(random.random(count) > 0.5),
        months_below=pd.Series(random.integers(0, 3, count), dtype="int64"),
    )


def review(
    month: Month = MAY,
    count: int = 3,
    *,
    policy: Policy | None = None,
    frame: pd.DataFrame | None = None,
    shift: float = 0.0,
    indicators: int = 2,
) -> MonthReview:
    figures = [
        Figure(Scope.COMPANY, "", "customers_base", count + shift, n=count),
        Figure(Scope.TIER, "a", "nps", None, n=4, reason=Reason.TOO_FEW, method="window: month"),
        *(Figure(Scope.TIER, "b", f"indicator_{number}", number / 7 + shift, lower=number / 9) for number in range(indicators)),
    ]
    moved = pd.DataFrame({"grade_before": ["A", "new"], "grade_after": ["B", "A"], "customers": [2, 1]})
    return MonthReview(
        month,
        policy or builtin(),
        frozenset({"orders", "surveys"}),
        customers(count) if frame is None else frame,
        figure_frame(figures),
        moved,
    )


def snapshot(month: Month = MAY, table: str = "orders", digest: str = "d" * 64) -> Snapshot:
    return Snapshot(table, str(month), digest, Path("x.parquet"), 12, 1_234_500, datetime(2026, 5, 31, 8, tzinfo=UTC))


def keep(warehouse: Warehouse, kept: MonthReview, run: Run | None = None, *, revision: int | None = 0, digest: str = "i" * 64) -> int:
    run = run or warehouse.begin_run("review", kept.month)
    return warehouse.keep(
        kept,
        run=run,
        revision=revision,
        known_at=KNOWN_AT,
        input_digest=digest,
        snapshots=[snapshot(kept.month)],
        kind="review" if revision is not None else "replay",
    )
