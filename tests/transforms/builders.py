"""Small frames and folded inputs from rows that fit in the eye."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from transforms.facts.baskets import basket_facts, basket_slopes
from transforms.facts.cohorts import cohort_facts
from transforms.facts.groups import channel_facts, line_facts, lines_of_year, no_channels, no_lines
from transforms.facts.monthly import TWO_YEARS, monthly_facts, no_months, season_start
from transforms.facts.orders import order_facts
from transforms.facts.surveys import no_answers, scaled_answers, survey_facts, survey_window
from transforms.facts.tickets import newest, no_tickets, ticket_facts, ticket_window, tickets_of_month, waiting
from transforms.facts.window import YEAR_AGO, Window, customers_of, empty_window, outside_of, slide, state_customers
from transforms.inputs import MonthInputs, SurveyRules
from transforms.money import to_units
from transforms.month import Month, months
from transforms.tables.asof import campaigns_as_of, costs_as_of, entries_as_of
from transforms.tables.columns import FRAME_TYPES
from transforms.tables.contract import TABLES, Kind

ZONE = "Asia/Shanghai"


def canonical(table: str, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """A canonical frame with every column of the table; instants are local times of ZONE, money in currency units."""
    listed = list(rows)
    columns: dict[str, pd.Series] = {}
    for column in TABLES[table].columns:
        cells = [row.get(column.name) for row in listed]
        if column.kind is Kind.INSTANT:
            stamps = [pd.NaT if cell is None else pd.Timestamp(cell).tz_localize(ZONE).tz_convert("UTC") for cell in cells]
            columns[column.name] = pd.Series(stamps, dtype=FRAME_TYPES[Kind.INSTANT])
        elif column.kind is Kind.MONEY:
            columns[column.name] = pd.Series([None if cell is None else to_units(cell) for cell in cells], dtype="Int64")
        else:
            columns[column.name] = pd.Series(cells, dtype=FRAME_TYPES[column.kind])
    return pd.DataFrame(columns)


def orders(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Orders from (customer, local time, amount[, status])."""
    named = [dict(zip(("customer_id", "ordered_at", "amount", "status"), row, strict=False)) for row in rows]
    return canonical("orders", [{"order_id": f"o{number}", **row} for number, row in enumerate(named)])


def refunds(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Refunds from (customer, local time, amount)."""
    named = [dict(zip(("customer_id", "refunded_at", "amount"), row, strict=True)) for row in rows]
    return canonical("refunds", [{"refund_id": f"r{number}", **row} for number, row in enumerate(named)])


def answers(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Survey answers from (customer, local time, instrument, score[, scale_min, scale_max])."""
    names = ("customer_id", "answered_at", "instrument", "score", "scale_min", "scale_max")
    named = [dict(zip(names, row, strict=False)) for row in rows]
    return canonical("surveys", [{"response_id": f"s{number:03}", "item": "overall", **row} for number, row in enumerate(named)])


def of_month(frame: pd.DataFrame, time: str, month: Month) -> pd.DataFrame:
    """The rows whose time lies in a month."""
    start, end = (pd.Timestamp(bound) for bound in month.bounds(ZONE))
    return frame.loc[(frame[time] >= start) & (frame[time] < end)].reset_index(drop=True)


def windows(first: Month, last: Month, sold: pd.DataFrame, back: pd.DataFrame | None = None) -> Iterator[Window]:
    """The state at the end of every month, each folded from the one before."""
    facts: dict[Month, pd.DataFrame] = {}
    state, quiet = empty_window(), order_facts(sold.iloc[:0], None if back is None else back.iloc[:0], first, ZONE)
    for month in months(first, last):
        bought, returned = of_month(sold, "ordered_at", month), None if back is None else of_month(back, "refunded_at", month)
        some = len(bought) or (returned is not None and len(returned))
        facts[month] = order_facts(bought, returned, month, ZONE) if some else quiet
        state = slide(state, month, facts[month], facts.get(month - 12), facts.get(month - 24))
        yield state


def folded(first: Month, last: Month, sold: pd.DataFrame, back: pd.DataFrame | None = None) -> Window:
    """The state at the end of `last`."""
    return list(windows(first, last, sold, back))[-1]


EVERY_ANSWER = SurveyRules(min_n=1, flag_n=1)


@dataclass(frozen=True)
class Company:
    """Rows of all time; what is not given is not supplied."""

    sold: pd.DataFrame
    back: pd.DataFrame | None = None
    tickets: pd.DataFrame | None = None
    surveys: pd.DataFrame | None = None
    customers: Sequence[Mapping[str, Any]] = ()
    first: Month | None = None
    rules: SurveyRules = EVERY_ANSWER
    lines: pd.DataFrame | None = None
    contacts: pd.DataFrame | None = None
    quotes: pd.DataFrame | None = None
    costs: pd.DataFrame | None = None
    plans: pd.DataFrame | None = None
    campaigns: pd.DataFrame | None = None
    registers: pd.DataFrame | None = None
    channels: bool = False
    """Whether orders are also summed by channel."""
    models: bool = False

    @property
    def begin(self) -> Month:
        return self.first or Month.of(self.sold["ordered_at"].min().to_pydatetime(), ZONE)

    def inputs(self, month: Month, states: Mapping[Month, Window] | None = None) -> MonthInputs:
        """The inputs of one month's review; `states` holds the windows of all months, where they are known."""
        states = states or dict(zip(months(self.begin, month), windows(self.begin, month, self.sold, self.back), strict=True))
        window, year = states[month], [earlier for earlier in months(self.begin, month) if month - 12 < earlier]
        asked = canonical("surveys", []) if self.surveys is None else self.surveys
        helped = canonical("tickets", []) if self.tickets is None else self.tickets
        before = canonical("tickets", [])
        if len(helped):
            for earlier in months(self.begin, month - 1):
                before = waiting(newest(before, of_month(helped, "opened_at", earlier)), earlier, ZONE)
        given = {"orders": self.sold, "refunds": self.back, "tickets": self.tickets, "surveys": self.surveys, "order_lines": self.lines}
        beside = ("contacts", "quotes", "costs", "plans", "campaigns", "registers")
        given |= {name: getattr(self, name) for name in beside} | {"customers": self.customers or None}
        said = [survey_facts(of_month(asked, "answered_at", earlier)) for earlier in year] if len(asked) else [no_answers()]
        opened = [ticket_facts(helped, earlier, ZONE) for earlier in year] if len(helped) else [no_tickets()]
        customers_now, monthly = customers_of(window), no_months()
        if self.models:
            span = {month.index - one.index: order_facts(*self._of_month(one), one, ZONE) for one in months(self.begin, month)}
            monthly = monthly_facts(customers_now["customer_id"], {back: facts for back, facts in span.items() if back < TWO_YEARS})
            slopes = basket_slopes(customers_now["customer_id"], [basket_facts(of_month(self.sold, "ordered_at", one)) for one in year])
            seen = TWO_YEARS - 1 in span
            season = season_start(monthly, len(customers_now), month) if seen else np.full(len(customers_now), np.nan)
            customers_now = customers_now.assign(basket_slope=slopes, season_start=season)
        return MonthInputs(
            month=month,
            timezone=ZONE,
            currency="CNY",
            supplied=frozenset(name for name, frame in given.items() if frame is not None),
            window=customers_now,
            monthly=monthly,
            unattributed=outside_of(window),
            customers=canonical("customers", self.customers),
            tickets=tickets_of_month(newest(before, of_month(helped, "opened_at", month)), month, ZONE),
            surveys=of_month(asked, "answered_at", month),
            survey_window=survey_window(said),
            rules=self.rules,
            ticket_window=ticket_window(opened),
            followed=self._followed(month, asked),
            first_month=self.begin,
            year_ago=state_customers(states[month - 12].state, YEAR_AGO) if month - 12 in states else None,
            models=self.models,
            earlier={back: state_customers(states[month - back].state, YEAR_AGO) for back in (12, 24, 36) if month - back in states},
            cohorts=pd.concat([cohort_facts(states[earlier], earlier) for earlier in months(self.begin, month)], ignore_index=True),
            channels_12m=channel_facts(within(self.sold, "ordered_at", year)) if self.channels else no_channels(),
            lines_12m=no_lines() if self.lines is None else self._year_of_lines(month, year),
            contacts=within(self._rows("contacts"), "contacted_at", year),
            quotes=within(self._rows("quotes"), "quoted_at", year),
            costs=costs_as_of(self._rows("costs"), month, 24),
            plans=self._rows("plans"),
            campaigns=campaigns_as_of(self._rows("campaigns"), month),
            registers=entries_as_of(self._rows("registers"), month),
        )

    def _of_month(self, month: Month) -> tuple[pd.DataFrame, pd.DataFrame | None]:
        back = None if self.back is None else of_month(self.back, "refunded_at", month)
        return of_month(self.sold, "ordered_at", month), back

    def _year_of_lines(self, month: Month, year: Sequence[Month]) -> pd.DataFrame:
        """The lines of twelve months; a product's launch is its first line."""
        assert self.lines is not None
        first = self.lines.groupby("sku")["ordered_at"].min()
        launched = {str(sku): Month.of(moment.to_pydatetime(), ZONE).index for sku, moment in first.items()}
        return lines_of_year([line_facts(within(self.lines, "ordered_at", year), launched)], month.index - 12)

    def _rows(self, table: str) -> pd.DataFrame:
        given: pd.DataFrame | None = getattr(self, table)
        return canonical(table, []) if given is None else given

    def _followed(self, month: Month, asked: pd.DataFrame) -> pd.DataFrame:
        """Last answers about satisfaction of each month and who ordered in the six months after, counted plainly."""
        counts: dict[float, list[int]] = {}
        bought = self.sold.loc[(self.sold["amount"] >= 0) & (self.sold["status"] != "cancelled") & self.sold["customer_id"].notna()]
        for answered in months(max(self.begin, month - 17), month - 6) if self.begin <= month - 6 and len(asked) else ():
            said = scaled_answers(of_month(asked, "answered_at", answered)).sort_values(["answered_at", "response_id"])
            last = said.loc[said["instrument"].isin(["csat", "acsi"])].groupby("customer_id")["share"].last()
            buyers = {key for ahead in range(1, 7) for key in of_month(bought, "ordered_at", answered + ahead)["customer_id"]}
            for key, share in last.items():
                line = counts.setdefault(round(share, 3), [0, 0])
                line[0] += 1
                line[1] += key in buyers
        told = pd.DataFrame(sorted((share, *line) for share, line in counts.items()), columns=["share", "customers", "bought"])
        return told.astype({"share": "float64", "customers": "int64", "bought": "int64"})

    def through(self, last: Month) -> Iterator[MonthInputs]:
        """The inputs of every month from the first to `last`."""
        states: dict[Month, Window] = {}
        for month, window in zip(months(self.begin, last), windows(self.begin, last, self.sold, self.back), strict=True):
            states[month] = window
            yield self.inputs(month, states)


def within(frame: pd.DataFrame, time: str, span: Sequence[Month]) -> pd.DataFrame:
    """The rows whose time lies in a stretch of months."""
    start, end = (pd.Timestamp(moment) for moment in (span[0].start(ZONE), span[-1].end(ZONE)))
    return frame.loc[(frame[time] >= start) & (frame[time] < end)].reset_index(drop=True)


def inputs_of(month: Month, sold: pd.DataFrame, **more: Any) -> MonthInputs:
    """The inputs of one month's review, from all rows given."""
    return Company(sold, **more).inputs(month)
