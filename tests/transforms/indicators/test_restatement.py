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


def said_of(**rows: tuple[int, float]) -> pd.DataFrame:
    """Customers with twelve-month net and score."""
    told = people(**dict.fromkeys(rows, "A"))
    return told.assign(
        net_12m=pd.Series([rows[one][0] for one in sorted(rows)], dtype="Int64"), score=[rows[one][1] for one in sorted(rows)]
    )


def plain(frame: pd.DataFrame) -> list[list[object]]:
    """The cells of a frame whose rows are numbered from 0, missing as None."""
    assert frame.index.tolist() == list(range(len(frame)))
    return frame.astype("object").where(frame.notna(), None).to_numpy().tolist()  # type: ignore[no-any-return]


def test_moves_are_ordered_by_money_then_by_score_then_by_customer_and_absent_counts_as_nothing() -> None:
    """Money that moved: b 300; c, g, h and e 60, of which c, g and h with 10 points and e with none; a 50; i not at all."""
    before = said_of(a=(100, 50.0), b=(100, 50.0), e=(0, 50.0), g=(60, 10.0), h=(0, 50.0), i=(7, 50.0))
    after = said_of(a=(150, 50.0), b=(400, 50.0), c=(60, 10.0), e=(60, 50.0), h=(60, 60.0), i=(7, 50.0))
    assert plain(compare_reviews(before, figures(1.0), after, figures(1.0)).moves) == [
        ["b", "B", 100, 400, 50.0, 50.0],
        ["c", "C", None, 60, None, 10.0],
        ["g", "G", 60, None, 10.0, None],
        ["h", "H", 0, 60, 50.0, 60.0],
        ["e", "E", 0, 60, 50.0, 50.0],
        ["a", "A", 100, 150, 50.0, 50.0],
    ]


def test_a_grade_stands_with_its_tiers_and_the_name_that_the_customer_has_now() -> None:
    before = people(c="C", b="B", a="A")
    after = people(a="A", b="A", c="A").assign(name=["A", "Bee", None])
    assert plain(compare_reviews(before, figures(1.0), after, figures(1.0)).grades) == [
        ["b", "Bee", "B", "A", "b", "a"],
        ["c", "C", "C", "A", "c", "a"],
    ]


def test_figures_that_differ_are_sorted_by_scope_place_and_name() -> None:
    names = [("tier", "b", "orders"), ("tier", "a", "orders"), ("company", "", "orders"), ("company", "", "net_revenue")]

    def told(value: float) -> pd.DataFrame:
        return pd.concat([figure_frame([Figure(Scope(scope), place, name, value)]) for scope, place, name in names], ignore_index=True)

    found = compare_reviews(people(), told(1.0), people(), told(2.0))
    assert plain(found.figures) == [[*key, 1.0, 2.0] for key in sorted(names)]
    assert (found.of("orders"), found.of("orders", "segment")) == ((1.0, 2.0), None)


def test_the_order_of_rows_and_other_words_of_a_formula_are_no_change() -> None:
    two = pd.concat([figures(1.0), figures(3.0).assign(indicator="tickets")], ignore_index=True)
    turned = two.iloc[::-1].reset_index(drop=True).assign(method="said otherwise")
    found = compare_reviews(people(a="A", b="B"), two, people(a="A", b="B").iloc[::-1].reset_index(drop=True), turned)
    assert not found.changed


def test_what_the_frames_leave_out_is_told_as_changed() -> None:
    """A column more, a row more, another n: no figure, grade or move, and still not what it was."""
    same = (people(a="A"), figures(1.0))
    others = [
        (people(a="A").assign(region="north"), figures(1.0)),
        (people(a="A"), figures(1.0).assign(n=pd.array([9], dtype="Int64"))),
        (people(), figures(1.0)),
    ]
    assert [compare_reviews(*same, *other).changed for other in others] == [True] * 3
    assert [compare_reviews(*other, *same).changed for other in others] == [True] * 3


def test_segments_that_one_side_lacks_are_no_change_and_those_of_both_are_compared() -> None:
    """Another reader was named since: the segment `south` is new. `north` was there before."""

    def told(**segments: float) -> pd.DataFrame:
        return figure_frame([Figure(Scope.COMPANY, "", "orders", 1.0), *(Figure(Scope.SEGMENT, *one) for one in segments_of(segments))])

    def segments_of(values: dict[str, float]) -> list[tuple[str, str, float]]:
        return [(place, "orders", value) for place, value in values.items()]

    assert not compare_reviews(people(), told(north=4.0), people(), told(north=4.0, south=5.0)).changed
    assert not compare_reviews(people(), told(north=4.0, south=5.0), people(), told(north=4.0)).changed
    found = compare_reviews(people(), told(north=4.0), people(), told(north=6.0, south=5.0))
    assert plain(found.figures) == [["segment", "north", "orders", 4.0, 6.0]]


GRADES = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("ABC"))


@examples(25, 100)
@given(GRADES, GRADES)
def test_the_rows_are_exactly_the_customers_whose_grade_differs(before: dict[str, str], after: dict[str, str]) -> None:
    found = compare_reviews(people(**before), figures(1.0), people(**after), figures(1.0))
    expected = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    assert found.grades["customer_id"].tolist() == expected
    assert found.changed == (before != after)
