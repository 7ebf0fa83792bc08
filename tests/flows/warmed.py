"""Imported once by the server that test children are forked from: everything that a run needs, and one turn of each engine."""

from __future__ import annotations

import pandas as pd

import expectations.engine
import reports.document
import reports.message
import reports.notice

reports.document.prepare()
expectations.engine.check("orders", pd.DataFrame({"order_id": ["1"], "amount": [1]}))
