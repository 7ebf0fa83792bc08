"""Parts of a tier that a reader is limited to: which customers belong to one."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from transforms.money import BoolArray

MARK = "~"
"""Stands in a segment's name between the pack it is cut from and what cuts it."""


@dataclass(frozen=True, order=True)
class CustomerFilter:
    """Only customers whose `column` of the customers table is exactly `value`."""

    column: str
    value: str

    def __str__(self) -> str:
        return f"{self.column} = {self.value}"

    def passes(self, ids: pd.Series, known: pd.DataFrame) -> BoolArray:
        """Which of `ids` pass, looked up in the customers table; who is not in it, or has no value there, does not."""
        if self.column not in known or known.empty:
            return ids.isin([]).to_numpy(dtype=bool)
        column = known[self.column]
        same = column.notna() & (column.astype("str").str.strip() == self.value)
        return ids.isin(known.loc[same.to_numpy(dtype=bool), "customer_id"]).to_numpy(dtype=bool)


@dataclass(frozen=True, order=True)
class Segment:
    """The customers of one tier (`tier` None: of the company) that pass a filter; `name` is their pack's and their figures'."""

    name: str
    tier: str | None
    filter: CustomerFilter

    def rows_in(self, customers: pd.DataFrame, known: pd.DataFrame) -> BoolArray:
        """Which rows of a review's customers belong to the segment."""
        passing = self.filter.passes(customers["customer_id"], known)
        return passing if self.tier is None else passing & (customers["tier"] == self.tier).to_numpy(dtype=bool)

    @property
    def suffix(self) -> str:
        """What of the name says which filter it is: the same for every tier."""
        return self.name.partition(MARK)[2]
