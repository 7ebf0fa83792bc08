"""What complaints were about: causes of a month, and of the months before it, by customer."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from transforms.facts.tickets import opened_in
from transforms.month import Month
from transforms.tables.nothing import no_rows_of

BEFORE = 6
"""Months before the review's that its causes are held against."""


def no_causes() -> pd.DataFrame:
    """The empty frame of causes over months."""
    return no_rows_of({"back": "int64", "customer_id": "str", "cause": "str", "complaints": "int64"})


def cause_facts(tickets: pd.DataFrame, month: Month, timezone: str) -> pd.DataFrame:
    """Complaints opened in a month: customer_id (empty: nobody's), cause (empty: not told), complaints; sorted by both."""
    empty = no_causes().drop(columns="back")
    if not {"type", "cause"} <= set(tickets.columns):
        return empty
    chosen = opened_in(tickets, month, timezone) & (tickets["type"] == "complaint").fillna(False)
    rows = tickets.loc[chosen.to_numpy(dtype=bool), ["customer_id", "cause"]].fillna("").astype("str")
    if rows.empty:
        return empty
    counted = rows.assign(complaints=1).groupby(["customer_id", "cause"], sort=True)["complaints"].sum()
    return counted.reset_index().astype(empty.dtypes.to_dict())


def causes_over_months(facts: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """Facts of several months as one frame; `back` 0 is the review's month, 1 the month before it."""
    filled = [frame.assign(back=back) for back, frame in sorted(facts.items()) if len(frame)]
    return pd.concat(filled, ignore_index=True)[list(no_causes().columns)] if filled else no_causes()
