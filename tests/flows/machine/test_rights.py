"""Snapshots and facts hold customers: they are their owner's alone, also in a folder that somebody opened to all."""

from __future__ import annotations

import stat
from pathlib import Path

import pandas as pd

from flows.facts.files import FactFiles
from flows.snapshots.store import write_snapshot


def test_what_is_kept_below_an_open_folder_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    at = pd.to_datetime(["2026-06-01"], utc=True)
    orders = pd.DataFrame({"order_id": ["1"], "customer_id": ["C"], "ordered_at": at, "amount": [10_000]})
    write_snapshot(orders, "orders", "2026-06", tmp_path / "snapshots")
    FactFiles(tmp_path / "facts").keep_frame("orders", "key", orders)
    made = list(tmp_path.rglob("*"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in made if path.is_dir()} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in made if path.is_file()} == {0o600}
