"""Four parts of the money that exclude each other and add up, by hand and for any customers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.builders import canonical
from tests.transforms.parts import bare_part
from transforms.figures import Reason
from transforms.indicators.all import MEASURES
from transforms.indicators.revenue_sources import buckets

APRIL_2023 = int(np.datetime64("2023-04-01", "D").astype(np.int64))
COLUMNS = (
    "customer_id",
    "orders_12m",
    "total_orders",
    "gross_12m",
    "first_day_gross",
    "second_day",
    "second_day_gross",
    "satisfaction_index",
)


def part_of(*rows: tuple[Any, ...], customers: tuple[dict[str, Any], ...] = (), asked: bool = True):
    table = pd.DataFrame(rows, columns=COLUMNS)
    part = bare_part(**{name: table[name].tolist() for name in COLUMNS})
    supplied = part.inputs.supplied | ({"surveys"} if asked else set())
    return replace(part, inputs=replace(part.inputs, customers=canonical("customers", customers), supplied=supplied))


ROWS = (
    ("new", 2, 2, 150, 100, APRIL_2023 + 30, 50, 90.0),  # first order 100, then satisfied 50
    ("old", 3, 9, 300, 70, APRIL_2023 - 400, 10, 90.0),  # all repeat
    ("second", 1, 2, 40, 10, APRIL_2023, 40, 80.0),  # came before, satisfied, and bought again in the twelve months
    ("sour", 1, 2, 40, 10, APRIL_2023, 40, 20.0),  # not satisfied: repeat
    ("friend", 2, 2, 500, 400, APRIL_2023 + 9, 100, 90.0),  # came by referral: all of it
)
FRIEND = ({"customer_id": "friend", "referred_by": "old"},)


def test_four_parts_by_hand():
    found = buckets(part_of(*ROWS, customers=FRIEND))
    assert (found.first, found.satisfied, found.repeat, found.referral) == (100, 90, 340, 500)
    assert found.total == 1030


def test_without_surveys_or_sources_a_part_is_not_supplied_and_its_money_is_not_lost():
    found = buckets(part_of(*ROWS, asked=False))
    assert (found.first, found.satisfied, found.repeat, found.referral) == (500, None, 530, None)
    part = part_of(*ROWS, asked=False)
    assert MEASURES["bucket_referral_share"].compute(part).reason is Reason.NOT_SUPPLIED
    assert MEASURES["bucket_first_share"].compute(part).value == 500 / 1030


def test_nothing_sold_has_no_shares():
    assert MEASURES["bucket_repeat_share"].compute(part_of(("a", 0, 2, 0, 5, -1, 0, 50.0))).reason is Reason.NO_DATA


some = st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.booleans(), st.booleans(), st.floats(0, 100), st.booleans())


@settings(max_examples=15, deadline=None)
@given(st.lists(some, min_size=1, max_size=12))
def test_the_parts_add_up_to_all_the_money_and_none_is_negative(rows):
    made, known = [], []
    for number, (first, second, later, is_new, recent, index, referred) in enumerate(rows):
        year = later + (first if is_new else 0) + (second if recent or is_new else 0)
        days = APRIL_2023 + 5 if recent or is_new else APRIL_2023 - 5
        made.append((f"c{number}", 2, 2 if is_new else 5, year, first, days, second, index))
        known.append({"customer_id": f"c{number}", "source_channel": "referral" if referred else "shop"})
    found = buckets(part_of(*made, customers=tuple(known)))
    assert found.total == sum(row[3] for row in made)
    assert min(found.first, found.satisfied, found.repeat, found.referral) >= 0
