"""Where the money of twelve months comes from, in four parts that exclude each other and add up to all of it.

    referred   everything that customers bring who came by referral and whose first order is in the twelve months
    first      the first purchase day of the other customers, where it is in the twelve months
    satisfied  the second purchase day, where it is in the twelve months, of customers who are satisfied
    repeat     the rest

The quoted shares (10, 20, 30, 40 %) are read as exclusive too (REQUIREMENTS A24) and stand beside these in the pack;
no sum uses them. Without surveys the satisfied part is not supplied and its money stands in `repeat`; without a
source or referrer the referred part is not supplied and its money stands where it falls otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from transforms.figures import Better, Unit
from transforms.indicators.customers import won_12m
from transforms.indicators.declare import ORDERS, YEAR_WINDOW, Compute, Part, indicator
from transforms.indicators.referrals import origins
from transforms.statistics.estimates import Estimate, no_data, no_source


@dataclass(frozen=True)
class Buckets:
    """Gross revenue of twelve months by part, in ten-thousandths; None: that part is not supplied."""

    first: int
    satisfied: int | None
    repeat: int
    referral: int | None
    customers: int

    @property
    def total(self) -> int:
        return self.first + (self.satisfied or 0) + self.repeat + (self.referral or 0)


def buckets(part: Part) -> Buckets:
    """The four parts of a scope's twelve-month gross revenue; they always add up to it."""
    gross = part.integers("gross_12m")
    begin = (np.datetime64((part.inputs.month - 11).first_day, "D") - np.datetime64(0, "D")).astype(np.int64)
    found = origins(part)
    won = won_12m(part)
    referred = np.zeros(len(part), dtype=bool) if found is None else won & found.referred
    first = np.where(won & ~referred, part.integers("first_day_gross"), 0)
    index = part.numbers("satisfaction_index")
    content = (index >= part.policy.economics.satisfied_from) & ~referred & (part.integers("second_day") >= begin)
    second = np.where(content, part.integers("second_day_gross"), 0)
    asked = "surveys" in part.inputs.supplied
    shares = {"first": int(first.sum()), "satisfied": int(second.sum()) if asked else 0, "referral": int(gross[referred].sum())}
    return Buckets(
        first=shares["first"],
        satisfied=shares["satisfied"] if asked else None,
        repeat=int(gross.sum()) - sum(shares.values()),
        referral=None if found is None else shares["referral"],
        customers=int((part.integers("orders_12m") > 0).sum()),
    )


def _declare_share(name: str, absent: str) -> Compute:
    def computed(part: Part) -> Estimate:
        found = buckets(part)
        money, method = getattr(found, name), "gross revenue of twelve months; four exclusive parts"
        if money is None:
            return no_source(absent)
        return Estimate(money / found.total, found.customers, method=method) if found.total > 0 else no_data(method, found.customers)

    return computed


for _name, _title, _formula, _absent in (
    (
        "first",
        "Revenue from first orders",
        "first purchase day in the twelve months, of customers not referred / gross revenue of the twelve months",
        "",
    ),
    (
        "satisfied",
        "Revenue from second orders of satisfied customers",
        "second purchase day in the twelve months, of satisfied customers (policy: satisfied_from) / gross revenue of the twelve months",
        "no surveys",
    ),
    (
        "repeat",
        "Revenue from repeat orders",
        "all that the other three parts leave / gross revenue of the twelve months",
        "",
    ),
    (
        "referral",
        "Revenue from new referred customers",
        "all orders of referred customers whose first is in the twelve months / gross revenue of the twelve months",
        "the customers table tells no source and no referrer",
    ),
):
    indicator(
        f"bucket_{_name}_share",
        title=_title,
        unit=Unit.SHARE,
        better=Better.NEITHER,
        formula=_formula,
        window=YEAR_WINDOW,
        needs=ORDERS,
        section="value",
        serves=("S204",),
    )(_declare_share(_name, _absent))
