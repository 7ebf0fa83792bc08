"""Lost customers, value and behaviour classes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tests.transforms.builders import Company, answers, canonical, inputs_of, orders
from transforms.freezing import freeze_reference
from transforms.inputs import History
from transforms.month import Month
from transforms.policy.rules import Value, builtin
from transforms.scoring import no_history, score_customers


def scored(month, sold, history=None, **more):
    inputs = inputs_of(month, sold, **more)
    return score_customers(inputs, history or no_history(), freeze_reference(inputs, builtin())).set_index("customer_id")


@cache
def losses():
    """When each customer of one company crossed the line, found by reviewing every month in turn; all cases share its months."""
    company, history, found = Company(LOSSES, first=Month(2021, 1), customers=CONTRACTS), no_history(), {}
    policy = freeze_reference(company.inputs(Month(2025, 5)), builtin())
    for inputs in company.through(Month(2025, 5)):
        customers = score_customers(inputs, history, policy)
        for name in customers.loc[customers["is_lost"] & ~customers["was_lost"], "customer_id"]:
            found.setdefault(name, []).append(str(inputs.month))
        history = History(customers, history.figures)
    return found


LOSSES = orders(
    ("once", "2023-01-15", 1),
    ("last of January", "2023-01-31", 1),
    *(("slow", day, 1) for day in ("2022-01-01", "2022-07-20")),
    *(("back", day, 1) for day in ("2021-01-15", "2022-02-10")),
    ("ended", "2024-01-05", 1),
    *(("ended but buys", day, 1) for day in ("2024-01-05", "2024-03-05")),
    ("stays", "2024-12-31", 1),
)
CONTRACTS = [{"customer_id": name, "contract_end": "2024-02-10"} for name in ("ended", "ended but buys")]


@pytest.mark.simulated
def test_lost_after_a_year_without_an_order_and_only_once():
    """Last order on 2023-01-15: 365 days later is 2024-01-15, so the line is crossed in January 2024."""
    assert losses()["once"] == ["2024-01"]
    assert "stays" not in losses()


@pytest.mark.simulated
def test_exactly_365_days_are_not_more_than_365():
    """From 2023-01-31 to 2024-01-31 it is 365 days: lost in February."""
    assert losses()["last of January"] == ["2024-02"]


@pytest.mark.simulated
def test_a_slow_buyer_is_given_three_own_intervals():
    """Orders 200 days apart: lost after 600 days, in the month that holds 2022-07-20 + 601 days."""
    assert losses()["slow"] == ["2024-03"]


@pytest.mark.simulated
def test_who_comes_back_can_be_lost_again():
    """The gap of 391 days gives a patience of 1,173 days after the second order: to 2025-04-28."""
    assert losses()["back"] == ["2022-01", "2025-04"]


@pytest.mark.simulated
def test_an_ended_contract_loses_a_customer_unless_an_order_follows():
    """Who orders in March is no longer lost then, and is again a year later: 2024-03-05 + 366 days is 2025-03-06."""
    assert losses()["ended"] == ["2024-02"]
    assert losses()["ended but buys"] == ["2024-02", "2025-03"]
    march = scored(Month(2024, 3), LOSSES, customers=CONTRACTS)
    assert march.loc[["ended", "ended but buys"], "is_lost"].tolist() == [True, False]


def test_behaviour_classes_by_hand():
    """loyal: four orders in step and a year old; active: something in three months; latent: the rest."""
    steady = [("steady", f"2023-{month:02}-15", 10) for month in range(1, 13)]
    sold = orders(*steady, ("young", "2023-11-05", 1), ("asleep", "2023-01-05", 1), ("heard", "2023-01-05", 1), ("asks", "2023-01-05", 1))
    told = answers(("heard", "2023-12-20", "csat", 4))
    asked = canonical("tickets", [{"ticket_id": "t", "customer_id": "asks", "opened_at": "2023-10-01 00:00"}])
    first = Month(2022, 12)
    found = scored(Month(2023, 12), sold, surveys=told, tickets=asked, first=first)["behaviour_class"].to_dict()
    assert found == {"asks": "active", "asleep": "latent", "heard": "active", "steady": "active", "young": "active"}
    later = scored(Month(2024, 1), orders(*steady, ("steady", "2024-01-15", 10)), first=first)
    assert later["behaviour_class"].tolist() == ["loyal"]
    assert later["median_gap_days"].tolist() == [31]
    silent = scored(Month(2024, 2), orders(*steady), first=first)
    assert silent["recency_days"].tolist() == [76]
    assert silent["behaviour_class"].tolist() == ["active"]


def test_every_rated_customer_has_one_value_class_and_the_others_are_unrated():
    random = np.random.default_rng(2)
    days = [str(np.datetime64("2022-01-01") + int(day)) for day in random.integers(0, 820, 300)]
    worth = random.integers(1, 900, 300).tolist()
    sold = orders(*((f"c{number % 37:02}", days[number], worth[number]) for number in range(300)))
    found = scored(Month(2024, 3), sold)
    assert set(found["value_class"]) <= {"high", "mid", "low", "unrated"}
    assert (found["value_class"].eq("unrated") == found["score"].isna()).all()
    rated = found[found["value_class"] != "unrated"]
    lowest, highest = rated.groupby("value_class")["value_score"].min(), rated.groupby("value_class")["value_score"].max()
    assert lowest["mid"] > highest["low"]


@pytest.mark.parametrize(("net_before", "net_now", "expected"), [(900, 900, "high"), (0, 900, "mid"), (0, 1, "low")])
def test_without_potential_the_value_class_weighs_history_once_and_the_year_twice(net_before, net_now, expected):
    """Ten others with nets of 100 to 1,000 in both years; ranks by hand: 90, 90 -> high; 0, 90 -> 60 -> mid; 0, 0 -> low."""
    others = [(f"o{number}", day, 100 * number) for number in range(1, 11) for day in ("2022-06-01", "2023-06-01")]
    own = [("x", "2022-06-01", net_before)] * (net_before > 0) + [("x", "2023-06-01", net_now)]
    inputs = inputs_of(Month(2023, 12), orders(*others), first=Month(2022, 1))
    policy = freeze_reference(inputs, replace(builtin(), value=Value(potential=0.0)))
    found = score_customers(inputs_of(Month(2023, 12), orders(*own), first=Month(2022, 1)), no_history(), policy)
    assert found["value_class"].tolist() == [expected]
