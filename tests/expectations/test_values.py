"""What values give away: seconds in place of dates, JSON, nobody in place of a customer."""

from __future__ import annotations

import pandas as pd
import pytest

from expectations.values import check_crowding, look_of, short_form, values_in_words
from transforms.month import Month

JUNE = Month(2026, 6)


@pytest.mark.parametrize(
    ("values", "look"),
    [
        (["1767225600", "1767225601.5"], "seconds since 1970"),
        (["1767225600000"], "milliseconds since 1970"),
        (["NULL", "N/A", "\\N", "0000-00-00"], "words for nothing"),
        (['{"a": 1}', "[1, 2]"], "JSON"),
        (["{broken"], ""),
        (["1767225600", "tomorrow"], ""),
        (["20260601"], ""),
        ([], ""),
    ],
)
def test_refused_values_say_what_they_look_like_if_all_of_them_do(values: list[str], look: str) -> None:
    assert look_of(values) == look


def test_values_are_told_with_their_counts_and_a_cap() -> None:
    values = [("a", 6), ("b, c", 5), ("", 4), ("d", 3), ("e", 2), ("f", 1)]
    assert values_in_words(values) == "a 6, 'b, c' 5, '' 4, d 3, e 2 and 1 more"
    assert values_in_words(values[:2], rows=20) == "a 6, 'b, c' 5 and 9 more"
    assert short_form("x" * 50) == "x" * 39 + "…"


def crowding(*ids: str | None) -> list[tuple[str, int]]:
    return [(finding.rule, finding.rows) for finding in check_crowding("orders", pd.Series(ids, dtype="str"), JUNE)]


def test_a_customer_who_is_nobody_is_told_however_few_rows_name_him() -> None:
    others = [f"C{number}" for number in range(40)]
    assert crowding(*others, "guest") == [("orders.customer_id.nobody", 1)]
    assert crowding(*others, "0", " NULL", "游客") == [("orders.customer_id.nobody", 3)]
    assert crowding(*others, None, "guesthouse 0") == []
    (told,) = check_crowding("orders", pd.Series([*others, "0", "0", "guest"], dtype="str"), JUNE)
    assert told.message.startswith("orders 2026-06: 3 of 43 rows name a customer who is nobody (0 2, guest 1); all of them count as one")
    assert told.severity.value == "warning"


def test_one_customer_with_half_of_all_rows_is_told_where_there_are_enough_rows() -> None:
    others = [f"C{number}" for number in range(10)]
    assert crowding(*others, *["WEB"] * 10) == [("orders.customer_id.crowded", 10)]
    assert crowding(*others, *["WEB"] * 9) == []
    assert crowding(*["WEB"] * 19) == []
