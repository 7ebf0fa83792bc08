"""Cells are read exactly or refused; two ways of writing one value give one value."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from time import perf_counter
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.money import to_units
from transforms.tables.amounts import Amounts, exact_decimal
from transforms.tables.canonical import canonical
from transforms.tables.cells import read_count, read_flag, read_list, read_money, read_number, read_text
from transforms.tables.contract import TABLES
from transforms.tables.fx import convert_money, times
from transforms.tables.instants import NoTimezoneError, read_day, read_instant
from transforms.tables.reading import Reading

NOW = datetime(2024, 8, 2, tzinfo=UTC)


def raw(*values: object) -> pd.Series:
    return pd.Series(list(values), dtype=object)


def units(*values: object, decimal: str = ".") -> list[int | None]:
    """Money as read: ten-thousandths, None where it was refused or is missing."""
    cells = read_money(raw(*values), Amounts(decimal))
    return [None if pd.isna(value) else int(value) for value in cells.values]


@pytest.mark.parametrize(
    ("text", "decimal", "wanted"),
    [
        ("12", ".", 120_000), ("-3.5", ".", -35_000), (" 7.1 ", ".", 71_000), ("+1", ".", 10_000), (".5", ".", 5_000),
        ("1,234.50", ".", 12_345_000), ("1,234,567", ".", 12_345_670_000), ("1 234.5", ".", 12_345_000), ("1e3", ".", 10_000_000),
        ("1.234,56", ",", 12_345_600), ("1234,5", ",", 12_345_000), ("1.234.567", ",", 12_345_670_000), ("-1\u00a0234,5", ",", -12_345_000),
        ("1,234", ".", None), ("1.234", ",", None), ("1,5", ".", None), ("12,34,567.0", ".", None), ("1_000", ".", None),
        ("1e400", ".", None), ("nan", ".", None), ("inf", ".", None), ("-Infinity", ".", None), ("NA", ".", None), ("€ 5", ".", None),
        ("--5", ".", None), ("5-", ".", -50_000), ("１２", ".", 120_000), ("12.", ".", 120_000),
        ("99999999999999", ".", 999_999_999_999_990_000), ("999999999999999", ".", None),
    ],
)  # fmt: skip
def test_amounts_as_people_write_them(text: str, decimal: str, wanted: int | None) -> None:
    assert units(text, decimal=decimal) == [wanted]


def test_halves_go_to_the_even_neighbour_whatever_the_type() -> None:
    for number, wanted in (("0.00005", 0), ("0.00015", 2), ("1.00015", 10_002), ("1.00025", 10_002), ("-0.00015", -2), ("2.675", 26_750)):
        assert units(number, float(number), Decimal(number)) == [wanted] * 3


@pytest.mark.simulated
@settings(max_examples=200)
@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_every_amount_of_four_decimals_is_exact_in_every_type(amount: Decimal) -> None:
    wanted = to_units(amount)
    assert units(str(amount)) == units(amount) == units(float(amount)) == [wanted]
    assert units(f"{amount:,}") == [wanted] or abs(amount) >= 1000  # "1,234" alone is ambiguous only without decimals
    assert read_money(pd.Series([float(amount)])).values.tolist() == [wanted]


def test_missing_is_missing_and_a_written_nan_is_a_fault() -> None:
    cells = read_money(raw(None, "", "  ", float("nan"), Decimal("NaN"), "5"))
    assert cells.values.isna().tolist() == [True] * 5 + [False]
    assert cells.faults["type"].tolist() == [False, False, False, True, True, False]
    assert not read_number(pd.Series([1.0, None])).faults["type"].any()


def test_text_stays_text() -> None:
    cells = read_text(raw("NA", "None", "null", "007", " x ", "", None, 7, 17850.0, Decimal("5.00"), 1.5, True))
    assert cells.values.fillna("-").tolist() == ["NA", "None", "null", "007", "x", "-", "-", "7", "17850", "5.00", "1.5", "true"]
    assert read_text(raw("a\x00b")).faults["nul"].tolist() == [True]


def test_counts_flags_and_lists() -> None:
    assert read_count(raw("3", 3.0, "3.5", "x", None)).values.fillna(-1).tolist() == [3, 3, -1, -1, -1]
    assert read_flag(raw("Yes", 0, True, "f", "perhaps", None)).faults["type"].tolist() == [False, False, False, False, True, False]
    assert read_list(raw("a; b|c,d", ["x", "y"], "*", "", None)).values.fillna("-").tolist() == ["a|b|c|d", "x|y", "*", "-", "-"]


@pytest.mark.parametrize(
    "value",
    ["2024-05-01 10:03", "2024-05-01T10:03:00", "2024/05/01 10:03:00.000", "2024/5/1 10:03", "2024年5月1日 10:03", "2024-05-01T02:03:00Z",
     "2024-05-01 02:03:00+00", "2024-04-30 21:03:00-05:00", datetime(2024, 5, 1, 10, 3), datetime(2024, 5, 1, 2, 3, tzinfo=UTC),
     datetime(2024, 5, 1, 4, 3, tzinfo=ZoneInfo("Europe/Berlin"))],
)  # fmt: skip
def test_one_moment_written_in_many_ways(value: object) -> None:
    assert read_instant(raw(value), "Asia/Shanghai").values.tolist() == [pd.Timestamp("2024-05-01 02:03", tz="UTC")]


@pytest.mark.parametrize(
    ("value", "fault"),
    [("2024-02-30", "impossible"), ("2023-02-29 10:00", "impossible"), ("2024-05-01 25:00", "impossible"), ("2024-13-01", "impossible"),
     ("05/06/2024", "type"), ("20240501", "type"), (45000, "type"), ("soon", "type")],
)  # fmt: skip
def test_moments_that_cannot_be(value: object, fault: str) -> None:
    cells = read_instant(raw(value), "UTC")
    assert cells.values.isna().all() and cells.faults[fault].tolist() == [True]


def test_a_clock_that_is_set_back_shows_the_first_and_a_skipped_time_is_the_jump() -> None:
    cells = read_instant(raw("2024-10-27 02:30", "2024-03-31 02:30", "2024-03-31 03:30"), "Europe/Berlin")
    assert [str(value)[:16] for value in cells.values] == ["2024-10-27 00:30", "2024-03-31 01:00", "2024-03-31 01:30"]


def test_local_times_need_a_zone_and_zoned_ones_do_not() -> None:
    assert read_instant(raw("2024-05-01T10:00:00Z"), None).values.notna().all()
    with pytest.raises(NoTimezoneError):
        read_instant(raw("2024-05-01 10:00"), None)


def test_days_are_those_of_the_wall() -> None:
    cells = read_day(raw("2024-05-01", date(2024, 5, 1), datetime(2024, 5, 1, 23, 59), "2024-04-30T17:00:00Z"), "Asia/Shanghai")
    assert {str(value)[:10] for value in cells.values} == {"2024-05-01"}


@settings(max_examples=150)
@given(st.integers(-(10**15), 10**15), st.decimals(min_value="0.000001", max_value=99999, places=6))
def test_conversion_is_exact_and_half_even(amount: int, rate: Decimal) -> None:
    from decimal import ROUND_HALF_EVEN, localcontext

    with localcontext() as context:
        context.prec = 60
        wanted = int((Decimal(amount) * Decimal(repr(float(rate)))).to_integral_value(rounding=ROUND_HALF_EVEN))
    assert times(amount, float(rate)) == wanted


def test_the_rate_is_the_newest_of_at_most_seven_days() -> None:
    rates = pd.DataFrame({"date": pd.to_datetime(["2024-06-01", "2024-06-05"]), "currency": ["USD"] * 2, "rate": [7.0, 8.0]})
    days = ["2024-05-31 15:59", "2024-05-31 16:00", "2024-06-04 15:59", "2024-06-12 15:59", "2024-06-12 16:00"]
    frame = pd.DataFrame(
        {"ordered_at": pd.to_datetime(days, utc=True), "amount": pd.array([10_000] * 5, dtype="Int64"), "currency": ["USD"] * 5}
    )
    found, faults = convert_money(frame, TABLES["orders"], "CNY", "Asia/Shanghai", rates)
    assert found["amount"].fillna(-1).tolist() == [-1, 70_000, 70_000, 80_000, -1]
    assert faults["rate_missing"].tolist() == [True, False, False, False, True]


def test_numbers_need_no_guess() -> None:
    assert exact_decimal("1.234.567,8", Amounts(",")) == Decimal("1234567.8")
    assert exact_decimal("1,234.5") == Decimal("1234.5")
    assert exact_decimal("1,234") is None


@pytest.mark.simulated
def test_three_hundred_thousand_rows_are_typed_in_seconds() -> None:
    rows = 300_000
    frame = pd.DataFrame(
        {
            "order_id": pd.Series([f"order-{number}" for number in range(rows)], dtype="str"),
            "customer_id": pd.Series([f"c{number % 9999}" for number in range(rows)], dtype="str"),
            "ordered_at": pd.Series(["2024-05-01 10:00:00"] * rows, dtype="str"),
            "amount": pd.Series([f"{number / 100:.2f}" for number in range(rows)], dtype="str"),
        }
    )
    begin = perf_counter()
    typed = canonical(frame, TABLES["orders"], Reading("tables.orders[1]", "UTC"), now=NOW)
    assert perf_counter() - begin < 6, "about one second on an idle machine"
    assert len(typed.faults) == 0 and int(typed.frame["amount"].sum()) == sum(number * 100 for number in range(rows))
