"""What the declaration of an indicator keeps, and what a scope hands to its computation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.places import CHECKOUT
from tests.transforms.builders import answers, canonical, inputs_of, orders
from transforms.figures import Better, Label, Scope, Unit
from transforms.indicators import declare
from transforms.indicators.all import MEASURES
from transforms.indicators.declare import COMPANY_ONLY, CUSTOMER_SCOPES, Part, filled_columns, indicator, measures_in
from transforms.indicators.everybody import Everybody
from transforms.month import Month
from transforms.policy.rules import builtin
from transforms.statistics.estimates import Estimate

MARCH = Month(2024, 3)
SOLD = orders(("a", "2024-03-01", 10), ("b", "2024-03-02", 20), (None, "2024-03-03", 5))
WORDS = {"title": "T", "unit": Unit.COUNT, "better": Better.HIGHER, "formula": "F", "window": "month", "needs": ("orders",), "section": "s"}


def compute(part: Part) -> Estimate:
    return Estimate(1.0)


def test_a_declaration_keeps_words_computation_scopes_and_where_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declare, "_MEASURES", {})
    assert indicator("plain", **WORDS)(compute) is compute
    indicator("own", **WORDS, label=Label.ESTIMATE, serves=("S01",), survey=True, scopes=COMPANY_ONLY, families=("role",))(compute)
    found = measures_in(declare._MEASURES["plain"].module)
    assert list(found) == ["plain", "own"]
    plain, own = found["plain"], found["own"]
    words = plain.indicator
    assert (words.name, words.title, words.unit, words.better) == ("plain", "T", Unit.COUNT, Better.HIGHER)
    assert (words.formula, words.window, words.needs, words.section) == ("F", "month", ("orders",), "s")
    assert (words.label, words.serves, words.survey, plain.scopes, plain.families) == (Label.MEASURED, (), False, CUSTOMER_SCOPES, ())
    assert (own.indicator.label, own.indicator.serves, own.indicator.survey) == (Label.ESTIMATE, ("S01",), True)
    assert (own.scopes, own.families, own.compute) == (COMPANY_ONLY, ("role",), compute)
    assert measures_in("elsewhere") == {}


def test_a_second_declaration_says_where_the_first_stands() -> None:
    first = MEASURES["orders"]
    with pytest.raises(ValueError, match=f"the indicator orders is declared twice; the first stands in {first.place}"):
        indicator("orders", **WORDS)(compute)


def test_the_place_of_a_measure_is_the_line_of_its_declaration() -> None:
    """Also where one function of the module declares several."""
    for name in ("orders", "top5_customers_share"):
        measure = MEASURES[name]
        path, _, line = measure.place.partition(":")
        text = (CHECKOUT / Path(path)).read_text(encoding="utf-8").splitlines()[int(line) - 1]
        assert (path, int(line)) == (measure.file, measure.line)
        assert text.startswith(("@indicator(", "_dependency(5")) or name in text


def test_a_measure_concerns_its_scopes_and_the_families_of_groups_that_it_names() -> None:
    plain = MEASURES["orders"]
    own = replace(plain, scopes=COMPANY_ONLY, families=("role",))
    tiers = replace(plain, scopes=(Scope.TIER,), families=())
    assert [own.concerns(scope) for scope in (Scope.COMPANY, Scope.TIER, Scope.UNATTRIBUTED, Scope.SEGMENT)] == [True, False, False, False]
    assert [own.concerns(Scope.SEGMENT, family) for family in ("role", "value_class")] == [True, False]
    assert [tiers.concerns(Scope.SEGMENT), tiers.concerns(Scope.SEGMENT, "role"), tiers.concerns(Scope.COMPANY)] == [True, False, False]


def part(scope: Scope, chosen: list[int] | None, **beside: int) -> Part:
    inputs = inputs_of(MARCH, SOLD)
    scored = pd.DataFrame({"customer_id": ["a", "b"], "score": [1.5, np.nan], "is_lost": [True, False], "grade": ["A", "B"]})
    rows = None if chosen is None else np.array(chosen, dtype=np.int64)
    nothing = inputs.tickets.iloc[:0]
    told = frozenset({("tickets", "channel"), ("tickets", "resolved_at")})
    return Part(scope, "", inputs, builtin(), Everybody(scored, inputs.window), rows, nothing, nothing, told, beside)


def test_a_scope_has_the_rows_of_its_own_customers() -> None:
    company, b = part(Scope.COMPANY, None), part(Scope.TIER, [1])
    assert (len(company), len(b)) == (2, 1)
    assert (company["grade"].tolist(), b["grade"].tolist()) == (["A", "B"], ["B"])
    assert (company.integers("orders_12m").tolist(), b.integers("month_gross").tolist()) == ([1, 1], [200_000])
    assert (company.flags("is_lost").tolist(), b.flags("is_lost").tolist()) == ([True, False], [False])
    assert (company.numbers("score")[0], bool(np.isnan(b.numbers("score")[0]))) == (1.5, True)
    assert (company.holds_word("grade", "A").tolist(), b.holds_word("grade", "A").tolist()) == ([True, False], [False])
    assert (company.members().tolist(), b.members().tolist()) == ([True, True], [False, True])
    assert company.customers is company.everybody.customers and b.value_basis == "revenue"


def test_a_total_adds_what_belongs_to_nobody_where_the_scope_has_it() -> None:
    assert part(Scope.COMPANY, None, month_gross=50_000).total("month_gross") == 350_000
    assert part(Scope.TIER, [0]).total("month_gross") == 100_000
    assert part(Scope.UNATTRIBUTED, [], month_gross=50_000).total("month_gross") == 50_000
    assert part(Scope.UNATTRIBUTED, [0], month_gross=50_000).total("month_gross") == 50_000


def test_what_figures_share_is_computed_once() -> None:
    one, asked = part(Scope.COMPANY, None), []
    for _ in range(2):
        assert one.once("name", lambda: asked.append(1) or "found") == "found"
    assert asked == [1]
    assert one["grade"] is one["grade"] and one.members() is one.members()


def test_a_source_tells_a_column_that_some_row_fills_and_nothing_is_denied_without_rows() -> None:
    company = part(Scope.COMPANY, None)
    assert company.tells("tickets", "channel") and company.tells("tickets", "channel", "resolved_at")
    assert not company.tells("tickets", "channel", "severity") and not company.tells("surveys", "channel")
    desk = canonical("tickets", [{"ticket_id": "1", "customer_id": "a", "opened_at": "2024-03-04", "channel": "mail"}])
    inputs = replace(inputs_of(MARCH, SOLD, tickets=desk, surveys=answers()), told=None)
    found = filled_columns(inputs)
    assert ("tickets", "channel") in found and ("tickets", "resolved_at") not in found
    assert {("surveys", str(name)) for name in inputs.surveys.columns} <= found
    assert filled_columns(replace(inputs, told=frozenset({("a", "b")}))) == {("a", "b")}
