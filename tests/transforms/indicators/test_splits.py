"""What moved the company's figures: parts by hand, adding up, and honest where there is nothing to split."""

from __future__ import annotations

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
