"""The pack's page about the standard: health, back-test, spread, manual grades, a changed standard, the review calendar."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from reports.blocks import Cell, Tone
from reports.pack import PackMaterial
from tests.reports.builders import customers, material
from tests.reports.test_packs import one, words_of
from transforms.policy.rules import builtin


def changed(**rules: object) -> PackMaterial:
    """A month with one manual grade, a changed standard and a recorded review."""
    people = customers(60)
    manual = people["customer_id"] == "C-00003"
    people = people.assign(
        rule_grade=people["grade"],
        would_be=people["grade"],
        region=pd.Series(["North", "South"] * 30, dtype="str"),
        override_grade=pd.Series(["A" if one else None for one in manual], dtype="str"),
        override_author=pd.Series(["Li Na" if one else None for one in manual], dtype="str"),
        override_reason=pd.Series(["pilot partner" if one else None for one in manual], dtype="str"),
        override_until=pd.to_datetime(pd.Series(["2026-12-31" if one else None for one in manual])),
    )
    made = material(base=people)
    review = replace(
        made.review,
        policy=replace(made.review.policy, **rules),
        standards=pd.DataFrame({"grade_old": ["A", "B"], "grade_new": ["A", "A"], "customers": [10, 3]}),
        records=pd.DataFrame(
            {"opened_on": [pd.Timestamp("2026-07-15")], "outcome": ["keep"], "body": ["AUC 0.71 a year ahead"], "author": ["Wang Wei"]}
        ),
    )
    return replace(made, review=review)


def test_the_company_s_pack_tells_the_standard_its_health_and_its_review() -> None:
    told = words_of(one(changed(owner="Li Na", review_due="2027-03-31", effort="two days a year")), "standard")
    for said in (
        *("Health of the standard", "Customers near a pass mark", "Inputs of the score", "Grades by region", "North", "Grades set by hand"),
        *("Li Na: pilot partner", "2026-12-31", "The standard changed this month", "3 customers stand"),
        *("two days a year", "2027-03-31", "Reviewed on 2026-07-15", "keep: AUC 0.71 a year ahead (Wang Wei)"),
        *("Changes of the standard", builtin().reason, "Gender, age, birth date and occupation are never inputs"),
    ):
        assert said in told, said


@pytest.mark.parametrize(("due", "tone"), [("2026-10-31", Tone.BAD), ("2026-11-01", Tone.PLAIN)])
def test_an_overdue_review_is_red_from_the_month_in_which_it_was_due(due: str, tone: Tone) -> None:
    pack = one(changed(review_due=due))
    (section,) = [part for part in pack.sections if part.name == "standard"]
    cells = [cell for cell in cells_of(section.blocks) if cell.text.startswith(due)]
    assert [cell.tone for cell in cells] == [tone]


def cells_of(value: object) -> list[Cell]:
    if isinstance(value, Cell):
        return [value]
    parts = value if isinstance(value, tuple) else vars(value).values() if hasattr(value, "__dataclass_fields__") else ()
    return [cell for part in parts for cell in cells_of(part)]


def test_a_tier_s_pack_lists_its_own_customers_near_a_cut_and_in_hand_and_nobody_else_s() -> None:
    made = changed()
    for tier in ("a", "c"):
        told = words_of(one(made, tier), "standard")
        own = set(made.review.customers.loc[made.review.customers["tier"] == tier, "customer_id"])
        others = set(made.review.customers["customer_id"]) - own
        assert not [name for name in others if name in told]


@pytest.mark.parametrize(("tier", "came", "left"), [("a", 3, 0), ("b", 0, 3), ("c", 0, 0)])
def test_a_tier_s_pack_tells_who_is_there_only_because_the_standard_changed(tier: str, came: int, left: int) -> None:
    made = changed()
    said = f"By rule, {came} customers are in this tier only because of that, and {left} are no longer."
    assert f"The standard changed this month. {said}" in words_of(one(made, tier), "standard")
    gone = pd.DataFrame({"grade_old": ["Gold"], "grade_new": ["A"], "customers": [3]})
    renamed = replace(made, review=replace(made.review, standards=gone))
    told = words_of(one(renamed, tier), "standard")
    assert "The standard changed this month." in told
    assert "By rule, " not in told
    same = replace(made, review=replace(made.review, standards=gone.iloc[:0]))
    assert "The standard changed" not in words_of(one(same, tier), "standard")


def test_the_page_is_in_chinese_too() -> None:
    told = words_of(one(changed(review_due="2026-01-31"), locale="zh_CN"), "standard")
    for said in ("评级标准健康状况", "各地区的等级分布", "人工评定的等级", "本月评级标准有变更", "2026-01-31：已逾期", "标准复审"):
        assert said in told, said
