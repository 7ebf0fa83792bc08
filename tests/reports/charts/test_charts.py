"""Charts survive odd numbers, escape all text, and say what they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.charts import HALF, Line, MarkNames, Marks, bars, columns, concentration, histogram, parts, quadrants, spark, trend, whiskers
from reports.charts.canvas import span, ticks

NUMBER = st.one_of(st.none(), st.floats(-1e12, 1e12), st.sampled_from([0.0, -1.0, 1e-9, 1e15, -1e15]))
NASTY = "</text><script>alert(1)</script>&\"'"
SVG = "{http://www.w3.org/2000/svg}"


def _checked(art: str, title: str) -> ElementTree.Element:
    """The chart as XML: titled, without machine words, nothing outside its sheet."""
    root = ElementTree.fromstring(art)
    assert root.findtext(f"{SVG}title") == title
    assert not re.search(r"nan|inf|None", art.replace(title, "").replace('fill="none"', ""), re.IGNORECASE)
    width, height = float(root.attrib["viewBox"].split()[2]), float(root.attrib["viewBox"].split()[3])
    for mark in root.iter():
        for name, limit in (("x", width), ("x1", width), ("x2", width), ("cx", width), ("y", height), ("y1", height), ("cy", height)):
            if name in mark.attrib:
                assert -1 <= float(mark.attrib[name]) <= limit + 1, (mark.tag, mark.attrib)
        if mark.tag == f"{SVG}rect":
            assert float(mark.attrib["width"]) >= 0 and float(mark.attrib["height"]) >= 0
            assert float(mark.attrib["x"]) + float(mark.attrib["width"]) <= width + 1
    return root


def _trend(values: Sequence[float | None], other: Sequence[float | None] = ()) -> str:
    lines = [Line("own", tuple(values)), *([Line("company", tuple(other), main=False)] if other else [])]
    months = [f"m{place}" for place in range(len(values))]
    return trend("A trend", months, ["" for _ in months], lines, lambda value: f"{value:.3g}", empty="no data")


@given(st.lists(NUMBER, min_size=1, max_size=13))
def test_a_trend_of_anything_is_drawn_within_its_sheet(values: list[float | None]) -> None:
    _checked(_trend(values), "A trend")
    _checked(_trend(values, list(reversed(values))), "A trend")


@pytest.mark.parametrize("values", [[None], [5.0], [5.0] * 13, [0.0] * 3, [-3.0, -1.0], [None, 2.0, None, 4.0]])
def test_a_trend_survives_gaps_single_and_equal_values(values: list[float | None]) -> None:
    _checked(_trend(values), "A trend")


@given(st.lists(NUMBER, min_size=2, max_size=13), NUMBER, NUMBER)
def test_a_trend_beside_what_it_is_held_against_stays_within_its_sheet(
    values: list[float | None], one: float | None, other: float | None
) -> None:
    ends = (None, None) if one is None or other is None else tuple(sorted((one, other)))
    marks = Marks(*ends, target=other, year_ago=tuple(reversed(values)), missing=(0,), breaks=1)
    months = [f"m{place}" for place in range(len(values))]
    names = MarkNames("usual range", NASTY, "last year")
    _checked(
        trend("A trend", months, ["" for _ in months], [Line("", tuple(values))], str, empty="no data", marks=marks, named=names), "A trend"
    )


def test_the_usual_range_the_target_and_last_year_are_drawn_and_named() -> None:
    """A band, a dashed target, last year dotted, a month without all its days hatched, a line where another scale begins."""
    marks = Marks(1.0, 3.0, target=2.5, year_ago=(2.0, 1.0, 2.0), missing=(1,), breaks=1)
    names = MarkNames("usual range", "target", "last year")
    root = ElementTree.fromstring(
        trend("A trend", ["a", "b", "c"], ["", "", ""], [Line("", (None, 2.0, 3.5))], str, marks=marks, named=names)
    )
    words = {mark.text for mark in root.iter(f"{SVG}text")}
    assert {"usual range", "target", "last year"} <= words
    dashes = [mark.attrib.get("stroke-dasharray") for mark in root.iter() if mark.tag in (f"{SVG}line", f"{SVG}path")]
    assert dashes.count("3 2") == 2 and dashes.count("1 2") == 1 and dashes.count("0.6 1.6") == 2
    band = max((mark for mark in root.iter(f"{SVG}rect")), key=lambda mark: float(mark.attrib["width"]))
    assert float(band.attrib["height"]) > 0
    alone = trend("A trend", ["a", "b", "c"], ["", "", ""], [Line("", (1.0, 2.0, 3.5))], str)
    assert "rect" not in alone and "stroke-dasharray" not in alone


def test_a_gap_is_a_gap_and_not_a_zero() -> None:
    paths = [mark.attrib["d"] for mark in ElementTree.fromstring(_trend([1.0, 2.0, None, 4.0, 5.0])).iter(f"{SVG}path")]
    assert len(paths) == 2


@given(st.lists(st.tuples(st.just("name"), NUMBER, st.just("words")), max_size=8))
def test_bars_of_anything_stay_within_their_sheet(rows: list[tuple[str, float | None, str]]) -> None:
    _checked(bars("Bars", rows), "Bars")


@given(st.lists(st.tuples(st.just("name"), NUMBER, NUMBER), min_size=1, max_size=6))
def test_columns_of_anything_stay_within_their_sheet(groups: list[tuple[str, float | None, float | None]]) -> None:
    _checked(columns("Columns", groups, lambda value: f"{value:.2g}", "now", "before"), "Columns")


@given(st.lists(st.tuples(st.just("name"), NUMBER, NUMBER, NUMBER, st.just("1.0")), min_size=1, max_size=6))
def test_intervals_of_anything_stay_within_their_sheet(rows: list[tuple[str, float | None, float | None, float | None, str]]) -> None:
    _checked(whiskers("Intervals", rows), "Intervals")


@given(st.lists(st.integers(0, 10**6), min_size=3, max_size=3))
def test_three_parts_fill_one_bar_whatever_their_sizes(sizes: list[int]) -> None:
    root = _checked(parts("Parts", [(f"p{place}", float(size), "33%") for place, size in enumerate(sizes)]), "Parts")
    bar = [float(mark.attrib["width"]) for mark in root.iter(f"{SVG}rect") if mark.attrib["height"] == "20"]
    assert sum(bar) == pytest.approx(HALF, abs=0.1)


def test_other_shapes_are_drawn_with_their_titles() -> None:
    _checked(histogram("H", [0, 3, 1], [0.0, 10.0, 20.0, 30.0], [(10.0, "B"), (25.0, "A")], ["0", "", "", "30"]), "H")
    _checked(concentration("C", [(0, 0), (0.2, 0.6), (1, 1)], (0.2, 0.6), "60 %", "x", "y"), "C")
    _checked(quadrants("Q", [("a", "b", share, "1%") for share in (0.0, 0.5, 1.0, 0.2)], "x", "y"), "Q")
    assert spark("S", [None, 1.0]) == ""
    _checked(spark("S", [1.0, None, 2.0, 3.0]), "S")


def test_hostile_names_are_text_in_every_chart() -> None:
    arts = [
        bars(NASTY, [(NASTY, 1.0, NASTY)]),
        columns(NASTY, [(NASTY, 1.0, 2.0)], lambda _value: NASTY, NASTY, NASTY),
        parts(NASTY, [(NASTY, 1.0, NASTY)]),
        whiskers(NASTY, [(NASTY, 1.0, 0.0, 2.0, NASTY)]),
        quadrants(NASTY, [(NASTY, NASTY, 0.5, NASTY)] * 4, NASTY, NASTY),
        trend(NASTY, [NASTY], [NASTY], [Line(NASTY, (1.0,)), Line(NASTY, (2.0,), main=False)], lambda _value: NASTY),
    ]
    for art in arts:
        assert "<script" not in art
        assert ElementTree.fromstring(art).findtext(f"{SVG}title") == NASTY


@given(st.floats(-1e12, 1e12), st.floats(1e-6, 1e12))
def test_ticks_cover_the_values_with_round_steps(low: float, width: float) -> None:
    low, high = span([low, low + width])
    marks = ticks(low, high)
    slack = 1e-6 * (high - low)
    assert marks[0] <= low + slack and marks[-1] >= high - slack
    assert 2 <= len(marks) <= 9
