"""Causes of complaints: what is counted, and of whom."""

from __future__ import annotations

import pandas as pd

from tests.transforms.builders import canonical
from transforms.facts.causes import cause_facts, causes_over_months, no_causes
from transforms.month import Month
from transforms.voice.complaints import rank_causes

MARCH = Month(2024, 3)


def ticket(name, customer, day, kind="complaint", cause="damage"):
    return {"ticket_id": name, "customer_id": customer, "opened_at": day, "type": kind, "cause": cause}


def facts():
    march = canonical(
        "tickets",
        [
            ticket("1", "a", "2024-03-01"),
            ticket("2", "a", "2024-03-31"),
            ticket("3", "b", "2024-03-05", cause="late"),
            ticket("4", "b", "2024-03-05", "enquiry"),
            ticket("5", "b", "2024-02-28"),
            ticket("6", None, "2024-03-07", cause=None),
        ],
    )
    february = canonical("tickets", [ticket("5", "b", "2024-02-28"), ticket("7", "a", "2024-02-02", cause="late")])
    return causes_over_months({0: cause_facts(march, MARCH, "Asia/Shanghai"), 1: cause_facts(february, MARCH - 1, "Asia/Shanghai")})


def test_complaints_opened_in_the_month_are_counted_by_customer_and_cause():
    now = facts().query("back == 0")
    assert now[["customer_id", "cause", "complaints"]].values.tolist() == [["", "", 1], ["a", "damage", 2], ["b", "late", 1]]


def test_the_months_before_count_as_a_mean_of_those_there_are():
    found = rank_causes(facts(), None, 2)
    assert found.values.tolist() == [["damage", 2, 0.5], ["late", 1, 0.5], ["", 1, 0.0]]
    assert rank_causes(facts(), None, 30)["before"].tolist() == [1 / 6, 1 / 6, 0.0]


def test_a_tier_has_the_causes_of_its_own_customers():
    assert rank_causes(facts(), {"b"}, 1).values.tolist() == [["late", 1, 0.0], ["damage", 0, 1.0]]


def test_the_first_month_has_nothing_before_it():
    assert rank_causes(facts(), {"b"}, 0)["before"].isna().all()


def test_without_causes_there_is_none():
    bare = canonical("tickets", [ticket("1", "a", "2024-03-01")]).drop(columns="cause")
    assert cause_facts(bare, MARCH, "Asia/Shanghai").empty and rank_causes(no_causes(), None, 3).empty
    assert isinstance(no_causes(), pd.DataFrame)
