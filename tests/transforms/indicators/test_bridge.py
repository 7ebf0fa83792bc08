"""From last month's net to this month's: every line by hand, and the sum to the last ten-thousandth whatever happens."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.indicators.bridge import Flow, Sums, bridge_of, has_bridge

U = 10_000


def people(*rows):
    """customer_id, tier, net of the month, net of twelve months, lost."""
    cells = [(who, tier, net * U, year * U, bool(lost)) for who, tier, net, year, *lost in rows]
    frame = pd.DataFrame(cells, columns=["customer_id", "tier", "month_net", "net_12m", "is_lost"])
    return frame.astype({"customer_id": "str", "tier": "str", "month_net": "Int64", "net_12m": "Int64", "is_lost": "bool"})


BEFORE = people(
    ("stays", "b", 100, 1000),
    ("sinks", "b", 80, 900),
    ("rises", "b", 50, 700),
    ("falls", "a", 60, 5000),
    ("silent", "b", 0, 30),
    ("long-lost", "b", 0, 0, 1),
    ("returns", "b", 0, 0, 1),
    ("merged", "b", 10, 40),
    ("other", "a", 7, 7),
)
NOW = people(
    ("stays", "b", 90, 980),
    ("sinks", "b", -30, 850),  # bought 10, got 40 back
    ("rises", "a", 70, 720),
    ("falls", "b", -500, 4400),  # an old order of an A customer was given back
    ("silent", "b", 0, 0, 1),
    ("long-lost", "b", -5, -5, 1),
    ("returns", "b", 20, 20),
    ("first", "b", 15, 15),
    ("other", "a", 9, 9),
)


def lines(bridge):
    return {(line.flow.value, line.tier): (line.moved.customers, line.moved.month_net / U, line.moved.net_12m / U) for line in bridge.lines}


def total(bridge):
    found = bridge.opening
    for line in bridge.lines:
        found = found + line.moved
    return found


def test_each_line_by_hand():
    """240 a month ago: less 10 and 80 of the two who stayed, 50 of who rose, 10 merged; 20 and 15 come; 535 are given back."""
    bridge = bridge_of(NOW, BEFORE, "b")
    assert (bridge.opening.customers, bridge.opening.month_net / U, bridge.opening.net_12m / U) == (5, 240, 2670)
    assert lines(bridge) == {
        ("same", ""): (0, -90, -70),
        ("joined", "a"): (1, 0, 4400),
        ("new", ""): (1, 15, 15),
        ("back", ""): (1, 20, 20),
        ("left", "a"): (-1, -50, -700),
        ("lost", ""): (-1, 0, -30),
        ("gone", ""): (-1, -10, -40),
        ("refunds", ""): (0, -535, -5),
    }
    assert (bridge.closing.customers, bridge.closing.month_net / U, bridge.closing.net_12m / U) == (5, -410, 6260)
    assert total(bridge) == bridge.closing


def test_the_same_customers_are_those_of_the_tier_in_both_months():
    bridge = bridge_of(NOW, BEFORE, "b")
    assert bridge.same_customers == 2
    assert (bridge.same_before.month_net / U, bridge.same_now.month_net / U) == (180, 90)
    assert (bridge.same_before.net_12m / U, bridge.same_now.net_12m / U) == (1900, 1830)


def test_in_the_company_nobody_joins_or_leaves_and_orders_without_a_customer_have_a_line():
    bridge = bridge_of(NOW, BEFORE, None, Sums(0, 3 * U, 40 * U), Sums(0, 1 * U, 50 * U))
    found = lines(bridge)
    assert {flow for flow, _ in found} == {"same", "new", "back", "lost", "gone", "refunds", "nobody"}
    assert found["nobody", ""] == (0, -2, 10)
    assert bridge.opening.month_net / U == 307 + 3
    assert total(bridge) == bridge.closing


def test_there_is_a_bridge_where_both_months_tell_what_customers_brought():
    assert has_bridge(NOW, BEFORE)
    assert not has_bridge(NOW, BEFORE.iloc[:0])
    for column in ("customer_id", "tier", "is_lost", "month_net", "net_12m"):
        assert not has_bridge(NOW.drop(columns=column), BEFORE)
        assert not has_bridge(NOW, BEFORE.drop(columns=column))


def test_a_tier_has_no_orders_of_nobody_and_a_line_on_which_nothing_moves_is_left_out():
    bridge = bridge_of(NOW, BEFORE, "b", Sums(0, 3 * U, 40 * U), Sums(0, 1 * U, 50 * U))
    assert (bridge.opening.month_net / U, bridge.closing.month_net / U) == (240, -410)
    still = bridge_of(BEFORE, BEFORE, "b")
    assert [(line.flow, line.tier, line.moved) for line in still.lines] == [(Flow.SAME, "", Sums())]
    assert (still.opening, still.same_customers) == (still.closing, 5)
    assert lines(bridge_of(BEFORE, BEFORE, None, Sums(0, 2 * U, 2 * U))) == {("same", ""): (0, 0, 0), ("nobody", ""): (0, -2, -2)}


def test_lines_stand_in_one_order_and_tiers_within_them():
    before = people(("x", "a", 1, 1), ("y", "c", 2, 2), ("stays", "b", 3, 3), ("goes", "b", 4, 4))
    now = people(("x", "b", 1, 1), ("y", "b", 2, 2), ("stays", "b", 3, 3), ("goes", "c", 4, 4), ("new", "b", 5, 5))
    assert [(line.flow.value, line.tier, line.moved.customers) for line in bridge_of(now, before, "b").lines] == [
        *[("same", "", 0), ("joined", "a", 1), ("joined", "c", 1), ("new", "", 1), ("left", "c", -1)]
    ]


def test_who_was_lost_already_and_stays_so_moves_on_the_line_of_the_lost():
    """Two lost customers of b: one is silent, one gave back an old order of 5, which is a refund."""
    before, now = people(("old", "b", 0, 9, 1), ("back", "b", 0, 0, 1)), people(("old", "b", 0, 4, 1), ("back", "b", -5, -5, 1))
    bridge = bridge_of(now, before, "b")
    assert lines(bridge) == {("lost", ""): (0, 0, -5), ("refunds", ""): (0, -5, -5)}
    assert (bridge.opening, bridge.closing) == (Sums(0, 0, 9 * U), Sums(0, -5 * U, -1 * U))


TIERS = st.sampled_from(["a", "b", "c"])
PERSON = st.tuples(TIERS, st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9), st.booleans())
BASE = st.dictionaries(st.integers(0, 12).map(str), PERSON, min_size=1)


@pytest.mark.simulated
@given(BASE, BASE)
@settings(max_examples=20)
def test_every_bridge_adds_up_and_the_tiers_closings_are_the_company_s(before, now):
    then, after = (people(*((who, *cells) for who, cells in one.items())) for one in (before, now))
    own = [bridge_of(after, then, tier) for tier in "abc"]
    whole = bridge_of(after, then, None)
    for bridge in (*own, whole):
        assert total(bridge) == bridge.closing
    for side in ("opening", "closing"):
        added = Sums()
        for bridge in own:
            added = added + getattr(bridge, side)
        assert added == getattr(whole, side)
    assert {line.flow for line in whole.lines}.isdisjoint({Flow.JOINED, Flow.LEFT})
