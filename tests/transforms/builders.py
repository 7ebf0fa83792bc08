"""Small frames and folded inputs from rows that fit in the eye."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
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


@cache
def _nothing(table: str) -> pd.DataFrame:
    return canonical(table, [])


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
    start, end = _bounds(month)
    return frame.loc[((frame[time] >= start) & (frame[time] < end)).to_numpy(dtype=bool)].reset_index(drop=True)


@cache
def _bounds(month: Month) -> tuple[pd.Timestamp, pd.Timestamp]:
    start, end = month.bounds(ZONE)
    return pd.Timestamp(start), pd.Timestamp(end)


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


@dataclass
class _Bought:
    """What orders and refunds come to month by month, each folded once from the one before, as the store of facts keeps it."""

    sold: pd.DataFrame
    back: pd.DataFrame | None
    first: Month
    states: dict[Month, Window] = field(default_factory=dict)
    cohorts: dict[Month, pd.DataFrame] = field(default_factory=dict)
    buyers: dict[Month, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        last = self.first + 1200
        self._coming = zip(months(self.first, last), windows(self.first, last, self.sold, self.back), strict=True)

    def through(self, month: Month) -> dict[Month, Window]:
        """The windows of all months up to `month`, and of later ones that were asked for before."""
        while month not in self.states:
            reached, state = next(self._coming)
            self.states[reached] = state
        return self.states

    def buyers_of(self, month: Month) -> frozenset[str]:
        """Who ordered in a month; a cancelled order is none."""
        if month not in self.buyers:
            rows = of_month(self.sold, "ordered_at", month)
            real = (rows["amount"] >= 0) & (rows["status"] != "cancelled") & rows["customer_id"].notna()
            self.buyers[month] = frozenset(rows.loc[real, "customer_id"])
        return self.buyers[month]


_BOUGHT: dict[tuple[int, int, Month], _Bought] = {}
"""The newest few by the identity of their rows (which they hold, so that it stays theirs): many companies differ in other tables alone."""


def _bought(sold: pd.DataFrame, back: pd.DataFrame | None, first: Month) -> _Bought:
    key = (id(sold), id(back), first)
    if key not in _BOUGHT:
        if len(_BOUGHT) >= 16:
            del _BOUGHT[next(iter(_BOUGHT))]
        _BOUGHT[key] = _Bought(sold, back, first)
    return _BOUGHT[key]


@dataclass
class _Folded:
    """What the other tables of a company come to, month by month."""

    waiting: dict[Month, pd.DataFrame] = field(default_factory=dict)
    answers: dict[Month, pd.DataFrame] = field(default_factory=dict)
    tickets: dict[Month, pd.DataFrame] = field(default_factory=dict)
    orders: dict[Month, pd.DataFrame] = field(default_factory=dict)
    baskets: dict[Month, pd.DataFrame] = field(default_factory=dict)


def _once(kept: dict[Month, pd.DataFrame], month: Month, compute: Callable[[Month], pd.DataFrame]) -> pd.DataFrame:
    if month not in kept:
        kept[month] = compute(month)
    return kept[month]


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
    _folded: _Folded = field(default_factory=lambda: _Folded(), init=False, repr=False, compare=False)

    @property
    def _bought(self) -> _Bought:
        return _bought(self.sold, self.back, self.begin)

    @property
    def begin(self) -> Month:
        return self.first or Month.of(self.sold["ordered_at"].min().to_pydatetime(), ZONE)

    def inputs(self, month: Month) -> MonthInputs:
        """The inputs of one month's review; what the months before it come to is folded once."""
        states, span = self._bought.through(month), list(months(self.begin, month))
        window, year = states[month], span[-12:]
        asked = _nothing("surveys") if self.surveys is None else self.surveys
        helped = _nothing("tickets") if self.tickets is None else self.tickets
        before = self._waiting(month - 1, helped)
        given = {"orders": self.sold, "refunds": self.back, "tickets": self.tickets, "surveys": self.surveys, "order_lines": self.lines}
        beside = ("contacts", "quotes", "costs", "plans", "campaigns", "registers")
        given |= {name: getattr(self, name) for name in beside} | {"customers": self.customers or None}
        said = [self._answers(earlier, asked) for earlier in year] if len(asked) else [no_answers()]
        opened = [self._opened(earlier, helped) for earlier in year] if len(helped) else [no_tickets()]
        customers_now, monthly = customers_of(window), no_months()
        if self.models:
            two_years = {month.index - one.index: self._orders(one) for one in span[-TWO_YEARS:]}
            monthly = monthly_facts(customers_now["customer_id"], two_years)
            slopes = basket_slopes(customers_now["customer_id"], [self._baskets(one) for one in year])
            seen = len(span) >= TWO_YEARS
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
            customers=canonical("customers", self.customers) if self.customers else _nothing("customers"),
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
            cohorts=pd.concat([self._cohorts(earlier) for earlier in span], ignore_index=True),
            channels_12m=channel_facts(within(self.sold, "ordered_at", year)) if self.channels else no_channels(),
            lines_12m=no_lines() if self.lines is None else self._year_of_lines(month, year),
            contacts=within(self._rows("contacts"), "contacted_at", year),
            quotes=within(self._rows("quotes"), "quoted_at", year),
            costs=costs_as_of(self._rows("costs"), month, 24),
            plans=self._rows("plans"),
            campaigns=campaigns_as_of(self._rows("campaigns"), month),
            registers=entries_as_of(self._rows("registers"), month),
        )

    def _cohorts(self, month: Month) -> pd.DataFrame:
        return _once(self._bought.cohorts, month, lambda one: cohort_facts(self._bought.states[one], one))

    def _waiting(self, month: Month, helped: pd.DataFrame) -> pd.DataFrame:
        """Tickets opened by a month's end of which later months may still have to speak."""
        rows = _nothing("tickets")
        for earlier in months(self.begin, month) if len(helped) else ():
            known = self._folded.waiting.get(earlier)
            rows = waiting(newest(rows, of_month(helped, "opened_at", earlier)), earlier, ZONE) if known is None else known
            self._folded.waiting[earlier] = rows
        return rows

    def _answers(self, month: Month, asked: pd.DataFrame) -> pd.DataFrame:
        return _once(self._folded.answers, month, lambda one: survey_facts(of_month(asked, "answered_at", one)))

    def _opened(self, month: Month, helped: pd.DataFrame) -> pd.DataFrame:
        return _once(self._folded.tickets, month, lambda one: ticket_facts(helped, one, ZONE))

    def _orders(self, month: Month) -> pd.DataFrame:
        return _once(self._folded.orders, month, lambda one: order_facts(*self._of_month(one), one, ZONE))

    def _baskets(self, month: Month) -> pd.DataFrame:
        return _once(self._folded.baskets, month, lambda one: basket_facts(of_month(self.sold, "ordered_at", one)))

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
        return _nothing(table) if given is None else given

    def _followed(self, month: Month, asked: pd.DataFrame) -> pd.DataFrame:
        """Last answers about satisfaction of each month and who ordered in the six months after, counted plainly."""
        counts: dict[float, list[int]] = {}
        for answered in months(max(self.begin, month - 17), month - 6) if self.begin <= month - 6 and len(asked) else ():
            said = scaled_answers(of_month(asked, "answered_at", answered)).sort_values(["answered_at", "response_id"])
            last = said.loc[said["instrument"].isin(["csat", "acsi"])].groupby("customer_id")["share"].last()
            buyers = {key for ahead in range(1, 7) for key in self._bought.buyers_of(answered + ahead)}
            for key, share in last.items():
                line = counts.setdefault(round(share, 3), [0, 0])
                line[0] += 1
                line[1] += key in buyers
        told = pd.DataFrame(sorted((share, *line) for share, line in counts.items()), columns=["share", "customers", "bought"])
        return told.astype({"share": "float64", "customers": "int64", "bought": "int64"})

    def through(self, last: Month) -> Iterator[MonthInputs]:
        """The inputs of every month from the first to `last`."""
        yield from map(self.inputs, months(self.begin, last))


def within(frame: pd.DataFrame, time: str, span: Sequence[Month]) -> pd.DataFrame:
    """The rows whose time lies in a stretch of months."""
    start, end = (pd.Timestamp(moment) for moment in (span[0].start(ZONE), span[-1].end(ZONE)))
    return frame.loc[(frame[time] >= start) & (frame[time] < end)].reset_index(drop=True)


def inputs_of(month: Month, sold: pd.DataFrame, **more: Any) -> MonthInputs:
    """The inputs of one month's review, from all rows given."""
    return Company(sold, **more).inputs(month)
