"""What the registers say at a month's end: strategies, actions, named customers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.classes.lost import BEHAVIOUR_CLASSES, VALUE_CLASSES
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

    behaviour_class, value_class, entry_id, subject, body, owner, due_on, indicator, value; of several entries of a cell the newest counts.
    """
    rows = in_force(entries(registers, "strategy"), month)
    rows = rows.loc[rows["value_class"].isin(VALUE_CLASSES) & rows["behaviour_class"].isin(BEHAVIOUR_CLASSES)]
    newest = rows.sort_values(["opened_on", "entry_id"], kind="stable", na_position="first")
    columns = ["behaviour_class", "value_class", "entry_id", "subject", "body", "owner", "due_on", "indicator", "value"]
    kept = newest.drop_duplicates(["behaviour_class", "value_class"], keep="last")[columns]
    return kept.sort_values(["behaviour_class", "value_class"], kind="stable", ignore_index=True)


def alike(registers: pd.DataFrame, month: Month) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Pairs of neighbouring cells whose strategies in force do not differ in a word or a number: service that differs on paper alone.

    A cell is (behaviour class, value class); neighbours share one of the two.
    """
    found = strategies(registers, month)
    words = found[["subject", "body", "indicator", "value"]].astype("str").fillna("")
    keys = zip(found["behaviour_class"], found["value_class"], strict=True)
    said = dict(zip(keys, words.itertuples(index=False, name=None), strict=True))
    cells = [(behaviour, value) for behaviour in BEHAVIOUR_CLASSES for value in VALUE_CLASSES if (behaviour, value) in said]
    pairs = [(one, other) for place, one in enumerate(cells) for other in cells[place + 1 :] if one[0] == other[0] or one[1] == other[1]]
    return [(one, other) for one, other in pairs if said[one] == said[other]]


def planned_values(registers: pd.DataFrame, month: Month) -> dict[tuple[str, str], float]:
    """What the strategies of single classes plan: (class, indicator) -> the value of the newest entry in force that names both.

    Only entries that name one class alone (`value_class`, which also holds practice classes, or `behaviour_class`) count.
    """
    rows = in_force(entries(registers, "strategy"), month)
    rows = rows.loc[rows["indicator"].notna() & rows["value"].notna() & (rows["value_class"].notna() != rows["behaviour_class"].notna())]
    newest = rows.sort_values(["opened_on", "entry_id"], kind="stable", na_position="first")
    names = newest["value_class"].fillna(newest["behaviour_class"])
    values = newest["value"].to_numpy(dtype=np.float64)
    return {(str(name), str(one)): float(value) for name, one, value in zip(names, newest["indicator"], values, strict=True)}


def group_strategies(registers: pd.DataFrame, month: Month) -> pd.DataFrame:
    """Strategies of groups by attribute or source: `field` and `field_value` name the group."""
    rows = in_force(entries(registers, "strategy"), month)
    return rows.loc[rows["field"].notna() & rows["field_value"].notna()].reset_index(drop=True)


def missing_cells(registers: pd.DataFrame, month: Month) -> list[tuple[str, str]]:
    """The cells of behaviour class and value class without a strategy."""
    found = strategies(registers, month)
    held = set(zip(found["behaviour_class"], found["value_class"], strict=True))
    return [(behaviour, value) for behaviour in BEHAVIOUR_CLASSES for value in VALUE_CLASSES if (behaviour, value) not in held]
