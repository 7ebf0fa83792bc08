"""Needs, stated markets, what separates the classes, strategies, actions and answers to feedback."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.transforms.builders import Company, answers, canonical, orders
from transforms.classes.registers import missing_cells, strategies
from transforms.classes.topics import markets
from transforms.indicators.separation import eta_squared
from transforms.month import Month
from transforms.policy.rules import builtin
from transforms.review import no_history, review_month

MARCH = Month(2024, 3)
SOLD = orders(*((name, f"2024-{month:02}-05", 10) for name in "abcd" for month in (1, 2, 3)))


def figures_of(company, scope="company", value=""):
    review = review_month(company.inputs(MARCH), no_history(), builtin())
    rows = review.figures
    return rows[(rows["scope"] == scope) & (rows["scope_value"] == value)].set_index("indicator")


def registers(*rows):
    return canonical("registers", [{"entry_id": str(number), **row} for number, row in enumerate(rows)])


def test_eta_squared_by_hand_and_at_its_ends():
    """Groups 1, 3 and 5, 7: means 2 and 6 around 4; between 16, whole 20."""
    groups = pd.Series(["x", "x", "y", "y"])
    assert eta_squared(np.array([1.0, 3.0, 5.0, 7.0]), groups) == (pytest.approx(0.8), 4)
    assert eta_squared(np.array([1.0, 1.0, 5.0, 5.0]), groups)[0] == 1
    assert eta_squared(np.array([1.0, 5.0, 1.0, 5.0]), groups)[0] == 0
    assert eta_squared(np.array([0.0, 0.0, 0.5, 0.5]), groups)[0] == 1
    assert eta_squared(np.array([2.0, 2.0, 2.0, 2.0]), groups) == (None, 4)
    assert eta_squared(np.array([1.0, 2.0, 3.0]), pd.Series(["x", "x", "x"])) == (None, 3)
    assert eta_squared(np.array([1.0, np.nan, 5.0, np.nan]), groups) == (None, 2)


def test_a_need_is_the_share_of_respondents_who_name_it():
    told = (("a", "need", 1), ("a", "pain", 1), ("b", "need", 1), ("c", "need", 0))
    said = answers(*((who, "2024-03-02", instrument, score) for who, instrument, score in told))
    said = said.assign(item=["speed", "price", "speed", "speed"])
    company = Company(SOLD, surveys=said)
    speed, price = (figures_of(company, "segment", f"need={code}").loc["need_share"] for code in ("speed", "price"))
    assert (speed["value"], speed["n"]) == (pytest.approx(2 / 3), 3)
    assert price["value"] == pytest.approx(1 / 3) and 0 < price["lower"] < price["value"] < price["upper"]


def test_a_market_share_is_own_revenue_over_a_size_that_somebody_entered():
    people = [{"customer_id": name, "region": "north" if name in "ab" else "south"} for name in "abcd"]
    entered = registers(
        {"register": "market", "field": "region", "field_value": "north", "value": 600.0, "source": "yearbook"},
        {"register": "market", "field": "region", "field_value": "south", "value": 10.0},
        {"register": "market", "field": "region", "field_value": "west"},
        {"register": "market", "field": "region", "field_value": "north", "subject": "growth", "value": 0.06},
    )
    company = Company(SOLD, customers=people, registers=entered)
    north, south = (figures_of(company, "segment", f"market={entry}").loc["market_share"] for entry in ("0", "1"))
    assert (north["value"], str(north["label"])) == (0.1, "external") and "yearbook" in north["method"]
    assert pd.isna(south["value"])  # more than the whole stated market: the size is wrong, no share is told
    assert figures_of(company, "segment", "market=2").empty
    assert figures_of(company, "segment", "market=3").empty  # a growth is no size


def strategy(value, behaviour, **more):
    return {"register": "strategy", "value_class": value, "behaviour_class": behaviour, **more}


def test_a_cell_without_a_strategy_in_force_is_missing_and_the_newest_entry_counts():
    entered = registers(
        strategy("high", "loyal", subject="visit"),
        strategy("high", "loyal", subject="call", opened_on="2024-02-01"),
        strategy("low", "latent", closed_on="2024-03-30"),
        strategy("mid", "active", closed_on="2024-03-31"),
    )
    found = strategies(entered, MARCH)
    assert found[["value_class", "behaviour_class"]].to_numpy().tolist() == [["mid", "active"], ["high", "loyal"]]
    assert found["subject"].tolist()[1] == "call"
    assert len(missing_cells(entered, MARCH)) == 7
    assert figures_of(Company(SOLD, registers=entered)).loc["strategy_cells_missing", "value"] == 7


def test_actions_are_due_done_and_overdue_by_their_days_alone():
    entered = registers(
        {"register": "action", "due_on": "2024-03-10", "closed_on": "2024-03-09"},
        {"register": "action", "due_on": "2024-02-10"},
        {"register": "action", "due_on": "2024-03-31", "customer_id": "a"},
        {"register": "action", "due_on": "2024-04-01"},
    )
    found = figures_of(Company(SOLD, registers=entered))["value"]
    assert found[["actions_due", "actions_done", "actions_overdue"]].tolist() == [2, 1, 2]
    without = figures_of(Company(SOLD))
    assert set(without.loc[["actions_due", "strategy_cells_missing"], "reason"].astype(str)) == {"not_supplied"}


@pytest.mark.parametrize(
    ("came_back", "effect"),
    [
        ("ac", 0),  # one of two treated, one of two others
        ("ab", 100),  # both treated, none of the others
        ("a", 50),
        ("cd", -100),
        ("", 0),
    ],
)
def test_the_effect_of_actions_compares_like_with_like_and_says_that_it_is_no_proof(came_back: str, effect: float):
    """Four customers of one class, two of them treated in February: who ordered in March."""
    once = [(name, "2023-11-05", 10) for name in "abcd"]
    entered = registers(*({"register": "action", "customer_id": name, "closed_on": "2024-02-10"} for name in "ab"))
    company = Company(orders(*once, *((name, "2024-03-05", 10) for name in came_back)), registers=entered)
    review = review_month(company.inputs(MARCH), no_history(), builtin())
    row = review.figures.set_index(["scope", "indicator"]).loc[("company", "actions_effect")]
    assert review.customers["value_class"].nunique() == 1, "the example is one of a single class"
    assert (row["value"], row["n"]) == (pytest.approx(effect), 2)
    assert "not causal" in row["method"] and str(row["label"]) == "estimate"


def test_feedback_is_taken_up_in_time_told_its_outcome_and_sometimes_adopted():
    opened = {"customer_id": "a", "type": "complaint", "opened_at": "2024-03-04 09:00"}
    tickets = [
        {**opened, "ticket_id": "1", "resolved_at": "2024-03-05 09:00"},  # called after 3 hours and after the solution
        {**opened, "ticket_id": "2", "sla_due_at": "2024-03-04 10:00", "resolved_at": "2024-03-06 09:00"},  # called too late, never told
        {**opened, "ticket_id": "3", "type": "suggestion"},  # nobody called
        {**opened, "ticket_id": "4", "type": "enquiry"},  # no feedback
    ]
    ours = {"customer_id": "a", "direction": "out"}
    contacts = [
        {**ours, "contact_id": "1", "ticket_id": "1", "contacted_at": "2024-03-04 12:00"},
        {**ours, "contact_id": "2", "ticket_id": "1", "contacted_at": "2024-03-05 10:00"},
        {**ours, "contact_id": "3", "ticket_id": "2", "contacted_at": "2024-03-04 14:00"},
        {**ours, "contact_id": "4", "ticket_id": "3", "contacted_at": "2024-03-04 14:00", "direction": "in"},
    ]
    entered = registers({"register": "improvement", "field": "ticket_id", "field_value": "3"})
    company = Company(SOLD, tickets=canonical("tickets", tickets), contacts=canonical("contacts", contacts), registers=entered)
    found = figures_of(company)["value"]
    names = ("feedback_acknowledged", "feedback_closed_loop", "feedback_adopted")
    assert found[list(names)].tolist() == pytest.approx([1 / 3, 1 / 2, 1 / 3])
    assert found["feedback_first_update_hours"] == 4


def test_contacts_discounts_and_answers_per_class_show_whether_service_differs():
    given = {"ordered_at": "2024-03-05", "amount": 90}
    first, second = {**given, "order_id": "a", "customer_id": "a", "discount": 10}, {**given, "order_id": "b", "customer_id": "b"}
    sold = canonical("orders", [first, second])
    talks = canonical("contacts", [{"contact_id": str(number), "customer_id": "a", "contacted_at": "2024-03-06"} for number in range(3)])
    found = figures_of(Company(sold, contacts=talks), "segment", "value_class=unrated")["value"]
    assert found["group_contacts"] == 1.5
    assert found["group_discount_share"] == pytest.approx(10 / 190)
    review = review_month(Company(sold, contacts=talks).inputs(MARCH), no_history(), builtin())
    assert review.customers["contacts_12m"].tolist() == [3, 0]
    assert review.customers["last_contact_on"].astype(str).tolist()[0] == "2024-03-06"


def test_the_accounts_seats_and_target_come_from_the_registers_and_strategic_customers_need_an_author():
    entered = registers(
        {"register": "users", "customer_id": "a", "value": 12.0},
        {"register": "target", "customer_id": "a", "value": 60.0},
        {"register": "strategic", "customer_id": "d", "author": "Li Na"},
        {"register": "strategic", "customer_id": "c"},
    )
    review = review_month(Company(SOLD, registers=entered).inputs(MARCH), no_history(), builtin())
    found = review.customers.set_index("customer_id")
    assert found.loc["a", ["users", "performance"]].tolist() == [12, 0.5]
    assert found["is_strategic"].to_dict() == {"a": False, "b": False, "c": False, "d": True}
    assert bool(found.loc["d", "is_core"])


def test_habits_are_read_from_intervals_baskets_and_priority_from_three_ranks():
    rows = [("a", f"2023-{month:02}-10", 20) for month in range(1, 13)] + [("a", "2024-02-10", 30), ("b", "2024-03-01", 1)]
    review = review_month(Company(orders(*rows), first=Month(2023, 1)).inputs(MARCH), no_history(), builtin())
    found = review.customers.set_index("customer_id")
    gaps = np.diff(np.array([f"2023-{month:02}-10" for month in range(1, 13)] + ["2024-02-10"], dtype="datetime64[D]")).astype(int)
    assert found.loc["a", "gap_spread"] == pytest.approx(gaps.std() / gaps.mean())
    assert np.isnan(found.loc["b", "gap_spread"])
    assert found.loc["a", "basket_change"] == pytest.approx((9 * 20 + 30) / 10 / 20 - 1)
    assert np.isnan(found.loc["b", "priority"]) and 0 <= found.loc["a", "priority"] <= 100
    assert found["usage_score"].isna().all()  # no source tells usage: unknown, not zero


def test_only_a_size_in_force_is_a_market():
    """A size whose last day has come counts, one that ended the day before does not; neither do growth and what has no value."""
    entered = registers(
        *({"register": "market", **entry} for entry in ({"value": 600.0}, {"value": 600.0, "subject": "size", "closed_on": "2024-03-31"})),
        {"register": "market", "value": 600.0, "closed_on": "2024-03-30"},
        {"register": "market", "value": 0.5, "subject": "growth"},
        {"register": "market", "subject": "size"},
        {"register": "market", "value": 0.0},
    )
    assert markets(entered, MARCH)["entry_id"].tolist() == ["0", "1"]
