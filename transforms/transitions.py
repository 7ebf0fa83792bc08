"""Who moved between the grades in a month."""

from __future__ import annotations

import pandas as pd

from transforms.policy import UNRATED, Policy

NEW = "new"
LOST = "lost"
UNKNOWN = "unknown"
"""Grade before of a customer who ordered earlier but was in no review of last month."""


def transitions(customers: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Grade before x grade after with the number of customers; best grade first, only what occurs.

    grade_before  last month's grade; `new`: first order in the month; `lost`: was lost when it began;
                  `unknown`: ordered earlier, but last month's review did not know the customer
    grade_after   this month's grade; `lost`: lost at its end

    Customers lost before and after are left out, so that the column `lost` holds those lost in the month,
    the row `new` the new ones and the row `lost` those who came back:

        closing = opening + new + back - lost

    where opening adds up the rows that are grades (or unknown), closing the columns that are.
    """
    before = customers["previous_grade"].fillna(UNKNOWN)
    before = before.mask(customers["was_lost"], LOST).mask(customers["is_new"], NEW)
    after = customers["grade"].mask(customers["is_lost"], LOST)
    moving = ~(customers["was_lost"] & customers["is_lost"])
    counted = pd.DataFrame({"grade_before": before[moving], "grade_after": after[moving]}).value_counts().reset_index(name="customers")
    order = {name: number for number, name in enumerate((*(grade.grade for grade in policy.grades), UNRATED, UNKNOWN, NEW, LOST))}

    def place(names: pd.Series) -> pd.Series:
        return names.map(order).fillna(len(order)) if names.name != "customers" else names

    sorted_rows = counted.sort_values(["grade_before", "grade_after"], key=place, kind="stable", ignore_index=True)
    return sorted_rows.assign(customers=sorted_rows["customers"].astype("int64"))
