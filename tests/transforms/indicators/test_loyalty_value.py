"""Economics by loyalty type, win-win customers, resources against value, risers: worked by hand."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from tests.transforms.builders import canonical
from tests.transforms.parts import bare_part
from transforms.facts.groups import LINE_NUMBERS, LINE_SUMS
from transforms.figures import Reason
from transforms.indicators.effort import effort_new_contact_share, effort_new_discount_share, new_product_share, service_first_share
from transforms.indicators.everybody import Everybody
from transforms.indicators.loyalty_value import (
    by_loyalty,
    loyal_revenue_share,
    quadrants_of,
    referrals_per_100,
    resources,
    risers,
    win_win_share,
)
from transforms.month import Month

UNIT = 10_000
BASE = {
    "customer_id": ["true", "buyer", "fan", "quiet", "away"],
    "tier": ["a", "a", "b", "b", "b"],
    "loyalty_type": ["true", "spurious", "latent", "unclassified", "true"],
    "orders_12m": [5, 4, 1, 1, 0],
    "total_orders": [9, 8, 1, 3, 7],
    "gross_12m": [640 * UNIT, 300 * UNIT, 50 * UNIT, 50 * UNIT, 0],
    "refunds_12m": [40 * UNIT, 0, 0, 0, 0],
    "prior_gross": [600 * UNIT, 200 * UNIT, 0, 40 * UNIT, 10 * UNIT],
    "prior_refunds": [0, 0, 0, 0, 0],
    "tickets_12m": [1, 6, 1, 2, 9],
    "discount_12m": [0, 100 * UNIT, 25 * UNIT, 0, 0],
    "satisfaction_index": [90.0, 40.0, 80.0, None, 95.0],
}


def part_with(supplied=("surveys", "tickets"), **tables):
    part = bare_part(**BASE)
    frames = {name: canonical(name, rows) for name, rows in tables.items()}
    window = pd.DataFrame({name: BASE[name] for name in ("orders_12m", "discount_12m")})
    names = part.inputs.supplied | set(supplied) | set(frames)
    return beside(replace(part, inputs=replace(part.inputs, supplied=names, **frames)), window)


def beside(part, window):
    """The same customers with another window."""
    return replace(part, inputs=replace(part.inputs, window=window), everybody=Everybody(part.customers, window))


def test_what_each_loyalty_type_brings_and_asks_for():
    """Of 1,000 the truly loyal bring 600 with one ticket of ten; 95 of service costs are shared out by tickets (19 in all)."""
    part = part_with(
        costs=[{"month": "2024-03", "kind": "service", "amount": 95}],
        customers=[{"customer_id": "fan", "referred_by": "true"}, {"customer_id": "buyer", "referred_by": "true"}],
    )
    lines = {line.kind: line for line in by_loyalty(part)}
    true, spurious = lines["true"], lines["spurious"]
    assert (true.customers, true.net_share, true.net_per_customer, true.tickets_per_customer) == (1, 0.6, 600, 1)
    assert (true.service_cost_per_customer, spurious.service_cost_per_customer) == (5, 30)
    assert (true.refund_share, true.referred_per_100) == (40 / 640, 200)
    assert (spurious.discount_share, true.discount_share) == (0.25, 0)
    assert referrals_per_100(part).value == 200
    assert sum(line.customers for line in lines.values()) == 4  # away did not order


def test_steady_income_and_marketing_cost_by_type():
    """600 of the truly loyal come in twelve equal months, the buyer's 300 in one. A campaign of 90 wrote three letters: 30 each.

    The campaign of the year before, and the one that wrote to nobody, are not shared out. One of 20 on the first day wrote to the fan.
    """
    sent = [("true", "1", "k"), ("buyer", "2", "k"), ("stranger", "3", "k"), ("fan", "4", "edge"), ("fan", "5", "old")]
    part = part_with(
        campaigns=[
            {"campaign_id": "k", "starts_on": "2024-02-01", "amount": 90},
            {"campaign_id": "old", "starts_on": "2023-03-31", "amount": 50},
            {"campaign_id": "edge", "starts_on": "2023-04-01", "amount": 20},
            {"campaign_id": "mute", "starts_on": "2024-02-01", "amount": 70},
        ],
        contacts=[
            {"contact_id": number, "customer_id": who, "contacted_at": "2024-02-02", "direction": "out", "campaign_id": of}
            for who, number, of in sent
        ],
    )
    rows = [(0, back, 1, 50 * UNIT) for back in range(12)] + [(1, 3, 1, 300 * UNIT), (4, 0, 1, 999 * UNIT)]
    monthly = pd.DataFrame(rows, columns=["row", "back", "orders", "net"])
    inputs = replace(part.inputs, monthly=monthly, first_month=part.inputs.month - 11)
    lines = {line.kind: line for line in by_loyalty(replace(part, inputs=inputs))}
    assert (lines["true"].month_spread, lines["spurious"].month_spread) == (0, pytest.approx(11**0.5))  # (300 - 25)^2 + 11 x 25^2 over 12
    assert (lines["true"].marketing_share, lines["spurious"].marketing_share) == (30 / 600, 30 / 300)
    assert lines["latent"].marketing_share == 20 / 50 and lines["latent"].month_spread is None
    young = replace(part, inputs=replace(inputs, first_month=part.inputs.month - 10))
    assert by_loyalty(young)[0].month_spread is None  # less than a year of history


def test_what_is_not_supplied_is_empty_and_not_zero():
    line = by_loyalty(part_with(supplied=("surveys",)))[0]
    assert (line.month_spread, line.marketing_share) == (None, None)
    assert (line.tickets_per_customer, line.service_cost_per_customer, line.referred_per_100) == (None, None, None)
    assert referrals_per_100(part_with()).reason is Reason.NOT_SUPPLIED
    only_sources = part_with(customers=[{"customer_id": "fan", "source_channel": "web"}])
    assert referrals_per_100(only_sources).reason is Reason.NOT_SUPPLIED


def test_nobody_classified_makes_no_table():
    part = bare_part(**{**BASE, "loyalty_type": ["unclassified"] * 5})
    assert by_loyalty(replace(part, inputs=replace(part.inputs, supplied=frozenset({"surveys"})))) == ()
    assert by_loyalty(part_with(supplied=())) == ()
    assert loyal_revenue_share(part).reason is Reason.NO_DATA


def test_loyal_customers_share_of_the_money_of_those_whose_type_is_known():
    found = loyal_revenue_share(part_with())
    assert (found.value, found.method) == (600 / 950, "type known for 4 of 5 customers")


def test_both_sides_gain_where_money_comes_in_and_the_customer_is_satisfied():
    """true and fan; buyer pays but is not satisfied; quiet was not asked, away bought nothing."""
    field = quadrants_of(part_with())
    assert (field.paying_satisfied, field.paying_dissatisfied, field.losing_satisfied, field.money) == (2, 1, 0, "net revenue")
    assert win_win_share(part_with()).value == pytest.approx(2 / 3)
    assert quadrants_of(bare_part(**{**BASE, "satisfaction_index": [None] * 5})) is None
    even = quadrants_of(bare_part(**{**BASE, "refunds_12m": [0, 0, 50 * UNIT, 0, 0]}))
    assert even.paying_satisfied == 2, "the fan gave all back: nothing lost is a gain"


def test_margin_decides_who_pays_where_nearly_every_order_tells_its_cost():
    part = bare_part(**BASE, cost_12m=[700 * UNIT, 0, 0, 0, 0])
    told = pd.DataFrame({"orders_12m": BASE["orders_12m"], "costed_orders_12m": [5, 4, 1, 1, 0], "cost_12m": 0})
    loses = quadrants_of(beside(part, told))
    assert (loses.losing_satisfied, loses.customers, loses.money) == (1, 3, "net margin")
    both = quadrants_of(beside(bare_part(**BASE, cost_12m=[700 * UNIT, 400 * UNIT, 0, 0, 0]), told))
    assert (both.paying_satisfied, both.losing_dissatisfied, both.customers) == (1, 1, 3)
    assert quadrants_of(beside(part, told.assign(costed_orders_12m=[5, 0, 1, 1, 0]))).money == "net revenue"


def test_resources_against_value_per_tier():
    contacts = [
        {"contact_id": str(n), "customer_id": key, "contacted_at": "2024-02-01", "direction": way} for n, (key, way) in enumerate(CONTACTS)
    ]
    a, b = resources(part_with(contacts=contacts), ("a", "b"))
    assert (a.net_share, b.net_share) == (0.9, pytest.approx(0.1))
    assert (a.ticket_share, b.ticket_share) == (7 / 19, 12 / 19)
    assert (a.contact_share, a.discount_share) == (0.75, 0.8)
    assert b.index(b.ticket_share) == pytest.approx(12 / 19 / 0.1)
    assert resources(part_with(supplied=()), ("a", "b"))[0].ticket_share is None
    assert (a.index(None), replace(a, net_share=0.0).index(0.5), replace(a, net_share=-0.1).index(0.5)) == (None, None, None)
    assert replace(a, net_share=0.5).index(0.25) == 0.5
    for refunded in (1040, 2000):  # nothing is left, or less
        assert resources(bare_part(**{**BASE, "refunds_12m": [refunded * UNIT, 0, 0, 0, 0]}), ("a", "b")) == ()


CONTACTS = (("true", "out"), ("true", None), ("buyer", "out"), ("fan", "out"), ("fan", "in"))


def test_risers_are_customers_below_the_best_tier_that_grow():
    """buyer grew by half but is in the best tier; quiet by a quarter; fan has no year before."""
    found = risers(part_with(), "a")
    assert found["customer_id"].tolist() == ["quiet"]
    assert found.loc[0, ["net_12m", "prior_net", "growth", "gain"]].tolist() == [50, 40, 0.25, 10]
    three = bare_part(**{**BASE, "prior_gross": [600 * UNIT, 200 * UNIT, 20 * UNIT, 40 * UNIT, 10 * UNIT]})
    assert risers(three, "a")["customer_id"].tolist() == ["fan", "quiet"], "the greatest gain first"
    alike = bare_part(**{**BASE, "prior_gross": [0, 200 * UNIT, 40 * UNIT, 40 * UNIT, 0], "tier": list("baaab")})
    assert risers(alike, "c")["customer_id"].tolist() == ["buyer", "fan", "quiet"]
    assert risers(alike, "c").index.tolist() == [0, 1, 2]


def test_effort_on_new_customers_beside_what_they_bring():
    """fan alone is new: one of four contacts that we began and a fifth of the discount, for 5 % of the money."""
    contacts = [
        {"contact_id": str(n), "customer_id": key, "contacted_at": "2024-02-01", "direction": way} for n, (key, way) in enumerate(CONTACTS)
    ]
    part = part_with(contacts=contacts)
    assert effort_new_contact_share(part).value == 0.25
    assert effort_new_contact_share(part).method.startswith("new customers bring 5.0 % of net")
    assert effort_new_discount_share(part).value == 0.2
    assert effort_new_discount_share(bare_part(**BASE)).reason is Reason.NOT_SUPPLIED


def test_quotes_after_a_service_contact():
    """Of three decided quotes one had a non-sales contact within 90 days before; the fourth lies too early to know."""
    contact = {"contact_id": "1", "customer_id": "true", "contacted_at": "2023-09-01", "purpose": "non-sales"}
    days = (("true", "2023-09-20", "won"), ("true", "2024-02-20", "lost"), ("fan", "2023-12-01", "won"), ("true", "2023-04-20", "won"))
    quotes = [
        {"quote_id": f"q{n}", "customer_id": key, "quoted_at": day, "amount": 1, "result": result}
        for n, (key, day, result) in enumerate(days)
    ]
    part = bare_part(**BASE, first_order_on=["2020-01-01"] * 5)
    part = replace(part, inputs=replace(part.inputs, quotes=canonical("quotes", quotes), contacts=canonical("contacts", [contact])))
    supplied = replace(part, inputs=replace(part.inputs, supplied=frozenset({"quotes", "contacts"})))
    found = service_first_share(supplied)
    assert (found.value, found.n) == (pytest.approx(1 / 3), 3)
    assert "won with such a contact 100 % of 1, without 50 % of 2" in found.method
    assert service_first_share(part).reason is Reason.NOT_SUPPLIED


def test_new_products_need_a_year_of_history_to_be_told_from_old_ones():
    line = {
        "customer_id": "true",
        "category": "",
        **dict.fromkeys((*LINE_SUMS, *LINE_NUMBERS), 0),
        "lines": 3,
        "amount": 80,
        "new_amount": 20,
    }
    part = bare_part(**BASE)
    part = replace(part, inputs=replace(part.inputs, lines_12m=pd.DataFrame([line]), first_month=Month(2023, 3)))
    assert new_product_share(part).value == 0.25
    young = replace(part, inputs=replace(part.inputs, first_month=Month(2023, 4)))
    assert new_product_share(young).reason is Reason.NO_DATA
