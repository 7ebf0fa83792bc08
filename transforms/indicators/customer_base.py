"""The base from month to month: who was with us, who came, came back, lapsed or was merged, and who is now."""

from __future__ import annotations

import numpy as np

from transforms.facts.matching import locate
from transforms.figures import Better, Scope, Unit
from transforms.indicators.declare import COMPANY_ONLY, MONTH, MONTH_END, ORDERS, Part, indicator
from transforms.statistics.estimates import Estimate, count_of, no_source

RECOMPUTED = "worked out now for last month's end"


def _has_last_review(part: Part) -> bool:
    """Whether last month was reviewed and the scope is the company: tiers exchange customers among themselves."""
    return part.scope is Scope.COMPANY and part.history is not None and len(part.history.customers) > 0


def _opening(part: Part) -> int:
    if _has_last_review(part):
        assert part.history is not None
        return int((~part.history.customers["is_lost"].astype("boolean").fillna(False)).sum())
    return int((~part.flags("was_lost") & ~part.flags("is_new")).sum())


def _merged_away(part: Part) -> int:
    """Customers who were with us by last month's review and are no record of their own any more."""
    if not _has_last_review(part):
        return 0
    return part.once("merged since last month", lambda: _count_merged_away(part))


def _count_merged_away(part: Part) -> int:
    assert part.history is not None
    before = part.history.customers
    with_us = ~before["is_lost"].astype("boolean").fillna(False).to_numpy(dtype=bool)
    (places,), _ = locate(part.customers["customer_id"], [before["customer_id"]])
    return int((with_us & (places >= len(part.everybody))).sum())


def _closing(part: Part) -> int:
    return int((~part.flags("is_lost")).sum())


def _back(part: Part) -> int:
    return int((part.flags("was_lost") & ~part.flags("is_lost")).sum())


def _count_newly_lost(part: Part) -> int:
    return int((part.flags("is_lost") & ~part.flags("was_lost")).sum())


@indicator(
    "base_opening",
    title="With us at the beginning",
    unit=Unit.COUNT,
    better=Better.NEITHER,
    formula="customers not lost at the end of the month before, as it was reviewed; of a tier: by today's tier",
    window=MONTH,
    needs=ORDERS,
    section="classes",
    serves=("S02",),
)
def base_opening(part: Part) -> Estimate:
    return count_of(_opening(part), method="last month's review" if _has_last_review(part) else RECOMPUTED)


@indicator(
    "base_reactivated",
    title="Came back",
    unit=Unit.COUNT,
    better=Better.HIGHER,
    formula="customers who were lost when the month began and are not at its end, as they ordered again",
    window=MONTH,
    needs=ORDERS,
    section="classes",
    serves=("S02",),
)
def base_reactivated(part: Part) -> Estimate:
    return count_of(_back(part))


@indicator(
    "base_merged",
    title="Merged into another record",
    unit=Unit.COUNT,
    better=Better.NEITHER,
    formula="customers of last month's review who are no record of their own any more",
    window=MONTH,
    needs=ORDERS,
    section="classes",
    serves=("S02",),
    scopes=COMPANY_ONLY,
)
def base_merged(part: Part) -> Estimate:
    return count_of(_merged_away(part)) if _has_last_review(part) else no_source("last month was not reviewed")


@indicator(
    "base_restated",
    title="Restated by late data",
    unit=Unit.BALANCE,
    better=Better.NEITHER,
    formula="closing - (opening + new + came back - lapsed - merged): what late or corrected rows changed in earlier months",
    window=MONTH,
    needs=ORDERS,
    section="classes",
    serves=("S02",),
    scopes=COMPANY_ONLY,
)
def base_restated(part: Part) -> Estimate:
    new = int(part.flags("is_new").sum())
    expected = _opening(part) + new + _back(part) - _count_newly_lost(part) - _merged_away(part)
    return Estimate(float(_closing(part) - expected), _closing(part), method="the rest of the reconciliation")


@indicator(
    "customers_bought",
    title="Customers who bought in the month",
    unit=Unit.COUNT,
    better=Better.HIGHER,
    formula="customers with an order in the month",
    window=MONTH,
    needs=ORDERS,
    section="classes",
    serves=("S02",),
)
def customers_bought(part: Part) -> Estimate:
    return count_of(int((part.integers("month_orders") > 0).sum()))


@indicator(
    "prospects",
    title="Prospects (never bought)",
    unit=Unit.COUNT,
    better=Better.NEITHER,
    formula="customers of the customers table, known by the month's end, without an order ever; they are no part of the base",
    window=MONTH_END,
    needs=("customers",),
    section="classes",
    serves=("S32",),
    scopes=COMPANY_ONLY,
)
def prospects(part: Part) -> Estimate:
    known = part.inputs.customers
    strangers = ~known["customer_id"].isin(part.customers["customer_id"]).to_numpy(dtype=bool)
    if "first_seen" in known:
        later = known["first_seen"].to_numpy(dtype="datetime64[D]") > np.datetime64(part.inputs.month.last_day, "D")
        strangers = strangers & ~later
    return count_of(int(strangers.sum()))
