"""Movements between grades reconcile with the base."""

from __future__ import annotations

import pandas as pd

from tests.transforms.builders import Company, orders
from transforms.inputs import History
from transforms.month import Month
from transforms.policy import builtin
from transforms.review import freeze_reference, no_history, review_month
from transforms.transitions import transitions


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


def test_month_by_month_closing_is_opening_plus_new_plus_back_less_lost():
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
    history, closing, seen = no_history(), 0, set()
    for inputs in company.through(Month(2023, 12)):
        review = review_month(inputs, history, policy)
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
