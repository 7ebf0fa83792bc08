"""Columns shared by all scopes of a month: what a scope takes of them is what its own rows say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.transforms.builders import inputs_of, orders
from transforms.classes.groupings import groups
from transforms.figures import Scope
from transforms.indicators.economics import economics
from transforms.indicators.everybody import Everybody
from transforms.indicators.summary import scopes
from transforms.month import Month
from transforms.policy.rules import builtin
from transforms.review import no_history, replay_month, review_month

MARCH = Month(2024, 3)
SOLD = orders(*((f"c{number:02}", f"2024-0{1 + number % 3}-1{number % 7}", 10 * number + 5) for number in range(40)))


def everybody():
    scored = pd.DataFrame({"score": [1.5, np.nan], "class": pd.Series(["high", None], dtype="str"), "shown_on": ["2024-03-01", None]})
    return Everybody(scored.astype({"shown_on": "datetime64[us]"}), pd.DataFrame({"orders": pd.array([3, 4], dtype="Int64"), "class": 0}))


def test_a_column_is_the_scored_customers_own_or_else_the_windows():
    found = everybody()
    assert found.numbers("score").tolist() == [1.5, pytest.approx(np.nan, nan_ok=True)]
    assert found.integers("orders").tolist() == [3, 4]
    assert found.holds_word("class", "high").tolist() == [True, False]
    assert found.codes("class").tolist() == [0, -1]
    assert np.isnat(found.days("shown_on")).tolist() == [False, True]


def test_a_shared_array_cannot_be_written_to():
    found = everybody()
    assert found.numbers("score") is found.numbers("score")
    with pytest.raises(ValueError, match="read-only"):
        found.numbers("score")[0] = 2.0


def test_every_scope_takes_the_rows_that_its_own_frame_holds():
    inputs = inputs_of(MARCH, SOLD)
    review = review_month(inputs, no_history(), builtin())
    found = [part for part in scopes(inputs, review.customers, review.policy) if part.scope is not Scope.UNATTRIBUTED]
    assert {part.scope for part in found} == {Scope.COMPANY, Scope.TIER, Scope.SEGMENT}
    for part in found:
        own = review.customers if part.chosen is None else review.customers.iloc[part.chosen]
        assert part["customer_id"].tolist() == own["customer_id"].tolist()
        assert np.array_equal(part.numbers("score"), own["score"].to_numpy(dtype=np.float64), equal_nan=True)
        assert part.integers("net_12m").tolist() == own["net_12m"].tolist()
        assert part.flags("is_lost").tolist() == own["is_lost"].tolist()
        assert part.holds_word("value_class", "high").tolist() == (own["value_class"] == "high").tolist()
        assert set(review.customers.loc[part.members(), "customer_id"]) == set(own["customer_id"])


def test_groups_of_a_dimension_hold_everybody_once_and_as_the_column_says():
    """A plain second version of the grouping: by pandas, with missing names as unknown and small groups folded."""
    names = [*(f"g{number:02}" for number in range(20)), None]
    column = pd.Series([names[number % 21] for number in range(200)] + ["g07"] * 9, dtype="str")
    people = pd.DataFrame({"customer_id": [str(number) for number in range(209)], "region": column, "value_class": "high"})
    found = {group.name: group.rows.tolist() for group in groups(people, 5) if group.name.startswith("region=")}
    told = column.fillna("unknown")
    largest = set(sorted(told.value_counts().index, key=lambda name: (-int((told == name).sum()), name))[:12])
    plain = told.where(told.isin(largest | {"unknown"}), "(other)")
    assert found == {f"region={name}": rows.index.tolist() for name, rows in plain.groupby(plain)}


def test_a_replay_is_the_review_without_its_value_tables():
    inputs = inputs_of(MARCH, SOLD)
    review, replay = (one(inputs, no_history(), builtin()) for one in (review_month, replay_month))
    assert review.economics is not None
    assert replay.economics is None
    assert economics(part for part in scopes(inputs, review.customers, review.policy) if not part.family).scopes.keys() == (
        review.economics.scopes.keys()
    )
    for name in ("customers", "figures", "transitions"):
        pd.testing.assert_frame_equal(getattr(review, name), getattr(replay, name))
