"""Own costs, quotes and referrals: by hand, and "not supplied" where the company does not hold them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.transforms.builders import canonical
from tests.transforms.parts import bare_part
from transforms.figures import Reason, Scope
from transforms.indicators.costs import acquisition_cost_per_new, retention_cost_per_kept, service_cost_ratio, win_to_keep_ratio
from transforms.indicators.quotes import lost_on_price_share, win_rate_existing, win_rate_new, wins_above_rival_share
from transforms.indicators.referrals import referred_net_per_customer, referred_new_share

UNIT = 10_000
BASE = {
    "customer_id": ["kept", "new", "fresh", "gone"],
    "orders_12m": [3, 1, 2, 0],
    "prior_orders": [2, 0, 0, 1],
    "total_orders": [5, 1, 2, 4],
    "gross_12m": [900 * UNIT, 100 * UNIT, 300 * UNIT, 0],
    "refunds_12m": [0, 0, 0, 0],
    "first_order_on": ["2020-01-01", "2024-02-10", "2023-05-01", "2019-01-01"],
}


def part_with(**tables):
    """The company above with canonical rows of further tables."""
    part = bare_part(**BASE)
    frames = {name: canonical(name, rows) for name, rows in tables.items()}
    return replace(part, inputs=replace(part.inputs, **frames, supplied=part.inputs.supplied | set(frames)))


def cost(month, kind, amount, tier=None):
    return {"month": month, "kind": kind, "amount": amount, "tier": tier}


COSTS = [
    cost("2024-03", "acquisition", 200),
    cost("2023-04", "Acquisition", 100),
    cost("2024-01", "retention", 30),
    cost("2024-02", "service", 65),
]


def test_winning_and_keeping_cost_what_the_own_books_say():
    """300 won two customers, 30 kept one: 150 against 30, five times. What was booked a year before does not count."""
    part = part_with(costs=[*COSTS, cost("2023-03", "acquisition", 9999)])
    assert acquisition_cost_per_new(part).value == 150
    assert retention_cost_per_kept(part).value == 30
    found = win_to_keep_ratio(part)
    assert (found.value, found.n, found.method) == (5, 3, "2 won, 1 kept")
    assert acquisition_cost_per_new(part).method == "acquisition costs of 2 of 12 months / new customers"
    assert service_cost_ratio(part).value == pytest.approx(65 / 1300)


def test_what_is_not_booked_is_not_measured_and_no_quoted_ratio_stands_in():
    part = part_with(costs=[cost("2024-03", "retention", 30)])
    for computed in (acquisition_cost_per_new, win_to_keep_ratio, service_cost_ratio):
        found = computed(part)
        assert (found.value, found.reason) == (None, Reason.NOT_SUPPLIED)
        assert "not measured" in found.method


def test_a_tier_has_the_costs_that_are_booked_to_it_and_no_others():
    part = replace(part_with(costs=[*COSTS, cost("2024-01", "acquisition", 40, "b")]), scope=Scope.TIER, scope_value="b")
    assert acquisition_cost_per_new(part).value == 20
    assert retention_cost_per_kept(part).reason is Reason.NOT_SUPPLIED


def test_keeping_that_costs_nothing_makes_no_ratio():
    found = win_to_keep_ratio(part_with(costs=[cost("2024-03", "acquisition", 10), cost("2024-03", "retention", 0)]))
    assert found.reason is Reason.NO_DATA


def quote(customer, day, result, **more):
    return {"quote_id": f"{customer}{day}", "customer_id": customer, "quoted_at": day, "amount": 100, "result": result, **more}


QUOTES = [
    quote("kept", "2023-06-01", "won", reason="Service", competitor_price=90),
    quote("kept", "2023-07-01", "lost", reason="price", competitor_price=90),
    quote("new", "2024-02-10 23:30", "won", reason="service", competitor_price=110),  # the day of the first order: still new
    quote("new", "2024-02-11", "won"),
    quote("stranger", "2024-01-01", "lost", reason="delivery"),
    quote("stranger", "2024-03-01", None),  # not decided
]


def test_win_rates_of_those_who_had_ordered_and_those_who_had_not():
    part = part_with(quotes=QUOTES)
    existing, new = win_rate_existing(part), win_rate_new(part)
    assert (existing.value, existing.n) == (pytest.approx(2 / 3), 3)
    assert (new.value, new.n) == (0.5, 2)
    assert 0 < new.lower < 0.5 < new.upper < 1


def test_a_tiers_quotes_are_its_own_customers():
    tier = replace(part_with(quotes=QUOTES), scope=Scope.TIER, scope_value="a")
    assert win_rate_new(tier).n == 1


def test_price_and_service_decide_where_reasons_and_rivals_are_known():
    part = part_with(quotes=QUOTES)
    assert (lost_on_price_share(part).value, lost_on_price_share(part).n) == (0.5, 2)
    assert (wins_above_rival_share(part).value, wins_above_rival_share(part).n) == (0.5, 2)  # at 100 against 90; not against 110
    nobody = part_with(quotes=[quote("kept", "2023-06-01", "won")])
    assert wins_above_rival_share(nobody).reason is Reason.NO_DATA


def test_referred_new_customers_among_those_with_a_known_source():
    rows = [{"customer_id": "new", "referred_by": "kept"}, {"customer_id": "fresh", "source_channel": "Fair"}, {"customer_id": "kept"}]
    part = part_with(customers=rows)
    assert referred_new_share(part).value == 0.5
    assert referred_new_share(part).method.startswith("source unknown for 0 of 2")
    assert referred_net_per_customer(part).value == 100


def test_an_unknown_source_is_told_and_not_taken_for_no_referral():
    part = part_with(customers=[{"customer_id": "new", "source_channel": "referral"}])
    assert (referred_new_share(part).value, referred_new_share(part).n) == (1, 1)
    assert "source unknown for 1 of 2" in referred_new_share(part).method
    assert referred_new_share(part_with(customers=[{"customer_id": "new"}])).reason is Reason.NOT_SUPPLIED
