"""The value tables of a month: for the company, each tier and a segment's own pack; worked out on the shop of the table by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.transforms.indicators.by_hand.companies import BY_MONEY
from tests.transforms.indicators.by_hand.shop import shop, shop_inputs
from transforms.indicators.economics import ValueTables, economics
from transforms.indicators.summary import scopes
from transforms.policy.assumptions import Assumption
from transforms.statistics.triangle import Triangle

HEARD = (Assumption("wom_told", 8, "own survey"), Assumption("wom_told_each", 1, "own survey"))


@pytest.fixture(scope="module")
def tables() -> ValueTables:
    policy = replace(BY_MONEY, assumptions=HEARD)
    return economics(part for part in scopes(shop_inputs(), shop().customers, policy) if not part.family)


def test_the_company_and_each_tier_have_tables_and_what_belongs_to_nobody_has_none(tables: ValueTables) -> None:
    assert list(tables.scopes) == ["", "a", "b", "c", "unrated"]
    assert len(tables.scopes[""].lost) == 2, "b1 and c2"
    assert [one.tier for one in tables.resources] == ["a", "b", "c", "unrated"]
    assert [years for years, _ in tables.survival] == [1, 2, 3, 5]


def test_hearsay_adds_to_a_loss_where_its_numbers_are_known_and_somebody_was_lost(tables: ValueTables) -> None:
    """Each tells 8, half of whom are moved and tell 1 more each: 8, of whom a quarter stays away: 2 others for each who left."""
    company = tables.scopes[""]
    assert company.lost.total is not None and company.hearsay is not None
    assert (company.hearsay.influenced, company.hearsay.lost_others) == (8, 2)
    assert company.hearsay.extra == pytest.approx(2 * company.lost.total)
    assert tables.scopes["a"].hearsay is None, "nobody of A was lost"


def test_risers_are_looked_for_below_the_best_tier(tables: ValueTables) -> None:
    """b1 rose from 200 to 500; a1 from 500 to 800, but is of A already."""
    assert tables.scopes[""].risers["customer_id"].tolist() == ["b1"]


def test_a_segments_pack_knows_its_own_tables_and_nothing_of_the_whole_company(tables: ValueTables) -> None:
    own = tables.for_segment("c", "b")
    assert own is not None
    assert dict(own.scopes) == {"b": tables.scopes["c"]}
    assert (own.survival, own.triangle, own.resources, own.markets) == ((), Triangle((), (), ()), (), ())
    whole = tables.for_segment("c", None)
    assert whole is not None and list(whole.scopes) == [""]
    assert tables.for_segment("nowhere", "a") is None
