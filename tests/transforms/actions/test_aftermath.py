"""What became of last month's list: each outcome by hand, and whom it does not speak of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.transforms.actions.rows import customers, policy
from transforms.actions.aftermath import find_results

NOW = {
    "contract_end": pd.Timestamp("2026-12-15"),
    "complaints_open": 0,
    "month_orders": 0,
    "satisfaction_index": 30.0,
    "grade": "B",
}
THEN = {
    "act_rank": 1,
    "act_play": "a play",
    "act_measure": 12.0,
    "satisfaction_index": 30.0,
    "contract_end": pd.Timestamp("2026-12-15"),
    "grade": "B",
    "previous_grade": "A",
}


def frame(row: dict[str, Any]) -> pd.DataFrame:
    made = customers(row).astype({"complaints_open": "Int64"})
    return made.assign(contract_end=made["contract_end"].astype("datetime64[us]"))


def result(reason: str, now: dict[str, Any] | None = None, then: dict[str, Any] | None = None, answered: bool = False) -> str | None:
    last = pd.DataFrame([{"customer_id": "calm", "act_reason": reason, **THEN, **(then or {})}]).astype({"act_rank": "Int64"})
    found = find_results(frame({**NOW, **(now or {})}), last, np.array([answered]), policy())
    assert found["act_before"][0] == reason or pd.isna(found["act_before"][0])
    return None if pd.isna(found["act_result"][0]) else found["act_result"][0]


ORDERED, LOST = {"month_orders": 1}, {"is_lost": True}


@pytest.mark.parametrize(
    ("reason", "now", "outcome"),
    [
        *((reason, ORDERED, "ordered") for reason in ("silent", "lost", "refund", "new_valuable")),
        *((reason, {}, "no_order") for reason in ("silent", "refund", "new_valuable")),
        ("silent", LOST, "lost"),
        ("lost", LOST, "lost"),
        ("complaint", {}, "settled"),
        ("complaint", {"complaints_open": 1}, "complaint_open"),
        ("complaint_late", {"complaints_open": 1}, "complaint_open"),
        ("complaint_late", {}, "settled"),
        ("complaint", LOST, "lost"),
        ("contract", {"contract_end": pd.Timestamp("2027-12-15")}, "renewed"),
        ("contract", {}, "not_renewed"),
        ("contract", LOST, "lost"),
        ("contract", {"contract_end": pd.NaT}, "not_renewed"),
        ("demoted", {"grade": "A"}, "grade_back"),
        ("demoted", {}, "grade_unchanged"),
        ("demoted", {"grade": "C"}, "grade_fell"),
        ("near_cut", {}, "grade_kept"),
        ("near_cut", {"grade": "C"}, "grade_fell"),
        ("one_order", {"grade": "A"}, "grade_back"),
        ("one_order", {}, "grade_unchanged"),
    ],
)
def test_what_is_seen_a_month_later(reason: str, now: dict[str, Any], outcome: str) -> None:
    assert result(reason, now) == outcome


@pytest.mark.parametrize("reason", ["unhappy", "unhappy_quiet"])
def test_who_was_unhappy_is_content_from_the_bound_on(reason: str) -> None:
    assert result(reason, {"satisfaction_index": 50.0}, answered=True) == "content"
    assert result(reason, {"satisfaction_index": 49.0}, answered=True) == "still_unhappy"
    assert result(reason, {"satisfaction_index": 49.0}) == "no_answer"


def test_satisfaction_that_fell_is_back_where_it_was_before_the_fall():
    # Last month it stood at 30, after a fall of 12.
    assert result("satisfaction_fell", {"satisfaction_index": 42.0}, answered=True) == "content"
    assert result("satisfaction_fell", {"satisfaction_index": 41.9}, answered=True) == "still_unhappy"


def test_only_those_on_the_list_are_spoken_of():
    assert result("silent", ORDERED, {"act_rank": pd.NA}) is None
    assert result("silent", ORDERED, {"customer_id": "somebody else"}) is None


def test_a_review_that_kept_no_list_tells_nothing():
    found = find_results(frame(NOW), pd.DataFrame({"customer_id": ["calm"], "grade": ["B"]}), np.array([True]), policy())
    assert all(column.isna().all() for column in found.values())
