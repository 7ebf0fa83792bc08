"""What customers did after they had said how satisfied they are: answers of one month, orders of the six months after."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from transforms.facts.surveys import SATISFACTION_INSTRUMENTS
from transforms.tables.nothing import no_rows_of

MONTHS_AFTER = 6
"""How long an answer is followed; only answers whose six months are over say anything."""
SUMS = ("customers", "bought")


def followed_facts(answers: pd.DataFrame, later: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Answers of a month (`transforms.facts.surveys.survey_facts`) against the order facts of the months after it.

    One row per answer as 0-1 of its scale (`share`, three decimals), sorted: customers who answered so (each with the
    last answer about satisfaction of the month), and how many of them ordered in the months after. Additive over months.
    """
    rows = answers.loc[answers["instrument"].isin(SATISFACTION_INSTRUMENTS).to_numpy(dtype=bool)]
    last = rows.sort_values(["customer_id", "last_answered_at", "instrument"], kind="stable").drop_duplicates("customer_id", keep="last")
    buyers = [facts.loc[(facts["orders"] > 0).to_numpy(dtype=bool), "customer_id"] for facts in later]
    bought = last["customer_id"].isin(pd.concat(buyers)) if buyers else pd.Series(False, index=last.index)
    told = pd.DataFrame({"share": last["last_share"].round(3), "customers": 1, "bought": bought.astype("int64")})
    return sum_followed([told])


def sum_followed(months: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Facts of several months added up; one row per answer, sorted."""
    filled = [facts for facts in months if len(facts)]
    if not filled:
        return no_followed_answers()
    return pd.concat(filled, ignore_index=True).groupby("share", sort=True)[list(SUMS)].sum().reset_index()


def no_followed_answers() -> pd.DataFrame:
    """The empty frame of followed answers."""
    return no_rows_of({"share": "float64", **dict.fromkeys(SUMS, "int64")})
