"""The list: the main reason, the money, the owner, the day, and where it is cut."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from tests.transforms.actions.rows import MONTH, customers, policy, signs
from tests.transforms.builders import Company, orders
from transforms.actions.listing import LIST_COLUMNS, list_actions
from transforms.actions.signs import courses, read_signs
from transforms.month import Month
from transforms.scoring import no_history

UNHAPPY = {"satisfaction_index": 20.0}


def listed(rows: list[dict[str, Any]], changes: dict[str, Any] | None = None, **seen: Any) -> pd.DataFrame:
    frame = customers(*rows)
    return frame.assign(**list_actions(frame, signs(len(rows), **seen), MONTH, policy(**(changes or {}))))


def on_list(frame: pd.DataFrame) -> list[str]:
    return frame.loc[frame["act_rank"].notna()].sort_values("act_rank")["customer_id"].tolist()


def test_of_several_reasons_the_most_urgent_is_the_main_one_and_names_the_play():
    frame = listed([{"satisfaction_index": 20.0, "recency_days": 200}])
    assert tuple(frame.columns[-len(LIST_COLUMNS) :]) == LIST_COLUMNS
    row = frame.iloc[0]
    assert (row["act_reason"], row["act_reasons"], row["act_measure"]) == ("silent", "silent,unhappy_quiet", 200)
    assert (row["act_play"], row["act_owner"]) == ("call_silent", "li.na")
    # seven days after the 31st of October
    assert row["act_due_on"].date() == date(2026, 11, 7)


def test_who_has_no_reason_has_nothing_on_the_list():
    row = listed([{}]).iloc[0]
    assert row[["act_reason", "act_reasons", "act_play", "act_owner", "act_due_on", "act_stake", "act_tier", "act_rank"]].isna().all()


def test_at_stake_is_what_was_before_the_silence_or_the_refund():
    rows = [{"customer_id": name} for name in "abc"]
    rows[0] |= {"recency_days": 200, "net_12m": 30 * 10_000}
    rows[1] |= {"is_lost": True, "recency_days": 380, "net_12m": 0}
    frame = listed(rows, peak=[90 * 10_000, 70 * 10_000, 500 * 10_000], refunds=[0, 0, 20 * 10_000])
    assert frame["act_stake"].tolist() == [90 * 10_000, 70 * 10_000, 68 * 10_000]
    assert on_list(frame) == ["a", "b", "c"]  # 90, 70, and 68 of which a refund counts half


def test_each_manager_has_so_many_and_the_rest_keeps_its_reason():
    rows = [UNHAPPY | {"customer_id": f"c{number}", "net_12m": (9 - number) * 10_000} for number in range(5)]
    rows[4] |= {"account_manager": "wang.lei"}
    frame = listed(rows, {"per_owner": 2})
    assert on_list(frame) == ["c0", "c1", "c4"]
    assert frame["act_rank"].tolist() == [1, 2, pd.NA, pd.NA, 3]
    assert (frame["act_reason"] == "unhappy_quiet").all()


def test_of_equal_money_the_smaller_id_stands_first():
    assert on_list(listed([UNHAPPY | {"customer_id": name} for name in "cab"], {"per_owner": 2})) == ["a", "b"]


def test_a_team_has_so_many_in_each_tier_and_a_manager_in_all():
    tiers = ["a", "a", "b", "b"]
    rows = [UNHAPPY | {"customer_id": f"c{place}", "tier": tier, "account_manager": None} for place, tier in enumerate(tiers)]
    frame = listed(rows, {"per_owner": 1})
    assert on_list(frame) == ["c0", "c2"] and (frame["act_owner"] == "sales").all()
    managed = [row | {"account_manager": "li.na"} for row in rows]
    assert on_list(listed(managed, {"per_owner": 1})) == ["c0"]


def test_a_manager_who_is_called_like_a_team_is_no_team():
    rows = [UNHAPPY | {"customer_id": "x", "account_manager": "sales"}, UNHAPPY | {"customer_id": "y", "account_manager": ""}]
    assert on_list(listed(rows, {"per_owner": 1})) == ["x", "y"]


def test_small_money_is_counted_and_not_listed():
    rows = [UNHAPPY | {"customer_id": "x", "net_12m": 30 * 10_000}, UNHAPPY | {"customer_id": "y", "net_12m": 29 * 10_000}]
    frame = listed(rows, {"least_stake": 30.0})
    assert on_list(frame) == ["x"] and frame["act_reason"].notna().all()


def test_who_fell_or_was_lost_stands_in_the_pack_of_the_tier_that_was_left():
    fell = {"grade": "B", "rule_grade": "B", "tier": "b", "previous_grade": "A"}
    rows = [
        UNHAPPY | fell | {"customer_id": "fell"},
        {"customer_id": "lost", "is_lost": True, "tier": "c", "grade": "C", "previous_grade": "B"},
        UNHAPPY | {"customer_id": "rose", "previous_grade": "C"},
        UNHAPPY | {"customer_id": "fresh", "tier": "unrated", "grade": "unrated", "previous_grade": None},
    ]
    assert listed(rows)["act_tier"].tolist() == ["a", "b", "a", "unrated"]


def test_the_order_of_the_rows_changes_nothing():
    random = np.random.default_rng(5)
    rows = [
        UNHAPPY | {"customer_id": f"c{number:03}", "net_12m": int(net), "account_manager": f"m{number % 7}"}
        for number, net in enumerate(random.integers(0, 50, 300) * 10_000)
    ]
    first = listed(rows).set_index("customer_id")["act_rank"]
    again = listed([rows[place] for place in random.permutation(300)]).set_index("customer_id")["act_rank"]
    pd.testing.assert_series_equal(first, again.loc[first.index])
    assert first.notna().sum() == 70 and first.dropna().is_unique


def test_the_peak_is_the_twelve_months_up_to_the_last_order():
    sold = orders(
        ("x", "2024-11-05 10:00", 7.0),  # more than twelve months before the last
        ("x", "2025-01-05 10:00", 10.0),
        ("x", "2025-10-05 10:00", 30.0),
        ("x", "2025-12-05 10:00", 5.0),
        ("y", "2026-10-05 10:00", 8.0),
    )
    inputs = Company(sold, models=True).inputs(MONTH)
    seen = read_signs(inputs, no_history())
    # The last order of x is of December 2025: January to December 2025.
    assert seen.peak.tolist() == [45 * 10_000, 8 * 10_000]
    course = courses(inputs, {"x": 0})
    assert course["back"].tolist() == list(range(11, -1, -1)) and course["net"].tolist() == [0, 5 * 10_000, *[0] * 10]
    assert course["orders"].sum() == 1


def test_without_months_the_peak_is_a_mean_year_of_all_that_is_known():
    sold = orders(("x", "2023-01-05 10:00", 60.0), ("x", "2024-12-05 10:00", 12.0))
    # 72 in the 24 months from the first to the last order
    assert read_signs(Company(sold).inputs(Month(2026, 10)), no_history()).peak.tolist() == [36 * 10_000]


def test_tickets_tell_who_waits_and_who_waited_too_long():
    from tests.transforms.builders import canonical

    rows = [
        {"ticket_id": "1", "customer_id": "x", "opened_at": "2026-09-20 10:00", "type": "complaint"},
        {"ticket_id": "2", "customer_id": "x", "opened_at": "2026-10-20 10:00", "type": "enquiry"},
        {
            "ticket_id": "3",
            "customer_id": "y",
            "opened_at": "2026-10-02 10:00",
            "type": "complaint",
            "sla_due_at": "2026-10-04 10:00",
            "resolved_at": "2026-10-05 10:00",
        },
        {"ticket_id": "4", "customer_id": "y", "opened_at": "2026-10-02 10:00", "type": "complaint", "resolved_at": "2026-11-01 00:00"},
    ]
    sold = orders(("x", "2026-08-05 10:00", 1.0), ("y", "2026-08-05 10:00", 1.0))
    seen = read_signs(Company(sold, tickets=canonical("tickets", rows)).inputs(MONTH), no_history())
    assert seen.tickets_open is not None and seen.tickets_open.tolist() == [2, 1]
    assert (seen.complaints_open.tolist(), seen.complaints_late.tolist()) == ([1, 1], [0, 1])


def test_tickets_that_never_say_when_they_were_solved_leave_open_what_is_open():
    from tests.transforms.builders import canonical

    rows = [{"ticket_id": "1", "customer_id": "x", "opened_at": "2026-09-20 10:00", "type": "complaint"}]
    seen = read_signs(Company(orders(("x", "2026-08-05 10:00", 1.0)), tickets=canonical("tickets", rows)).inputs(MONTH), no_history())
    assert seen.tickets_open is None and seen.complaints_open.tolist() == [0] and seen.asks_tickets
