"""Who needs a look: every reason by hand, and who has none."""

from __future__ import annotations

import pandas as pd

from transforms.policy.rules import builtin
from transforms.why.watching import FALL, UNHAPPY, WATCH_COLUMNS, customers_to_watch

POLICY = builtin()
BEST, SECOND = POLICY.grades[0].grade, POLICY.grades[1].grade


def customers(**changes):
    """One calm customer: the same grade and score as last month, ordered lately, content."""
    calm = {
        "customer_id": "calm",
        "previous_grade": BEST,
        "grade": BEST,
        "net_12m": 1_000_000,
        "recency_days": POLICY.warn_days - 1,
        "score": 70.0,
        "satisfaction_index": UNHAPPY,
    }
    return pd.DataFrame([calm | changes])


def last_month(score):
    return pd.DataFrame({"customer_id": ["calm"], "score": [score]})


def reasons(frame, previous=None):
    found = customers_to_watch(frame, last_month(70.0) if previous is None else previous, POLICY)
    assert tuple(found.columns) == WATCH_COLUMNS
    return [name for name in ("demoted", "falling", "silent", "unhappy") if len(found) and found.at[0, name]]


def test_a_calm_customer_is_not_on_the_list():
    assert reasons(customers()) == []


def test_each_reason_begins_exactly_at_its_bound():
    assert reasons(customers(grade=SECOND)) == ["demoted"]
    assert reasons(customers(), last_month(70.0 + FALL)) == ["falling"]
    assert reasons(customers(), last_month(70.0 + FALL - 0.01)) == []
    assert reasons(customers(recency_days=POLICY.warn_days)) == ["silent"]
    assert reasons(customers(recency_days=POLICY.warn_days, net_12m=0)) == [], "no money is at stake"
    assert reasons(customers(satisfaction_index=UNHAPPY - 0.01)) == ["unhappy"]


def test_who_lost_a_grade_is_not_told_a_second_time_for_the_score():
    assert reasons(customers(grade=SECOND), last_month(90.0)) == ["demoted"]


def test_a_rise_and_what_is_not_known_are_no_reasons():
    assert reasons(customers(previous_grade=SECOND)) == []
    assert reasons(customers(previous_grade=None, recency_days=None, score=None, satisfaction_index=None, net_12m=None)) == []
    assert reasons(customers(), last_month(70.0).iloc[:0]) == []
    assert reasons(customers()[["customer_id"]]) == []


def test_most_money_at_stake_stands_first_and_of_equals_the_smaller_id():
    wanted = {"b": 500, "a": 500, "c": 900, "d": None}
    frame = pd.concat([customers(customer_id=key, net_12m=net, satisfaction_index=10.0) for key, net in wanted.items()], ignore_index=True)
    found = customers_to_watch(frame, frame.iloc[:0], POLICY)
    assert found["customer_id"].tolist() == ["c", "a", "b", "d"]
    assert found["place"].tolist() == [2, 1, 0, 3]
    assert found["net_12m"].tolist() == [900, 500, 500, 0]
