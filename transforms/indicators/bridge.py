"""From last month's net revenue to this month's, so that like stands beside like: who stayed, who came, who went.

A tier's net revenue changes because its customers buy more or less, and because it has other customers than a month ago. The
bridge keeps these apart, line by line, for customers, for the month's net revenue and for that of twelve months, and adds up
to the last ten-thousandth:

    closing = opening + same + joined - left + new + back + lost + gone + refunds + nobody's

A customer of the tier in either month stands on one line, by what happened to the customer. A customer whose refunds exceed
what was bought in the same span brings less than nothing, for older orders; what is below nought stands on the line `refunds`
and not on the customer's own, so that one refund of an old order is not read as everybody buying less. Lost customers keep
their last tier but are no customers of it: they are in neither count, and what still moves with them stands on the line `lost`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from transforms.money import BoolArray, IntArray


class Flow(StrEnum):
    """Why a line of a bridge moves the sum."""

    SAME = "same"
    """Customers of the tier in both months."""
    JOINED = "joined"
    LEFT = "left"
    NEW = "new"
    """Not in last month's review."""
    BACK = "back"
    """Lost a month ago, and not any more."""
    LOST = "lost"
    GONE = "gone"
    """No record of their own any more: merged or erased."""
    REFUNDS = "refunds"
    """Refunds beyond what the same customer bought in the span, so of older orders."""
    NOBODY = "nobody"
    """Orders that name no customer."""


@dataclass(frozen=True)
class Sums:
    """Customers who are not lost, and money in ten-thousandths."""

    customers: int = 0
    month_net: int = 0
    net_12m: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.customers + other.customers, self.month_net + other.month_net, self.net_12m + other.net_12m)


@dataclass(frozen=True)
class BridgeLine:
    """One movement; `tier` is where customers joined from or left to, empty otherwise."""

    flow: Flow
    tier: str
    moved: Sums


@dataclass(frozen=True)
class Bridge:
    """From opening to closing; `same_customers` are in the tier in both months, with what they brought then and now.

    What they brought is without refunds beyond their purchases, as on their line.
    """

    opening: Sums
    lines: tuple[BridgeLine, ...]
    closing: Sums
    same_customers: int
    same_before: Sums
    same_now: Sums


TextArray = np.ndarray[tuple[int], np.dtype[np.object_]]
NET = ("month_net", "net_12m")


def has_bridge(customers: pd.DataFrame, before: pd.DataFrame) -> bool:
    """Whether last month's review tells what its customers brought."""
    needed = {"customer_id", "tier", "is_lost", *NET}
    return bool(len(before)) and needed <= set(before) and needed <= set(customers)


def bridge_of(
    customers: pd.DataFrame, before: pd.DataFrame, tier: str | None, nobody_before: Sums | None = None, nobody_now: Sums | None = None
) -> Bridge:
    """The bridge of a tier, or of the company (`tier` None), from last month's customers to this month's.

    `nobody_...` is the money of orders that name no customer, which only the company has.
    """
    people = _joined(customers, before)
    stood, stands = (_members(people, ending, tier) for ending in ("_before", "_now"))
    counted = [here & ~people[f"is_lost{end}"].to_numpy(dtype=bool) for here, end in ((stood, "_before"), (stands, "_now"))]
    flows = _flows(people, stood, stands)
    elsewhere = _elsewhere(people, flows)
    sides = (("_before", stood), ("_now", stands))
    money = {name: [np.where(here, _units(people, f"{name}{end}"), 0) for end, here in sides] for name in NET}
    bought = {name: [np.maximum(units, 0) for units in pair] for name, pair in money.items()}
    given = {name: [np.minimum(units, 0) for units in pair] for name, pair in money.items()}

    def sums(rows: BoolArray, side: int) -> Sums:
        return Sums(int(counted[side][rows].sum()), *(int(bought[name][side][rows].sum()) for name in NET))

    def refunds(side: int) -> Sums:
        return Sums(0, *(int(given[name][side].sum()) for name in NET))

    def lines() -> Iterator[BridgeLine]:
        for flow in (Flow.SAME, Flow.JOINED, Flow.NEW, Flow.BACK, Flow.LEFT, Flow.LOST, Flow.GONE):
            for other in sorted(set(elsewhere[flows == flow].tolist())):
                rows = (flows == flow) & (elsewhere == other)
                yield BridgeLine(flow, str(other), _less(sums(rows, 1), sums(rows, 0)))
        yield BridgeLine(Flow.REFUNDS, "", _less(refunds(1), refunds(0)))
        if tier is None:
            yield BridgeLine(Flow.NOBODY, "", _less(nobody_now or Sums(), nobody_before or Sums()))

    everyone = np.ones(len(people), dtype=bool)
    outside = (nobody_before or Sums(), nobody_now or Sums()) if tier is None else (Sums(), Sums())
    same = flows == Flow.SAME
    return Bridge(
        opening=sums(everyone, 0) + refunds(0) + outside[0],
        lines=tuple(line for line in lines() if line.moved != Sums() or line.flow is Flow.SAME),
        closing=sums(everyone, 1) + refunds(1) + outside[1],
        same_customers=int((counted[1] & same).sum()),
        same_before=sums(same, 0),
        same_now=sums(same, 1),
    )


def _less(one: Sums, other: Sums) -> Sums:
    return Sums(one.customers - other.customers, one.month_net - other.month_net, one.net_12m - other.net_12m)


def _joined(customers: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Everybody of either month, one row each, with what both say."""
    columns = ["customer_id", "tier", "is_lost", *NET]
    then, now = (frame[columns].set_index("customer_id").add_suffix(end) for frame, end in ((before, "_before"), (customers, "_now")))
    people = then.join(now, how="outer").sort_index(kind="stable")
    people["known_before"], people["known_now"] = people.index.isin(then.index), people.index.isin(now.index)
    for name in ("is_lost_before", "is_lost_now"):
        people[name] = people[name].astype("boolean").fillna(False)
    return people.reset_index()


def _members(people: pd.DataFrame, ending: str, tier: str | None) -> BoolArray:
    """Who is filed under the tier, the lost among them."""
    known = people[f"known{ending}"].to_numpy(dtype=bool)
    return known if tier is None else known & (people[f"tier{ending}"] == tier).fillna(False).to_numpy(dtype=bool)


def _units(people: pd.DataFrame, name: str) -> IntArray:
    units: IntArray = np.asarray(people[name].astype("Int64").fillna(0), dtype=np.int64)
    return units


def _flows(people: pd.DataFrame, stood: BoolArray, stands: BoolArray) -> TextArray:
    """The line of each customer of the tier; empty for everybody else."""
    lost_before, lost_now = (people[name].to_numpy(dtype=bool) for name in ("is_lost_before", "is_lost_now"))
    known_before, known_now = (people[name].to_numpy(dtype=bool) for name in ("known_before", "known_now"))
    inside = stood | stands
    rules = [
        (inside & ~known_now, Flow.GONE),
        (inside & lost_now, Flow.LOST),
        (inside & ~known_before, Flow.NEW),
        (stands & lost_before, Flow.BACK),
        (stood & stands, Flow.SAME),
        (stands, Flow.JOINED),
        (stood, Flow.LEFT),
    ]
    found = np.select([rows for rows, _ in rules], [flow.value for _, flow in rules], default="")
    return found.astype(object)


def _elsewhere(people: pd.DataFrame, flows: TextArray) -> TextArray:
    """Where customers joined from and left to."""
    came, went = (people[name].astype("object").fillna("").to_numpy(dtype=object) for name in ("tier_before", "tier_now"))
    found: TextArray = np.where(flows == Flow.JOINED, came, np.where(flows == Flow.LEFT, went, ""))
    return found
