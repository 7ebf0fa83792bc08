"""Usual ranges worked out by hand: steady months, so that the range is three sampling errors about their level and nothing else.

An error of the newest month is told by its kind: a share's sqrt(p (1 - p) / n), a rate's per thousand sqrt(1000 u / n), a count's root, a
score's from its interval, a sum's 2/3 x sqrt(2.5 / n) of the logarithm.
"""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from transforms.figures import Label, Scale, Scope, figure_frame
from transforms.indicators.all import CATALOGUE
from transforms.indicators.comparable import Comparability
from transforms.indicators.comparing import USUAL_COLUMNS, Comparisons, Computed, compare, no_usual
from transforms.indicators.declare import Part
from transforms.inputs import SurveyRules
from transforms.month import Month
from transforms.policy.rules import builtin
from transforms.statistics.estimates import Estimate, Z

MARCH = Month(2026, 3)
LONG_AGO = Month(2020, 1)
RULES = SurveyRules(min_n=10)


def computed(name: str, value: float | None, tier: str = "", **more: Any) -> Computed:
    part = Part(Scope.TIER if tier else Scope.COMPANY, tier, *(cast(Any, None),) * 7, frozenset())
    return Computed(CATALOGUE[name], part, Estimate(value, **more))


def past(name: str, values: list[float], tier: str = "", **more: Any) -> pd.DataFrame:
    """The figure of the months before March, the last one February's."""
    span = [str(MARCH - back) for back in range(len(values), 0, -1)]
    rows = {"month": span, "value": values, "scope": "tier" if tier else "company", "scope_value": tier, "indicator": name}
    return pd.DataFrame(rows).assign(**more)


def compared(found: Computed, before: pd.DataFrame, first: Month = LONG_AGO) -> Comparisons:
    return compare([found], before, MARCH, Comparability(builtin(), first), RULES)


def usual(found: Computed, before: pd.DataFrame, first: Month = LONG_AGO) -> list[float]:
    """Expected, low, high and the months they rest on; nothing where the figure cannot be judged."""
    told = compared(found, before, first).usual
    assert list(told.columns) == list(USUAL_COLUMNS)
    return told[["expected", "usual_low", "usual_high", "basis"]].to_numpy().ravel().tolist()  # type: ignore[no-any-return]


def test_a_count_varies_by_the_root_of_its_level_and_never_by_less_than_one() -> None:
    assert usual(computed("orders", 25), past("orders", [25.0] * 12)) == pytest.approx([25, 10, 40, 12])
    assert usual(computed("complaints", 0), past("complaints", [0.0] * 12)) == pytest.approx([0, 0, 3, 12])


def test_a_share_varies_by_its_own_n() -> None:
    """Twelve months of 2 in 10: p = 24.5 / 121; of 16 in March three errors are 3/4 x sqrt(p (1 - p)) = 0.301386."""
    assert 0.75 * math.sqrt(24.5 / 121 * 96.5 / 121) == pytest.approx(0.301386, abs=1e-6)
    found = usual(computed("sla_attainment", 0.3, n=16), past("sla_attainment", [0.2] * 12, n=10.0))
    assert found == pytest.approx([0.2, 0, 0.501386, 12], abs=1e-6)


def test_months_of_fewer_than_min_n_say_nothing_of_a_share() -> None:
    assert usual(computed("sla_attainment", 0.3, n=16), past("sla_attainment", [0.2] * 12, n=9.0)) == []
    few = compared(computed("sla_attainment", 0.9, n=9), past("sla_attainment", [0.2] * 12, n=10.0))
    assert few.usual["beyond"].isna().all() and few.figures[0].signal == ""


def test_a_rate_per_thousand_varies_by_its_events() -> None:
    """90 in a thousand, of 900 in March: three times sqrt(90,000 / 900) = 30. None at all count as half an event of 12,000."""
    assert usual(computed("complaint_rate", 99, n=900), past("complaint_rate", [90.0] * 12, n=1000.0)) == pytest.approx([90, 60, 120, 12])
    none = usual(computed("complaint_rate", 0, n=900), past("complaint_rate", [0.0] * 12, n=1000.0))
    assert none == pytest.approx([0, 0, 3 * math.sqrt(1000 * 0.5 / 12 / 900), 12])


def test_a_score_varies_by_what_its_intervals_say_and_stays_on_its_scale() -> None:
    """Intervals of 0.2 Z of 100 answers: one answer deviates by 2, 25 in March by 0.4; no score is above 5."""
    answers = {"n": 100.0, "lower": 3 - 0.2 * Z, "upper": 3 + 0.2 * Z, "scale_low": 1.0, "scale_high": 5.0}
    now = {"n": 25, "lower": 2.2, "upper": 3.8, "scale": Scale(1, 5)}
    assert usual(computed("csat_mean", 3.0, **now), past("csat_mean", [3.0] * 12, **answers)) == pytest.approx([3, 1.8, 4.2, 12])
    higher = {**answers, "lower": 4 - 0.2 * Z, "upper": 4 + 0.2 * Z}
    assert usual(computed("csat_mean", 4.0, **now), past("csat_mean", [4.0] * 12, **higher)) == pytest.approx([4, 2.8, 5, 12])
    without = {name: told for name, told in answers.items() if name not in ("lower", "upper")}
    assert usual(computed("csat_mean", 3.0, **now), past("csat_mean", [3.0] * 12, **without)) == []


@pytest.mark.parametrize("level", [1000.0, 1.0])
def test_a_sum_of_money_varies_by_ratio(level: float) -> None:
    """Half of the usual sum is added: log 1.5; of 25 orders three errors are 3 x 2/3 x sqrt(2.5 / 25) = 0.632456: 2.3234 and 0.2970."""
    three = 3 * 2 / 3 * math.sqrt(2.5 / 25)
    assert three == pytest.approx(0.632456, abs=1e-6)
    low, high = 1.5 * math.exp(-three) - 0.5, 1.5 * math.exp(three) - 0.5
    assert (low, high) == pytest.approx((0.296938, 2.323349), abs=1e-5)
    found = usual(computed("net_revenue", level, n=25), past("net_revenue", [level] * 12, n=100.0))
    assert found == pytest.approx([level, low * level, high * level, 12])


def test_money_that_was_ever_below_nought_is_judged_by_its_amounts() -> None:
    """99 and -1 by turns: 49 in the mean, 50 to either side; their deviation about it is 50 x sqrt(12 / 11)."""
    found = usual(computed("net_revenue", 49, n=25), past("net_revenue", [99.0, -1.0] * 6, n=100.0))
    spread = max(50 * math.sqrt(12 / 11), 100 / 1.128)
    assert found == pytest.approx([49, 49 - 3 * spread, 49 + 3 * spread, 12])


def test_refunds_of_which_nobody_knows_how_many_there_are_have_no_error_of_sampling() -> None:
    assert usual(computed("refunds", 100, n=25), past("refunds", [100.0] * 12, n=100.0)) == []
    assert usual(computed("refunds", 100, n=25), past("refunds", [90.0, 110.0] * 6, n=100.0))[3] == 12


def but_one(values: list[float], back: int) -> list[float]:
    """One month is not known, so that no twelve steps of a year are, and months are held against their level."""
    return [float("nan") if len(values) - place == back else value for place, value in enumerate(values)]


def test_a_usual_range_rests_on_two_years_at_most() -> None:
    """Six months of 900 are too long ago; the 24th is not known."""
    assert usual(computed("orders", 25), past("orders", but_one([900.0] * 6 + [25.0] * 24, 24))) == pytest.approx([25, 10, 40, 23])


def test_where_a_year_s_steps_vary_less_a_month_is_held_against_its_last_year() -> None:
    """Two years of 25 without a change: 25 a year ago, and two months vary by sqrt(25 + 25)."""
    half = 3 * math.sqrt(50)
    assert usual(computed("orders", 25), past("orders", [25.0] * 24)) == pytest.approx([25, 25 - half, 25 + half, 12])


def test_tiers_are_alike_from_when_grades_rest_on_a_year() -> None:
    """From August 2023 on: grades rest on a whole year from July 2024 on, and July 2024 to February 2026 are twenty months, one unknown."""
    first, values = Month(2023, 8), but_one([25.0] * 24, 5)
    assert usual(computed("orders", 25), past("orders", values), first)[3] == 23
    assert usual(computed("orders", 25, tier="a"), past("orders", values, "a"), first)[3] == 19
    assert usual(computed("orders", 25, tier="a"), past("orders", values, "a"), MARCH - 5) == []


def test_last_month_stands_beside_a_figure_where_both_may_be_compared() -> None:
    (figure,) = compared(computed("orders", 28), past("orders", [9.0, 25.0])).figures
    assert (figure.previous, figure.change) == (25, 3)
    (wide,) = compared(computed("net_revenue_12m", 28), past("net_revenue_12m", [9.0, 25.0])).figures
    assert (wide.previous, wide.signal) == (25, "")
    (missing,) = compared(computed("nps", None, reason="no_data"), past("nps", [9.0])).figures
    assert (missing.previous, missing.change, missing.value) == (9, None, None)
    (young,) = compared(computed("customers_new", 28), past("customers_new", [25.0]), MARCH - 3).figures
    assert young.previous is None


def test_windows_of_twelve_months_and_strangers_have_no_usual_range() -> None:
    assert usual(computed("net_revenue_12m", 28), past("net_revenue_12m", [28.0, 30.0] * 12)) == []
    assert usual(computed("orders", 25), past("orders", [25.0] * 12, "a")) == []
    assert usual(computed("orders", 25), past("tickets_opened", [25.0] * 12)) == []


def test_without_history_there_are_figures_and_no_usual_range() -> None:
    found = compared(computed("orders", 25), figure_frame([]).assign(month=""))
    assert (found.figures[0].value, found.figures[0].previous, len(found.usual)) == (25, None, 0)
    assert compare([], figure_frame([]).assign(month=""), MARCH, Comparability(builtin(), LONG_AGO), RULES).figures == []
    nothing = no_usual()
    assert (list(nothing.columns), len(nothing)) == (list(USUAL_COLUMNS), 0)


def test_a_month_outside_its_range_is_a_signal_and_how_far_is_told() -> None:
    found = compared(computed("orders", 55), past("orders", [25.0] * 12))
    assert found.figures[0].signal == "above"
    assert found.usual["beyond"].tolist() == [pytest.approx(2)]
    assert compared(computed("orders", 39), past("orders", [25.0] * 12)).figures[0].signal == ""
    assert np.isfinite(found.usual["chance"]).all()


def test_scores_on_another_scale_are_no_past_of_a_score() -> None:
    now = {"n": 25, "lower": 2.2, "upper": 3.8, "scale": Scale(1, 5)}
    answers = {"n": 100.0, "lower": 3 - 0.2 * Z, "upper": 3 + 0.2 * Z}
    mixed = past("csat_mean", [3.0] * 24, **answers, scale_low=1.0, scale_high=[10.0] * 12 + [5.0] * 12)
    assert usual(computed("csat_mean", 3.0, **now), mixed)[3] == 12
    told = compared(computed("csat_mean", 3.0, **now), past("csat_mean", [3.0], **answers, scale_low=1.0, scale_high=10.0))
    assert told.figures[0].previous is None


def test_months_weigh_by_how_much_they_rest_on() -> None:
    """A share of 0.2 of ten and one of 0.4 of forty, by turns: (10 x 0.2 + 40 x 0.4) / 50. Sums weigh by orders, as logarithms."""
    shares = past("sla_attainment", [0.2, 0.4] * 6, n=[10.0, 40.0] * 6)
    assert usual(computed("sla_attainment", 0.3, n=16), shares)[0] == pytest.approx(0.36)
    money = past("net_revenue", [1000.0, 2000.0] * 6, n=[100.0, 400.0] * 6)
    level = math.exp((100 * math.log(1750) + 400 * math.log(2750)) / 500) - 750
    assert usual(computed("net_revenue", 1500, n=25), money)[0] == pytest.approx(level)


def test_how_far_a_sum_lies_from_the_usual_one_is_told_as_a_ratio() -> None:
    """log 2500 - log 1500 of three errors."""
    three = 3 * 2 / 3 * math.sqrt(2.5 / 25)
    found = compared(computed("net_revenue", 2000, n=25), past("net_revenue", [1000.0] * 12, n=100.0))
    assert found.usual["beyond"].tolist() == [pytest.approx(math.log(2500 / 1500) / three)]


def test_a_month_without_revenue_is_still_a_sum() -> None:
    """Nothing sold in March: the range is that of any other March. One of twelve months without: it counts with half of the usual sum."""
    steady = past("net_revenue", [1000.0] * 12, n=100.0)
    assert usual(computed("net_revenue", 0, n=25), steady) == usual(computed("net_revenue", 900, n=25), steady)
    added = 11_000 / 12 / 2
    once = usual(computed("net_revenue", 900, n=25), past("net_revenue", [1000.0] * 5 + [0.0] + [1000.0] * 6, n=100.0))
    assert once[0] == pytest.approx(math.exp((11 * math.log(1000 + added) + math.log(added)) / 12) - added)


def test_min_n_answers_are_enough() -> None:
    found = compared(computed("sla_attainment", 0.9, n=10), past("sla_attainment", [0.2] * 12, n=10.0))
    assert np.isfinite(found.usual["beyond"]).all() and found.figures[0].signal == "above"


def test_one_answer_with_an_interval_tells_how_answers_vary() -> None:
    now = {"n": 25, "lower": 2.2, "upper": 3.8, "scale": Scale(1, 5)}
    alone = {"n": 1.0, "lower": 3 - 2 * Z, "upper": 3 + 2 * Z, "scale_low": 1.0, "scale_high": 5.0}
    assert usual(computed("csat_mean", 3.0, **now), past("csat_mean", [3.0] * 12, **alone)) == pytest.approx([3, 1.8, 4.2, 12])


def test_a_figure_is_labelled_as_its_indicator_unless_it_says_otherwise() -> None:
    nothing = figure_frame([]).assign(month="")
    assert compared(computed("orders", 25), nothing).figures[0].label is CATALOGUE["orders"].label
    assert compared(computed("orders", 25, label=Label.EXTERNAL), nothing).figures[0].label is Label.EXTERNAL
