"""The cache of facts: what each month's rows say about each customer, kept under the digests they come from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

import pandas as pd

from flows.fact_files import FactFiles, digest_of
from flows.snapshots import Snapshot, read_snapshot
from transforms.facts.orders import ORDER_COLUMNS, REFUND_COLUMNS, order_facts
from transforms.facts.surveys import survey_facts, survey_window
from transforms.facts.tickets import newest, seen_in, ticket_facts, ticket_window, waiting
from transforms.facts.window import Window, customers_of, empty_window, outside_of, slide
from transforms.inputs import MonthInputs, SurveyRules
from transforms.merging import Merged, as_one
from transforms.month import Month
from transforms.tables import TABLES

Chain = Mapping[Month, Mapping[str, Snapshot]]
"""Every month from the first of history to the reviewed one, each with its snapshots by table."""

FORM = "facts-1"
"""Part of every key: raised when facts come to mean something else, so that no old file is read."""


class FactStore:
    """Month facts and carried states under `root`, each computed once.

    A file is named by a digest of all that it was computed from: a month's facts by its snapshots,
    a state by the facts of all months up to it. So a month costs its own rows, not its history;
    a changed snapshot has new names, and everything else is found again. Rows of `merged` records count
    for the customer that remains; with other merges all names are new.
    """

    def __init__(self, root: Path, timezone: str, merged: Merged | None = None) -> None:
        self.timezone = timezone
        self._merged = dict(merged or {})
        self._form = digest_of(FORM, *(f"{old}>{new}" for old, new in sorted(self._merged.items()))) if self._merged else FORM
        self._files = FactFiles(root)
        self._newest: tuple[str, Window] = ("", empty_window())

    def inputs(
        self,
        month: Month,
        chain: Chain,
        *,
        customers: pd.DataFrame,
        supplied: frozenset[str],
        currency: str,
        rules: SurveyRules | None = None,
    ) -> MonthInputs:
        """All that the review of `month` is computed from; earlier months without a kept state are folded first.

        `chain` holds every month from the first of history to `month`; a table without a snapshot had
        no rows in that month. A chain with a gap, or without `month`, is a ValueError.
        """
        known = _up_to(month, chain)
        window = self.window(month, known)
        year = [earlier for earlier in known if month - 12 < earlier]
        asked = [earlier for earlier in year if "surveys" in known[earlier]]
        helped = [earlier for earlier in year if "tickets" in known[earlier]]
        return MonthInputs(
            month=month,
            timezone=self.timezone,
            currency=currency,
            supplied=supplied,
            window=customers_of(window),
            unattributed=outside_of(window),
            customers=customers,
            tickets=self._tickets(month, known),
            surveys=self._rows(known[month], "surveys"),
            survey_window=survey_window([self._survey_facts(known[earlier], earlier) for earlier in asked]),
            rules=rules or SurveyRules(),
            ticket_window=ticket_window([self._ticket_facts(known[earlier], earlier) for earlier in helped]),
            first_month=min(known),
            told=frozenset((table, column) for table in ("tickets", "surveys") for column in self._filled(table, known)),
        )

    def window(self, month: Month, chain: Chain) -> Window:
        """The state of every customer at the end of `month`, with the exact gaps between purchase days."""
        known = _up_to(month, chain)
        missing: list[Month] = []
        state = empty_window()
        for earlier in reversed(known):
            kept = self._kept_window(self._chain_key(earlier, known, "orders", "refunds"))
            if kept is not None:
                state = kept
                break
            missing.append(earlier)
        for later in reversed(missing):
            entering, leaving, ending = (self._order_facts(known.get(later - back), later - back) for back in (0, 12, 24))
            assert entering is not None
            state = slide(state, later, entering, leaving, ending)
            key = self._chain_key(later, known, "orders", "refunds")
            self._files.keep_window(key, state)
            self._newest = (key, state)
        return state

    def _kept_window(self, key: str) -> Window | None:
        return self._newest[1] if self._newest[0] == key else self._files.window(key)

    def _order_facts(self, snapshots: Mapping[str, Snapshot] | None, month: Month) -> pd.DataFrame | None:
        if snapshots is None:
            return None
        orders, refunds = snapshots.get("orders"), snapshots.get("refunds")

        def computed() -> pd.DataFrame:
            return order_facts(
                None if orders is None else as_one(read_snapshot(orders, ORDER_COLUMNS), self._merged),
                None if refunds is None else as_one(read_snapshot(refunds, REFUND_COLUMNS), self._merged),
                month,
                self.timezone,
            )

        return self._files.computed("orders", self._key(month, snapshots, "orders", "refunds"), computed)

    def _ticket_facts(self, snapshots: Mapping[str, Snapshot], month: Month) -> pd.DataFrame:
        def computed() -> pd.DataFrame:
            return ticket_facts(self._rows(snapshots, "tickets"), month, self.timezone)

        return self._files.computed("tickets", self._key(month, snapshots, "tickets"), computed)

    def _survey_facts(self, snapshots: Mapping[str, Snapshot], month: Month) -> pd.DataFrame:
        return self._files.computed(
            "surveys", self._key(month, snapshots, "surveys"), lambda: survey_facts(self._rows(snapshots, "surveys"))
        )

    def _filled(self, table: str, known: Chain) -> frozenset[str]:
        """The columns of a table that some row up to now fills; all of them where there is no row."""
        every, filled, rows = frozenset(TABLES[table].names), frozenset[str](), 0
        for month, snapshots in known.items():
            if table not in snapshots:
                continue
            frame = self._files.computed("filled", self._key(month, snapshots, table), partial(_filled_columns, snapshots, table))
            filled |= frozenset(frame["column"])
            rows += snapshots[table].rows
        return filled if rows else every

    def _tickets(self, month: Month, known: Chain) -> pd.DataFrame:
        """Tickets that were open at some moment of the month or due in it, as they stood at its end."""
        return seen_in(newest(self._waiting(month - 1, known), self._rows(known[month], "tickets")), month, self.timezone)

    def _waiting(self, month: Month, known: Chain) -> pd.DataFrame:
        """Tickets opened by a month's end of which later months may still have to speak."""
        missing: list[Month] = []
        rows = _rows({}, "tickets")
        if not any("tickets" in snapshots for earlier, snapshots in known.items() if earlier <= month):
            return rows
        for earlier in sorted((earlier for earlier in known if earlier <= month), reverse=True):
            kept = self._files.frame("waiting", self._chain_key(earlier, known, "tickets"))
            if kept is not None:
                rows = kept
                break
            missing.append(earlier)
        for later in reversed(missing):
            rows = waiting(newest(rows, self._rows(known[later], "tickets")), later, self.timezone)
            self._files.keep_frame("waiting", self._chain_key(later, known, "tickets"), rows)
        return rows

    def _rows(self, snapshots: Mapping[str, Snapshot], table: str) -> pd.DataFrame:
        return as_one(_rows(snapshots, table), self._merged)

    def _key(self, month: Month, snapshots: Mapping[str, Snapshot], *tables: str) -> str:
        named = [f"{table}={snapshots[table].digest}" if table in snapshots else f"{table}=none" for table in tables]
        return digest_of(self._form, self.timezone, str(month), *named)

    def _chain_key(self, month: Month, known: Chain, *tables: str) -> str:
        return digest_of(*(self._key(earlier, known[earlier], *tables) for earlier in known if earlier <= month))


def _up_to(month: Month, chain: Chain) -> dict[Month, Mapping[str, Snapshot]]:
    """The chain up to a month, oldest first; it must run without a gap."""
    known = {earlier: chain[earlier] for earlier in sorted(chain) if earlier <= month}
    if month not in known or len(known) != month.index - min(known).index + 1:
        raise ValueError(f"the chain of snapshots does not run without a gap to {month}")
    return known


def _rows(snapshots: Mapping[str, Snapshot], table: str) -> pd.DataFrame:
    return read_snapshot(snapshots[table]) if table in snapshots else _no_rows(table).copy()


def _filled_columns(snapshots: Mapping[str, Snapshot], table: str) -> pd.DataFrame:
    frame = _rows(snapshots, table)
    return pd.DataFrame({"column": pd.Series([str(name) for name in frame.columns if frame[name].notna().any()], dtype="str")})


@cache
def _no_rows(table: str) -> pd.DataFrame:
    """An empty canonical frame with all columns and types."""
    from flows.sources.arrow import from_arrow, to_arrow

    return from_arrow(to_arrow(pd.DataFrame(), table), table)
