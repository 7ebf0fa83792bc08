"""The page of customers to act on: whom it shows, in which order, what it only counts, and what it says of last month's list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from reports.actions import ActionList, action_list
from reports.blocks import ActionCards, Paragraph, Section, Table
from reports.document import render_pack
from reports.pack import PackMaterial, PackScope, build_packs
from reports.pack_facts import PackFacts
from reports.scoping import limit_to_scope
from reports.sections.acting import CARDS, acting
from reports.sections.plays import PlayWords
from reports.view import View
from reports.workbook.acting import acting as acting_sheet
from reports.workbook.sheets import Grid
from tests.reports.builders import MONTH, customers, material, with_list
from tests.reports.test_packs import one, words_of
from transforms.indicators.all import CATALOGUE
from transforms.policy.acting import Occasion

CALM = {"recency_days": 5, "satisfaction_index": 90.0, "is_new": False, "previous_grade": "A", "tier": "a", "grade": "A", "score": 90.0}


def base(size: int, **columns: Any) -> pd.DataFrame:
    """Calm customers of tier a with 1,000 each and falling, managed by one person, and whatever a test changes."""
    net = pd.array([(size - place) * 10_000_000 for place in range(size)], dtype="Int64")
    return customers(size).assign(**{**CALM, "net_12m": net, "account_manager": "li.na", **columns})


def view(people: pd.DataFrame, tier: str | None = None, locale: str = "en", **changes: Any) -> View:
    return View(PackFacts(replace(material(base=people), **changes), tier, CATALOGUE), locale)


def said(section: Section) -> str:
    return "\n".join(block.text for block in section.blocks if isinstance(block, Paragraph))


def of_kind(section: Section, kind: type[Any]) -> Any:
    return next(block for block in section.blocks if isinstance(block, kind))


UNHAPPY = {"satisfaction_index": 20.0, "tickets_12m": 0}


def test_a_card_says_who_why_what_whose_and_by_when() -> None:
    people = base(1, **UNHAPPY, act_before="silent", act_result="ordered", contract_end=pd.Timestamp("2027-05-01"), tickets_open=1)
    (card,) = of_kind(acting(view(people)), ActionCards).cards
    assert (card.name, card.key) == (people["name"][0], "C-00000; A")
    assert card.money == "12-month net ¥1,000"
    assert (card.why, card.what) == ("satisfaction 20, no ticket", "Call first: ask what was wrong, and put it right")
    # seven days after the month's last day
    assert card.who == "li.na, by 2026-11-07"
    assert card.facts == "contract to 2027-05-01; 1 ticket open; last month: silent too long; since then: ordered again"


@pytest.mark.parametrize(("locale", "why"), [("en", "satisfaction 20, no ticket"), ("zh_CN", "满意度20分，无工单")])
def test_a_reason_is_said_in_the_reader_s_language(locale: str, why: str) -> None:
    assert of_kind(acting(view(base(1, **UNHAPPY), locale=locale)), ActionCards).cards[0].why == why


def test_every_reason_and_every_result_has_words_in_both_languages() -> None:
    from transforms.actions.aftermath import AFTERMATHS

    for locale in ("en", "zh_CN"):
        shown = view(base(1, **UNHAPPY), locale=locale)
        plays = PlayWords(shown.words, shown.formats, shown.material.review.policy)
        (action,) = shown.facts.actions.listed
        for reason in Occasion:
            text = plays.reason(replace(action, reason=reason.value, measure=3.0))
            assert text and "nan" not in text and "{" not in text and plays.title(reason.value) and plays.play(action)
        assert all(plays.result(result) for result in AFTERMATHS) and plays.result(None) == ""


def test_ten_are_cards_and_the_others_stand_by_reason_under_what_the_whole_group_is() -> None:
    managers = [f"m{place % 4}" for place in range(24)]
    people = base(24, **UNHAPPY, account_manager=managers)
    people.loc[people.index % 3 == 0, ["satisfaction_index", "recency_days"]] = [90.0, 200]
    section = acting(view(people))
    cards, table = of_kind(section, ActionCards).cards, of_kind(section, Table)
    assert [card.key[:7] for card in cards] == [f"C-{place:05}" for place in range(CARDS)]
    heads = [row[0].text for row in table.rows if len(row) == 1]
    # 24 + 23 + ... thousands: every third is silent (24 + 21 + ... + 3 = 108), the others are unhappy (300 - 108 = 192)
    assert heads == [
        "Unhappy, no ticket: 16 customers, ¥192,000 at stake. Call first: ask what was wrong, and put it right.",
        "Silent too long: 8 customers, ¥108,000 at stake. Call: why no order, and when the next one.",
    ]
    shown = [row[0].detail[:7] for row in table.rows if len(row) > 1]
    assert len(table.rows) == 12 and not {card.key[:7] for card in cards} & set(shown)
    assert table.note == f"{14 - len(shown)} more are on the list in the attached file customers.csv (act_rank)."


def test_who_is_beyond_an_owner_s_ten_is_counted_by_reason_and_not_named() -> None:
    people = base(1826, **UNHAPPY)
    shown = view(people)
    section = acting(shown)
    assert len(shown.facts.actions.listed) == 10
    # 1,816 are left with 1,816,000 + 1,815,000 + ... + 1,000
    counted = (
        f"Counted and not listed, as one owner has 10 at most: unhappy, no ticket 1,816; together ¥{1816 * 1817 // 2 * 1000:,} at stake."
    )
    assert counted in said(section)


def test_what_became_of_last_months_list_is_one_sentence_that_claims_no_cause() -> None:
    people = base(5, act_before=["silent", "silent", "complaint", None, None], act_result=["ordered", "no_order", "settled", None, None])
    assert (
        "Of 3 customers on last month’s list 2 are where the play wanted them: ordered again 1, complaint settled 1, and still no order 1. "
        "Seen, and no proof of a cause." in said(acting(view(people)))
    )


def test_without_a_reason_the_page_says_so_in_a_sentence() -> None:
    assert said(acting(view(base(3)))).startswith("No customer gives a reason to act this month.")
    assert action_list(view(base(3).assign(act_rank=pd.NA)).material.review, "a").listed == ()


def fallen() -> pd.DataFrame:
    return base(3, **UNHAPPY, tier=["b", "a", "b"], grade=["B", "A", "B"], previous_grade=["A", "A", "B"])


def test_who_left_the_tier_stands_in_its_pack_and_not_in_the_new_one() -> None:
    def names(tier: str | None) -> list[str]:
        return [one.customer_id for one in view(fallen(), tier).facts.actions.listed]

    assert names("a") == ["C-00000", "C-00001"] and names("b") == ["C-00002"] and names(None) == ["C-00000", "C-00001", "C-00002"]
    section = acting(view(fallen(), "a"))
    assert [card.key for card in of_kind(section, ActionCards).cards] == ["C-00000; A → B", "C-00001"]
    assert "stands in the pack of the tier that was left" in words_of(one(material(base=fallen()), "a"), "act"), (
        "beneath the list in the workbook"
    )


def scoped(ids: set[str]) -> PackMaterial:
    return limit_to_scope(material(base=fallen()), PackScope("tier-a~x", "a", "account_manager = li.na", frozenset(ids)))


def test_a_reader_who_is_limited_sees_the_own_part_of_the_list_alone() -> None:
    found = action_list(scoped({"C-00001", "C-00002"}).review, "a")
    assert [one.customer_id for one in found.listed] == ["C-00001"]
    assert found.results == () and found.rest == ()


def test_the_workbook_has_the_whole_list() -> None:
    people = base(60, **UNHAPPY, account_manager=[f"m{place % 6}" for place in range(60)])
    sheet = acting_sheet(view(people))
    (grid,) = sheet.blocks
    assert isinstance(grid, Grid) and grid.rows == 60
    columns = {field.title: field.values for field in grid.fields}
    assert columns["Rank"] == list(range(1, 61)) and columns["Customer id"][59] == "C-00059"
    assert columns["At stake"][0] == 60_000 and columns["By"][0].isoformat() == "2026-11-07"
    assert "Contract to" not in columns, "a column without a value is left out"
    assert acting_sheet(view(base(2))).blocks != ()


def test_a_review_that_knows_no_list_is_an_empty_one() -> None:
    made = material()
    review = replace(made.review, customers=customers(5))
    assert action_list(review, None) == ActionList()


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_long_names_and_thousands_of_customers_keep_the_list_on_the_page_after_the_first(locale: str) -> None:
    import pypdfium2  # type: ignore[import-untyped]

    names = ["A very long name of a customer that never ends " * 5, "极长的客户名称有限责任公司" * 16]
    people = base(
        5000,
        **UNHAPPY,
        name=[names[place % 2] for place in range(5000)],
        account_manager=[f"manager.{place % 40}" for place in range(5000)],
    )
    people.loc[people.index % 5 == 1, ["satisfaction_index", "recency_days"]] = [90.0, 200]
    people.loc[people.index % 5 == 2, ["satisfaction_index", "is_lost"]] = [90.0, True]
    (pack,) = [one for one in build_packs(material(base=people), [], [locale], CATALOGUE) if one.name == "company"]
    cut = replace(pack, sections=pack.sections[:2], shorter=tuple(pack.shorter))
    document = pypdfium2.PdfDocument(render_pack(cut))
    texts = [page.get_textpage().get_text_bounded() for page in document]
    assert len(texts) == 2, "the list with all that is said of it is one page"
    assert all(f"C-{place:05}" in texts[1] for place in range(2))


def test_the_builder_of_these_tests_makes_the_list_that_the_method_makes() -> None:
    assert {"act_reason", "act_rank", "act_due_on"} <= set(with_list(customers(3)).columns) and str(MONTH) == "2026-10"
