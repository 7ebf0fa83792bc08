"""What customers tell us is worth something too: answers that foretell purchases, and the information in tickets."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.classes.registers import entries
from transforms.figures import Better, Scope, Unit
from transforms.indicators.declare import COMPANY_ONLY, MONTH, YEAR_WINDOW, Part, indicator
from transforms.money import IntArray
from transforms.statistics.estimates import Estimate, Z, no_data, no_source, share_of

DISSATISFIED_TO = 0.25
"""Greatest answer, as 0-1 of its scale, that counts as dissatisfied: 1 or 2 of 5."""
INFORMATION = ("need", "innovation", "competitor", "satisfaction", "company")
"""Kinds of information that a ticket may hold (column info_kind)."""
TELLING = ("complaint", "suggestion", "request", "enquiry", "praise")
"""Types of tickets, those that tell most about what to do better first."""


def risk_ratio(hits: int, n: int, other_hits: int, other_n: int, method: str) -> Estimate:
    """How many times as likely one group is as the other, with the log interval (Katz et al. 1978).

    RR = (a / n) / (b / m);  ln RR -+ z sqrt(1/a - 1/n + 1/b - 1/m). Where either group has no hit, one half is added to
    all hits and one to both sizes for the interval alone (Walter 1975); no hit in the other group gives no ratio.
    """
    if n == 0 or other_n == 0:
        return no_data(method, n + other_n)
    a, b, size, other = (float(hits), float(other_hits), float(n), float(other_n))
    if hits == 0 or other_hits == 0:
        a, b, size, other = a + 0.5, b + 0.5, size + 1, other + 1
    middle, half = math.log((a / size) / (b / other)), Z * math.sqrt(1 / a - 1 / size + 1 / b - 1 / other)
    if other_hits == 0:
        return no_data(f"{method}; nobody of the other group did", n + other_n)
    ratio = (hits / n) / (other_hits / other_n)
    lower, upper = min(ratio, math.exp(middle - half)), max(ratio, math.exp(middle + half))
    return Estimate(ratio, n + other_n, lower, upper, method=f"{method}; log interval")


@indicator(
    "satisfied_purchase_ratio",
    title="Satisfied against dissatisfied, purchase",
    unit=Unit.RATIO,
    better=Better.NEITHER,
    formula="share of satisfied customers who ordered in the six months after the answer's / that of dissatisfied ones (1-2 of 5)",
    window=YEAR_WINDOW,
    needs=("surveys",),
    section="value",
    serves=("S209", "Q10"),
    scopes=COMPANY_ONLY,
)
def satisfied_purchase_ratio(part: Part) -> Estimate:
    rows = part.inputs.followed
    satisfied = rows.loc[(rows["share"] >= part.policy.economics.satisfied_from / 100 - 1e-9).to_numpy(dtype=bool)]
    sour = rows.loc[(rows["share"] <= DISSATISFIED_TO + 1e-9).to_numpy(dtype=bool)]
    (hits, n), (other_hits, other_n) = ((int(group["bought"].sum()), int(group["customers"].sum())) for group in (satisfied, sour))
    method = f"{hits} of {n} satisfied, {other_hits} of {other_n} dissatisfied; answers of twelve months, each followed for six"
    return risk_ratio(hits, n, other_hits, other_n, method)


@dataclass(frozen=True)
class TicketsByType:
    """Tickets of one type opened in the month, and by how many customers."""

    kind: str
    items: int
    customers: int


def tickets_by_type(part: Part) -> tuple[TicketsByType, ...]:
    """What the scope's customers told in the month, by type of ticket; empty where no ticket tells a type."""
    return part.once("told_in_month", lambda: _count_tickets_by_type(part))


def _count_tickets_by_type(part: Part) -> tuple[TicketsByType, ...]:
    if not part.tells("tickets", "type"):
        return ()
    kinds, askers = part.everybody.once("kinds and askers of tickets", lambda: _kinds_and_askers(part.inputs.tickets))
    opened = part.tickets.index[part.tickets["opened_now"].to_numpy(dtype=bool)]
    places = part.inputs.tickets.index.get_indexer(opened)
    found = []
    for number, kind in enumerate(TELLING):
        own = places[kinds[places] == number]
        known = askers[own][askers[own] >= 0]
        found.append(TicketsByType(kind, len(own), len(np.unique(known))))
    return tuple(found)


def _kinds_and_askers(tickets: pd.DataFrame) -> tuple[IntArray, IntArray]:
    """Of each ticket its type as a place in `TELLING`, and its customer as a number; -1 where it has none."""
    kinds = pd.Index(TELLING, dtype="str").get_indexer(pd.Index(tickets["type"].astype("str")))
    return kinds.astype(np.int64), pd.factorize(tickets["customer_id"])[0].astype(np.int64)


@dataclass(frozen=True)
class Information:
    """Tickets of the month that hold one kind of information, and what became of them.

    adopted  those that an entry of the register `improvement` names (field ticket_id); None: no register is supplied
    value    sum of what these entries record, in the reporting currency; None: nothing is recorded, which is not zero
    """

    kind: str
    items: int
    customers: int
    adopted: int | None
    value: float | None


def information_in_month(part: Part) -> tuple[Information, ...]:
    """What the scope's customers told in the month, by the five kinds of information; empty where no ticket names a kind.

    Tickets without one of the five kinds stand last, under the empty name.
    """
    return part.once("information_in_month", lambda: _information_in_month(part))


def _information_in_month(part: Part) -> tuple[Information, ...]:
    rows = part.inputs.tickets
    if not part.tells("tickets", "info_kind") or "info_kind" not in rows:
        return ()
    opened = part.tickets.index[part.tickets["opened_now"].to_numpy(dtype=bool)]
    own = rows.iloc[rows.index.get_indexer(opened)]
    kinds = own["info_kind"].str.lower().where(own["info_kind"].str.lower().isin(INFORMATION), "").fillna("")
    register = entries(part.inputs.registers, "improvement") if "registers" in part.inputs.supplied else None
    found = []
    for kind in (*INFORMATION, ""):
        here = own.loc[(kinds == kind).to_numpy(dtype=bool)]
        adopted, value = (None, None) if register is None else _improvements_named(here["ticket_id"], register)
        found.append(Information(kind, len(here), int(here["customer_id"].nunique()), adopted, value))
    return tuple(found)


def _improvements_named(tickets: pd.Series, register: pd.DataFrame) -> tuple[int, float | None]:
    """How many tickets an improvement names, and the recorded value of those improvements, each counted once."""
    chosen = ((register["field"] == "ticket_id") & register["field_value"].isin(tickets)).to_numpy(dtype=bool)
    named = register.loc[chosen]
    told = named["value"].dropna()
    return int(tickets.isin(named["field_value"]).sum()), float(told.sum()) if len(told) else None


@indicator(
    "information_adopted_share",
    title="Information from customers adopted",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="tickets of the month that name one of the five kinds of information (info_kind) and that an entry of the register "
    "`improvement` names (field ticket_id) / all that name a kind",
    window=MONTH,
    needs=("tickets",),
    section="value",
    serves=("S210",),
)
def information_adopted_share(part: Part) -> Estimate:
    lines = [line for line in information_in_month(part) if line.kind]
    if not lines:
        return no_source("no ticket names a kind of information")
    if any(line.adopted is None for line in lines):
        return no_source("no register of improvements is supplied")
    return share_of(sum(line.adopted or 0 for line in lines), sum(line.items for line in lines))


@indicator(
    "information_items_per_100",
    title="Complaints, suggestions, requests per 100 customers",
    unit=Unit.RATIO,
    better=Better.NEITHER,
    formula="complaints, suggestions and requests opened in the month / customers active in the twelve months x 100",
    window=MONTH,
    needs=("tickets",),
    section="value",
    serves=("S210",),
)
def information_items_per_100(part: Part) -> Estimate:
    told = tickets_by_type(part)
    if not told:
        return no_source("no ticket tells its type")
    active = int((part.integers("orders_12m") > 0).sum())
    items = sum(line.items for line in told if line.kind in TELLING[:3])
    return Estimate(100 * items / active, active, method=f"{items} items") if active else no_data()


def improvements(part: Part) -> pd.DataFrame:
    """Entries of the improvement register of twelve months that name a customer of the scope."""
    rows = part.inputs.registers
    begin = pd.Timestamp((part.inputs.month - 11).first_day)
    chosen = (rows["register"] == "improvement") & rows["customer_id"].notna() & ~(rows["opened_on"] < begin)
    found = rows.loc[chosen.to_numpy(dtype=bool)]
    return found if part.scope is Scope.COMPANY else found.loc[found["customer_id"].isin(part["customer_id"]).to_numpy(dtype=bool)]


@indicator(
    "improvements_adopted_share",
    title="Improvements adopted from customers",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="improvements of twelve months that name a customer and are done / all that name one",
    window=YEAR_WINDOW,
    needs=("registers",),
    section="value",
    serves=("S210", "S214"),
)
def improvements_adopted_share(part: Part) -> Estimate:
    rows = improvements(part)
    done = int((rows["status"].str.lower() == "done").sum())
    told = rows.loc[rows["value"].notna().to_numpy(dtype=bool), "value"]
    recorded = f"recorded value {float(told.sum()):,.0f} of {len(told)}" if len(told) else "no value recorded"
    return share_of(done, len(rows), f"{recorded}; Wilson interval")
