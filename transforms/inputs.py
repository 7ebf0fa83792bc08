"""What a month's review is computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import pandas as pd

from transforms.facts.causes import no_causes
from transforms.facts.cohorts import no_cohorts
from transforms.facts.followed import no_followed_answers
from transforms.facts.groups import no_channels, no_lines
from transforms.facts.monthly import no_months
from transforms.facts.tickets import no_tickets
from transforms.month import Month
from transforms.policy.rules import Policy
from transforms.tables.columns import no_rows
from transforms.tables.contract import COSTS, PLANS
from transforms.tables.relations import CAMPAIGNS, CONTACTS, QUOTES, REGISTERS


@dataclass(frozen=True)
class SurveyRules:
    """Display thresholds for survey figures; a policy of presentation, not a standard."""

    min_n: int = 10
    flag_n: int = 30


@dataclass(frozen=True)
class MonthInputs:
    """All that one month's review is computed from; masked: nothing at or after the month's end.

    window    one row per customer with an order ever (index-free, sorted by customer_id):
              sums over the twelve months that end with `month`, the twelve before (`prior_`),
              the month itself (`month_`), and since the first order (`total_`); see
              `transforms.facts.window` for the columns. Money in ten-thousandths.
    unattributed   the same sums for orders without a customer, one row (or none)
    customers one row per known customer (canonical columns); may lack customers that only orders know
    tickets   tickets with any event (opened, resolved, due) in the month, canonical columns
    surveys   answers of the month, canonical columns
    survey_window  one row per customer and instrument over twelve months: answers, score_sum (0-1), last_score, ...
    supplied  names of the canonical tables that are configured; others print "not supplied"
    ticket_window  one row per customer over twelve months: tickets, complaints, last_opened_at
    first_month    first month of the history; None: unknown
    began     first month of the history with rows, by table that has any
    incomplete   (table, month) of the last 24 months whose days are missing at the source (`transforms.facts.days`)
    before    the rows of `window` at the end of the month before, from the data known now, where it was scored from
              other data; None: nothing of it was restated
    told      columns of orders, order_lines, tickets, surveys, contacts and quotes that some row of the history
              fills, as (table, column); None: whatever the month's own rows of tickets and surveys fill

    Optional, empty where the table is not in `supplied` (or a column is not told):
    year_ago  the window's customers twelve months before (None: the history does not reach back): customer_id,
              first_order_on, last_order_on, total_days, total_orders, total_gross, total_refunds, first_day_gross
    models    whether lifetime models are asked for; they look back further, in `earlier`, and with them the window has
              basket_slope and season_start (`transforms.facts.baskets`, `transforms.facts.monthly`)
    earlier   months back (12, 24, 36) -> what was known of the customers then, the columns of `year_ago`
    monthly   orders and net by row of the window and month, 24 months; empty where no models are asked for
    cohorts   the triangle of the whole history (`transforms.facts.cohorts`)
    channels_12m, lines_12m   orders by customer and channel, order lines by customer and category over twelve months
              (`transforms.facts.groups`); the empty customer_id belongs to nobody
    contacts, quotes   rows of twelve months, each once, as they stood at the month's end (canonical columns)
    followed  answers about satisfaction that are six months old and up to eighteen, with who ordered in the six months
              after the answer's (`transforms.facts.followed`)
    causes    complaints of the month and the six before by customer and cause (`transforms.facts.causes`)
    costs     canonical rows of 24 months; plans, campaigns, registers: all of them, as a month's end knows them
    """

    month: Month
    timezone: str
    currency: str
    supplied: frozenset[str]
    window: pd.DataFrame
    unattributed: pd.DataFrame
    customers: pd.DataFrame
    tickets: pd.DataFrame
    surveys: pd.DataFrame
    survey_window: pd.DataFrame
    rules: SurveyRules = SurveyRules()
    ticket_window: pd.DataFrame = field(default_factory=no_tickets)
    first_month: Month | None = None
    began: Mapping[str, Month] = field(default_factory=dict)
    incomplete: frozenset[tuple[str, Month]] = frozenset()
    told: frozenset[tuple[str, str]] | None = None
    year_ago: pd.DataFrame | None = None
    models: bool = False
    earlier: Mapping[int, pd.DataFrame] = field(default_factory=dict)
    monthly: pd.DataFrame = field(default_factory=no_months)
    cohorts: pd.DataFrame = field(default_factory=no_cohorts)
    channels_12m: pd.DataFrame = field(default_factory=no_channels)
    lines_12m: pd.DataFrame = field(default_factory=no_lines)
    contacts: pd.DataFrame = field(default_factory=partial(no_rows, CONTACTS))
    quotes: pd.DataFrame = field(default_factory=partial(no_rows, QUOTES))
    costs: pd.DataFrame = field(default_factory=partial(no_rows, COSTS))
    plans: pd.DataFrame = field(default_factory=partial(no_rows, PLANS))
    campaigns: pd.DataFrame = field(default_factory=partial(no_rows, CAMPAIGNS))
    registers: pd.DataFrame = field(default_factory=partial(no_rows, REGISTERS))
    followed: pd.DataFrame = field(default_factory=no_followed_answers)
    before: pd.DataFrame | None = None
    causes: pd.DataFrame = field(default_factory=no_causes)


@dataclass(frozen=True)
class Standard:
    """A policy that earlier months were scored by: the first such month that is known, version, author and reason."""

    since: Month
    version: str
    author: str
    reason: str


@dataclass(frozen=True)
class History:
    """What earlier months said: last month's customers, and figures of up to 24 months before.

    customers  last month's `MonthReview.customers` (empty frame with the columns on the first month)
    figures    `FIGURE_COLUMNS` plus `month` (text `YYYY-MM`), oldest first
    year_ago   of `MonthReview.customers` twelve months before those of `YEAR_AGO_COLUMNS` that it had;
               no row where that month was not reviewed
    policy     the policy that last month was scored by; None: this month's
    stood_on   (table, month) -> digest of the rows that last month was scored from; None: those of this month's chain
    standards  what the months of `figures` were scored by, oldest first
    """

    customers: pd.DataFrame
    figures: pd.DataFrame
    year_ago: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"customer_id": pd.Series([], dtype="str")}))
    policy: Policy | None = None
    stood_on: Mapping[tuple[str, str], str] | None = None
    standards: tuple[Standard, ...] = ()


YEAR_AGO_COLUMNS = (
    *("customer_id", "tier", "grade", "score", "value_class", "behaviour_class", "practice_class", "value_score"),
    *("orders_12m", "net_12m", "net_total", "current_value", "historic_value", "potential_value", "p_alive", "expected_net_12m"),
    *("satisfaction_index", "satisfaction_n", "nps_score", "loyalty_index", "behavioural_loyalty", "loyalty_type", "ladder", "is_lost"),
)
"""What tests of the standard and transitions over a year look back at."""


def year_ago_of(customers: pd.DataFrame) -> pd.DataFrame:
    """The columns of a review's customers that the review twelve months later looks back at."""
    return customers[[name for name in YEAR_AGO_COLUMNS if name in customers]]
