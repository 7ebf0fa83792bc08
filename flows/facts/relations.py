"""Facts beside the grade: channels, categories, contacts, quotes, and the tables without months, as a month may know them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from flows.facts.rows import Chain, FactRows, no_rows
from flows.snapshots.store import Snapshot
from transforms.facts.groups import (
    CHANNEL_COLUMNS,
    CHANNEL_SUMS,
    LINE_COLUMNS,
    channel_facts,
    line_facts,
    lines_of_year,
    no_channels,
    of_counted_orders,
    sum_facts,
)
from transforms.month import Month
from transforms.tables.asof import campaigns_as_of, costs_as_of, entries_as_of

YEAR = 12
COST_MONTHS = 24
KEPT_ROWS = 20_000
"""Rows of a month beyond which they are read again for the next one rather than held."""
CHANNEL_TOLD = frozenset({"channel", "promo_code", "discount"})
"""Columns of orders of which one must be filled for channel facts to say anything."""


class RelationFacts:
    """What the method asks for beside orders, tickets and answers; what is not supplied costs nothing."""

    def __init__(self, rows: FactRows) -> None:
        self._read = rows
        self._months: dict[str, dict[Month, tuple[str, pd.DataFrame]]] = {}

    def frames(
        self, month: Month, known: Chain, undated: Mapping[str, Snapshot], told: Mapping[str, frozenset[str]]
    ) -> dict[str, pd.DataFrame]:
        """The frames of `MonthInputs` that come from here, by field."""
        year = [earlier for earlier in known if month - YEAR < earlier]
        return {
            "channels_12m": self._channels(year, known) if told["orders"] & CHANNEL_TOLD else no_channels(),
            "lines_12m": self._lines(year, month, known),
            "contacts": self._year_of_rows(year, known, "contacts", "contact_id", month),
            "quotes": self._year_of_rows(year, known, "quotes", "quote_id", month),
            "costs": costs_as_of(self._whole(undated, "costs"), month, COST_MONTHS),
            "plans": self._whole(undated, "plans"),
            "campaigns": campaigns_as_of(self._whole(undated, "campaigns"), month),
            "registers": entries_as_of(self._whole(undated, "registers"), month),
        }

    def _channels(self, year: list[Month], known: Chain) -> pd.DataFrame:
        found = [self._channel_facts(earlier, known[earlier]) for earlier in year if "orders" in known[earlier]]
        return sum_facts(found, ("customer_id", "channel"), CHANNEL_SUMS)

    def _channel_facts(self, month: Month, snapshots: Mapping[str, Snapshot]) -> pd.DataFrame:
        def computed() -> pd.DataFrame:
            return channel_facts(self._read.rows(snapshots, "orders", CHANNEL_COLUMNS))

        return self._read.files.get_or_compute("channels", self._read.key(month, snapshots, "orders"), computed)

    def _lines(self, year: list[Month], month: Month, known: Chain) -> pd.DataFrame:
        told = [earlier for earlier in known if "order_lines" in known[earlier]]
        found = [self._line_facts(earlier, known) for earlier in year if "order_lines" in known[earlier]]
        return lines_of_year(found, month.index - YEAR if told and min(told) <= month - YEAR else None)

    def _line_facts(self, month: Month, known: Chain) -> pd.DataFrame:
        """A month's lines of orders that were not cancelled, by the product's launch, which depends on all months before.

        Whether it is new is asked by the year that looks back at the lines: what was new when it was sold may be old by then.
        """

        def computed() -> pd.DataFrame:
            sold = self._first_months(month, known)
            young = sold.loc[sold["first_month"] > month.index - YEAR]
            launched = {str(sku): int(first) for sku, first in zip(young["sku"], young["first_month"], strict=True)}
            lines = self._read.rows(known[month], "order_lines", LINE_COLUMNS)
            orders = self._read.rows(known[month], "orders", ("order_id", "status"))
            return line_facts(of_counted_orders(lines, orders), launched)

        return self._read.files.get_or_compute("lines", self._read.chain_key(month, known, "order_lines", "orders"), computed)

    def _first_months(self, month: Month, known: Chain) -> pd.DataFrame:
        """Every product with the month (`Month.index`) of its first line, up to `month`."""
        missing: list[Month] = []
        state = pd.DataFrame({"sku": pd.Series([], dtype="str"), "first_month": pd.Series([], dtype="int64")})
        for earlier in sorted((earlier for earlier in known if earlier <= month), reverse=True):
            kept = self._read.files.frame("products", self._read.chain_key(earlier, known, "order_lines"))
            if kept is not None:
                state = kept
                break
            missing.append(earlier)
        for later in reversed(missing):
            seen = self._read.rows(known[later], "order_lines", ("sku",))["sku"].dropna().drop_duplicates()
            fresh = pd.DataFrame({"sku": seen.loc[~seen.isin(state["sku"])].astype("str")}).assign(first_month=later.index)
            state = pd.concat([state, fresh], ignore_index=True).sort_values("sku", kind="stable", ignore_index=True)
            self._read.files.keep_frame("products", self._read.chain_key(later, known, "order_lines"), state)
        return state

    def _year_of_rows(self, year: list[Month], known: Chain, table: str, key: str, month: Month) -> pd.DataFrame:
        """The rows of twelve months, each once, as the newest month has it; sorted by key."""
        parts = [self._month_of_rows(earlier, known[earlier], table) for earlier in year if table in known[earlier]]
        kept = self._months.get(table, {})
        self._months[table] = {earlier: kept[earlier] for earlier in year if earlier in kept}
        filled = [part for part in parts if len(part)]
        if not filled:
            return no_rows(table).copy()
        rows = pd.concat(filled, ignore_index=True).drop_duplicates(key, keep="last")
        return rows.sort_values(key, kind="stable", ignore_index=True)

    def _month_of_rows(self, month: Month, snapshots: Mapping[str, Snapshot], table: str) -> pd.DataFrame:
        """One month's rows; those of the year are kept for the next month, whose year holds them too, unless they are many."""
        kept = self._months.setdefault(table, {})
        digest = snapshots[table].digest
        if month in kept and kept[month][0] == digest:
            return kept[month][1]
        rows = self._read.rows(snapshots, table)
        if len(rows) <= KEPT_ROWS:
            kept[month] = (digest, rows)
        return rows

    def _whole(self, undated: Mapping[str, Snapshot], table: str) -> pd.DataFrame:
        return self._read.rows(undated, table)
