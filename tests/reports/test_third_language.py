"""A third language is one catalogue and one line: nothing else has to be written for packs in it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from flows.settings import Company
from reports import i18n
from reports.i18n import messages_in_code, words
from reports.languages import LANGUAGES, Language
from tests.reports.rich import rich
from tests.reports.test_packs import one, texts

INVENTED = "eo"
PLACE = re.compile(r"(\{\w+\})")


def turned(message: str) -> str:
    """The invented language: every letter thirteen places on, values left where they are."""
    return "".join(part if PLACE.fullmatch(part) else codecs.encode(part, "rot13") for part in PLACE.split(message))


@pytest.fixture
def third(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The language, of a catalogue generated from all messages and a line in `LANGUAGES`."""
    catalogue = Catalog(INVENTED)
    for place, message in messages_in_code():
        said = turned(message) if isinstance(message, str) else tuple(turned(one) for one in message)
        catalogue.add(message, said, locations=[(place.rpartition(":")[0], int(place.rpartition(":")[2]))])
    folder = tmp_path / INVENTED / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "keping.po").open("wb") as file:
        write_po(file, catalogue)
    monkeypatch.setattr(i18n, "LOCALES", tmp_path)
    monkeypatch.setitem(LANGUAGES, INVENTED, Language())
    yield
    i18n.words.cache_clear()
    i18n._catalogue.cache_clear()


def _phrases() -> set[str]:
    """What can only be said by a message: its parts between the values, where they are two words or more."""
    whole = [one for _, message in messages_in_code() for one in ([message] if isinstance(message, str) else message)]
    parts = {part.strip() for one in whole for part in PLACE.split(one) if not PLACE.fullmatch(part)}
    return {part for part in parts if len(part) >= 12 and " " in part}


@pytest.mark.parametrize("tier", [None, "a"])
def test_a_pack_in_a_third_language_says_all_its_words_in_it(third: None, tier: str | None) -> None:
    made, phrases = rich(), _phrases()
    english, other = ("\n".join(texts(one(made, tier, locale))) for locale in ("en", INVENTED))
    said = {phrase for phrase in phrases if phrase in english}
    assert len(said) > 150
    assert sorted(phrase for phrase in phrases if phrase in other) == []
    missing = {phrase for phrase in said if turned(phrase) not in other}
    assert missing == set()


def test_a_company_may_ask_for_a_third_language(third: None) -> None:
    company = Company(name="Tea", timezone="UTC", currency="EUR", locales=("en", INVENTED))
    assert company.locales == ("en", INVENTED)
    assert words(INVENTED).plural("{n} warning.", "{n} warnings.", 2, n=2) == "2 jneavatf."
