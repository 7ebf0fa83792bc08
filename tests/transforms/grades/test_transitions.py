"""Movements between grades reconcile with the base."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.builders import Company, orders
from transforms.grades.transitions import transitions, with_shares, year_on, year_transitions
from transforms.indicators import summary
from transforms.indicators.all import MEASURES
from transforms.inputs import History
from transforms.month import Month
from transforms.policy.rules import builtin
from transforms.review import freeze_reference, no_history, replay_month


def customers(*rows):
    names = ("previous_grade", "grade", "is_new", "was_lost", "is_lost")
    frame = pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows])
    return frame.astype({"previous_grade": "str", "grade": "str"})


def test_every_kind_of_movement_by_hand():
    found = transitions(
        customers(
            ("A", "A", False, False, False),
            ("A", "B", False, False, False),
            ("A", "B", False, False, False),
            (None, "unrated", True, False, False),
            ("B", "B", False, False, True),
            ("C", "C", False, True, True),
            ("C", "C", False, True, False),
            (None, "C", False, False, False),
        ),
        builtin(),
    )
    assert found.to_numpy().tolist() == [
        ["A", "A", 1],
        ["A", "B", 2],
        ["B", "lost", 1],
        ["unknown", "C", 1],
        ["new", "unrated", 1],
        ["lost", "C", 1],
    ]


COUNTED = ("customers_current", "customers_new", "customers_lost", "customers_base")


@pytest.mark.simulated
def test_month_by_month_closing_is_opening_plus_new_plus_back_less_lost(monkeypatch):
    """Somebody who comes, somebody who leaves, somebody who comes back after being lost."""
    sold = orders(
        ("stays", "2022-01-10", 10),
        *(("stays", f"{year}-{month:02}-15", 10) for year in (2022, 2023) for month in range(2, 13)),
        ("leaves", "2022-02-10", 10),
        ("back", "2022-03-10", 10),
        ("back", "2023-09-10", 10),
        ("late", "2023-05-10", 10),
    )
    company = Company(sold)
    policy = freeze_reference(company.inputs(Month(2023, 12)), builtin())
    monkeypatch.setattr(summary, "MEASURES", {name: MEASURES[name] for name in COUNTED})  # the others are made elsewhere
    history, closing, seen = no_history(), 0, set()
    for inputs in company.through(Month(2023, 12)):
        review = replay_month(inputs, history, policy)
        moves = review.transitions
        by_before, by_after = (moves.groupby(column)["customers"].sum() for column in ("grade_before", "grade_after"))
        new, back, lost = by_before.get("new", 0), by_before.get("lost", 0), by_after.get("lost", 0)
        opening = by_before.drop(["new", "lost"], errors="ignore").sum()
        figures = review.figures[review.figures["scope"] == "company"].set_index("indicator")["value"]
        assert opening == closing
        closing = opening + new + back - lost
        assert by_after.drop("lost", errors="ignore").sum() == closing == figures["customers_current"]
        assert new == figures["customers_new"]
        assert lost == figures["customers_lost"]
        assert len(review.customers) == figures["customers_base"]
        seen |= {kind for kind, number in (("new", new), ("back", back), ("lost", lost)) if number}
        history = History(review.customers, pd.concat([history.figures, review.figures.assign(month=str(inputs.month))], ignore_index=True))
    assert seen == {"new", "back", "lost"}


ESSEC = {
    "inactive": {"inactive": 7227, "active-high": 35, "active-low": 250},
    "active-high": {"warm-high": 119, "active-high": 354, "active-low": 2},
    "new-active": {"new-warm": 938, "active-high": 89, "active-low": 410},
}


def test_row_shares_of_the_published_matrix():
    """Oracle TR-D1: segments of 2014 to those of 2015 (De Bruyn, ESSEC; Marketing-Analytics-with-R, module 4)."""
    rows = [(before, after, count) for before, row in ESSEC.items() for after, count in row.items()]
    found = with_shares(pd.DataFrame(rows, columns=["grade_before", "grade_after", "customers"])).set_index(["grade_before", "grade_after"])
    expected = {
        ("inactive", "inactive"): 0.962060703,
        ("inactive", "active-high"): 0.004659212,
        ("inactive", "active-low"): 0.033280085,
        ("active-high", "warm-high"): 0.250526316,
        ("active-high", "active-high"): 0.745263158,
        ("active-high", "active-low"): 0.004210526,
        ("new-active", "new-warm"): 0.652748782,
        ("new-active", "active-high"): 0.061934586,
        ("new-active", "active-low"): 0.285316632,
    }
    assert found["share"].to_dict() == pytest.approx(expected, abs=1e-8)
    assert ((found["lower"] < found["share"]) & (found["share"] < found["upper"])).all()


def year_ago(**grades):
    frame = pd.DataFrame({"customer_id": list(grades), "grade": [grade for grade, _ in grades.values()]})
    return frame.assign(is_lost=[lost for _, lost in grades.values()])


def test_a_year_by_hand():
    """a stayed, b fell, c was lost since, d came since, e came back, f was lost both times, g is no longer known, h was not known then."""
    now = pd.DataFrame(
        {
            "customer_id": list("abcdefh"),
            "grade": ["A", "B", "C", "unrated", "C", "C", "B"],
            "is_lost": [False, False, True, False, False, True, False],
            "first_order_on": pd.to_datetime(["2020-01-01"] * 3 + ["2026-06-10"] + ["2020-01-01"] * 3),
        }
    )
    then = year_ago(a=("A", False), b=("A", False), c=("C", False), e=("C", True), f=("C", True), g=("B", False))
    found = year_transitions(now, then, Month(2026, 6), builtin())
    assert found.to_numpy().tolist() == [
        ["A", "A", 1],
        ["A", "B", 1],
        ["B", "unknown", 1],
        ["C", "lost", 1],
        ["unknown", "B", 1],
        ["new", "unrated", 1],
        ["lost", "C", 1],
    ]
    assert year_on(found, "A", builtin()) == (2, 1, 0, 1, 0, 0)
    assert year_on(found, "B", builtin()) == (1, 0, 0, 0, 0, 1), "who is no longer known"
    assert year_on(found, "C", builtin()) == (1, 0, 0, 0, 1, 0), "who was lost then has no grade of then"


some_grade = st.sampled_from(["A", "B", "C", None])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(some_grade, st.booleans(), some_grade, st.booleans()), min_size=1, max_size=30))
def test_every_row_of_a_year_adds_up_to_who_stood_there_then(rows):
    ids = [f"c{number}" for number in range(len(rows))]
    people = pd.DataFrame(rows, columns=["then", "lost_then", "now", "lost_now"]).assign(customer_id=ids)
    then = people[people["then"].notna()].rename(columns={"then": "grade", "lost_then": "is_lost"})[["customer_id", "grade", "is_lost"]]
    now = people[people["now"].notna()].rename(columns={"now": "grade", "lost_now": "is_lost"})[["customer_id", "grade", "is_lost"]]
    found = year_transitions(now.assign(first_order_on=pd.Timestamp("2026-06-02")), then, Month(2026, 6), builtin())
    for grade in "ABC":
        opening = int(((then["grade"] == grade) & ~then["is_lost"].astype(bool)).sum())
        closing = int(((now["grade"] == grade) & ~now["is_lost"].astype(bool)).sum())
        assert found.loc[found["grade_before"] == grade, "customers"].sum() == opening
        assert found.loc[found["grade_after"] == grade, "customers"].sum() == closing
