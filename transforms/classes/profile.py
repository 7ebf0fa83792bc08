"""What is known of each customer beside orders, answers and tickets: attributes, groups, contacts, completeness."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from transforms.classes.roles import UNKNOWN
from transforms.facts.matching import Lookup, locate
from transforms.inputs import MonthInputs
from transforms.money import FloatArray, IntArray
from transforms.month import Month
from transforms.policy.declared_segments import FIELDS
from transforms.policy.rules import Policy

ATTRIBUTES = ("region", "industry", "gender", "occupation", "kind", "source_channel")
AGE_EDGES = (18, 25, 35, 45, 55, 65)
AGE_BANDS = ("under 18", "18-24", "25-34", "35-44", "45-54", "55-64", "65 and over", UNKNOWN)

GAP_EDGES = (8, 31, 91, 181)
GAP_BANDS = ("to 7 days", "8-30 days", "31-90 days", "91-180 days", "over 180 days", "one purchase day")


def attributes(inputs: MonthInputs, known: Lookup, names: tuple[str, ...] = ATTRIBUTES) -> dict[str, pd.Series]:
    """Attributes of the customers table, one entry per customer; `unknown` where it does not tell. Unknown is a group of its own."""
    size = len(known.rows)
    return {
        name: known.column(inputs.customers[name]).astype("str").fillna(UNKNOWN)
        if name in inputs.customers
        else pd.Series([UNKNOWN] * size, dtype="str")
        for name in names
    }


def rule_fields(inputs: MonthInputs, known: Lookup) -> dict[str, pd.Series]:
    """The columns that segment rules may look at, as far as the customers table has them."""
    return {name: known.column(inputs.customers[name]).astype("str") for name in FIELDS if name in inputs.customers}


def age_band(birth_date: pd.Series | None, month: Month, size: int) -> pd.Series:
    """Age at the month's last day as a band; the 29th of February counts as the 1st of March where there is none."""
    number = np.full(size, len(AGE_BANDS) - 1, dtype=np.int64)
    if birth_date is not None:
        born = birth_date.to_numpy(dtype="datetime64[D]")
        told = ~np.isnat(born)
        years = born[told].astype("datetime64[Y]").astype(np.int64) + 1970
        day_of_year = pd.DatetimeIndex(born[told])
        last = month.last_day
        before = (day_of_year.month > last.month) | ((day_of_year.month == last.month) & (day_of_year.day > last.day))
        age = last.year - years - np.asarray(before, dtype=np.int64)
        number[told] = np.searchsorted(AGE_EDGES, age, side="right")
    return pd.Series(pd.Series(AGE_BANDS, dtype="str").array.take(number))


def completeness(inputs: MonthInputs, known: Lookup, policy: Policy) -> FloatArray:
    """Share 0-1 of the fields of a complete customer file that are filled; 0 for who is in no customers table."""
    fields = policy.classes.card_fields
    filled = np.zeros(len(known.rows))
    for name in fields:
        if name in inputs.customers:
            filled += known.column(inputs.customers[name]).notna().to_numpy(dtype=np.float64)
    return filled / len(fields) if fields else filled


def largest_group(facts: pd.DataFrame, group: str, measure: str, ids: pd.Series) -> pd.Series:
    """The group (channel, category) in which each customer has most of a measure; missing without one, or where none is told.

    Of equal ones the first by name.
    """
    told = facts.loc[(facts[group] != "").to_numpy(dtype=bool) & (facts["customer_id"] != "").to_numpy(dtype=bool)]
    if told.empty:
        return pd.Series([None] * len(ids), dtype="str")
    best = told.sort_values(["customer_id", measure, group], ascending=[True, False, True], kind="stable").drop_duplicates("customer_id")
    (places,), _ = locate(ids, [best["customer_id"].reset_index(drop=True)])
    return Lookup.of(places, len(ids)).column(best[group].reset_index(drop=True)).astype("str")


def contacts_of(inputs: MonthInputs) -> dict[str, object]:
    """Contacts of twelve months per customer of the window: contacts_12m and visits_12m (both ways), and last_contact_on (local day).

    Missing where contacts are not supplied.
    """
    ids, size = inputs.window["customer_id"], len(inputs.window)
    if "contacts" not in inputs.supplied:
        return {
            "contacts_12m": pd.array([None] * size, dtype="Int64"),
            "visits_12m": pd.array([None] * size, dtype="Int64"),
            "last_contact_on": pd.Series([pd.NaT] * size, dtype="datetime64[us]"),
        }
    told = inputs.contacts.loc[inputs.contacts["customer_id"].notna()]
    grouped = told.groupby("customer_id", sort=True)["contacted_at"].agg(["size", "max"])
    visit = told["method"].str.lower().eq("visit").fillna(False).astype("int64")
    visits = visit.groupby(told["customer_id"], sort=True).sum().reset_index(drop=True)
    (places,), _ = locate(ids, [grouped.index.to_series().reset_index(drop=True)])
    found = Lookup.of(places, size)
    days = grouped["max"].dt.tz_convert(inputs.timezone).dt.tz_localize(None).dt.normalize().reset_index(drop=True)
    return {
        "contacts_12m": pd.array(found.counts(grouped["size"].reset_index(drop=True)), dtype="Int64"),
        "visits_12m": pd.array(found.counts(visits), dtype="Int64"),
        "last_contact_on": found.column(days.astype("datetime64[us]")),
    }


def feedback_rate(inputs: MonthInputs) -> FloatArray:
    """Answers and tickets of twelve months per occasion to speak: orders and contacts, one at least; one number per customer."""
    spoken = pd.Series(contacts_of(inputs)["contacts_12m"]).fillna(0).to_numpy(dtype=np.int64)
    said = _sums_per_customer(inputs, inputs.survey_window, "answers") + _sums_per_customer(inputs, inputs.ticket_window, "tickets")
    return np.asarray(said / np.maximum(1, inputs.window["orders_12m"].to_numpy() + spoken), dtype=np.float64)


def _sums_per_customer(inputs: MonthInputs, facts: pd.DataFrame, column: str) -> IntArray:
    sums = facts.groupby("customer_id", sort=True)[column].sum()
    (places,), _ = locate(inputs.window["customer_id"], [sums.index.to_series().reset_index(drop=True)])
    return Lookup.of(places, len(inputs.window)).counts(sums.reset_index(drop=True))


def basket_change(window: pd.DataFrame) -> FloatArray:
    """Average order of the last twelve months over that of the twelve before, less 1; missing where either had no order."""
    now, before = (window[name].to_numpy(dtype=np.float64) for name in ("orders_12m", "prior_orders"))
    with np.errstate(invalid="ignore", divide="ignore"):
        change = (window["gross_12m"].to_numpy() / now) / (window["prior_gross"].to_numpy() / before) - 1
    return np.asarray(np.where(np.isfinite(change), change, np.nan), dtype=np.float64)


def gap_band(median_gap_days: FloatArray) -> pd.Series:
    """The customer's own median interval between purchase days as a band; `one purchase day` where there is no interval yet."""
    number = np.searchsorted(GAP_EDGES, median_gap_days, side="right")
    return pd.Series(pd.Series(GAP_BANDS, dtype="str").array.take(np.where(np.isnan(median_gap_days), len(GAP_BANDS) - 1, number)))


def known_attributes(values: Mapping[str, pd.Series]) -> tuple[str, ...]:
    """Those of the attributes that are known of anybody."""
    return tuple(name for name, column in values.items() if (column != UNKNOWN).any())
