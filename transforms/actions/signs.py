"""What the reasons to act are read from, beside the customers' own columns: tickets, contracts, answers, months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.facts.matching import Lookup, locate
from transforms.facts.monthly import YEAR
from transforms.facts.surveys import SATISFACTION_INSTRUMENTS
from transforms.inputs import History, MonthInputs
from transforms.money import BoolArray, FloatArray, IntArray
from transforms.tables.nothing import no_rows_of


@dataclass(frozen=True)
class Signs:
    """One entry per customer, in the order of the review.

    contract_end        day; missing where none is known
    asks_tickets        whether tickets are supplied, so that no ticket means that there was none
    tickets_open        tickets without a solution at the month's end; None where tickets, or their solutions, are not told
    complaints_open     the same of complaints, else 0
    complaints_late     complaints settled in the month after they were due
    answered            an answer about satisfaction in the month
    index_before        last month's satisfaction index, NaN where there is none
    refunds, gross_12m  the month's refunds and the orders of twelve months, ten-thousandths
    peak                net of the twelve months that end with the month of the last order, ten-thousandths
    """

    contract_end: pd.Series
    asks_tickets: bool
    tickets_open: IntArray | None
    complaints_open: IntArray
    complaints_late: IntArray
    answered: BoolArray
    index_before: FloatArray
    refunds: IntArray
    gross_12m: IntArray
    peak: IntArray


def read_signs(inputs: MonthInputs, history: History) -> Signs:
    """The signs of a month; what is not supplied gives none."""
    ids, size = inputs.window["customer_id"], len(inputs.window)
    tickets = inputs.tickets.loc[inputs.tickets["customer_id"].notna()]
    answers = inputs.surveys.loc[inputs.surveys["customer_id"].notna() & inputs.surveys["instrument"].isin(SATISFACTION_INSTRUMENTS)]
    last = history.customers
    (known_rows, before_rows), _ = locate(ids, [inputs.customers["customer_id"], last["customer_id"]])
    known, before = Lookup.of(known_rows, size), Lookup.of(before_rows, size)
    contract_end = known.column(inputs.customers["contract_end"]) if "contract_end" in inputs.customers else None
    complaint = (tickets["type"] == "complaint").fillna(False).to_numpy(dtype=bool) if "type" in tickets else np.zeros(len(tickets), bool)
    is_open = tickets["resolved_at"].isna().to_numpy(dtype=bool) if _knows_solutions(inputs) else None
    nobody = np.zeros(size, dtype=np.int64)
    return Signs(
        contract_end=pd.Series([pd.NaT] * size, dtype="datetime64[us]") if contract_end is None else contract_end.astype("datetime64[us]"),
        asks_tickets="tickets" in inputs.supplied,
        tickets_open=None if is_open is None else _counts(ids, tickets.loc[is_open]),
        complaints_open=nobody if is_open is None else _counts(ids, tickets.loc[is_open & complaint]),
        complaints_late=_counts(ids, tickets.loc[_settled_late(inputs, tickets) & complaint]),
        answered=_counts(ids, answers.loc[answers["score"].notna()]) > 0,
        index_before=before.numbers(last["satisfaction_index"]) if "satisfaction_index" in last else np.full(size, np.nan),
        refunds=inputs.window["month_refunds"].to_numpy(dtype=np.int64),
        gross_12m=inputs.window["gross_12m"].to_numpy(dtype=np.int64),
        peak=_peak(inputs),
    )


def _knows_solutions(inputs: MonthInputs) -> bool:
    """Whether the tickets say when they were solved; where none ever does, a ticket without a solution is no open one."""
    if "tickets" not in inputs.supplied or "resolved_at" not in inputs.tickets:
        return False
    if inputs.told is None:
        return bool(inputs.tickets["resolved_at"].notna().any())
    return ("tickets", "resolved_at") in inputs.told


def _settled_late(inputs: MonthInputs, tickets: pd.DataFrame) -> BoolArray:
    """Tickets that were solved in the month, after they were due."""
    if "resolved_at" not in tickets:
        return np.zeros(len(tickets), dtype=bool)
    solved = tickets["resolved_at"] >= pd.Timestamp(inputs.month.start(inputs.timezone))
    late = (tickets["resolved_at"] > tickets["sla_due_at"]) if "sla_due_at" in tickets else pd.Series(False, index=tickets.index)
    if "sla_met" in tickets:
        late = late | (tickets["sla_met"].astype("boolean") == False).fillna(False)  # noqa: E712 - three values
    return (solved & late).fillna(False).to_numpy(dtype=bool)


def _counts(ids: pd.Series, rows: pd.DataFrame) -> IntArray:
    """How many of the rows each customer has."""
    counted = rows["customer_id"].value_counts(sort=False)
    (places,), _ = locate(ids, [counted.index.to_series().astype("str").reset_index(drop=True)])
    return Lookup.of(places, len(ids)).counts(counted.reset_index(drop=True))


def _peak(inputs: MonthInputs) -> IntArray:
    """Net of the twelve months that end with the month of the last order; where months are not told, what the window can say.

    The months known are 24. Who has been silent for longer counts with what he brought in a mean year since the first order.
    """
    window, size = inputs.window, len(inputs.window)
    row, back, orders, net = (inputs.monthly[name].to_numpy(dtype=np.int64) for name in ("row", "back", "orders", "net"))
    last = np.full(size, -1, dtype=np.int64)
    bought = orders > 0
    # Sorted by row and months back: written from the end, the first month of each customer stays.
    last[row[bought][::-1]] = back[bought][::-1]
    inside = (last[row] >= 0) & (back >= last[row]) & (back < last[row] + YEAR)
    found = np.zeros(size, dtype=np.int64)
    np.add.at(found, row[inside], net[inside])
    total = window["total_gross"].to_numpy(dtype=np.int64) - window["total_refunds"].to_numpy(dtype=np.int64)
    first, end = (window[name].to_numpy(dtype="datetime64[M]").astype(np.int64) for name in ("first_order_on", "last_order_on"))
    mean = total * YEAR // np.maximum(YEAR, end - first + 1)
    result: IntArray = np.where(last >= 0, found, mean)
    return result


def courses(inputs: MonthInputs, ids: Mapping[str, int]) -> pd.DataFrame:
    """Orders and net of the last twelve months, month by month, of some customers (id -> row of the window).

    One row per customer and month: customer_id, back (11: the oldest, 0: the month itself), orders, net (ten-thousandths);
    sorted by customer_id, oldest first. A month without orders is 0. No row where months are not told.
    """
    names = sorted(ids)
    if inputs.monthly.empty or not names:
        return no_courses()
    place = np.full(len(inputs.window), -1, dtype=np.int64)
    place[[ids[name] for name in names]] = np.arange(len(names))
    told = inputs.monthly.loc[(place[inputs.monthly["row"].to_numpy()] >= 0) & (inputs.monthly["back"] < YEAR).to_numpy()]
    sums = np.zeros((2, len(names), YEAR), dtype=np.int64)
    at = place[told["row"].to_numpy()], YEAR - 1 - told["back"].to_numpy()
    sums[0][at], sums[1][at] = told["orders"].to_numpy(), told["net"].to_numpy()
    return pd.DataFrame(
        {
            "customer_id": pd.Series(np.repeat(np.array(names, dtype=object), YEAR), dtype="str"),
            "back": np.tile(np.arange(YEAR - 1, -1, -1), len(names)),
            "orders": sums[0].ravel(),
            "net": sums[1].ravel(),
        }
    )


def no_courses() -> pd.DataFrame:
    """The empty frame of `courses`."""
    return no_rows_of({"customer_id": "str", "back": "int64", "orders": "int64", "net": "int64"})
