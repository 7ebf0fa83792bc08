"""Historic, current and potential value: three numbers, one basis."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from tests.transforms.builders import Company, canonical, inputs_of, orders
from transforms.classes.value import with_p_alive
from transforms.freezing import freeze_reference
from transforms.money import UNITS
from transforms.month import Month
from transforms.policy.rules import Classes, Reference, builtin
from transforms.review import no_history, review_month
from transforms.scoring import score_customers

DECEMBER = Month(2023, 12)


def costed(*rows):
    """Orders from (customer, day, amount, cost)."""
    named = [dict(zip(("customer_id", "ordered_at", "amount", "cost"), row, strict=True)) for row in rows]
    return canonical("orders", [{"order_id": f"o{number}", **row} for number, row in enumerate(named)])


def valued(sold, policy=None, **more):
    inputs = inputs_of(DECEMBER, sold, first=Month(2022, 1), **more)
    frozen = policy or freeze_reference(inputs, builtin())
    return score_customers(inputs, no_history(), frozen).set_index("customer_id"), inputs, frozen


def test_history_ends_where_the_last_twelve_months_begin():
    found, _, _ = valued(orders(("a", "2022-12-31", 10), ("a", "2023-01-01", 7), ("a", "2023-12-31", 2)))
    assert found.loc["a", ["historic_value", "current_value"]].tolist() == [10 * UNITS, 9 * UNITS]


def test_value_is_margin_where_costs_are_known_and_revenue_for_everybody_where_they_are_not():
    rows = [("a", "2022-06-01", 100, 60), ("a", "2023-12-05", 50, 20), ("b", "2023-12-06", 30, 30)]
    found, _, _ = valued(costed(*rows))
    assert found["current_value"].tolist() == [30 * UNITS, 0]
    assert found["historic_value"].tolist() == [40 * UNITS, 0]
    unknown, _, _ = valued(costed(*rows, ("b", "2023-12-07", 1, None)))  # 2 of 3 orders of the month are costed
    assert unknown["current_value"].tolist() == [50 * UNITS, 31 * UNITS]
    half, _, _ = valued(costed(*rows, ("b", "2023-12-07", 1, None)), policy=None)
    assert (half["current_value"] == unknown["current_value"]).all()


def test_a_standard_frozen_without_costs_is_read_with_revenue():
    plain = [("a", "2023-12-05", 50), ("b", "2023-12-06", 30)]
    _, _, policy = valued(orders(*plain))
    found, _, _ = valued(costed(*((*row, 10) for row in plain)), policy)
    assert found["current_value"].tolist() == [50 * UNITS, 30 * UNITS]


def test_potential_is_the_gap_to_the_peers_as_far_as_the_customer_is_still_there():
    """P75 of the frozen current values 100, 200, 300, 400 is 300; silent for 73 of 365 days: 0.8 of the gap of 200."""
    sold = orders(("a", "2023-10-19", 100), ("b", "2023-12-31", 200), ("c", "2023-12-31", 300), ("d", "2023-12-31", 400))
    found, _, _ = valued(sold)
    assert found["p_active"].tolist() == [0.8, 1.0, 1.0, 1.0]
    assert found["potential_by_rule"].tolist() == [160 * UNITS, 100 * UNITS, 0, 0]


def test_the_lost_have_no_potential_and_open_quotes_add_theirs_at_the_win_rate():
    quotes = [
        {"quote_id": f"d{n}", "customer_id": "z", "quoted_at": "2023-11-01", "amount": 1, "result": "won" if n < 4 else "lost"}
        for n in range(10)
    ]
    open_one = {"quote_id": "o", "customer_id": "lost", "quoted_at": "2023-12-01", "amount": 50}
    sold = orders(("lost", "2022-06-01", 5), ("b", "2023-12-31", 200))
    found, _, _ = valued(sold, quotes=canonical("quotes", [*quotes, open_one]))
    assert found.loc["lost", "potential_by_rule"] == 20 * UNITS  # 50 x 4/10
    few, _, _ = valued(sold, quotes=canonical("quotes", [*quotes[:9], open_one]))
    assert few.loc["lost", "potential_by_rule"] == 0  # nine decided quotes tell no win rate


def test_the_models_chance_takes_the_place_of_silence_where_there_is_one_and_classes_stay_by_silence():
    """Gap 200 to the peers and an open quote worth 20: 0.25 x 200 + 20 by the model, 0.8 x 200 + 20 by silence, 20 for the lost."""
    gaps, rule = [200 * UNITS] * 3, [180 * UNITS, 180 * UNITS, 20 * UNITS]
    people = pd.DataFrame({"is_lost": [False, False, True], "p_active": [0.8, 0.8, 0.0], "p_alive": [0.25, None, 0.25]})
    people = people.assign(peer_gap=gaps, quoted_value=[20 * UNITS] * 3, potential_by_rule=rule, value_class="mid")
    found = with_p_alive(people)
    assert found["potential_value"].tolist() == [70 * UNITS, 180 * UNITS, 20 * UNITS]
    assert found["p_active"].tolist() == [0.25, 0.8, 0.0]
    assert found["p_active_from"].tolist() == ["model", "silence", "lost"]
    assert (found[["potential_by_rule", "value_class"]] == people[["potential_by_rule", "value_class"]]).all(axis=None)
    assert with_p_alive(people.drop(columns="p_alive"))["potential_value"].tolist() == rule


def test_peers_are_the_segment_at_the_freeze():
    people = [{"customer_id": name, "region": region} for name, region in (("a", "n"), ("b", "n"), ("c", "s"), ("d", "s"))]
    sold = orders(("a", "2023-12-31", 100), ("b", "2023-12-31", 400), ("c", "2023-12-31", 1), ("d", "2023-12-31", 9))
    inputs = inputs_of(DECEMBER, sold, first=Month(2022, 1), customers=people)
    from transforms.policy.declared_segments import DeclaredSegment

    rule = replace(builtin(), segments=(DeclaredSegment("south", "South", "南", {"region": ("s",)}),))
    found = score_customers(inputs, no_history(), freeze_reference(inputs, rule)).set_index("customer_id")
    assert found["segment"].to_dict() == {"a": "other", "b": "other", "c": "south", "d": "south"}
    assert found["potential_by_rule"].to_dict() == {"a": 300 * UNITS, "b": 0, "c": 8 * UNITS, "d": 0}


def test_a_policy_frozen_before_potential_was_thought_of_shares_its_weight():
    _, inputs, policy = valued(orders(("a", "2022-06-01", 10), ("a", "2023-12-05", 50), ("b", "2023-12-06", 30)))
    assert policy.reference is not None
    first_form = {name: grid for name, grid in policy.reference.grids.items() if not name.startswith(("potential", "peer", "orders_12m"))}
    old = replace(policy, reference=Reference("2023-12", 2, first_form))
    found = score_customers(inputs, no_history(), old).set_index("customer_id")
    assert found["rfm_code"].isna().all() and found["potential_rank"].isna().all()
    assert found["value_class"].notna().all()


def test_who_is_no_high_value_customer_may_be_worth_developing():
    rows = [(f"c{number:02}", day, 10 * number) for number in range(1, 41) for day in ("2022-06-01", "2023-06-01", "2023-12-01")]
    review = review_month(Company(orders(*rows), first=Month(2022, 1)).inputs(DECEMBER), no_history(), builtin())
    both = review.customers.groupby(["practice_class", "value_class"]).size()
    assert set(both.index.get_level_values(0)) == {"high_value", "developable", "ordinary"}
    assert both["high_value"].index.tolist() == ["high"]
    ranks = review.customers.groupby("practice_class")["potential_rank"]
    assert ranks.min()["developable"] >= 70 > ranks.max()["ordinary"]


def test_a_wrong_share_is_refused_by_name():
    with pytest.raises(ValueError, match="core_share, abc_a < abc_b and cost_share"):
        Classes(abc_a=0.95, abc_b=0.8)
