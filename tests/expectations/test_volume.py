"""Tables without rows, thin months, stale and empty columns: what no expectation on a column sees."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from expectations.volume import (
    Booked,
    Broken,
    check_empty,
    check_empty_columns,
    check_fresh,
    check_months,
    check_orders_without_customer,
    check_quarantine,
    check_refused_money,
)
from transforms.month import Month


def months(*rows: int) -> dict[Month, int]:
    return {Month(2024, 1) + number: count for number, count in enumerate(rows)}


def found(*rows: int, table: str = "orders") -> list[tuple[str, str, str]]:
    result = check_months(table, months(*rows), Month(2024, 1), Month(2024, len(rows)))
    return [(finding.rule, finding.month, finding.severity.value) for finding in result]


def test_a_month_with_less_than_a_fifth_of_the_usual_rows_is_held() -> None:
    assert found(100, 90, 110, 19) == [("orders.rows.unusual", "2024-04", "critical")]
    assert found(100, 90, 110, 20) == [("orders.rows.thin", "2024-04", "warning")]


def test_half_a_load_is_told_where_it_can_be_no_chance() -> None:
    assert found(100, 90, 110, 49) == [("orders.rows.thin", "2024-04", "warning")]
    assert found(100, 90, 110, 50) == []
    assert found(29, 29, 29, 10) == []
    (told,) = check_months("tickets", months(40, 40, 40, 15), Month(2024, 1), Month(2024, 4))
    assert told.message == (
        "tickets 2024-04: only 15 rows, usual are 40 (-62 %). "
        "Ask whether all of the month's data have arrived; if not, run it again when they have."
    )
    assert check_months("tickets", months(40, 40, 40, 15), Month(2024, 1), Month(2024, 4), thin_share=0.3) == []


def test_the_message_says_what_is_usual() -> None:
    finding = check_months("orders", months(9000, 9400, 9800, 12), Month(2024, 1), Month(2024, 4))[0]
    assert finding.message == (
        "orders 2024-04: 12 rows, usual are 9,400 (-100 %). "
        "Ask whether the import was interrupted; if the month is right: keping waive orders.rows.unusual --month 2024-04 ..."
    )


def test_two_months_are_no_history() -> None:
    assert found(100, 100, 1) == []


def test_a_month_without_rows_is_held_and_is_no_part_of_what_is_usual() -> None:
    assert found(100, 0, 100, 100, 30) == [("orders.rows.none", "2024-02", "critical"), ("orders.rows.thin", "2024-05", "warning")]
    assert found(5, 0, table="tickets") == [("tickets.rows.none", "2024-02", "warning")]


def test_the_median_of_twelve_months_forgets_older_ones() -> None:
    assert found(*[100] * 12) == []
    many = {Month(2020, 1) + number: (1000 if number < 20 else 100) for number in range(33)}
    assert {finding.month for finding in check_months("orders", many, Month(2020, 1), Month(2022, 9))} <= {
        str(Month(2020, 1) + number) for number in range(20, 27)
    }


def test_an_empty_table_is_critical_only_where_rows_must_come() -> None:
    assert [finding.severity.value for table in ("orders", "surveys", "refunds") for finding in check_empty(table, 0)] == [
        "critical",
        "critical",
        "warning",
    ]
    assert check_empty("orders", 1) == []


def test_a_column_without_a_value_is_told() -> None:
    result = check_empty_columns("orders", ["order_id", "customer_id", "cost"], ["order_id"], ["order_id", "customer_id"], 5)
    assert [(finding.rule, finding.severity.value) for finding in result] == [
        ("orders.cost.empty", "warning"),
        ("orders.customer_id.empty", "critical"),
    ]
    assert check_empty_columns("orders", ["cost"], [], [], 0) == []


@pytest.mark.parametrize(("day", "told"), [(28, False), (20, True)])
def test_orders_that_end_days_before_the_month_are_stale(day: int, told: bool) -> None:
    result = check_fresh("orders", datetime(2024, 6, day, 23, tzinfo=UTC), Month(2024, 6), Month(2024, 6).end("UTC"))
    assert bool(result) is told


def test_a_rule_that_refuses_most_rows_is_critical() -> None:
    few, most = check_quarantine([Broken("orders", "2024-06", "r", 5, 10, ("f.csv:2",)), Broken("orders", "2024-06", "s", 6, 10)])
    assert (few.severity.value, most.severity.value) == ("warning", "critical")
    assert few.message == "orders 2024-06: 5 of 10 rows are refused by r (first: f.csv:2). See quarantine for each."


def test_orders_without_customer() -> None:
    assert check_orders_without_customer("2024-06", 0, 10) == []
    assert check_orders_without_customer("2024-06", 1, 10)[0].share == 0.1


def test_refused_values_say_what_they_look_like_and_what_to_write() -> None:
    values = (("wc-completed", 43), ("wc-processing", 6))
    (told,) = check_quarantine([Broken("orders", "2024-06", "orders.status.choice", 49, 812, ("key=1",), values)])
    assert told.message == (
        "orders 2024-06: 49 of 812 rows are refused by orders.status.choice (first: key=1). Values: 'wc-completed' 43, 'wc-processing' 6. "
        'Say what they mean: map.status = { "..." = "..." }. See quarantine for each.'
    )
    seconds = tuple((str(1_767_225_600 + day * 86_400), 2) for day in range(2))
    (told,) = check_quarantine([Broken("orders", "", "orders.ordered_at.type", 62, 70, (), seconds)])
    assert "Values: '1767225600' 2, '1767312000' 2 and 58 more (seconds since 1970). Say that they are: epoch = \"s\"." in told.message


def test_rows_that_came_and_are_refused_are_not_called_missing() -> None:
    (none,) = check_months("orders", months(0), Month(2024, 1), Month(2024, 1), refused={Month(2024, 1): 812})
    assert none.message == "orders 2024-01: all 812 rows are refused. See quarantine for what is wrong with them."
    (thin,) = check_months("orders", months(40, 40, 40, 15), Month(2024, 1), Month(2024, 4), refused={Month(2024, 4): 25})
    assert thin.message.startswith("orders 2024-04: only 15 rows, usual are 40 (-62 %); 25 more were read and refused, see quarantine. ")


def test_a_month_with_far_more_rows_than_usual_is_told() -> None:
    assert found(100, 90, 110, 301) == [("orders.rows.jump", "2024-04", "warning")]
    assert found(100, 90, 110, 300) == []
    assert found(20, 20, 20, 90) == []
    (told,) = check_months("orders", months(100, 100, 100, 350), Month(2024, 1), Month(2024, 4))
    assert told.message.startswith("orders 2024-04: 350 rows, 3.5 times the usual 100. ")


def test_the_quarantines_limit_is_one_of_money_too() -> None:
    def rules(refused_money: int, *, unread: int = 0, refused: int = 1, month: str = "2024-06") -> list[str]:
        page = Booked("orders", month, 100, refused, 1_000_0000, refused_money, unread)
        return [finding.message for finding in check_refused_money([page], 0.1)]

    assert rules(100_0000) == []  # a tenth may be
    assert rules(430_0000) == [
        "orders 2024-06: 43% of the month's money is refused (1 of 100 rows, 430.00 of 1,000.00); at most 10% may be "
        "(quality.refused_money). See quarantine for what is wrong with them."
    ]
    # twenty rows whose amount nobody can read, beside eighty of 12.50: 250 of 1,250
    assert rules(0, unread=20, refused=20)[0].startswith("orders 2024-06: about 20% of the month's money is refused (20 of 100 rows")
    assert rules(430_0000, month="")[0].startswith("orders: 43% of all money is refused in rows of no known month")
    assert check_refused_money([Booked("orders", "2024-06", 0, 0, 0, 0)], 0.1) == []


def test_a_list_of_readers_without_a_filter_is_no_finding():
    columns = ("email", "filter_field", "filter_value")
    assert check_empty_columns("recipients", columns, ("email",), ("email",), 8) == []
    assert [one.rule for one in check_empty_columns("recipients", columns, (), ("email",), 8)] == ["recipients.email.empty"]
