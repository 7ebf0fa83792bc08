"""What moved the company's figures: parts by hand, adding up, and honest where there is nothing to split."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.figures import Figure, Reason, Scale, Scope, figure_frame
from transforms.indicators.movements import MEANS, TOTAL, part_name
from transforms.indicators.splits import splits
from transforms.month import Month

MONTH = Month(2026, 6)


def mean_figures(tiers, name="loyalty_index", outside=(0, 0.0), scale=None):
    """A figure of each tier from (n, mean) and the company's over all of them."""
    n = sum(count for count, _ in tiers.values()) + outside[0]
    total = sum(count * mean for count, mean in tiers.values()) + outside[0] * outside[1]
    company = Figure(Scope.COMPANY, "", name, total / n, n, scale=scale)
    return [company, *(Figure(Scope.TIER, tier, name, float(mean), count, scale=scale) for tier, (count, mean) in tiers.items())]


def money_figures(tiers, outside=0.0):
    """Net revenue and customers of each tier from (customers, net)."""
    whole = Figure(Scope.COMPANY, "", TOTAL, sum(net for _, net in tiers.values()) + outside)
    own = [Figure(Scope.TIER, tier, TOTAL, float(net)) for tier, (_, net) in tiers.items()]
    counts = [Figure(Scope.TIER, tier, "customers_base", float(count), count) for tier, (count, _) in tiers.items()]
    return [whole, *own, *counts]


def found(before, after):
    """The parts by scope value and name."""
    history = figure_frame(before).assign(month=str(MONTH - 1))
    tiers = [Figure(Scope.TIER, tier, TOTAL, 0.0) for tier in ("a", "b")] if not any(one.indicator == TOTAL for one in after) else []
    return {(one.scope_value, one.indicator): one for one in splits([*after, *tiers], history, MONTH)}


def value(parts, name, tier=""):
    return parts[tier, name].value


def test_mix_and_rate_by_hand():
    """a 80 and b 60, half and half; then 40 to 60 and b at 65: mix -1.75, rate +2.75, together +1."""
    before, after = mean_figures({"a": (50, 80), "b": (50, 60)}), mean_figures({"a": (40, 80), "b": (60, 65)})
    parts = found(before, after)
    assert value(parts, "loyalty_index_by_mix") == pytest.approx(-1.75)
    assert value(parts, "loyalty_index_by_rate") == pytest.approx(2.75)
    assert value(parts, "loyalty_index_by_rate", "a") == 0
    assert value(parts, "loyalty_index_by_rate", "b") == pytest.approx(2.75)
    assert value(parts, "loyalty_index_by_mix", "a") + value(parts, "loyalty_index_by_mix", "b") == pytest.approx(-1.75)


def test_net_revenue_by_hand():
    """Ten customers at 100 become twenty: all size; then the same twenty at 150: all rate; outside is told apart."""
    ten, twenty = money_figures({"a": (10, 1000)}), money_figures({"a": (20, 2000)}, outside=7.0)
    parts = found(ten, twenty)
    assert [value(parts, part_name(TOTAL, kind)) for kind in ("size", "mix", "rate", "outside")] == [1000, 0, 0, 7]
    richer = money_figures({"a": (20, 3000)}, outside=7.0)
    assert [value(found(twenty, richer), part_name(TOTAL, kind)) for kind in ("size", "mix", "rate", "outside")] == [0, 0, 1000, 0]


sides = st.fixed_dictionaries({tier: st.tuples(st.integers(0, 50), st.integers(0, 100)) for tier in "ab"})


@pytest.mark.simulated
@given(sides, sides, st.tuples(st.integers(1, 9), st.integers(0, 100)), st.tuples(st.integers(1, 9), st.integers(0, 100)))
def test_parts_add_up_to_the_change_whatever_enters_and_leaves(one, two, out_one, out_two):
    before, after = (mean_figures({t: side[t] for t in side if side[t][0]}, outside=out) for side, out in ((one, out_one), (two, out_two)))
    parts = found(before, after)
    total = value(parts, "loyalty_index_by_mix") + value(parts, "loyalty_index_by_rate")
    assert total == pytest.approx(after[0].value - before[0].value, abs=1e-9)
    before, after = (money_figures(side, outside=float(out[1])) for side, out in ((one, out_one), (two, out_two)))
    parts = found(before, after)
    if all(sum(side[tier][0] for tier in side) for side in (one, two)) and all(
        side[t][0] or not side[t][1] for side in (one, two) for t in side
    ):
        money = sum(value(parts, part_name(TOTAL, kind)) for kind in ("size", "mix", "rate", "outside"))
        assert money == pytest.approx(after[0].value - before[0].value, abs=1e-5)


def test_a_tier_withheld_in_one_month_is_told_apart_in_neither():
    before = mean_figures({"a": (50, 80), "b": (50, 60)}, "csat_mean")
    after = [
        *mean_figures({"a": (50, 80)}, "csat_mean", outside=(5, 90)),
        Figure(Scope.TIER, "b", "csat_mean", None, 5, reason=Reason.TOO_FEW),
    ]
    parts = found(before, after)
    assert ("b", "csat_mean_by_mix") not in parts
    total = value(parts, "csat_mean_by_mix") + value(parts, "csat_mean_by_rate")
    assert total == pytest.approx(after[0].value - before[0].value, abs=1e-9)


def test_another_scale_or_no_month_before_gives_a_reason():
    five, ten = (mean_figures({"a": (50, mean)}, "csat_mean", scale=Scale(1, high)) for mean, high in ((4, 5), (8, 10)))
    assert found(five, ten)["", "csat_mean_by_mix"].reason is Reason.NO_DATA
    assert found(five, five)["", "csat_mean_by_mix"].value == 0
    nothing = list(splits(five, pd.DataFrame({"month": [], "value": np.empty(0)}), MONTH))
    assert {one.reason for one in nothing if one.indicator.startswith("csat")} == {Reason.NO_DATA}
    assert {one.reason for one in nothing if one.indicator.startswith("nps")} == {Reason.NOT_SUPPLIED}
    assert len(nothing) == 2 * len(MEANS) + 4


def told(parts):
    """Every part with what it rests on, of the first figure or of net revenue."""
    return {key: (round(one.value, 9), one.n) for key, one in parts.items() if one.value is not None}


def test_each_part_of_a_mean_by_hand_with_what_belongs_to_no_tier():
    """Of a hundred each time: a 50 at 80, b 40 at 60, outside 10 at 40; then a 40 at 80, b 40 at 65, outside 20 at 50: 68 and 68.

    Mix, by how far a group lies from the company's 68: a -0.1 x 12, b nothing, outside 0.1 x -23. Rate: b 5 x 0.4, outside 10 x 0.15.
    """
    before = mean_figures({"a": (50, 80), "b": (40, 60)}, outside=(10, 40))
    after = mean_figures({"a": (40, 80), "b": (40, 65)}, outside=(20, 50))
    assert told(found(before, after)) == {
        ("", "loyalty_index_by_mix"): (-3.5, 100),
        ("", "loyalty_index_by_rate"): (3.5, 100),
        ("a", "loyalty_index_by_mix"): (-1.2, 40),
        ("a", "loyalty_index_by_rate"): (0, 40),
        ("b", "loyalty_index_by_mix"): (0, 40),
        ("b", "loyalty_index_by_rate"): (2, 40),
    }
    assert {one.method for one in found(before, after).values()} == {"change since last month; Das Gupta over tiers"}


def test_a_tier_that_the_standard_no_longer_has_is_in_the_sum_alone():
    """z goes with 50 at 60, b comes with 50 at 70, about a mean of 72.5: z -0.5 x -12.5, b 0.5 x -2.5; nothing happens within a tier."""
    parts = found(mean_figures({"a": (50, 80), "z": (50, 60)}), mean_figures({"a": (50, 80), "b": (50, 70)}))
    assert told(parts) == {
        ("", "loyalty_index_by_mix"): (5, 100),
        ("", "loyalty_index_by_rate"): (0, 100),
        ("a", "loyalty_index_by_mix"): (0, 50),
        ("a", "loyalty_index_by_rate"): (0, 50),
        ("b", "loyalty_index_by_mix"): (-1.25, 50),
        ("b", "loyalty_index_by_rate"): (0, 50),
    }


def test_without_a_mean_on_both_sides_or_with_more_in_the_tiers_than_in_the_company_there_is_no_split():
    whole = mean_figures({"a": (50, 80)})
    nobody = [Figure(Scope.COMPANY, "", "loyalty_index", None, 0, reason=Reason.NO_DATA)]
    more = [Figure(Scope.COMPANY, "", "loyalty_index", 80.0, 40), *whole[1:]]
    other = [*mean_figures({"a": (50, 4)}, "csat_mean", scale=Scale(1, 5))]
    mixed = [other[0], Figure(Scope.TIER, "a", "csat_mean", 8.0, 50, scale=Scale(1, 10))]
    for before, after, name in ((whole, nobody, "loyalty_index"), (nobody, whole, "loyalty_index"), (whole, more, "loyalty_index")):
        assert [found(before, after)["", f"{name}_by_{kind}"].reason for kind in ("mix", "rate")] == [Reason.NO_DATA] * 2
    assert found(other, mixed)["", "csat_mean_by_rate"].reason is Reason.NO_DATA
    assert found(other, other)["", "csat_mean_by_rate"].value == 0


def test_a_tier_in_which_nobody_answered_is_not_withheld_and_one_with_few_is_told_apart_in_no_month():
    """b: 4 answers, withheld, in either month: the others are a and what is outside."""
    few = Figure(Scope.TIER, "b", "csat_mean", None, 4, reason=Reason.TOO_FEW)
    none = Figure(Scope.TIER, "b", "csat_mean", None, 0, reason=Reason.NO_DATA)
    both = mean_figures({"a": (50, 80), "b": (50, 60)}, "csat_mean")
    one = mean_figures({"a": (50, 80)}, "csat_mean", outside=(50, 70))
    assert {tier for tier, name in found([*one, few], both) if name.startswith("csat")} == {"", "a"}
    assert {tier for tier, name in found([*one, none], both) if name.startswith("csat")} == {"", "a", "b"}


def test_a_month_that_was_kept_otherwise_is_no_month_to_split_against():
    before, after = mean_figures({"a": (50, 80)}), mean_figures({"a": (50, 90)})
    history = figure_frame(before).assign(month=str(MONTH - 1))

    def reason(frame):
        return {one.indicator: one.reason for one in splits(after, frame, MONTH)}["loyalty_index_by_rate"]

    assert reason(history) is None
    assert reason(history.assign(scope_value=history["scope_value"].replace("", None))) is None  # as a database gives it back
    assert reason(history.assign(value=float("nan"))) is Reason.NO_DATA
    for column in ("n", "scale_low", "scale_high"):
        assert reason(history.drop(columns=column)) is Reason.NO_DATA
    for month in (MONTH, MONTH - 2):
        assert reason(history.assign(month=str(month))) is Reason.NO_DATA


def test_each_part_of_net_revenue_by_hand():
    """a 10 customers at 100 and b 10 at 50; then 15 and 5 of the same: nothing but mix; then a brings 120 each: nothing but rate."""
    before, after = money_figures({"a": (10, 1000), "b": (10, 500)}), money_figures({"a": (15, 1500), "b": (5, 250)})
    mixed = {(tier, kind): found(before, after)[tier, part_name(TOTAL, kind)] for tier in "ab" for kind in ("size", "mix", "rate")}
    assert {key: (one.value, one.n) for key, one in mixed.items()} == {
        ("a", "size"): (0, 15),
        ("a", "mix"): (500, 15),
        ("a", "rate"): (0, 15),
        ("b", "size"): (0, 5),
        ("b", "mix"): (-250, 5),
        ("b", "rate"): (0, 5),
    }
    assert found(before, after)["", part_name(TOTAL, "mix")].n == 20
    richer = found(after, money_figures({"a": (15, 1800), "b": (5, 250)}))
    assert [richer[tier, part_name(TOTAL, "rate")].value for tier in ("", "a", "b")] == [300, 300, 0]
    assert ("a", part_name(TOTAL, "outside")) not in richer


def test_a_tier_that_was_empty_brings_what_it_brings_now():
    """a stays at 10 customers of 100; b comes with 10 of 50, and is taken to have brought 50 before.

    Size, the mean of both orders: a (1000 + 500) / 2, b (0 + 250) / 2. Mix: a -(500 + 1000) / 2, b (250 + 500) / 2.
    """
    before, after = money_figures({"a": (10, 1000), "b": (0, 0)}), money_figures({"a": (10, 1000), "b": (10, 500)})
    parts = found(before, after)
    assert [parts[tier, part_name(TOTAL, "size")].value for tier in ("", "a", "b")] == [875, 750, 125]
    assert [parts[tier, part_name(TOTAL, "mix")].value for tier in ("", "a", "b")] == [-375, -750, 375]
    assert [parts[tier, part_name(TOTAL, "rate")].value for tier in ("", "a", "b")] == [0, 0, 0]
    back = found(after, before)
    assert [back[tier, part_name(TOTAL, "size")].value for tier in ("", "a", "b")] == [-875, -750, -125]


def test_money_without_customers_or_without_a_month_before_is_not_split():
    nobody, ten = money_figures({"a": (0, 0)}, outside=5.0), money_figures({"a": (10, 1000)})
    missing = [replace(one, value=None, reason=Reason.NO_DATA) if one.indicator == TOTAL else one for one in ten]
    for before, after in ((nobody, ten), (ten, nobody), (missing, ten), (ten, missing)):
        parts = found(before, after)
        assert {parts["", part_name(TOTAL, kind)].reason for kind in ("size", "mix", "rate", "outside")} == {Reason.NO_DATA}
    unsold = [replace(one, value=None, reason=Reason.NOT_SUPPLIED) if one.indicator == TOTAL else one for one in ten]
    assert found(ten, unsold)["", part_name(TOTAL, "mix")].reason is Reason.NOT_SUPPLIED


def test_a_tier_is_told_where_it_has_net_revenue_of_its_own_and_what_has_none_is_not_supplied():
    before, after = mean_figures({"a": (50, 80)}), mean_figures({"a": (50, 90)})
    parts = list(splits(after, figure_frame(before).assign(month=str(MONTH - 1)), MONTH))
    assert {one.scope for one in parts} == {Scope.COMPANY}
    assert {one.reason for one in parts if one.indicator == part_name(TOTAL, "mix")} == {Reason.NOT_SUPPLIED}


def test_customers_of_a_tier_without_money_are_in_no_share():
    before, after = money_figures({"a": (10, 1000), "b": (10, 500)}), money_figures({"a": (15, 1500), "b": (5, 250)})
    ghost = Figure(Scope.TIER, "z", "customers_base", 10.0, 10)
    assert told(found([*before, ghost], [*after, ghost])) == told(found(before, after))


def test_parts_of_net_revenue_are_rounded_to_a_millionth():
    """Three customers bring a third more in all."""
    before, after = money_figures({"a": (3, 1)}), money_figures({"a": (3, 4 / 3)})
    assert [found(before, after)[tier, part_name(TOTAL, "rate")].value for tier in ("", "a")] == [0.333333] * 2
