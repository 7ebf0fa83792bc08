"""Which months lack days at the source: worked out once for a month and the three before it, and kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import partial

import pandas as pd

from flows.facts.files import digest_of
from flows.facts.rows import Chain, FactRows
from transforms.facts.days import LOOK_BACK, day_facts, lacks_days
from transforms.month import Month, months
from transforms.tables.contract import TABLES

WATCHED = ("orders", "tickets", "surveys")
MONTHS = 25
"""How far back months are held against the reviewed one: two years, and itself."""


@dataclass(frozen=True)
class DayFacts:
    """Days with rows of each month and table, and what they say of the month."""

    read: FactRows

    def incomplete(self, month: Month, known: Chain, closed: Collection[date]) -> frozenset[tuple[str, Month]]:
        """(table, month) of the last two years up to `month` that lack days; days on which the company is closed lack nothing."""
        found: set[tuple[str, Month]] = set()
        for table in WATCHED:
            first = min((earlier for earlier, tables in known.items() if table in tables), default=None)
            if first is None:
                continue
            for judged in months(max(first, month - (MONTHS - 1)), month):
                if self._lacks(table, judged, first, known, closed):
                    found.add((table, judged))
        return frozenset(found)

    def _lacks(self, table: str, judged: Month, first: Month, known: Chain, closed: Collection[date]) -> bool:
        span = [month for month in months(max(first, judged - LOOK_BACK), judged) if month in known]
        near = sorted(str(day) for day in closed if span[0].first_day <= day <= judged.last_day)
        key = digest_of(table, *near, *(self.read.key(month, known[month], table) for month in span))

        def computed() -> pd.DataFrame:
            by_month = {month: self._days(table, month, known) for month in span}
            return pd.DataFrame({"lacks": [lacks_days(by_month, judged, closed)]})

        return bool(self.read.files.get_or_compute("torn", key, computed)["lacks"].iloc[0])

    def _days(self, table: str, month: Month, known: Chain) -> pd.DataFrame:
        snapshots, time = known[month], TABLES[table].time or ""
        key = self.read.key(month, snapshots, table)
        return self.read.files.get_or_compute("days", key, partial(self._facts, table, time, month, known))

    def _facts(self, table: str, time: str, month: Month, known: Chain) -> pd.DataFrame:
        return day_facts(self.read.rows(known[month], table, ["customer_id", time]), time, self.read.timezone, month)
