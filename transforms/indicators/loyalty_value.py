"""What loyal customers are worth, and whether resources follow value: the goals of managing customers by class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.facts.monthly import spread_of_months
from transforms.figures import Better, Unit
from transforms.indicators.costs import costs_of_kind
from transforms.indicators.declare import COMPANY_ONLY, MONTH_END, ORDERS, YEAR_WINDOW, Part, indicator
from transforms.indicators.money import net_of
from transforms.indicators.referrals import origins
from transforms.money import UNITS, BoolArray, FloatArray
from transforms.statistics.estimates import Estimate, no_data, no_source, share_of
from transforms.voice.loyalty import LOYALTY_TYPES


def _type_of(part: Part, kind: str) -> BoolArray:
    return part.holds_word("loyalty_type", kind)


@indicator(
    "loyal_revenue_share",
    title="Revenue from truly loyal customers",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="twelve-month net (0 at least) of truly loyal customers / that of all customers whose loyalty type is known",
    window=YEAR_WINDOW,
    needs=("surveys",),
    section="value",
    serves=("S212",),
)
def loyal_revenue_share(part: Part) -> Estimate:
    classified, net = ~_type_of(part, "unclassified"), np.maximum(net_of(part, "12m"), 0.0)
    total = float(net[classified].sum())
    n, method = int(classified.sum()), f"type known for {int(classified.sum())} of {len(part)} customers"
    return Estimate(float(net[_type_of(part, "true")].sum()) / total, n, method=method) if total > 0 else no_data(method, n)


@indicator(
    "win_win_share",
    title="Win-win customers",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="active customers with a margin (else net) of 0 or more who are satisfied (satisfied_from) / those with a satisfaction index",
    window=YEAR_WINDOW,
    needs=("surveys",),
    section="value",
    serves=("S21",),
)
def win_win_share(part: Part) -> Estimate:
    field = quadrants_of(part)
    if field is None:
        return no_data("no active customer has a satisfaction index")
    method = f"index from {part.policy.economics.satisfied_from:g}; {field.money}; Wilson interval"
    return share_of(field.paying_satisfied, field.customers, method)


@dataclass(frozen=True)
class Quadrants:
    """Active customers with a satisfaction index, by money (positive or not) and satisfaction (from the cut or below)."""

    paying_satisfied: int
    paying_dissatisfied: int
    losing_satisfied: int
    losing_dissatisfied: int
    money: str
    """`net margin` or `net revenue`: what decides who pays."""

    @property
    def customers(self) -> int:
        return self.paying_satisfied + self.paying_dissatisfied + self.losing_satisfied + self.losing_dissatisfied


def quadrants_of(part: Part) -> Quadrants | None:
    """The win-win field of a scope; None where nobody active has a satisfaction index."""
    index = part.numbers("satisfaction_index")
    seen = (part.integers("orders_12m") > 0) & ~np.isnan(index)
    if not seen.any():
        return None
    money, word = value_12m(part)
    pays, satisfied = (money >= 0)[seen], (index >= part.policy.economics.satisfied_from)[seen]
    happy, unhappy = int((pays & satisfied).sum()), int((pays & ~satisfied).sum())
    return Quadrants(happy, unhappy, int((~pays & satisfied).sum()), int((~pays & ~satisfied).sum()), word)


def value_12m(part: Part) -> tuple[FloatArray, str]:
    """Twelve-month margin where at least 95 % of the orders tell their cost, else net revenue for everybody; and its name."""
    net = net_of(part, "12m")
    if "cost_12m" not in part.inputs.window:
        return net, "net revenue"
    orders = int(part.inputs.window["orders_12m"].sum())
    told = int(part.inputs.window["costed_orders_12m"].sum())
    if orders == 0 or told < 0.95 * orders:
        return net, "net revenue"
    return net - part.integers("cost_12m") / UNITS, "net margin"


@dataclass(frozen=True)
class LoyaltyClass:
    """One loyalty type's line: what its customers bring and what they ask for, over twelve months."""

    kind: str
    customers: int
    net_share: float | None
    net_per_customer: float | None
    discount_share: float | None
    """Of gross before discount; None: discounts are not supplied."""
    refund_share: float | None
    tickets_per_customer: float | None
    service_cost_per_customer: float | None
    """Service costs shared out by tickets; None: no such costs are booked."""
    referred_per_100: float | None
    """Customers who name one of the class as their referrer, per 100 of it; None: referrers are not supplied."""
    month_spread: float | None
    """Standard deviation over mean of the twelve monthly nets; None: less than a year of history, or no positive net."""
    marketing_share: float | None
    """Campaign cost, shared out by the contacts it paid for, over net; None: no campaign tells its cost and whom it reached."""


def by_loyalty(part: Part) -> tuple[LoyaltyClass, ...]:
    """Economics of each loyalty type among the active customers of a scope, unclassified ones last; empty where nobody is classified."""
    if "surveys" not in part.inputs.supplied:
        return ()
    active = part.integers("orders_12m") > 0
    net, gross, refunds = net_of(part, "12m"), part.integers("gross_12m") / UNITS, part.integers("refunds_12m") / UNITS
    discount = part.integers("discount_12m") / UNITS if "discount_12m" in part.inputs.window else None
    tickets = part.integers("tickets_12m") if "tickets" in part.inputs.supplied else None
    cost, referrers, marketing = costs_of_kind(part, "service"), _referrals(part), marketing_cost(part)
    all_net, all_tickets = float(net[active].sum()), 0 if tickets is None else int(tickets.sum())
    found: list[LoyaltyClass] = []
    for kind in LOYALTY_TYPES:
        chosen = _type_of(part, kind) & active
        n = int(chosen.sum())

        def ratio(above: float, below: float) -> float | None:
            return above / below if below > 0 else None

        asked = None if tickets is None else float(tickets[chosen].sum())
        found.append(
            LoyaltyClass(
                kind,
                n,
                ratio(float(net[chosen].sum()), all_net),
                ratio(float(net[chosen].sum()), n),
                None if discount is None else ratio(float(discount[chosen].sum()), float((gross + discount)[chosen].sum())),
                ratio(float(refunds[chosen].sum()), float(gross[chosen].sum())),
                None if asked is None else ratio(asked, n),
                None if cost is None or asked is None or not all_tickets else ratio(cost.amount * asked / all_tickets, n),
                None if referrers is None else ratio(100.0 * float(referrers[chosen].sum()), n),
                _month_spread(part, chosen),
                None if marketing is None else ratio(float(marketing[chosen].sum()), float(net[chosen].sum())),
            )
        )
    return tuple(found) if any(line.customers for line in found if line.kind != "unclassified") else ()


def _month_spread(part: Part, chosen: BoolArray) -> float | None:
    inputs, here = part.inputs, part.members()
    if inputs.monthly.empty or inputs.first_month is None or inputs.first_month > inputs.month - 11:
        return None
    marked = here.copy()
    marked[here] = chosen
    return spread_of_months(inputs.monthly, marked)


def marketing_cost(part: Part) -> FloatArray | None:
    """What campaigns of the last twelve months cost per customer of the scope, in currency units (REQUIREMENTS S213).

    A campaign's amount is shared out evenly over our contacts that name it, those with strangers too. Campaigns that begun in the
    twelve months count, those without an amount or without a contact do not; None where none is left.
    """
    campaigns, contacts = part.inputs.campaigns, part.inputs.contacts
    begun = (campaigns["starts_on"] >= pd.Timestamp((part.inputs.month - 11).first_day)) & campaigns["amount"].notna()
    paid = campaigns.loc[begun.to_numpy(dtype=bool)].set_index("campaign_id")["amount"]
    ours = contacts.loc[
        (contacts["direction"] != "in").to_numpy(dtype=bool) & contacts["campaign_id"].isin(paid.index).to_numpy(dtype=bool)
    ]
    if ours.empty:
        return None
    each = paid.astype("float64") / UNITS / ours["campaign_id"].value_counts()
    return _counts_in_scope(part, ours["campaign_id"].map(each).groupby(ours["customer_id"]).sum())


def _referrals(part: Part) -> FloatArray | None:
    """How many customers name each customer of the scope as the one who recommended us; None where nobody names anybody."""
    customers = part.inputs.customers
    if "referred_by" not in customers or not customers["referred_by"].notna().any():
        return None
    counts = customers["referred_by"].value_counts()
    return _counts_in_scope(part, counts)


def _counts_in_scope(part: Part, counts: pd.Series) -> FloatArray:
    """Counts by customer_id for the scope's customers, 0 where there is none."""
    return part["customer_id"].map(counts).to_numpy(dtype=np.float64, na_value=0.0).astype(np.float64)


@dataclass(frozen=True)
class TierResources:
    """What a tier brings and what it gets: each a share of the company's; index = got / brings (1: in step)."""

    tier: str
    net_share: float
    ticket_share: float | None
    contact_share: float | None
    discount_share: float | None

    def index(self, share: float | None) -> float | None:
        return None if share is None or self.net_share <= 0 else share / self.net_share


def resources(company: Part, tiers: tuple[str, ...]) -> tuple[TierResources, ...]:
    """Each tier's share of twelve-month net beside its shares of tickets, contacts and discounts; empty without positive net."""
    net = net_of(company, "12m")
    total = float(net.sum())
    if total <= 0:
        return ()
    here = {tier: company.holds_word("tier", tier) for tier in tiers}
    tickets = company.integers("tickets_12m").astype(np.float64) if "tickets" in company.inputs.supplied else None
    discount = company.integers("discount_12m").astype(np.float64) if "discount_12m" in company.inputs.window else None
    contacts = _contacts(company) if "contacts" in company.inputs.supplied else None

    def share(of: FloatArray | None, tier: str) -> float | None:
        return None if of is None or of.sum() <= 0 else float(of[here[tier]].sum() / of.sum())

    return tuple(
        TierResources(tier, float(net[here[tier]].sum()) / total, share(tickets, tier), share(contacts, tier), share(discount, tier))
        for tier in tiers
    )


def _contacts(company: Part) -> FloatArray:
    """Contacts that we began, per customer, over twelve months."""
    rows = company.inputs.contacts
    out = rows.loc[(rows["direction"] != "in").to_numpy(dtype=bool), "customer_id"].value_counts()
    return _counts_in_scope(company, out)


def risers(part: Part, best_tier: str) -> pd.DataFrame:
    """Customers below the best tier whose twelve-month net grew by the policy's `riser_growth` or more; greatest gain first.

    customer_id, net_12m, prior_net and gain (currency units), growth (share). Needs a positive net in the twelve
    months before.
    """
    rows = np.flatnonzero(_rising(part, best_tier))
    now, before = net_of(part, "12m")[rows], net_of(part, "prior")[rows]
    found = pd.DataFrame({"customer_id": part["customer_id"].array.take(rows), "net_12m": now, "prior_net": before})
    found = found.assign(growth=now / before - 1, gain=found["net_12m"] - found["prior_net"])
    return found.sort_values(["gain", "customer_id"], ascending=[False, True], kind="stable", ignore_index=True)


def _rising(part: Part, best_tier: str) -> BoolArray:
    now, before = net_of(part, "12m"), net_of(part, "prior")
    grows: BoolArray = (before > 0) & (now >= (1 + part.policy.economics.riser_growth) * before)
    return grows & ~part.holds_word("tier", best_tier)


@indicator(
    "risers_below_top",
    title="Risers below the top tier",
    unit=Unit.COUNT,
    better=Better.HIGHER,
    formula="customers below the best tier whose twelve-month net grew by 25% or more (policy: riser_growth)",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="value",
    serves=("S29",),
)
def risers_below_top(part: Part) -> Estimate:
    n = int(_rising(part, part.policy.tiers[0]).sum())
    return Estimate(float(n), n, method="full count")


@indicator(
    "referrals_per_100",
    title="Referrals per 100 truly loyal customers",
    unit=Unit.RATIO,
    better=Better.HIGHER,
    formula="customers who name a truly loyal customer as their referrer / active truly loyal customers x 100",
    window=MONTH_END,
    needs=("customers",),
    section="value",
    serves=("S213",),
    scopes=COMPANY_ONLY,
)
def referrals_per_100(part: Part) -> Estimate:
    if origins(part) is None or _referrals(part) is None:
        return no_source("the customers table tells no referrer")
    line = next((line for line in by_loyalty(part) if line.kind == "true"), None)
    if line is None or line.referred_per_100 is None:
        return no_data("no customer is known to be truly loyal")
    return Estimate(line.referred_per_100, line.customers, method="full count")
