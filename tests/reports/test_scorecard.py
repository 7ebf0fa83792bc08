"""The scorecard as it is printed: each target with what came, the difference, last year and how it stands, in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports.pack_facts import PackFacts
from reports.sections.scorecard import full_scorecard
from reports.view import View
from tests.reports.builders import MONTH, material
from tests.reports.test_packs import one, words_of
from transforms.indicators.all import CATALOGUE
from transforms.indicators.comparable import Comparability
from transforms.indicators.targets import month_targets
from transforms.policy.rules import builtin


def planned(plan, **more):
    """The material of October with targets; its history is twelve months of figures."""
    made = material(supplied=frozenset({"customers", "orders", "tickets", "surveys", "plans"}), **more)
    lines = month_targets({MONTH: plan}, MONTH, made.review.figures, made.history, Comparability(builtin(), MONTH - 11))
    return replace(made, review=replace(made.review, targets=lines))


def lines_of(made, tier=None, locale="en"):
    table = full_scorecard(View(PackFacts(made, tier, CATALOGUE), locale))
    assert table is not None
    return {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}, table


def test_a_missed_target_a_met_one_and_one_that_was_not_supplied():
    """Complaints per 1,000 orders: 45.6 against 30; satisfied: 77.1 % (73.2 to 81.0) against 80 %; orders: 812 against 800."""
    plan = {("company", "", "complaint_rate"): 30.0, ("company", "", "csat_top2_share"): 0.8, ("company", "", "orders"): 800.0}
    said, table = lines_of(planned(plan))
    assert said["Complaints per 1,000 orders"][:3] == ["45.6 per 1,000", "30.0 per 1,000", "+15.6"]
    assert said["Complaints per 1,000 orders"][4] == "missed"
    satisfied = said["Satisfied customers (top two answers)"]
    assert (satisfied[2], satisfied[4]) == ("−2.9 pp", "missed, within reach")
    assert said["Orders"][1:3] + said["Orders"][4:] == ["800", "+12", "met"]
    assert said["Net revenue"][1:3] + said["Net revenue"][4:] == ["", "", "no target supplied"]
    assert said["Net revenue"][3] == "window not whole"
    assert "chance alone" in table.note


def test_a_tier_has_its_own_targets_and_never_another_s():
    plan = {("company", "", "orders"): 800.0, ("tier", "a", "nps"): 99.0, ("tier", "b", "grr"): 1.0}
    said, _ = lines_of(planned(plan), tier="a")
    assert said["Net promoter score"][4] == "missed"
    assert "Orders" not in said
    assert "Gross revenue retention" not in said
    assert words_of(one(planned(plan), tier="a"), "scorecard") == "", "the first page of a tier holds it all"
    more = plan | {("tier", "a", name): 9.0 for name in ("orders", "ces", "complaint_rate")}
    printed = words_of(one(planned(more), tier="a"), "scorecard")
    assert "Net promoter score" in printed
    assert "Net revenue" not in printed, "the section lists what was planned"


@pytest.mark.parametrize(("locale", "words"), [("en", "No targets are supplied (table plans)."), ("zh_CN", "未提供目标（plans 表）。")])
def test_where_nothing_is_planned_it_says_so(locale, words):
    made = material()
    lines = month_targets({}, MONTH, made.review.figures, made.history, Comparability(builtin(), MONTH - 11))
    made = replace(made, review=replace(made.review, targets=lines))
    assert words in words_of(one(made, locale=locale), "scorecard")
