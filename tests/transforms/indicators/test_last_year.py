"""Last year's figure beside this one's, or why there is none."""

from __future__ import annotations

import pandas as pd
import pytest

from transforms.figures import SCALE, Figure, Scale, Scope, figure_frame
from transforms.indicators.all import CATALOGUE
from transforms.indicators.comparable import Comparability, Gap
from transforms.indicators.last_year import Absent, LastYear
from transforms.month import Month
from transforms.policy.rules import builtin

MARCH = Month(2026, 3)
CSAT, ORDERS = CATALOGUE["csat_mean"], CATALOGUE["orders"]


def kept(*figures: Figure, month: Month = MARCH - 12) -> pd.DataFrame:
    return figure_frame(figures).assign(month=str(month))


def company(name: str, value: float, scale: Scale | None = None) -> Figure:
    return Figure(Scope.COMPANY, "", name, value, scale=scale)


def known(history: pd.DataFrame, comparable: Comparability | None = None) -> LastYear:
    return LastYear.of_history(history, MARCH, comparable)


def test_the_value_is_that_of_twelve_months_before_in_its_own_place() -> None:
    history = pd.concat(
        [
            kept(company("orders", 9), Figure(Scope.TIER, "a", "orders", 4)),
            kept(company("orders", 7), month=MARCH - 11),
            kept(company("orders", 8), month=MARCH - 13),
        ]
    )
    found = known(history)
    assert found.value(("company", "", "orders"), ORDERS, None) == 9
    assert found.value(("tier", "a", "orders"), ORDERS, None) == 4
    assert found.value(("tier", "b", "orders"), ORDERS, None) is Absent.NO_VALUE


@pytest.mark.parametrize(
    ("then", "now", "value"),
    [
        (Scale(1, 5), Scale(1, 5), 4.0),
        (Scale(1, 5), Scale(1, 10), Absent.OTHER_SCALE),
        (None, Scale(1, 5), Absent.OTHER_SCALE),
        (Scale(1, 5), None, 4.0),  # this month has no value of its own, and so no scale
    ],
)
def test_a_score_is_compared_on_one_scale(then: Scale | None, now: Scale | None, value: object) -> None:
    assert known(kept(company("csat_mean", 4.0, then))).value(("company", "", "csat_mean"), CSAT, now) == value


def test_figures_kept_before_scales_were_have_none() -> None:
    old = kept(company("csat_mean", 4.0), company("orders", 9)).drop(columns=list(SCALE))
    assert known(old).value(("company", "", "orders"), ORDERS, None) == 9
    assert known(old).value(("company", "", "csat_mean"), CSAT, Scale(1, 5)) is Absent.OTHER_SCALE


def test_a_month_without_a_value_and_a_history_without_months_say_so() -> None:
    missing = kept(company("orders", 9)).assign(value=float("nan"))
    for history in (missing, missing.iloc[:0]):
        assert known(history).value(("company", "", "orders"), ORDERS, None) is Absent.NO_VALUE


def test_either_month_that_cannot_be_compared_is_the_reason() -> None:
    history = kept(company("orders", 9))
    for lacking in (MARCH, MARCH - 12):
        comparable = Comparability(builtin(), Month(2020, 1), incomplete=frozenset({("orders", lacking)}))
        found = known(history, comparable)
        assert found.value(("company", "", "orders"), ORDERS, None) is Gap.INCOMPLETE
        assert found.lacks_days(ORDERS) is (lacking == MARCH)
        assert not found.lacks_days(CSAT)
    assert not known(history).lacks_days(ORDERS)
    young = known(history, Comparability(builtin(), MARCH - 11))
    assert young.value(("company", "", "orders"), ORDERS, None) is Gap.HALF
    assert not young.lacks_days(ORDERS)
