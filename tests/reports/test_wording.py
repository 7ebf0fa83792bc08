"""Packs call one thing by one word, and print as a reader of the language expects; each rule is tried on a sentence that breaks it."""

from __future__ import annotations

import pytest

from flows.upkeep.wording import GLOSSARY, TERMS, faults_of, sayings, terms


def test_no_message_no_translation_and_no_play_breaks_a_rule_of_words() -> None:
    told = list(sayings())
    assert {one.language for one in told} == {"en", "zh"} and len(told) > 2_000
    assert [fault for one in told for fault in one.faults] == []


def test_every_place_names_a_file_and_a_line() -> None:
    assert all(int(one.place.rpartition(":")[2]) > 0 for one in sayings())


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.english)
def test_every_rival_of_every_word_is_found(term: object) -> None:
    (known,) = [one for one in TERMS if one is term]
    for rivals, language in ((known.not_english, "en"), (known.not_chinese, "zh")):
        assert rivals
        for rival in rivals:
            word = rival.partition(" (")[0]
            text = f"The {word} fell." if language == "en" else f"本月的{word}下降。"
            assert any(word in fault for fault in faults_of(text, language, TERMS)), rival


def test_an_established_name_may_hold_a_word_that_is_not_used_alone() -> None:
    assert list(faults_of("净收入留存率下降。", "zh", TERMS)) == []
    assert list(faults_of("净收入留存率与净收入下降。", "zh", TERMS)) != []


@pytest.mark.parametrize(
    ("text", "language", "says"),
    [
        ("客户,订单", "zh", "full-width"),
        ("客户(老)", "zh", "full-width"),
        ("「客户」", "zh", "quotes"),
        ("客户...", "zh", "ellipsis"),
        ("客户 订单", "zh", "between Chinese characters"),
        ("客户， 订单", "zh", "beside full-width"),
        ("{n} 位客户", "zh", "number and its unit"),
        ("共 5位", "zh", "number and its unit"),
        ("见附件customers.csv", "zh", "Latin word"),
        ("订单 / 客户", "zh", "÷"),
        ("总额 - 退款", "zh", "minus"),
        ("0-100分", "zh", "span"),
        ("升{n}百分点", "zh", "个百分点"),
        ("每千单", "zh", "‰"),
        ("完成率{share}", "zh", "目标完成率"),
        ("{title} was {value}.", "en", "agree"),
        ("20 % of customers", "en", "before %"),
        ("so called “few...", "en", "ellipsis"),
        ("two  spaces", "en", "one space"),
        ("a space , here", "en", "punctuation"),
        ("lost customers, dearest first", "en", "no reader"),
        ("hold rules let go", "en", "no reader"),
    ],
)
def test_each_habit_of_print_is_watched(text: str, language: str, says: str) -> None:
    assert any(says in fault for fault in faults_of(text, language, TERMS)), list(faults_of(text, language, TERMS))


def test_good_sentences_pass() -> None:
    for text, language in (
        ("{month}{title}为{value}，环比{change}。", "zh"),
        ("完整名单见附件 customers.csv；定义见 {file}。", "zh"),
        ("从“很好”到“很差”，升{n}个百分点，得分91–180分。", "zh"),
        ("{title}: {value} in {month}, {change} on the month before", "en"),
    ):
        assert list(faults_of(text, language, TERMS)) == []


def test_the_table_is_read_from_the_glossary() -> None:
    assert terms(GLOSSARY.read_text(encoding="utf-8")) == TERMS and len(TERMS) >= 20
    assert terms("| Word | Not |\n|---|---|---|---|\n| a | b, c | 甲 | 乙 (乙方; 乙级), 丙 |\n")[0].not_chinese == ("乙 (乙方; 乙级)", "丙")
