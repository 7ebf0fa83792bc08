"""From which month an indicator may be compared."""

from __future__ import annotations

import pytest

from transforms.indicators.all import CATALOGUE
from transforms.indicators.comparable import AFTER_LOSS, FIRST_EVER, THREE_YEARS, TWO_YEARS, Comparability, Gap, months_until
from transforms.month import Month
from transforms.policy.rules import builtin

FIRST = Month(2024, 1)


def test_every_name_is_an_indicator_and_stands_in_one_list():
    lists = (AFTER_LOSS, FIRST_EVER, THREE_YEARS, TWO_YEARS)
    assert set().union(*lists) <= set(CATALOGUE)
    assert sum(map(len, lists)) == len(set().union(*lists))


@pytest.mark.parametrize(
    ("name", "first", "gap"),
    [
        ("net_revenue", Month(2024, 1), None),
        ("net_revenue_12m", Month(2024, 12), Gap.HALF),  # January to December
        ("customers_new", Month(2025, 1), Gap.HALF),
        ("customers_lost", Month(2025, 1), Gap.NOT_YET),  # silent since 1 January 2024: 365 days later is December's last day
        ("retention_rate", Month(2025, 12), Gap.HALF),  # 2025 against 2024
        ("forecast_error_ratio", Month(2026, 12), Gap.HALF),
    ],
)
def test_the_first_month_by_hand(name, first, gap):
    known = Comparability(builtin(), FIRST)
    assert known.gap(CATALOGUE[name], first) is None
    assert known.since(CATALOGUE[name]) == first
    assert known.gap(CATALOGUE[name], first - 1) == gap or (gap is None and first == FIRST)


def test_a_table_that_begins_later_counts_from_its_own_beginning():
    known = Comparability(builtin(), FIRST, {"orders": FIRST, "tickets": Month(2024, 7)})
    assert known.gap(CATALOGUE["complaints"], Month(2024, 6)) is Gap.HALF
    assert known.gap(CATALOGUE["complaints"], Month(2024, 7)) is None
    assert known.gap(CATALOGUE["orders"], Month(2024, 1)) is None


def test_an_incomplete_month_is_compared_with_nothing():
    known = Comparability(builtin(), FIRST, incomplete=frozenset({("tickets", Month(2024, 5)), ("orders", Month(2025, 5))}))
    assert known.gap(CATALOGUE["complaints"], Month(2024, 5)) is Gap.INCOMPLETE
    assert known.gap(CATALOGUE["repeat_purchase_rate"], Month(2025, 5)) is None, "a year hardly feels three days"
    assert known.gap(CATALOGUE["orders"], Month(2024, 5)) is None


def test_the_months_until_somebody_can_be_lost_follow_the_policy():
    assert months_until(CATALOGUE["customers_lost"], builtin()) == 13  # 365 / 30.44 = 11.99 -> 12, and one
