"""Sentences that say why: right signs and plurals in both languages, and no number that the data do not have."""

from __future__ import annotations

import re

import numpy as np
import pytest

from reports.formats import formats
from reports.i18n import words
from reports.why import amount_back, causes, reason_of_move, score_change, way_back
from transforms.why.score import PARTS

LOCALES = ("en", "zh_CN")


def bound(text):
    """The text with its numbers bound to their causes, as no line may end between them."""
    return text.replace(" −", "\u00a0−")


ROW = {"change_score": -6.2, "change_orders": -4.0, "change_net": -1.7, "change_recency": -0.5, "change_tenure": 0.0}


def said(function, row, locale="en", *more):
    return function(words(locale), formats(locale, "CNY"), row, *more)


def test_a_fall_is_told_with_its_parts_the_largest_first():
    assert said(score_change, ROW) == "−6.2 = fewer orders per month −4.0, lower yearly net −1.7, longer silence −0.5".replace(
        " −", "\u00a0−"
    )
    assert said(score_change, ROW, "zh_CN") == bound("−6.2 = 月均订单减少 −4.0，年净销售额下降 −1.7，未下单时间变长 −0.5")


def test_signs_choose_the_words():
    up = {"change_score": 3.0, "change_net": 5.0, "change_policy": -2.0}
    assert said(score_change, up) == "+3.0 = higher yearly net\u00a0+5.0, policy changed\u00a0−2.0"


def test_nothing_to_tell_is_said_in_words():
    assert said(score_change, {"change_score": 0.0, "change_net": 0.01}) == "score unchanged"
    assert said(score_change, {"change_score": np.nan}) == "no month before to compare with"


def test_the_hold_rules_are_named_where_they_took_part():
    assert said(reason_of_move, {**ROW, "grade_steps": -1.0, "steps_hold": -1.0}).endswith("; no longer held by the hold rules")
    assert "hold" not in said(reason_of_move, {**ROW, "grade_steps": -1.0, "steps_hold": 1.0})


def test_the_way_back_has_its_plural_and_unit():
    assert said(way_back, {"restore_measure": "orders", "restore_amount": 1.0}) == "1 more order in twelve months"
    assert said(way_back, {"restore_measure": "orders", "restore_amount": 2.0}) == "2 more orders in twelve months"
    assert said(way_back, {"restore_measure": "net", "restore_amount": 1340.0}) == "¥1,340 more net in twelve months"
    assert said(way_back, {"restore_measure": "recency", "restore_amount": 34.0}) == "a last order 34 days later"
    assert said(way_back, {"restore_measure": "orders", "restore_amount": 2.0}, "zh_CN") == "12个月内多2笔订单"
    assert said(way_back, {"restore_measure": "", "restore_amount": np.nan}) == "no single measure"
    assert said(way_back, {"restore_measure": np.nan, "restore_amount": np.nan}) == ""


@pytest.mark.parametrize("locale", LOCALES)
def test_every_number_in_a_sentence_is_one_of_the_row(locale):
    """The parser: each signed decimal of 500 random sentences is a part or the change, rounded as printed."""
    random = np.random.default_rng(4)
    shows = formats(locale, "CNY")
    for _ in range(500):
        parts = {f"change_{name}": float(random.normal(0, 5)) * (random.random() < 0.7) for name in PARTS}
        row = {**parts, "change_score": sum(parts.values())}
        allowed = {shows.difference(value, 1) for value in row.values()}
        for text in (said(score_change, row, locale), said(causes, row, locale)):
            assert set(re.findall(r"[+−]?\d[\d,.]*\d|\d", text)) <= allowed, text


def test_amounts_are_told_for_each_measure():
    for measure, text in (("orders", "3 more orders"), ("net", "¥3 more net"), ("recency", "3 days later")):
        assert text in amount_back(words("en"), formats("en", "CNY"), measure, 3.0)
