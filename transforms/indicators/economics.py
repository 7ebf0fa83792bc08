"""The economics of a month beyond single figures: the lists and tables of the value section, per scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from transforms.figures import Scope
from transforms.indicators.churn import SURVIVAL_YEARS, following, share_after
from transforms.indicators.declare import Part
from transforms.indicators.information import Information, TicketsByType, information_in_month, tickets_by_type
from transforms.indicators.lost_customers import LostCustomers, Scenario, WordOfMouth, lost_customers_of, scenarios_of, word_of_mouth
from transforms.indicators.loyalty_value import LoyaltyClass, Quadrants, TierResources, by_loyalty, quadrants_of, resources, risers
from transforms.indicators.markets import Market, markets
from transforms.policy.assumptions import in_force
from transforms.statistics.estimates import Estimate
from transforms.statistics.triangle import Triangle, triangle


@dataclass(frozen=True)
class ScopeValueTables:
    """One scope's value tables; money in currency units.

    lost        who was lost in the month, with measured weekly spend and estimated years
    hearsay     what word of mouth would add to the loss; None: the company has not given the numbers it needs
    scenarios   what other retention rates would be worth
    classes     economics by loyalty type; empty: nobody's type is known
    field       active customers by money and satisfaction; None: nobody was asked
    told        what customers told in the month, by type of ticket; empty: no ticket tells its type
    information the same by the five kinds of information; empty: no ticket names a kind
    risers      customers below the best tier that grow
    """

    lost: LostCustomers
    hearsay: WordOfMouth | None
    scenarios: tuple[Scenario, ...]
    classes: tuple[LoyaltyClass, ...]
    field: Quadrants | None
    told: tuple[TicketsByType, ...]
    information: tuple[Information, ...]
    risers: pd.DataFrame


@dataclass(frozen=True)
class ValueTables:
    """All scopes' value tables, and what only the company as a whole has."""

    scopes: Mapping[str, ScopeValueTables]
    """By tier and by name of segment; the company under the empty name."""
    survival: tuple[tuple[int, Estimate], ...]
    """Years since the first order, and the share of customers who still buy then."""
    triangle: Triangle
    resources: tuple[TierResources, ...]
    markets: tuple[Market, ...]

    def for_segment(self, segment: str, tier: str | None) -> ValueTables | None:
        """What a pack of one segment may know, in the place of its tier or of the company; None: the segment has none.

        What only the whole company has is not the segment's and is left out.
        """
        if segment not in self.scopes:
            return None
        return ValueTables({tier or "": self.scopes[segment]}, (), Triangle((), (), ()), (), ())


def economics(parts: Iterable[Part]) -> ValueTables:
    """The value tables of a month, from the scopes that its figures are computed of."""
    known = {part.scope_value: part for part in parts if part.scope is not Scope.UNATTRIBUTED}
    company = known[""]
    followed = following(company)
    return ValueTables(
        scopes={name: _scope(part) for name, part in known.items()},
        survival=tuple((years, share_after(followed, years)) for years in SURVIVAL_YEARS),
        triangle=triangle(company.inputs.cohorts, company.inputs.month),
        resources=resources(company, company.policy.tiers),
        markets=markets(company),
    )


def _scope(part: Part) -> ScopeValueTables:
    lost = lost_customers_of(part)
    return ScopeValueTables(
        lost=lost,
        hearsay=word_of_mouth(lost.total, in_force(part.policy.assumptions)) if lost.total else None,
        scenarios=tuple(scenarios_of(part)),
        classes=by_loyalty(part),
        field=quadrants_of(part),
        told=tickets_by_type(part),
        information=information_in_month(part),
        risers=risers(part, part.policy.tiers[0]),
    )
