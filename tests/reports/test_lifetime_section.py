"""The lifetime part of a pack: estimates told as such, one sentence where there is no model, a list that is earned."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pytest

from reports.blocks import Paragraph, Section, Table
from reports.glyphs import missing_glyphs
from reports.pack import PackMaterial
from tests.reports.builders import material
from tests.reports.test_packs import LOCALES, one, texts, words_of
from tests.transforms.builders import Company, orders
from tests.transforms.lifetime.companies import company
from transforms.month import Month
from transforms.policy.rules import builtin
from transforms.review import MonthReview, no_history, review_month

FIRST, LAST = Month(2022, 1), Month(2024, 12)


@cache
def review() -> MonthReview:
    made = company(FIRST, LAST, 900, seed=21, leave=0.15, follows=3.0).inputs(LAST)
    return review_month(made, no_history(), builtin())


def made(of: MonthReview) -> PackMaterial:
    return replace(material(months=0), review=of, month=of.month)


def section(of: MonthReview, tier: str | None = None, locale: str = "en", name: str = "lifetime") -> Section:
    (found,) = [part for part in one(made(of), tier, locale).sections if part.name == name]
    return found


def tables(part: Section) -> list[str]:
    return [block.caption for block in part.blocks if isinstance(block, Table)]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("tier", [None, "a"])
def test_it_says_what_to_expect_who_is_gone_and_how_the_last_forecast_did_in_human_words(tier: str | None, locale: str) -> None:
    part = section(review(), tier, locale)
    said = re.sub(r"<svg.*?</svg>", "", "\n".join(texts(part)))
    assert not re.search(r"\bnan\b|\binf\b|<NA>|\{\w+\}", said) and not missing_glyphs(said)
    assert {"en": "no grade depends on it", "zh_CN": "不影响任何评级"}[locale] in said
    if locale == "en":
        assert ("By tier" in tables(part)) == (tier is None)
        assert "Valuable and likely gone" in tables(part)
        assert re.search(r"Twelve months ago [\d,]+ purchase days were expected of these [\d,]+ customers; [\d,]+ came\.", said)


def test_the_list_of_those_likely_gone_holds_the_tiers_own_customers_alone() -> None:
    people = review().customers.set_index("customer_id")
    said = "\n".join(texts(section(review(), "b")))
    named = set(re.findall(r"c\d{4}", said))
    assert named and set(people.loc[sorted(named), "tier"]) == {"b"}
    gone = people.loc[sorted(set(re.findall(r"c\d{4}", "\n".join(texts(section(review()))))))]
    assert (gone["p_alive"] < 0.5).all() and (gone["orders_12m"] > 0).all()


def test_the_company_pack_tells_the_models_in_its_method_and_a_tiers_pack_does_not() -> None:
    said = words_of(one(made(review())), "method")
    assert re.search(r"MBG/NBD over 900 customers, time in weeks: r 1\.\d+, alpha \d", said)
    assert "10.0% a year on money to come: an assumption." in said
    assert re.search(r"forecast / outcome [01]\.\d+; rank correlation 0\.\d+ \(“as last year”: 0\.\d+\)", said)
    assert "MBG/NBD over" not in words_of(one(made(review()), "a"), "method")


def test_a_loss_model_that_does_not_beat_the_rules_is_one_sentence_and_no_list() -> None:
    outlook = review().outlook
    assert outlook is not None and outlook.churn is not None
    never = replace(outlook.churn, gain_interval=(-0.01, 0.02))
    always = replace(outlook.churn, gain_interval=(0.01, 0.03), brier=0.1, base_brier=0.2)
    chance = review().customers.assign(p_lost_12m=0.25)
    for found, shown in ((never, False), (always, True)):
        of = replace(review(), outlook=replace(outlook, churn=found), customers=chance)
        assert ("Likely to be lost within a year" in tables(section(of))) == shown
        assert ("not better beyond chance" in words_of(one(made(of)), "method")) != shown


@pytest.mark.parametrize("locale", LOCALES)
def test_where_nothing_is_fitted_one_sentence_says_why(locale: str) -> None:
    sold = orders(*[(f"c{number}", f"2025-0{1 + number % 5}-10", 50 + number) for number in range(40)])
    small = review_month(Company(sold, models=True).inputs(Month(2025, 6)), no_history(), builtin())
    part = section(small, None, locale)
    assert len(part.blocks) == 1 and isinstance(part.blocks[0], Paragraph)
    assert {"en": "Not fitted: too few customers (n=40).", "zh_CN": "未拟合：客户太少（n=40）。"}[locale] in part.blocks[0].text


def test_where_no_model_was_asked_for_there_is_no_such_part() -> None:
    assert "lifetime" not in [part.name for part in one(made(replace(review(), outlook=None))).sections]
