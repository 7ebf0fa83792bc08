"""`make bench`: speed and memory as ratios within one run, written to var/bench.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.bench.fixture_month import bench_fixture_month
from tests.bench.grade_path import GRADE_PATH, bench_grade_path
from tests.bench.models import bench_models
from tests.bench.replay import bench_replay
from tests.places import CHECKOUT

MODELLED = 1_000_000
"""Customers of the lifetime models."""


def main(home: Path = CHECKOUT / "var") -> int:
    """Measure, write the rows, print them; 1 where a limit is broken."""
    home.mkdir(parents=True, exist_ok=True)
    room = home / "bench"
    rows = [*bench_grade_path(room, GRADE_PATH), *bench_replay(room), *bench_models(MODELLED), *bench_fixture_month(room)]
    (home / "bench.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    for row in rows:
        verdict = "within" if row["within"] else "BEYOND"
        measured = f"{row['name']:<28}{row['figure']:>9} {row['unit']:<4}{row['ratio']:>7} x {row['compared_with']}"
        print(f"{measured}; {verdict} the limit of {row['limit']}")
    return 0 if all(row["within"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
