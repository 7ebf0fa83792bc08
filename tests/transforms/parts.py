"""Scopes to compute indicators of: a whole scored company from orders, or just the columns that a formula looks at."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd

from tests.transforms.builders import ZONE, canonical, inputs_of
from transforms.facts.surveys import no_answers
from transforms.figures import Scope
from transforms.indicators.declare import Part
from transforms.indicators.everybody import Everybody
from transforms.indicators.summary import scopes
from transforms.inputs import MonthInputs
from transforms.month import Month
from transforms.policy.rules import Policy, builtin
from transforms.review import no_history, review_month

MARCH = Month(2024, 3)


def company_part(sold: pd.DataFrame, month: Month = MARCH, policy: Policy | None = None, **more: Any) -> Part:
    """The company as a scope, scored from its orders."""
    inputs = inputs_of(month, sold, **more)
    review = review_month(inputs, no_history(), policy or builtin())
    return next(iter(scopes(inputs, review.customers, review.policy)))


def bare_part(month: Month = MARCH, policy: Policy | None = None, **columns: Any) -> Part:
    """A company of which nothing is known but these columns; days may be text."""
    known = {name: pd.to_datetime(pd.Series(cells)) if name.endswith("_on") else pd.Series(cells) for name, cells in columns.items()}
    return Part(
        Scope.COMPANY,
        "",
        bare_inputs(month),
        policy or builtin(),
        Everybody(pd.DataFrame(known), bare_inputs(month).window),
        None,
        _none("tickets"),
        _none("surveys"),
        frozenset(),
    )


def bare_inputs(month: Month) -> MonthInputs:
    """The inputs of a month in which nothing is supplied."""
    nobody = pd.DataFrame({"customer_id": pd.Series([], dtype="str")})
    none = {name: _none(name) for name in ("customers", "tickets", "surveys")}
    return MonthInputs(month, ZONE, "CNY", frozenset({"orders"}), nobody, nobody, **none, survey_window=no_answers())


@cache
def _none(table: str) -> pd.DataFrame:
    return canonical(table, [])
