"""The cache of facts: what each month's rows say about each customer, kept under the digests they come from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from flows.facts.days import DayFacts
from flows.facts.files import FactFiles, digest_of
from flows.facts.relations import RelationFacts
from flows.facts.rows import Chain, FactRows
from flows.snapshots.store import Snapshot
from transforms.facts.baskets import BASKET_COLUMNS, basket_facts, basket_slopes
from transforms.facts.causes import BEFORE, cause_facts, causes_over_months
from transforms.facts.cohorts import cohort_facts, no_cohorts
from transforms.facts.days import holidays_of
from transforms.facts.followed import MONTHS_AFTER, followed_facts, sum_followed
from transforms.facts.monthly import TWO_YEARS, YEAR, monthly_facts, no_months, season_start
from transforms.facts.orders import ORDER_COLUMNS, REFUND_COLUMNS, order_facts
from transforms.facts.surveys import survey_facts, survey_window
from transforms.facts.tickets import newest, ticket_facts, ticket_window, tickets_of_month, waiting
from transforms.facts.window import YEAR_AGO, Window, customers_of, empty_window, outside_of, slide, state_customers
from transforms.inputs import MonthInputs, SurveyRules
from transforms.month import Month
from transforms.tables.merging import Merged

TOLD = ("orders", "order_lines", "tickets", "surveys", "contacts", "quotes")
"""Tables of which the review knows the columns that are filled."""


class FactStore:
    """Month facts and carried states under `root`, each computed once.

    A file is named by a digest of all that it was computed from: a month's facts by its snapshots,
    a state by the facts of all months up to it. So a month costs its own rows, not its history;
    a changed snapshot has new names, and everything else is found again. Rows of `merged` records count
    for the customer that remains; with other merges all names are new.
    """

    def __init__(self, root: Path, timezone: str, merged: Merged | None = None, *, writes: bool = True) -> None:
        self.timezone = timezone
        self._files = FactFiles(root, writes=writes)
        self._read = FactRows(self._files, timezone, dict(merged or {}))
        self._relation = RelationFacts(self._read)
        self._days = DayFacts(self._read)
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
        undated: Mapping[str, Snapshot] | None = None,
        models: bool = False,
    ) -> MonthInputs:
        """All that the review of `month` is computed from; earlier months without a kept state are folded first.

        `chain` holds every month from the first of history to `month`; a table without a snapshot had
        no rows in that month. `undated` are the snapshots of tables without months (costs, plans, campaigns,
        registers). With `models` the states of 24 and 36 months ago come along, and each
        customer's months and baskets. A chain with a gap, or without
        `month`, is a ValueError.
        """
        known = _up_to(month, chain)
        year_ago = self._ago(YEAR, month, known)
        older = {back: self._ago(back, month, known) for back in (24, 36)} if models else {}
        window = self.window(month, known)
        customers_now = customers_of(window)
        monthly = self._monthly(customers_now["customer_id"], month, known) if models else no_months()
        if models:
            customers_now = self._with_habits(customers_now, monthly, month, known)
        year = [earlier for earlier in known if month - YEAR < earlier]
        asked = [earlier for earlier in year if "surveys" in known[earlier]]
        helped = [earlier for earlier in year if "tickets" in known[earlier]]
        told = {table: self._read.filled_columns(table, known) for table in TOLD}
        beside = self._relation.frames(month, known, undated or {}, told)
        return MonthInputs(
            month=month,
            timezone=self.timezone,
            currency=currency,
            supplied=supplied,
            window=customers_now,
            unattributed=outside_of(window),
            monthly=monthly,
            customers=customers,
            tickets=self._tickets(month, known),
            surveys=self._rows(known[month], "surveys"),
            survey_window=survey_window([self._survey_facts(known[earlier], earlier) for earlier in asked]),
            rules=rules or SurveyRules(),
            ticket_window=ticket_window([self._ticket_facts(known[earlier], earlier) for earlier in helped]),
            first_month=min(known),
            began=_began(known),
            incomplete=self._days.incomplete(month, known, holidays_of(beside["registers"])),
            told=frozenset((table, column) for table, columns in told.items() for column in columns),
            year_ago=year_ago,
            models=models,
            earlier={back: frame for back, frame in {YEAR: year_ago, **older}.items() if frame is not None},
            cohorts=self._cohorts(month, known),
            followed=self._followed_answers(month, known),
            causes=self._causes(month, known),
            **beside,
        )

    def window(self, month: Month, chain: Chain) -> Window:
        """The state of every customer at the end of `month`, with the exact gaps between purchase days."""
        known = _up_to(month, chain)
        missing: list[Month] = []
        state, triangle = empty_window(), no_cohorts()
        for earlier in reversed(known):
            key = self._chain_key(earlier, known, "orders", "refunds")
            kept, cohorts = self._kept_window(key), self._files.frame("cohorts", key)
            if kept is not None and cohorts is not None:
                state, triangle = kept, cohorts
                break
            missing.append(earlier)
        for later in reversed(missing):
            entering, leaving, ending = (self._order_facts(known.get(later - back), later - back) for back in (0, 12, 24))
            assert entering is not None
            state = slide(state, later, entering, leaving, ending)
            triangle = pd.concat([triangle, cohort_facts(state, later)], ignore_index=True)
            key = self._chain_key(later, known, "orders", "refunds")
            self._files.keep_window(key, state)
            self._files.keep_frame("cohorts", key, triangle)
            self._newest = (key, state)
        return state

    def _ago(self, back: int, month: Month, known: Chain) -> pd.DataFrame | None:
        """What was known of each customer `back` months before, for tests of how well it foretold the time since."""
        then = month - back
        if then not in known:
            return None
        state = self._files.part("window", self._chain_key(then, known, "orders", "refunds"), YEAR_AGO)
        return state_customers(self.window(then, known).state if state is None else state, YEAR_AGO)

    def _monthly(self, ids: pd.Series, month: Month, known: Chain) -> pd.DataFrame:
        """Orders and net of each customer in each of the last 24 months."""
        facts = {back: self._order_facts(known.get(month - back), month - back) for back in range(TWO_YEARS)}
        return monthly_facts(ids, {back: found for back, found in facts.items() if found is not None})

    def _with_habits(self, window: pd.DataFrame, monthly: pd.DataFrame, month: Month, known: Chain) -> pd.DataFrame:
        """The window with the slope of the last baskets, and the season where two years show one."""
        year = [earlier for earlier in known if month - YEAR < earlier and "orders" in known[earlier]]
        slopes = basket_slopes(window["customer_id"], [self._basket_facts(known[earlier], earlier) for earlier in year])
        two_years = month - (TWO_YEARS - 1) in known
        season = season_start(monthly, len(window), month) if two_years else np.full(len(window), np.nan)
        return window.assign(basket_slope=slopes, season_start=season)

    def _basket_facts(self, snapshots: Mapping[str, Snapshot], month: Month) -> pd.DataFrame:
        return self._files.get_or_compute(
            "baskets", self._key(month, snapshots, "orders"), lambda: basket_facts(self._read.rows(snapshots, "orders", BASKET_COLUMNS))
        )

    def _cohorts(self, month: Month, known: Chain) -> pd.DataFrame:
        """The cohort triangle up to `month`; kept beside the window, which was folded before."""
        kept = self._files.frame("cohorts", self._chain_key(month, known, "orders", "refunds"))
        assert kept is not None
        return kept

    def _kept_window(self, key: str) -> Window | None:
        return self._newest[1] if self._newest[0] == key else self._files.window(key)

    def _order_facts(self, snapshots: Mapping[str, Snapshot] | None, month: Month) -> pd.DataFrame | None:
        if snapshots is None:
            return None

        def computed() -> pd.DataFrame:
            return order_facts(
                self._read.rows(snapshots, "orders", ORDER_COLUMNS) if "orders" in snapshots else None,
                self._read.rows(snapshots, "refunds", REFUND_COLUMNS) if "refunds" in snapshots else None,
                month,
                self.timezone,
            )

        return self._files.get_or_compute("orders", self._key(month, snapshots, "orders", "refunds"), computed)

    def _ticket_facts(self, snapshots: Mapping[str, Snapshot], month: Month) -> pd.DataFrame:
        def computed() -> pd.DataFrame:
            return ticket_facts(self._rows(snapshots, "tickets"), month, self.timezone)

        return self._files.get_or_compute("tickets", self._key(month, snapshots, "tickets"), computed)

    def _causes(self, month: Month, known: Chain) -> pd.DataFrame:
        """What the complaints of the month and the months before it were about, each month's counted once."""
        facts: dict[int, pd.DataFrame] = {}
        for back in range(BEFORE + 1):
            snapshots = known.get(month - back)
            if snapshots is not None and "tickets" in snapshots:
                key = self._key(month - back, snapshots, "tickets")
                facts[back] = self._files.get_or_compute("causes", key, partial(self._cause_facts, snapshots, month - back))
        return causes_over_months(facts)

    def _cause_facts(self, snapshots: Mapping[str, Snapshot], month: Month) -> pd.DataFrame:
        return cause_facts(self._rows(snapshots, "tickets"), month, self.timezone)

    def _survey_facts(self, snapshots: Mapping[str, Snapshot], month: Month) -> pd.DataFrame:
        return self._files.get_or_compute(
            "surveys", self._key(month, snapshots, "surveys"), lambda: survey_facts(self._rows(snapshots, "surveys"))
        )

    def _followed_answers(self, month: Month, known: Chain) -> pd.DataFrame:
        """The answers of twelve months whose six months after are over, each month's read once."""
        found: list[pd.DataFrame] = []
        for answered in (month - back for back in range(MONTHS_AFTER, MONTHS_AFTER + 12)):
            if answered not in known or "surveys" not in known[answered]:
                continue
            after = [answered + ahead for ahead in range(1, MONTHS_AFTER + 1)]
            key = digest_of(
                self._key(answered, known[answered], "surveys"), *(self._key(later, known[later], "orders", "refunds") for later in after)
            )
            found.append(self._files.get_or_compute("followed", key, partial(self._followed_facts, answered, after, known)))
        return sum_followed(found)

    def _followed_facts(self, answered: Month, after: list[Month], known: Chain) -> pd.DataFrame:
        later = (self._order_facts(known[month], month) for month in after)
        return followed_facts(self._survey_facts(known[answered], answered), [facts for facts in later if facts is not None])

    def _tickets(self, month: Month, known: Chain) -> pd.DataFrame:
        """Tickets that were open at some moment of the month or due in it, as they stood at its end."""
        return tickets_of_month(newest(self._waiting(month - 1, known), self._rows(known[month], "tickets")), month, self.timezone)

    def _waiting(self, month: Month, known: Chain) -> pd.DataFrame:
        """Tickets opened by a month's end of which later months may still have to speak."""
        missing: list[Month] = []
        rows = self._rows({}, "tickets")
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
        return self._read.rows(snapshots, table)

    def _key(self, month: Month, snapshots: Mapping[str, Snapshot], *tables: str) -> str:
        return self._read.key(month, snapshots, *tables)

    def _chain_key(self, month: Month, known: Chain, *tables: str) -> str:
        return self._read.chain_key(month, known, *tables)


def _began(known: Chain) -> dict[str, Month]:
    """The first month in which each table has rows."""
    began: dict[str, Month] = {}
    for month, snapshots in known.items():
        for table, kept in snapshots.items():
            if kept.rows and table not in began:
                began[table] = month
    return began


def _up_to(month: Month, chain: Chain) -> dict[Month, Mapping[str, Snapshot]]:
    """The chain up to a month, oldest first; it must run without a gap."""
    known = {earlier: chain[earlier] for earlier in sorted(chain) if earlier <= month}
    if month not in known or len(known) != month.index - min(known).index + 1:
        raise ValueError(f"the chain of snapshots does not run without a gap to {month}")
    return known
