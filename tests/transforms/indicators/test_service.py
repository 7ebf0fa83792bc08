"""Tickets: masking, medians with open tickets, rates, and what the help desk does not tell."""

from __future__ import annotations

import pytest

from tests.transforms.builders import ZONE, canonical, inputs_of, of_month, orders
from transforms.facts.tickets import newest, ticket_facts, ticket_window, tickets_of_month, waiting
from transforms.figures import Reason
from transforms.month import Month
from transforms.policy.rules import builtin
from transforms.review import no_history, review_month

FEBRUARY, MARCH, APRIL = Month(2024, 2), Month(2024, 3), Month(2024, 4)
SOLD = orders(("a", "2024-02-01", 1), *(("a", "2024-03-05", 1) for _ in range(3)), (None, "2024-03-05", 1))


def tickets(*rows):
    return canonical("tickets", [{"ticket_id": f"t{number}", "customer_id": "a", **row} for number, row in enumerate(rows)])


def figures_of(desk, month=MARCH, scope="company", value=""):
    review = review_month(inputs_of(month, SOLD, tickets=desk), no_history(), builtin())
    rows = review.figures[(review.figures["scope"] == scope) & (review.figures["scope_value"] == value)]
    return rows.set_index("indicator")


def test_what_happens_after_the_months_end_has_not_happened_yet():
    late, in_time = "2024-04-01 00:00", "2024-03-31 23:59"
    desk = tickets(
        {"opened_at": "2024-03-30", "first_response_at": late, "resolved_at": late, "sla_met": True, "reopened_count": 1},
        {"opened_at": "2024-03-30", "first_response_at": in_time, "resolved_at": in_time, "sla_met": True},
    )
    seen = tickets_of_month(desk, MARCH, ZONE)
    assert seen["resolved_at"].isna().tolist() == [True, False]
    assert seen["first_response_at"].isna().tolist() == [True, False]
    assert seen["sla_met"].isna().tolist() == [True, False]
    assert seen["reopened_count"].isna().tolist() == [True, True]


def test_a_month_speaks_of_tickets_opened_open_or_due_in_it():
    desk = tickets(
        {"opened_at": "2024-02-10", "resolved_at": "2024-02-20"},
        {"opened_at": "2024-02-10", "resolved_at": "2024-03-20"},
        {"opened_at": "2024-02-10"},
        {"opened_at": "2024-02-10", "resolved_at": "2024-02-12", "sla_due_at": "2024-03-01 09:00"},
        {"opened_at": "2024-03-31 23:00", "resolved_at": "2024-05-01"},
        {"opened_at": "2024-04-01 00:00"},
    )
    assert tickets_of_month(desk, MARCH, ZONE)["ticket_id"].tolist() == ["t1", "t2", "t3", "t4"]


def test_carrying_the_open_tickets_on_is_as_good_as_looking_at_all():
    months = [(1, 1), (1, 3), (2, 2), (2, None), (2, 4), (3, 3), (3, 4)]
    desk = tickets(*({"opened_at": f"2024-0{begun}-10", "resolved_at": gone and f"2024-0{gone}-20"} for begun, gone in months))
    carried = canonical("tickets", [])
    for month in (Month(2024, 1), FEBRUARY):
        carried = waiting(newest(carried, of_month(desk, "opened_at", month)), month, ZONE)
    found = tickets_of_month(newest(carried, of_month(desk, "opened_at", MARCH)), MARCH, ZONE)
    assert found["ticket_id"].tolist() == tickets_of_month(desk, MARCH, ZONE)["ticket_id"].tolist() == ["t1", "t3", "t4", "t5", "t6"]


def test_a_ticket_in_two_months_snapshots_counts_once_and_as_the_newer_has_it():
    february = tickets({"opened_at": "2024-02-10"})
    march = tickets({"opened_at": "2024-02-10", "resolved_at": "2024-03-10"})
    both = newest(february, march)
    assert both["resolved_at"].notna().tolist() == [True]
    assert ticket_facts(march, MARCH, ZONE).empty
    assert ticket_facts(february, FEBRUARY, ZONE)["tickets"].tolist() == [1]


def test_facts_of_tickets_add_up_over_months():
    desk = tickets(
        {"opened_at": "2024-02-10", "type": "complaint"}, {"opened_at": "2024-03-10", "type": "enquiry"}, {"opened_at": "2024-03-11"}
    )
    year = ticket_window([ticket_facts(desk, month, ZONE) for month in (FEBRUARY, MARCH)])
    assert year[["customer_id", "tickets", "complaints"]].to_numpy().tolist() == [["a", 3, 1]]
    assert year["last_opened_at"].dt.tz_convert(ZONE).dt.day.tolist() == [11]


def test_the_first_response_of_monday_is_an_hour_and_a_half():
    """Opened on Monday at 10:00, first answer at 11:30."""
    desk = tickets({"opened_at": "2024-03-04 10:00", "first_response_at": "2024-03-04 11:30"})
    found = figures_of(desk)
    assert found.loc["first_response_hours_median", ["value", "n"]].tolist() == [1.5, 1]


def test_open_tickets_are_censored_not_dropped():
    """Solved after 2 and 4 hours, one open for 31 hours: the median is 4, not 3."""
    desk = tickets(
        {"opened_at": "2024-03-04 10:00", "resolved_at": "2024-03-04 12:00"},
        {"opened_at": "2024-03-04 10:00", "resolved_at": "2024-03-04 14:00"},
        {"opened_at": "2024-03-30 17:00", "resolved_at": "2024-04-09"},
    )
    found = figures_of(desk)
    assert found.loc["resolution_hours_median", ["value", "n"]].tolist() == [4, 3]
    assert found.loc["tickets_open", "value"] == 1


def test_while_most_tickets_are_open_there_is_no_median():
    solved = {"opened_at": "2024-03-04 10:00", "resolved_at": "2024-03-04 12:00"}
    desk = tickets(solved, {"opened_at": "2024-03-05"}, {"opened_at": "2024-03-06"})
    assert figures_of(desk).loc["resolution_hours_median", ["reason", "n"]].tolist() == [Reason.NO_DATA, 3]


def test_complaints_are_told_per_thousand_orders():
    """One complaint on four orders of the company, three of them of customer a."""
    desk = tickets(
        {"opened_at": "2024-03-04", "type": "complaint"},
        {"opened_at": "2024-03-05", "type": "praise"},
        {"opened_at": "2024-02-05", "type": "complaint"},
    )
    found = figures_of(desk)
    assert found.loc["tickets_opened", "value"] == 2
    assert found.loc["complaints", "value"] == 1
    assert found.loc["complaint_rate", ["value", "n"]].tolist() == [250, 4]
    assert figures_of(desk, scope="tier", value="unrated").loc["complaint_rate", "value"] == pytest.approx(1000 / 3)


def test_sla_counts_tickets_due_in_the_month():
    """In time (on the limit), late, open and past due; due later and due before do not count."""
    desk = tickets(
        {"opened_at": "2024-03-01", "sla_due_at": "2024-03-10 10:00", "resolved_at": "2024-03-10 10:00"},
        {"opened_at": "2024-03-01", "sla_due_at": "2024-03-10 10:00", "resolved_at": "2024-03-10 10:01"},
        {"opened_at": "2024-03-01", "sla_due_at": "2024-03-10 10:00", "resolved_at": "2024-04-10"},
        {"opened_at": "2024-03-30", "sla_due_at": "2024-04-10 10:00", "resolved_at": "2024-03-31"},
        {"opened_at": "2024-02-01", "sla_due_at": "2024-02-10 10:00"},
    )
    assert figures_of(desk).loc["sla_attainment", ["value", "n"]].tolist() == [pytest.approx(1 / 3), 3]


def test_where_only_the_help_desks_word_is_known_it_counts_for_tickets_resolved_in_the_month():
    desk = tickets(
        {"opened_at": "2024-03-01", "resolved_at": "2024-03-02", "sla_met": True},
        {"opened_at": "2024-03-01", "resolved_at": "2024-03-02", "sla_met": False},
        {"opened_at": "2024-03-01", "sla_met": True},
    )
    assert figures_of(desk).loc["sla_attainment", ["value", "n"]].tolist() == [0.5, 2]


def test_reopened_and_first_contact_are_of_tickets_resolved_in_the_month():
    desk = tickets(
        {"opened_at": "2024-03-01", "resolved_at": "2024-03-02", "reopened_count": 2, "transfers": 0},
        {"opened_at": "2024-02-01", "resolved_at": "2024-03-02", "reopened_count": 0, "transfers": 0},
        {"opened_at": "2024-03-01", "resolved_at": "2024-03-02", "reopened_count": 0, "transfers": 1},
        {"opened_at": "2024-03-01", "resolved_at": "2024-04-02", "reopened_count": 0, "transfers": 0},
    )
    found = figures_of(desk)
    assert found.loc["reopen_rate", ["value", "n"]].tolist() == [pytest.approx(1 / 3), 3]
    assert found.loc["first_contact_resolution", ["value", "n"]].tolist() == [pytest.approx(1 / 3), 3]
    assert found.loc["first_contact_resolution", "label"] == "estimate"


def test_what_the_help_desk_never_tells_is_not_supplied_and_never_zero():
    found = figures_of(tickets({"opened_at": "2024-03-01"}))
    silent = ["complaints", "complaint_rate", "sla_attainment", "reopen_rate", "first_contact_resolution", "tickets_open"]
    assert found.loc[silent, "reason"].tolist() == [Reason.NOT_SUPPLIED] * len(silent)
    assert found.loc["tickets_opened", "value"] == 1


def test_a_month_without_tickets_counts_none_and_has_no_medians():
    found = figures_of(tickets({"opened_at": "2024-02-01", "resolved_at": "2024-02-02", "type": "enquiry"}), month=MARCH)
    assert found.loc["tickets_opened", "value"] == 0
    assert found.loc["complaints", "value"] == 0
    assert found.loc["resolution_hours_median", ["reason", "n"]].tolist() == [Reason.NO_DATA, 0]
