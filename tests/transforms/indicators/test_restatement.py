"""What a month says now against what it said before."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from tests.counts import examples
from transforms.figures import Figure, Reason, Scope, figure_frame
from transforms.indicators.restatement import compare_reviews


def people(**grades: str) -> pd.DataFrame:
    names = sorted(grades)
    return pd.DataFrame(
        {
            "customer_id": pd.Series(names, dtype="str"),
            "name": pd.Series([name.upper() for name in names], dtype="str"),
            "tier": pd.Series([grades[name].lower() for name in names], dtype="str"),
            "grade": pd.Series([grades[name] for name in names], dtype="str"),
            "score": pd.Series([50.0 for _ in names], dtype="float64"),
            "net_12m": pd.Series([100 for _ in names], dtype="Int64"),
        }
    )


def figures(value: float | None) -> pd.DataFrame:
    return figure_frame([Figure(Scope.COMPANY, "", "orders", value, reason=Reason.NO_DATA if value is None else None)])


def test_the_same_review_says_nothing_new() -> None:
    same = compare_reviews(people(a="A"), figures(1.0), people(a="A"), figures(1.0))
    assert not same.changed
    assert (len(same.figures), len(same.grades), len(same.moves)) == (0, 0, 0)
    assert same.of("orders") is None


def test_a_changed_grade_a_new_customer_and_a_gone_one_are_each_a_row() -> None:
    found = compare_reviews(people(a="A", b="B", c="C"), figures(1.0), people(a="B", c="C", d="A"), figures(2.0))
    assert found.changed
    assert found.of("orders") == (1.0, 2.0)
    assert found.grades.astype("object").where(found.grades.notna(), None)[["customer_id", "before", "after"]].to_numpy().tolist() == [
        ["a", "A", "B"],
        ["b", "B", None],
        ["d", None, "A"],
    ]


def test_a_figure_that_appears_differs_and_two_absent_ones_do_not() -> None:
    assert compare_reviews(people(), figures(None), people(), figures(3.0)).of("orders") == (None, 3.0)
    assert not compare_reviews(people(), figures(None), people(), figures(None)).changed


def test_the_largest_move_comes_first() -> None:
    before, after = people(a="A", b="A"), people(a="A", b="A").assign(net_12m=pd.Series([150, 400], dtype="Int64"))
    assert compare_reviews(before, figures(1.0), after, figures(1.0)).moves["customer_id"].tolist() == ["b", "a"]


GRADES = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("ABC"))


@examples(25, 100)
@given(GRADES, GRADES)
def test_the_rows_are_exactly_the_customers_whose_grade_differs(before: dict[str, str], after: dict[str, str]) -> None:
    found = compare_reviews(people(**before), figures(1.0), people(**after), figures(1.0))
    expected = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    assert found.grades["customer_id"].tolist() == expected
    assert found.changed == (before != after)
