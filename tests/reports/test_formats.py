"""Numbers, money, times and reasons as readers of either language expect them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.formats import Formats, finite, formats
from reports.glyphs import missing_glyphs
from transforms.figures import Unit
from transforms.month import Month

EN, ZH = formats("en", "CNY"), formats("zh_CN", "CNY")
FORBIDDEN = ("nan", "NaN", "inf", "None", "NaT", "<NA>")


def test_halves_round_to_even_on_the_decimal_value() -> None:
    assert [EN.number(value, 2) for value in (0.125, 0.135, 2.675)] == ["0.12", "0.14", "2.68"]


def test_a_minus_is_a_minus_and_nothing_is_minus_zero() -> None:
    assert (EN.number(-1234.5, 1), EN.number(-0.04, 1), EN.difference(0.04, 1), EN.difference(0.06, 1)) == (
        "−1,234.5",
        "0.0",
        "0.0",
        "+0.1",
    )


def test_money_has_its_sign_and_drops_cents_from_a_thousand_on() -> None:
    assert [EN.money(value) for value in (12.345, 999.99, 1234.5, -1234567.89)] == ["¥12.34", "¥999.99", "¥1,234", "−¥1,234,568"]
    assert formats("en", "JPY").money(12.5) == "¥12"
    assert formats("en", "XYZ").money(5) == "XYZ\u00a05.00"


def test_large_money_is_short_in_the_steps_of_the_language() -> None:
    assert [EN.money_short(value) for value in (880, 38_000, 999_999, 1_240_000, 2.5e9)] == ["¥880", "¥38.0K", "¥1.00M", "¥1.24M", "¥2.50B"]
    assert [ZH.money_short(value) for value in (880, 38_000, 1_240_000, 2.5e9)] == ["880元", "3.80万元", "124万元", "25.0亿元"]


def test_a_change_of_a_share_is_told_in_points_and_of_money_in_percent() -> None:
    assert EN.change(0.02, 0.5, Unit.SHARE) == "+2.0 pp"
    assert ZH.change(-0.02, 0.5, Unit.SHARE) == "−2.0个百分点"
    assert EN.change(-30.0, 120.0, Unit.MONEY) == "−25.0%"
    assert EN.change(5.0, 0.0, Unit.COUNT) == "+5"


def test_reasons_are_words_and_say_how_many_there_were() -> None:
    assert EN.reason("too_few", 7) == "too few (n=7)"
    assert EN.reason("no_data", 0) == "no data (n=0)"
    assert ZH.reason("not_supplied", None) == "未提供"
    assert EN.reason("something else", None) == "no data"


def test_instants_are_told_in_utc_and_say_so() -> None:
    shanghai = datetime(2026, 11, 1, 6, 0, tzinfo=timezone(timedelta(hours=8)))
    assert EN.instant(shanghai) == "31 Oct 2026, 22:00 UTC"
    assert ZH.instant(shanghai) == "2026年10月31日 22:00 UTC"
    assert (EN.month(Month(2026, 10)), ZH.month(Month(2026, 10))) == ("October 2026", "2026年10月")


@pytest.mark.parametrize("nothing", [None, math.nan, math.inf, -math.inf, pd.NA, pd.NaT])
def test_what_is_no_number_prints_a_dash(nothing: float | None) -> None:
    for unit in Unit:
        assert EN.figure(nothing, unit) == "–"
        assert ZH.axis(nothing, unit) == "–"
    assert EN.instant(None) == "–"
    assert finite(nothing) is None


@given(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from(list(Unit)), st.sampled_from([EN, ZH]))
def test_every_float_prints_in_every_unit_with_our_glyphs_and_no_machine_word(value: float, unit: Unit, shaped: Formats) -> None:
    for text in (
        shaped.figure(value, unit),
        shaped.axis(value, unit),
        shaped.change(value, value, unit),
        shaped.interval(value, value, unit),
    ):
        assert not any(word in text for word in FORBIDDEN)
        assert not missing_glyphs(text)
        assert len(text) < 80


def test_the_same_instant_prints_alike_wherever_it_was_written() -> None:
    assert EN.instant(datetime(2026, 10, 31, 22, 0, tzinfo=UTC)) == "31 Oct 2026, 22:00 UTC"


def test_an_interval_per_thousand_says_its_unit_once_in_its_head() -> None:
    assert EN.interval(15.94, 224.8, Unit.PER_THOUSAND) == "15.9 to 224.8"


def test_the_marks_of_one_axis_are_all_hours_or_all_days() -> None:
    assert [EN.hours(value, days=True) for value in (0.0, 25.0, 75.0)] == ["0.0 days", "1.0 days", "3.1 days"]
    assert [EN.hours(value, days=False) for value in (0.0, 50.0)] == ["0.0 h", "50.0 h"]


def test_there_is_no_percentage_across_a_change_of_sign():
    """From 72,400 to -52,632 the change is an amount; to nothing it is all of it."""
    shows = formats("en", "CNY")
    assert shows.change(-125_032.0, 72_400.0, Unit.MONEY) == "−¥125,032"
    assert shows.change(-72_400.0, 72_400.0, Unit.MONEY) == "−100.0%"
    assert shows.change(125_032.0, -52_632.0, Unit.MONEY) == "+¥125,032"
