"""Imported once by the server that test children are forked from: everything that a run needs, and one turn of each engine."""

from __future__ import annotations

from importlib import import_module

import pandas as pd
from tqdm import tqdm

from expectations.engine import check
from reports.document import prepare

NEEDED = (
    *(
        "flows.backfills.backfill",
        "flows.check",
        "flows.cli",
        "flows.delivery.month",
        "flows.lookup.reporting",
        "flows.lookup.rerendering",
        "flows.review.run",
        "flows.delivery.smtp",
    ),
    *("flows.snapshots.arrow", "flows.sources.csv_files", "flows.sources.folder", "flows.warehouse.store", "flows.warehouse.migrate"),
    *(
        "reports.mail.message",
        "reports.mail.notice",
        "reports.render",
        "pyarrow.parquet",
        "duckdb",
        "alembic.command",
        "psycopg",
        "openpyxl",
    ),
)

for name in NEEDED:
    import_module(name)
# Great Expectations brings progress bars, and these a thread that now and then holds a lock: whoever is forked just then never gets it.
tqdm.monitor_interval = 0
prepare()
check("orders", pd.DataFrame({"order_id": ["1"], "amount": [1]}))
