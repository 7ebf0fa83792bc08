"""What a month's review is computed from."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from transforms.facts.tickets import no_tickets
from transforms.month import Month


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
    told      columns of tickets and surveys that some row of the history fills, as (table, column);
              None: whatever the month's own rows fill
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
    told: frozenset[tuple[str, str]] | None = None


@dataclass(frozen=True)
class History:
    """What earlier months said: last month's customers, and figures of up to 24 months before.

    customers  last month's `MonthReview.customers` (empty frame with the columns on the first month)
    figures    `FIGURE_COLUMNS` plus `month` (text `YYYY-MM`), oldest first
    """

    customers: pd.DataFrame
    figures: pd.DataFrame
