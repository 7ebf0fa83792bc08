"""docs/glossary.md: each word once, in order, with a module that is there and the Chinese that readers see."""

from __future__ import annotations

import io
import re
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest
from babel.messages.pofile import read_po

from tests.places import CHECKOUT


class Term(NamedTuple):
    word: str
    chinese: str
    meaning: str
    chinese_meaning: str
    module: str
    printed: str


def entries(text: str) -> list[Term]:
    page, _, _ = text.partition("## One word for one thing")
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| Term ")]
    return [Term(*(cell.strip().strip("`") for cell in row.strip("|").split("|"))) for row in rows]


TERMS = entries((CHECKOUT / "docs" / "glossary.md").read_text(encoding="utf-8"))
CATALOGUE = read_po(io.BytesIO((CHECKOUT / "reports/locale/zh_CN/LC_MESSAGES/keping.po").read_bytes()))


def translation(message: str) -> str | None:
    found = CATALOGUE.get(message)
    return None if found is None else found.string if isinstance(found.string, str) else found.string[0]


def test_every_word_stands_once_and_in_order() -> None:
    words = [term.word for term in TERMS]
    assert len(words) >= 30
    assert words == sorted(set(words))


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.word)
def test_a_word_is_told_in_both_languages(term: Term) -> None:
    for english in (term.word, term.meaning):
        assert not re.search("[一-鿿]", english)
    for chinese in (term.chinese, term.chinese_meaning):
        assert re.search("[一-鿿]", chinese)
    assert term.meaning.endswith(".")
    assert term.chinese_meaning.endswith("。")


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.word)
def test_its_module_is_there_and_speaks_of_it(term: Term) -> None:
    found = find_spec(term.module)
    assert found is not None and found.origin is not None
    spoken = re.sub("[ _]", "", Path(found.origin).read_text(encoding="utf-8").lower())
    assert term.word.replace(" ", "") in spoken


@pytest.mark.parametrize("term", [term for term in TERMS if term.printed], ids=lambda term: term.word)
def test_readers_see_the_same_word(term: Term) -> None:
    printed = translation(term.printed)
    assert printed is not None, f"the catalogue has no message {term.printed!r}"
    assert term.chinese in printed


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.word)
def test_the_word_alone_is_translated_so(term: Term) -> None:
    for message in (term.word, term.word.capitalize()):
        printed = translation(message)
        assert printed is None or term.chinese in printed
