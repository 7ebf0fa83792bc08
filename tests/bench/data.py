"""Seeded orders of a large invented company, as snapshots of 24 months: made once, kept in var/."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from flows.snapshots.store import Snapshot, write_snapshot
from transforms.month import Month, months

TIMEZONE = "Asia/Shanghai"
FIRST, LAST = Month(2023, 11), Month(2025, 10)
SEED = 20_251_031
FORM = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
"""Of this module, so that data that another one made are not taken for its own."""


def large_company(folder: Path, customers: int, orders: int, last_month_orders: int) -> dict[Month, dict[str, Snapshot]]:
    """The chain of snapshots: `orders` rows over 24 months by `customers` people, `last_month_orders` of them in the last month."""
    home = folder / f"orders-{FORM}-{customers}-{orders}-{last_month_orders}"
    listing = home / "snapshots.json"
    if not listing.exists():
        home.mkdir(parents=True, exist_ok=True)
        entries = _made(home, customers, orders, last_month_orders)
        listing.write_text(json.dumps(entries))
    chain: dict[Month, dict[str, Snapshot]] = {}
    for entry in json.loads(listing.read_text()):
        newest = datetime.fromisoformat(entry["newest"])
        snapshot = Snapshot("orders", entry["month"], entry["digest"], Path(entry["path"]), entry["rows"], entry["money"], newest)
        chain[Month.parse(entry["month"])] = {"orders": snapshot}
    return chain


def _made(home: Path, customers: int, orders: int, last_month_orders: int) -> list[dict[str, object]]:
    random = np.random.default_rng(SEED)
    span = list(months(FIRST, LAST))
    joined = np.sort(np.where(random.random(customers) < 0.4, 0, random.integers(0, len(span), customers)))
    eagerness = random.gamma(0.8, 1.0, customers) + 0.02
    usual = random.lognormal(4.0, 0.8, customers)
    ids = pd.Series(np.char.add("C", np.char.zfill(random.permutation(customers).astype(str), 8)), dtype="str")
    per_month = [(orders - last_month_orders) // (len(span) - 1)] * (len(span) - 1) + [last_month_orders]
    per_month[0] += orders - sum(per_month)
    entries: list[dict[str, object]] = []
    made = 0
    for number, (month, rows) in enumerate(zip(span, per_month, strict=True)):
        fresh = np.flatnonzero(joined == number)[:rows]
        here = int(np.searchsorted(joined, number, side="right"))
        chance = np.cumsum(eagerness[:here])
        others = np.searchsorted(chance, random.random(rows - len(fresh)) * chance[-1])
        buyer = np.concatenate([fresh, others])
        start, end = (pd.Timestamp(bound).value // 1000 for bound in month.bounds(TIMEZONE))
        cents = np.rint(usual[buyer] * random.lognormal(0.0, 0.5, rows) * 100).astype(np.int64)
        frame = pd.DataFrame(
            {
                "order_id": pd.Series(np.char.add("O", np.char.zfill((made + np.arange(rows)).astype(str), 9)), dtype="str"),
                "customer_id": ids.take(buyer).reset_index(drop=True),
                "ordered_at": pd.Series(random.integers(start, end, rows).astype("datetime64[us]")).dt.tz_localize("UTC"),
                "amount": pd.array(cents * 100, dtype="Int64"),
                "status": pd.Series(np.where(random.random(rows) < 0.02, "cancelled", "completed"), dtype="str"),
            }
        )
        made += rows
        kept = write_snapshot(frame, "orders", str(month), home)
        newest = None if kept.newest is None else kept.newest.isoformat()
        entry = {"month": str(month), "digest": kept.digest, "path": str(kept.path), "rows": kept.rows, "money": kept.money}
        entries.append({**entry, "newest": newest})
    return entries
