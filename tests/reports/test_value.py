"""The value section and the annex of quoted figures: own numbers first, quoted ones labelled, a tier's pack its own alone."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from reports.blocks import Paragraph, Side, Table
from reports.pack import PackMaterial
from reports.pack_facts import PackFacts
from reports.scoping import PackScope, limit_to_scope
from reports.sections.assumptions import QUOTES, assumptions
from reports.sections.economics import economics
from reports.sections.value import value
from reports.sections.value_outside import information_table, tickets_by_type_table
from reports.view import View
from tests.reports.builders import material
from tests.reports.test_packs import texts
from tests.transforms.builders import Company, answers, canonical, orders
from transforms.classes.segments import CustomerFilter, Segment
from transforms.indicators.all import CATALOGUE
from transforms.indicators.information import Information, TicketsByType
from transforms.indicators.lost_customers import word_of_mouth
from transforms.month import Month
from transforms.policy.assumptions import Assumption, in_force
from transforms.policy.rules import builtin
from transforms.review import MonthReview, no_history, review_month

MARCH = Month(2024, 3)
LOST = "Customers lost this month, costliest first"

EAST = ("east", "west")
SEGMENTS = tuple(
    Segment(f"{pack}~x", tier, CustomerFilter("region", "east")) for pack, tier in (("company", None), ("tier-b", "b"), ("tier-c", "c"))
)


@pytest.fixture(scope="module")
def review() -> MonthReview:
    """Thirty customers over two and a half years; c28 and c29 are lost in March 2024, the last ones came by referral."""
    rows = []
    for number in range(28):
        start = 2021 * 12 + 9 + number % 20
        for at in range(start, 2024 * 12 + 3, 1 + number % 4):
            rows.append((f"c{number}", f"{at // 12}-{at % 12 + 1:02}-{number % 27 + 1:02}", 50 + number))
    rows += [("c28", "2023-02-10", 70), ("c28", "2023-03-10", 70), ("c29", "2023-03-15", 900)]
    scores = (("csat", 5), ("nps", 9))
    said = answers(*((f"c{number}", "2024-03-05", name, score) for number in range(0, 28, 2) for name, score in scores))
    people = [
        {"customer_id": f"c{number}", "name": f"Name {number}", "referred_by": "c0" if number > 18 else None, "region": EAST[number % 2]}
        for number in range(30)
    ]
    inputs = Company(orders(*rows), surveys=said, tickets=canonical("tickets", []), customers=people).inputs(MARCH)
    return review_month(replace(inputs, supplied=inputs.supplied | {"customers"}), no_history(), builtin(), SEGMENTS)


def view_of(review: MonthReview, tier: str | None = None, locale: str = "en") -> View:
    made: PackMaterial = material(months=0, review=review, month=MARCH)
    return View(PackFacts(made, tier, CATALOGUE), locale)


def words_of(section: object) -> str:
    return re.sub(r"<svg.*?</svg>", "", "\n".join(texts(section)))


def tables(section: object) -> dict[str, Table]:
    found: dict[str, Table] = {}
    for block in section.blocks:
        parts = (*block.left, *block.right) if isinstance(block, Side) else (block,)
        found |= {part.caption: part for part in parts if isinstance(part, Table)}
    return found


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
@pytest.mark.parametrize("tier", [None, "a", "c", "unrated"])
def test_every_scope_has_its_value_in_human_words(review: MonthReview, tier: str | None, locale: str) -> None:
    view = view_of(review, tier, locale)
    said = words_of(value(view)) + words_of(economics(view))
    assert not re.search(r"\bnan\b|\binf\b|NaT|<NA>|\{\w+\}", said)


def test_all_definitions_of_churn_stand_side_by_side(review: MonthReview) -> None:
    table = tables(economics(view_of(review)))["Who stays: one question, several stated definitions"]
    names = [row[0].text for row in table.rows]
    assert names[:4] == ["Retention rate", "Churn rate", "Churn: silent", "Churn: lost by the company's rule"]
    assert "Churn: expected by the model" not in names  # no fitted model: not supplied


def test_lost_customers_are_told_dearest_first_with_the_measured_and_the_estimated_half(review: MonthReview) -> None:
    table = tables(value(view_of(review)))[LOST]
    assert {row[0].text for row in table.rows[:-1]} == {"Name 28", "Name 29"}
    assert {row[1].detail for row in table.rows[:-1]} == {"measured", "median of the others"}
    assert table.rows[-1][0].text == "2 lost customers"
    assert table.rows[-1][3].text == view_of(review).formats.money(review.economics.scopes[""].lost.total, 0)


def test_word_of_mouth_is_printed_only_where_the_policy_gives_its_numbers_and_then_apart(review: MonthReview) -> None:
    assert "hearsay" not in words_of(value(view_of(review)))
    told = (Assumption("wom_told", 8.0, "own survey"), Assumption("wom_told_each", 3.0, "own survey"))

    own = review.economics.scopes[""]
    assumed = replace(own, hearsay=word_of_mouth(own.lost.total, in_force(told)))
    spoken = replace(review, economics=replace(review.economics, scopes={**review.economics.scopes, "": assumed}))
    section = value(view_of(spoken))
    (note,) = [block for block in section.blocks if isinstance(block, Paragraph) and "hearsay" in block.text]
    assert note.text.startswith("Assumption, not measured")
    assert "4.0 others would be lost" in note.text
    assert tables(section)[LOST] == tables(value(view_of(review)))[LOST]


def test_a_tier_pack_names_only_its_own_customers_and_shows_only_its_own_line(review: MonthReview) -> None:
    for tier in ("a", "b", "c"):
        view = view_of(review, tier)
        own = set(view.customers["customer_id"])
        assert set(re.findall(r"\bc\d+\b", words_of(value(view)) + words_of(economics(view)))) <= own
        resources = tables(economics(view)).get("Do resources follow value?")
        assert resources is None or len(resources.rows) == 1


@pytest.mark.parametrize("tier", [None, "b", "c"])
def test_a_pack_of_a_segment_tells_the_value_of_its_own_customers_alone(review: MonthReview, tier: str | None) -> None:
    east = frozenset(f"c{number}" for number in range(0, 30, 2))
    scope = PackScope(f"tier-{tier}~x" if tier else "company~x", tier, "region = east", east)
    view = View(PackFacts(limit_to_scope(material(months=0, review=review, month=MARCH), scope), tier, CATALOGUE), "en")
    section = value(view)
    details = economics(view)
    assert {int(key[1:]) % 2 for key in re.findall(r"\bc\d+\b", words_of(section) + words_of(details))} <= {0}
    shown = {*tables(section), *tables(details)}
    assert not {"Cohorts", "Do resources follow value?", "How long customers keep buying (estimate)"} & shown
    lost = tables(section).get(LOST)
    assert tier == "b" or (lost is not None and lost.rows[-1][0].text == "1 lost customer")  # c28; c29 is of the west


def test_the_cohorts_are_the_companys_and_empty_where_months_are_to_come(review: MonthReview) -> None:
    table = tables(economics(view_of(review)))["Cohorts"]
    assert table.rows[-1][0].text == "All cohorts"
    newest = table.rows[-2]
    assert newest[0].text == "May 2023"
    assert all(cell.text.endswith("%") for cell in newest[2:12])  # ten months have passed since
    assert [cell.text for cell in newest[12:]] == ["", ""]
    assert "Cohorts" not in tables(economics(view_of(review, "a")))


def test_what_is_not_supplied_is_named_and_not_measured(review: MonthReview) -> None:
    said = words_of(economics(view_of(review)))
    assert "Not supplied, so not measured: Cost of winning a customer" in said
    assert "Win rate, new customers" in said


@pytest.mark.parametrize("registered", [True, False])
def test_information_by_kind_is_printed_with_what_was_adopted_and_the_types_stay_where_no_kind_is_told(
    review: MonthReview, registered: bool
) -> None:
    told = {"need": (4, 3, 1, 500.0), "innovation": (2, 2, 1, None), "competitor": (0, 0, 0, None), "": (3, 2, 0, None)}
    lines = tuple(
        Information(kind, items, who, *((adopted, value) if registered else (None, None)))
        for kind, (items, who, adopted, value) in told.items()
    )
    table = information_table(view_of(review), lines)
    assert table is not None
    assert [row[0].text for row in table.rows] == ["Needs", "Product and service innovation", "Competitors", "Without a kind"]
    assert [cell.text for cell in table.rows[0][1:3]] == ["4", "3"]
    if registered:
        assert [cell.text for cell in table.rows[0][4:]] == ["25%", "¥500"]
        assert [cell.text for cell in table.rows[1][4:]] == ["50%", "none recorded"]
    else:
        assert len(table.columns) == 4 and "no register of improvements is supplied" in table.note
    assert information_table(view_of(review), ()) is None
    by_type = tickets_by_type_table(view_of(review), (TicketsByType("complaint", 2, 1),), kinds_told=False)
    assert by_type is not None and by_type.note.endswith("Kinds of information (tickets.info_kind): not supplied.")


def test_without_economics_the_section_is_left_out() -> None:
    view = View(PackFacts(material(), None, CATALOGUE), "en")
    assert value(view) is None
    assert assumptions(view) is None


def test_every_quoted_figure_has_its_label_and_its_own_counterpart(review: MonthReview) -> None:
    table = tables(assumptions(view_of(review)))["Quoted, and measured"]
    assert len(table.rows) == len(QUOTES)
    for row in table.rows:
        assert re.match(r"(assumption|note), quoted in a text on", row[0].detail)
    by = {row[0].text: row for row in table.rows}
    assert "Winning against keeping, cost: not supplied" in by[QUOTES[0].words][1].text
    assert "contradict" in by[QUOTES[0].words][2].text
    assert "13.2%" in by["Within five years old customers are zero"][2].text
    assert assumptions(view_of(review, "a")) is None


def test_lost_digits_stay_lost_in_both_languages(review: MonthReview) -> None:
    english, chinese = (words_of(assumptions(view_of(review, None, locale))) for locale in ("en", "zh_CN"))
    assert english.count("[digits lost]") == 5
    assert chinese.count("［数字缺失］") == 5


def test_an_assumption_that_is_switched_off_is_not_printed_and_a_changed_one_says_whose_it_is(review: MonthReview) -> None:
    own = (Assumption("keep_to_win_ratio", 0.2, "company", on=False), Assumption("benchmark_churn", 0.25, "own survey 2026"))
    policy = replace(review.policy, assumptions=own)
    section = assumptions(view_of(replace(review, policy=policy)))
    said = words_of(section)
    assert "one fifth" not in said
    changed = tables(section)["What this policy assumes otherwise"]
    assert [(row[0].text, row[1].text) for row in changed.rows] == [("benchmark_churn", "0.25"), ("keep_to_win_ratio", "switched off")]
    assert "own survey 2026" in said
