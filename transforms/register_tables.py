"""What the registers say at a month's end: strategies, actions, named customers."""

from __future__ import annotations

import pandas as pd

from transforms.classes import BEHAVIOUR_CLASSES, VALUE_CLASSES
from transforms.month import Month


def entries(registers: pd.DataFrame, register: str) -> pd.DataFrame:
    """The entries of one register, sorted by id."""
    if registers.empty:
        return registers
    return registers.loc[(registers["register"] == register).to_numpy(dtype=bool, na_value=False)].reset_index(drop=True)


def in_force(rows: pd.DataFrame, month: Month) -> pd.DataFrame:
    """Those that are not closed by a month's end: an entry counts on its last day too."""
    ended = (rows["closed_on"] < pd.Timestamp(month.last_day)).to_numpy(dtype=bool, na_value=False)
    return rows.loc[~ended].reset_index(drop=True)


def strategic_customers(registers: pd.DataFrame) -> pd.Series:
    """Ids that somebody named strategic; only entries with an author count, as the list must be answerable."""
    rows = entries(registers, "strategic")
    return rows.loc[rows["author"].notna() & rows["customer_id"].notna() & rows["closed_on"].isna(), "customer_id"]


def strategies(registers: pd.DataFrame, month: Month) -> pd.DataFrame:
    """The strategy of each value class and behaviour class in force at a month's end; one row per cell that has one.

    behaviour_class, value_class, entry_id, subject, body, owner, due_on; of several entries of a cell the newest counts.
    """
    rows = in_force(entries(registers, "strategy"), month)
    rows = rows.loc[rows["value_class"].isin(VALUE_CLASSES) & rows["behaviour_class"].isin(BEHAVIOUR_CLASSES)]
    newest = rows.sort_values(["opened_on", "entry_id"], kind="stable", na_position="first")
    columns = ["behaviour_class", "value_class", "entry_id", "subject", "body", "owner", "due_on"]
    kept = newest.drop_duplicates(["behaviour_class", "value_class"], keep="last")[columns]
    return kept.sort_values(["behaviour_class", "value_class"], kind="stable", ignore_index=True)


def group_strategies(registers: pd.DataFrame, month: Month) -> pd.DataFrame:
    """Strategies of groups by attribute or source: `field` and `field_value` name the group."""
    rows = in_force(entries(registers, "strategy"), month)
    return rows.loc[rows["field"].notna() & rows["field_value"].notna()].reset_index(drop=True)


def missing_cells(registers: pd.DataFrame, month: Month) -> list[tuple[str, str]]:
    """The cells of behaviour class and value class without a strategy."""
    found = strategies(registers, month)
    held = set(zip(found["behaviour_class"], found["value_class"], strict=True))
    return [(behaviour, value) for behaviour in BEHAVIOUR_CLASSES for value in VALUE_CLASSES if (behaviour, value) not in held]
