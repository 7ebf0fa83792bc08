"""Answers that foretell purchases, information in tickets, and the market register."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.builders import ZONE, answers, canonical, orders
from tests.transforms.parts import bare_part
from transforms.facts.followed import followed_facts, sum_followed
from transforms.facts.orders import order_facts
from transforms.facts.surveys import survey_facts
from transforms.figures import Reason
from transforms.indicators.information import (
    improvements_adopted_share,
    information_adopted_share,
    information_in_month,
    information_items_per_100,
    risk_ratio,
    satisfied_purchase_ratio,
    tickets_by_type,
)
from transforms.indicators.markets import markets
from transforms.indicators.service import measured_tickets
from transforms.month import Month

MARCH = Month(2024, 3)
UNIT = 10_000


def test_a_risk_ratio_by_hand():
    """15 of 20 against 5 of 20: 3; ln 3 = 1.0986, error sqrt(1/15 - 1/20 + 1/5 - 1/20) = 0.4082: 1.35 to 6.68."""
    found = risk_ratio(15, 20, 5, 20, "")
    assert found.value == pytest.approx(3)
    assert (found.lower, found.upper) == (pytest.approx(1.348, abs=1e-3), pytest.approx(6.677, abs=1e-3))


def test_nobody_in_a_group_makes_no_ratio_and_no_hit_is_no_certainty():
    """0 of 4 against 2 of 4: ln(0.5 / 5 / (2.5 / 5)) = -1.6094, error sqrt(1/0.5 - 1/5 + 1/2.5 - 1/5) = 1.4142: up to 3.1975."""
    for hits in ((1, 2, 0, 0), (0, 0, 1, 2), (1, 2, 0, 5)):
        found = risk_ratio(*hits, "")
        assert (found.reason, found.n) == (Reason.NO_DATA, hits[1] + hits[3])
    found = risk_ratio(0, 4, 2, 4, "")
    assert (found.value, found.lower) == (0, 0)
    assert found.upper == pytest.approx(3.1975, abs=1e-3)


@settings(max_examples=50)
@given(st.integers(0, 30), st.integers(1, 30), st.integers(1, 30), st.integers(1, 30))
def test_a_risk_ratio_lies_in_its_interval(hits, n, other_hits, other_n):
    found = risk_ratio(min(hits, n), n, min(other_hits, other_n), other_n, "")
    assert found.lower <= found.value <= found.upper


def test_answers_are_followed_into_the_months_after_them_and_no_further_back():
    """a and b are satisfied, c is not; a orders in the month after, b only in the month of the answer itself."""
    said = survey_facts(answers(("a", "2024-01-05", "csat", 5), ("b", "2024-01-06", "csat", 4), ("c", "2024-01-07", "csat", 1)))
    later = [order_facts(orders(("a", "2024-02-03", 10), ("stranger", "2024-02-04", 10)), None, Month(2024, 2), ZONE)]
    found = followed_facts(said, later)
    assert found.to_dict("list") == {"share": [0.0, 0.75, 1.0], "customers": [1, 1, 1], "bought": [0, 0, 1]}
    assert sum_followed([found, found])["customers"].tolist() == [2, 2, 2]


def test_only_answers_about_satisfaction_count_and_the_last_one_of_the_month():
    said = survey_facts(answers(("a", "2024-01-05", "nps", 10), ("b", "2024-01-06", "csat", 1), ("b", "2024-01-09", "csat", 5)))
    assert followed_facts(said, []).to_dict("list") == {"share": [1.0], "customers": [1], "bought": [0]}


def test_satisfied_against_dissatisfied_leaves_the_middle_out():
    part = bare_part(customer_id=["a"])
    rows = pd.DataFrame({"share": [0.0, 0.25, 0.5, 0.745, 0.75, 1.0], "customers": [10, 10, 90, 9, 10, 10], "bought": [1, 3, 80, 9, 6, 6]})
    found = satisfied_purchase_ratio(replace(part, inputs=replace(part.inputs, followed=rows)))
    assert found.value == pytest.approx(3)
    assert found.method.startswith("12 of 20 satisfied, 4 of 20 dissatisfied")
    assert satisfied_purchase_ratio(part).reason is Reason.NO_DATA


def asked_part(*rows):
    """Two active customers and tickets of (customer, day, type)."""
    tickets = canonical(
        "tickets", [{"ticket_id": str(n), "customer_id": key, "opened_at": day, "type": kind} for n, (key, day, kind) in enumerate(rows)]
    )
    part = bare_part(customer_id=["a", "b"], orders_12m=[1, 2])
    told = frozenset({("tickets", "type")}) if rows else frozenset()
    return replace(part, inputs=replace(part.inputs, tickets=tickets), tickets=measured_tickets(tickets, MARCH, ZONE), told=told)


def test_what_customers_told_in_the_month_by_type():
    part = asked_part(
        ("a", "2024-03-02", "complaint"),
        ("a", "2024-03-03", "complaint"),
        ("b", "2024-03-04", "request"),
        ("b", "2024-02-04", "suggestion"),
    )
    told = {line.kind: (line.items, line.customers) for line in tickets_by_type(part)}
    assert told == {"complaint": (2, 1), "suggestion": (0, 0), "request": (1, 1), "enquiry": (0, 0), "praise": (0, 0)}
    assert information_items_per_100(part).value == 150
    assert information_items_per_100(asked_part()).reason is Reason.NOT_SUPPLIED
    assert tickets_by_type(asked_part()) == ()


def test_information_by_kind_with_what_was_adopted_and_recorded():
    """Three items of need by two customers, two of them adopted by one improvement of 500 each; one word that is none of the five."""
    kinds = [
        ("t1", "a", "need"),
        ("t2", "a", "Need"),
        ("t3", "b", "need"),
        ("t4", "b", "competitor"),
        ("t5", "b", "gossip"),
        ("t6", "a", None),
    ]
    rows = [{"ticket_id": name, "customer_id": who, "opened_at": "2024-03-02", "info_kind": kind} for name, who, kind in kinds]
    rows.append({"ticket_id": "old", "customer_id": "a", "opened_at": "2024-02-02", "info_kind": "need"})
    made = [
        {"entry_id": "1", "register": "improvement", "field": "ticket_id", "field_value": "t1", "value": 500.0},
        {"entry_id": "2", "register": "improvement", "field": "ticket_id", "field_value": "t2", "value": 500.0},
        {"entry_id": "3", "register": "improvement", "field": "ticket_id", "field_value": "t4"},
    ]
    part = asked_part()
    tickets = canonical("tickets", rows)
    inputs = replace(part.inputs, tickets=tickets, registers=canonical("registers", made), supplied=part.inputs.supplied | {"registers"})
    part = replace(part, inputs=inputs, tickets=measured_tickets(tickets, MARCH, ZONE), told=frozenset({("tickets", "info_kind")}))
    found = {line.kind: (line.items, line.customers, line.adopted, line.value) for line in information_in_month(part)}
    assert found["need"] == (3, 2, 2, 1000.0)
    assert found["competitor"] == (1, 1, 1, None)  # adopted, and nothing recorded: not zero
    assert found["company"] == (0, 0, 0, None) and found[""] == (2, 2, 0, None)
    assert information_adopted_share(part).value == 3 / 4
    without = replace(part, inputs=replace(inputs, supplied=inputs.supplied - {"registers"}))
    assert {line.adopted for line in information_in_month(without)} == {None}
    assert information_adopted_share(without).reason is Reason.NOT_SUPPLIED
    assert information_in_month(replace(part, told=frozenset())) == ()


def register(*rows):
    part = bare_part(
        customer_id=["n", "s"], gross_12m=[300 * UNIT, 100 * UNIT], refunds_12m=[0, 0], prior_gross=[200 * UNIT, 0], prior_refunds=[0, 0]
    )
    entries = canonical("registers", [{"entry_id": str(n), **row} for n, row in enumerate(rows)])
    people = canonical("customers", [{"customer_id": "n", "region": "north"}, {"customer_id": "s", "region": "south"}])
    return replace(part, inputs=replace(part.inputs, registers=entries, customers=people))


def test_improvements_that_name_a_customer_and_what_was_recorded_of_them():
    found = improvements_adopted_share(
        register(
            {"register": "improvement", "customer_id": "n", "status": "done", "value": 5000.0, "opened_on": "2023-09-01"},
            {"register": "improvement", "customer_id": "s", "status": "planned", "opened_on": "2024-01-01"},
            {"register": "improvement", "status": "done", "opened_on": "2024-01-01"},
            {"register": "improvement", "customer_id": "n", "status": "done", "opened_on": "2022-01-01"},
        )
    )
    assert (found.value, found.n) == (0.5, 2)
    assert found.method.startswith("recorded value 5,000 of 1")


def entry(subject, value=None, **more):
    return {
        "register": "market",
        "field": "region",
        "field_value": "north",
        "subject": subject,
        "value": value,
        "source": "Institute",
        **more,
    }


def test_a_market_is_external_and_the_own_share_needs_its_size():
    size, growth = entry("size", 1500.0, opened_on="2024-01-01"), entry("growth", 0.03)
    (found,) = markets(register(size, growth, entry("competition", body="two rivals")))
    assert (found.group, found.own_net, found.own_share, found.own_growth) == ("north", 300, 0.2, 0.5)
    assert (found.growth, found.competition, found.source) == (0.03, "two rivals", "Institute")
    (unknown,) = markets(register(growth))
    assert (unknown.size, unknown.own_share) == (None, None)


def test_markets_are_listed_by_group_each_with_its_own_customers():
    """n and s live north and south, x nowhere that is known; 300, 100 and 50 now, 200, 1 and 0 before."""
    columns = {"gross_12m": [300 * UNIT, 100 * UNIT, 50 * UNIT], "prior_gross": [200 * UNIT, UNIT, 0]}
    part = bare_part(customer_id=["n", "s", "x"], refunds_12m=[0, 0, 0], prior_refunds=[0, 0, 0], **columns)
    people = canonical("customers", [{"customer_id": "s", "region": "south"}, {"customer_id": "n", "region": "north"}])
    rows = [
        entry("size", 200.0, field_value="south", closed_on="2024-03-31", source="Institute", opened_on="2024-01-05"),
        entry("competition", body="one rival", field_value="south", source="Office", opened_on="2024-02-07"),
        entry("competition", body="two rivals", field_value="south", source="Institute", opened_on="2024-03-01"),
        entry("growth", 0.01, opened_on="2023-01-01"),
        entry("growth", 0.02, opened_on="2024-01-01"),
        entry("size", 9.0, field="planet", field_value="mars"),
        entry("size", 900.0, field=None, field_value=None),
        {**entry("size", 5.0), "register": "target"},
    ]
    registers = canonical("registers", [{"entry_id": str(number), **row} for number, row in enumerate(rows)])
    everybody, mars, north, south = markets(replace(part, inputs=replace(part.inputs, registers=registers, customers=people)))
    assert [one.group for one in (everybody, mars, north, south)] == ["", "mars", "north", "south"]
    assert (everybody.own_net, everybody.own_share, everybody.own_growth) == (450, 0.5, pytest.approx(450 / 201 - 1))
    assert (mars.own_net, mars.own_share, mars.own_growth) == (0, 0, None)
    assert (north.own_net, north.size, north.growth, north.opened_on) == (300, None, 0.02, pd.Timestamp("2024-01-01"))
    assert (south.own_net, south.own_share, south.own_growth, south.competition) == (100, 0.5, 99, "two rivals")
    assert (south.source, south.opened_on) == ("Institute; Office", pd.Timestamp("2024-03-01"))
    assert (mars.opened_on, mars.competition) == (None, "")


def test_the_newest_entry_in_force_wins():
    rows = (entry("size", 1000.0, opened_on="2023-01-01"), entry("size", 600.0, opened_on="2024-01-01", closed_on="2024-02-01"))
    (found,) = markets(register(*rows))
    assert found.size == 1000
    assert markets(register()) == ()
