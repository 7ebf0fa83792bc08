"""Merged records: several ids of one customer become the one that remains."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from transforms.errors import HeldError

Merged = Mapping[str, str]
"""Id of a merged record -> id of the record that remains."""


def merged_records(customers: pd.DataFrame) -> dict[str, str]:
    """Which ids stand for another customer, chains followed to their end; from `customers.merged_into`.

    A merge counts from the run that first reads it, for all months of that run's windows; what was published
    before stays. Records that are merged in a circle are a HeldError that names them.
    """
    if "merged_into" not in customers:
        return {}
    rows = customers.dropna(subset=["merged_into"])
    step = {str(old): str(new) for old, new in zip(rows["customer_id"], rows["merged_into"], strict=True) if old != new}
    return {old: _end(old, step) for old in sorted(step)}


def _end(start: str, step: Mapping[str, str]) -> str:
    seen = [start]
    while seen[-1] in step:
        following = step[seen[-1]]
        if following in seen:
            circle = " -> ".join([*seen[seen.index(following) :], following])
            raise HeldError(
                f"customers: records are merged in a circle: {circle}. Nothing was scored or published.\n"
                "Correct merged_into in the customers source, then run the same command again."
            )
        seen.append(following)
    return seen[-1]


def as_one(rows: pd.DataFrame, merged: Merged) -> pd.DataFrame:
    """The same rows, each under the customer that remains."""
    if not merged or "customer_id" not in rows:
        return rows
    known = rows["customer_id"]
    return rows.assign(customer_id=known.map(merged).astype(known.dtype).where(known.isin(list(merged)), known))


def with_merged_records(customers: pd.DataFrame, merged: Merged) -> frozenset[str]:
    """The ids of these customers and of the records that were merged into them."""
    own = frozenset(customers["customer_id"].astype("str"))
    return own | frozenset(old for old, new in merged.items() if new in own)


def remaining(customers: pd.DataFrame, merged: Merged) -> pd.DataFrame:
    """The customers without the records that were merged into another; sorted by customer_id."""
    kept = customers.loc[~customers["customer_id"].isin(list(merged))]
    return kept.sort_values("customer_id", kind="stable", ignore_index=True)
