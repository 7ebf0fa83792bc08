"""Manual grades: entries of the register `override`, each with an author, a reason and an end, or refused."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from transforms.facts.matching import Lookup, locate
from transforms.grades.grading import NONE, grade_names, grade_numbers
from transforms.money import IntArray
from transforms.month import Month
from transforms.policy.rules import Policy

REGISTER = "override"
OVERRIDE_COLUMNS = ("override_grade", "override_author", "override_reason", "override_until")


@dataclass(frozen=True)
class Overrides:
    """The manual grades of a month.

    standing  entries in force at the month's end: entry_id, customer_id, grade, author, reason, until (day)
    refused   entries that are not applied: entry_id, customer_id, why
    ended     entries that ended in the month, as `standing`: from now on the rules decide
    twice     customers with more than one entry in force; all of theirs are refused
    """

    standing: pd.DataFrame
    refused: pd.DataFrame
    ended: pd.DataFrame
    twice: int


def overrides_of(registers: pd.DataFrame, month: Month, policy: Policy) -> Overrides:
    """Read the register as it stood at a month's end: `field_value` is the grade, `due_on` the last day of validity.

    An entry holds from `opened_on` to `due_on`, or until it was closed. It is refused without customer, author,
    reason or last day, with a grade that the policy does not have, and where a customer has two.
    """
    if registers.empty:
        return no_overrides()
    rows = registers.loc[(registers["register"] == REGISTER).to_numpy(dtype=bool)]
    entries = pd.DataFrame(
        {
            "entry_id": rows["entry_id"],
            "customer_id": rows["customer_id"],
            "grade": rows["field_value"],
            "author": rows["author"],
            "reason": rows["reason"],
            "until": rows["due_on"],
            "closed_on": rows["closed_on"],
        }
    ).reset_index(drop=True)
    first, last = pd.Timestamp(month.first_day), pd.Timestamp(month.last_day)
    known = {grade.grade for grade in policy.grades}
    lacking = {name: entries[name].isna() | (entries[name].astype("str").str.strip() == "") for name in ("customer_id", "author", "reason")}
    why = np.full(len(entries), "", dtype=object)
    why[~entries["grade"].isin(known).to_numpy(dtype=bool)] = f"its grade is none of {', '.join(grade.grade for grade in policy.grades)}"
    why[entries["until"].isna().to_numpy(dtype=bool)] = "it has no last day (due_on)"
    for name, empty in lacking.items():
        why[empty.to_numpy(dtype=bool)] = f"it has no {name}"
    end = entries["until"].where(entries["closed_on"].isna() | (entries["closed_on"] > entries["until"]), entries["closed_on"])
    over = (end < last).fillna(False).to_numpy(dtype=bool) | entries["closed_on"].notna().to_numpy(dtype=bool)
    good = why == ""
    repeated = entries["customer_id"].duplicated(keep=False).to_numpy(dtype=bool)
    if repeated.any():
        live = entries.loc[good & ~over, "customer_id"]
        clashing = entries["customer_id"].isin(live[live.duplicated(keep=False)]).to_numpy(dtype=bool) & good & ~over
        why[clashing] = "its customer has more than one in force"
        good &= ~clashing
        twice = int(entries.loc[clashing, "customer_id"].nunique())
    else:
        twice = 0
    entries = entries.drop(columns="closed_on")
    ended = good & over & (end >= first).fillna(False).to_numpy(dtype=bool)
    return Overrides(
        _in_order(entries.loc[good & ~over]),
        _in_order(entries.assign(why=pd.Series(why, dtype="str")).loc[(why != "") & ~over, ["entry_id", "customer_id", "why"]]),
        _in_order(entries.loc[ended]),
        twice,
    )


def _in_order(entries: pd.DataFrame) -> pd.DataFrame:
    return entries.sort_values(["customer_id", "entry_id"], kind="stable", ignore_index=True)


@cache
def no_overrides() -> Overrides:
    """A month whose grades are all by rule."""
    entries = pd.DataFrame({name: pd.Series([], dtype="str") for name in ("entry_id", "customer_id", "grade", "author", "reason", "until")})
    return Overrides(entries, entries[["entry_id", "customer_id"]].assign(why=entries["reason"]), entries, 0)


def apply_overrides(
    ids: pd.Series, by_rule: IntArray, registers: pd.DataFrame, month: Month, policy: Policy
) -> tuple[IntArray, dict[str, object]]:
    """The grade numbers with manual grades in their place, and the columns `OVERRIDE_COLUMNS`, missing where there is none."""
    found = overrides_of(registers, month, policy).standing
    (places,), _ = locate(ids, [found["customer_id"]])
    manual = Lookup.of(places, len(ids))
    numbers = np.full(len(ids), NONE, dtype=np.int64)
    if len(found):
        numbers[manual.is_known] = grade_numbers(found["grade"], policy)[manual.rows[manual.is_known]]
    columns: dict[str, object] = {
        "override_grade": grade_names(numbers, policy),
        "override_author": manual.column(found["author"]).astype("str"),
        "override_reason": manual.column(found["reason"]).astype("str"),
        "override_until": manual.column(found["until"]).astype("datetime64[us]"),
    }
    return np.where(manual.is_known, numbers, by_rule), columns
