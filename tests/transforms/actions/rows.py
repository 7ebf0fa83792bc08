"""Customers and signs that say nothing, for tests that change one thing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from transforms.actions.signs import Signs
from transforms.month import Month
from transforms.policy.rules import Policy, Reference, builtin
from transforms.statistics.ranks import frozen_grid

MONTH = Month(2026, 10)
GRID = frozen_grid(np.linspace(0.0, 100.0, 1001))
"""Ranks are the values themselves, 0 to 100, to a tenth."""


def policy(**changes: Any) -> Policy:
    """The built-in policy with every measure's rank equal to its value."""
    grids = dict.fromkeys(("tenure_months", "recency_days", "orders_per_month", "annual_net", "net_12m", "historic_net"), GRID)
    base = builtin().freeze(Reference("2026-01", 101, grids), 0.8)
    return replace(base, acting=replace(base.acting, **changes))


CALM = {
    "customer_id": "calm",
    "tier": "a",
    "grade": "A",
    "rule_grade": "A",
    "previous_grade": "A",
    "score": 90.0,
    "change_score": 0.0,
    "grade_steps": float("nan"),
    "steps_recency": float("nan"),
    "steps_orders": float("nan"),
    "steps_net": float("nan"),
    "steps_hold": float("nan"),
    "recency_days": 5,
    "tenure_months": 40,
    "observed_months": 12,
    "orders_12m": 24,
    "net_12m": 48 * 10_000,
    "month_net": 4 * 10_000,
    "month_orders": 2,
    "satisfaction_index": 80.0,
    "tickets_12m": 0,
    "is_new": False,
    "is_lost": False,
    "was_lost": False,
    "role": "consumer",
    "account_manager": "li.na",
}


def customers(*rows: dict[str, Any]) -> pd.DataFrame:
    """One calm customer per row, changed by it."""
    frame = pd.DataFrame([CALM | row for row in rows])
    whole = ("recency_days", "tenure_months", "observed_months", "orders_12m", "net_12m", "month_net", "month_orders", "tickets_12m")
    return frame.astype({**dict.fromkeys(whole, "Int64"), "account_manager": "str", "customer_id": "str"})


def signs(size: int = 1, **changes: Any) -> Signs:
    """Nothing to see: no contract, no ticket open, no refund; a single number stands for everybody."""
    nobody = np.zeros(size, dtype=np.int64)
    quiet: dict[str, Any] = {
        "contract_end": pd.Series([pd.NaT] * size, dtype="datetime64[us]"),
        "asks_tickets": True,
        "tickets_open": nobody,
        "complaints_open": nobody,
        "complaints_late": nobody,
        "answered": np.zeros(size, dtype=bool),
        "index_before": np.full(size, np.nan),
        "refunds": nobody,
        "gross_12m": np.full(size, 48 * 10_000, dtype=np.int64),
        "peak": nobody,
    }
    return Signs(**{**quiet, **{name: _column(value, size) for name, value in changes.items()}})


def _column(value: Any, size: int) -> Any:
    if isinstance(value, str):
        return pd.Series([pd.Timestamp(value)] * size).astype("datetime64[us]")
    if isinstance(value, list):
        return np.array(value)
    return value if value is None or isinstance(value, bool) else np.array([value] * size)
