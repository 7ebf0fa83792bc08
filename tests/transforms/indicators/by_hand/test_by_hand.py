"""Every figure of the table is what a person worked out, and no indicator is without its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pandas as pd
import pytest

from tests.transforms.indicators.by_hand.rows import COMPANY, SEGMENT, TIER, Reviewed, Row, whole_table
from transforms.figures import Reason
from transforms.indicators.all import MEASURES
from transforms.indicators.declare import Measure

TABLE = tuple(whole_table())
ROUNDING = 1e-12
"""What adding and dividing in binary may lose of a number that is written down exactly."""
ENDS = 1e-6
"""The ends of intervals are roots, written down to six places."""


def _named() -> Iterator[str]:
    """`orders-company`, `orders-tier-a`; where several companies have the figure: `orders-company-shop`."""
    names = ["-".join(filter(None, (row.indicator, str(row.scope), row.scope_value))) for _, row in TABLE]
    often = Counter(names)
    for name, (company, _) in zip(names, TABLE, strict=True):
        yield name if often[name] == 1 else f"{name}-{company.__name__}"


@cache
def _figures(company: Reviewed) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    """A company's figures by scope, scope value and indicator."""
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for figure in company().figures.to_dict("records"):
        found.setdefault((figure["scope"], figure["scope_value"], figure["indicator"]), []).append(
            {str(key): of for key, of in figure.items()}
        )
    return found


def _figure(company: Reviewed, row: Row) -> dict[str, Any]:
    found = _figures(company).get((str(row.scope), row.scope_value, row.indicator), [])
    assert len(found) == 1, f"{company.__name__} has {len(found)} figures {row.indicator} of {row.scope} {row.scope_value}"
    return found[0]


def _is(found: object, expected: float | None, near: float) -> bool:
    if expected is None or pd.isna(found):
        return expected is None and bool(pd.isna(found))
    return bool(found == pytest.approx(expected, rel=ROUNDING, abs=max(near, ROUNDING)))


@pytest.mark.parametrize(("company", "row"), TABLE, ids=_named())
def test_by_hand(company: Reviewed, row: Row) -> None:
    figure = _figure(company, row)
    if isinstance(row.value, Reason):
        assert (figure["reason"], pd.isna(figure["value"])) == (row.value, True), row.working
    else:
        assert _is(figure["value"], row.value, row.near), f"{figure['value']} is not {row.value} = {row.working}"
    assert _is(figure["n"], row.n, 0.0), f"n is {figure['n']}, not {row.n}"
    assert row.method is None or figure["method"] == row.method
    for end, expected in (("lower", row.lower), ("upper", row.upper)):
        assert expected is ... or _is(figure[end], expected, max(ENDS, row.near)), f"{end} is {figure[end]}, not {expected}"


def _wanted(measure: Measure) -> set[tuple[str, str, str]]:
    """Every indicator, scope and family that must have a row; what two months tell is told of the company and its tiers."""
    name, scopes = measure.indicator.name, measure.scopes or (COMPANY, TIER)
    if name.endswith("_by_outside"):
        scopes = (COMPANY,)
    plain = {(name, str(scope), "") for scope in scopes if scope is not SEGMENT}
    return plain | {(name, str(SEGMENT), family) for family in measure.families}


def test_every_indicator_has_a_row_with_a_value_for_every_scope_that_it_exists_for() -> None:
    there = {(row.indicator, str(row.scope), row.family) for _, row in TABLE if not isinstance(row.value, Reason)}
    missing = {one for measure in MEASURES.values() for one in _wanted(measure)} - there
    assert sorted(missing) == []


def test_every_indicator_with_an_interval_has_a_row_that_tells_its_ends() -> None:
    told = {row.indicator for _, row in TABLE if isinstance(row.lower, float | int)}
    rows = pd.concat([company().figures for company in {company: None for company, _ in TABLE}])
    having = {str(name) for name in rows.loc[rows["lower"].notna(), "indicator"]}
    assert having - told == set()


def test_no_row_stands_in_the_table_twice() -> None:
    again = Counter((company.__name__, row.indicator, row.scope, row.scope_value) for company, row in TABLE)
    assert [key for key, times in again.items() if times > 1] == []
