"""Every visible word is in every language: none missing, none empty, none left over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from reports.glyphs import missing_glyphs
from reports.i18n import LOCALES, available, messages_in_code, words
from reports.languages import SOURCE_LOCALE
from transforms.errors import UsageError
from transforms.indicators.all import CATALOGUE

METHOD = Path(__file__).resolve().parents[2] / "transforms"

PLACE = re.compile(r"\{(\w+)\}")
Message = str | tuple[str, ...]


def _wanted() -> dict[Message, str]:
    found: dict[Message, str] = {}
    for place, message in messages_in_code():
        found.setdefault(_flat(message), place)
    return found


def _flat(text: str | list[str] | tuple[str, ...] | None) -> Message:
    return text if isinstance(text, str) else tuple(text or ())


def _held(locale: str) -> dict[Message, Message]:
    with (LOCALES / locale / "LC_MESSAGES" / "keping.po").open("rb") as file:
        return {_flat(entry.id): _flat(entry.string) for entry in read_po(file, locale=locale) if entry.id}


TRANSLATED = [locale for locale in available() if locale != SOURCE_LOCALE]


@pytest.mark.parametrize("locale", TRANSLATED)
def test_the_catalogue_holds_what_is_said_and_nothing_else(locale: str) -> None:
    wanted, held = _wanted(), _held(locale)
    assert {message: wanted[message] for message in wanted if message not in held} == {}, "to be translated"
    assert [message for message in held if message not in wanted] == [], "no longer said: delete"


@pytest.mark.parametrize("locale", TRANSLATED)
def test_no_translation_is_empty_or_loses_a_value_or_a_glyph(locale: str) -> None:
    for message, translation in _held(locale).items():
        ours = message if isinstance(message, tuple) else (message,)
        theirs = translation if isinstance(translation, tuple) else (translation,)
        for text in theirs:
            assert text, f"{message}: empty"
            assert set(PLACE.findall(text)) <= set(PLACE.findall(ours[-1])), message
            assert set(PLACE.findall(ours[0])) - set(PLACE.findall(text)) == set(), message
            assert not missing_glyphs(text), message


@pytest.mark.parametrize("locale", available())
def test_every_indicator_has_a_title_of_its_own(locale: str) -> None:
    said = [words(locale)._(known.title) for known in CATALOGUE.values()]
    assert sorted(said) == sorted(set(said))


def test_the_method_speaks_one_language_and_knows_another_only_where_companies_write_it() -> None:
    """Words of packs stand in the catalogues; what the method itself holds of Chinese is data, as companies write them."""
    other = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
    found = {str(path.relative_to(METHOD)) for path in METHOD.rglob("*.py") if other.search(path.read_text(encoding="utf-8"))}
    assert found == {"policy/rules.py", "tables/amounts.py", "tables/instants.py", "tables/spellings.py"}, (
        "names of the built-in tiers, amounts, dates, free columns"
    )


def test_a_missing_word_is_told_with_the_line_of_its_indicator() -> None:
    told = {message: place for place, message in messages_in_code()}
    for known in (CATALOGUE["complaints"], CATALOGUE["spend_mu"], CATALOGUE["nps_by_mix"]):
        file, _, line = told[known.title].partition(":")
        said = (METHOD.parent / file).read_text(encoding="utf-8").splitlines()[int(line) - 1]
        assert re.match(r"@indicator\(|_\w+\(|    _\w+\(", said), said
    assert told[CATALOGUE["complaints"].title].startswith("transforms/indicators/service.py:")


def test_chinese_is_chinese() -> None:
    values_and_signs = re.compile(r"(\{\w+\}|[\s·，；：。‰→=]|n)*|\{low\} 至 \{high\}")
    for message, translation in _held("zh_CN").items():
        text = "".join(translation)
        assert re.search(r"[\u4e00-\u9fff]", text) or values_and_signs.fullmatch(text), message


def test_plurals_lists_and_sentences_follow_the_language() -> None:
    english, chinese = words("en"), words("zh_CN")
    assert [english.plural("{n} warning.", "{n} warnings.", n, n=n) for n in (0, 1, 2)] == ["0 warnings.", "1 warning.", "2 warnings."]
    assert chinese.plural("{n} warning.", "{n} warnings.", 2, n=2) == "2项警告。"
    assert (english.list_of("abc"), chinese.list_of("abc")) == ("a, b, and c", "a、b和c")
    assert (english.join(["A.", "", "B."]), chinese.join(["甲。", "乙。"])) == ("A. B.", "甲。乙。")
    assert chinese.lang == "zh-CN"


def test_values_are_put_in_as_they_are() -> None:
    assert words("en")._("{name} fell", name="{title} %s {0}") == "{title} %s {0} fell"


def test_an_unknown_language_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"no 'xx' pack language; possible: en, zh_CN"):
        words("xx")
