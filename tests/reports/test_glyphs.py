"""Strange text becomes printable, and what cannot be printed is told."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.glyphs import SUBSTITUTE, clean, missing_glyphs, printable

HOSTILE = (
    "</td><link rel=attachment href='file:///etc/passwd'>",
    "{{7*7}} {% raw %}",
    "\u202egnp.exe\u202c",
    "name\x00with\x07controls\x1b[2J",
    "line\r\nBcc: someone\x0b\x85\u2028next",
    "zalgo" + "\u0301\u0316\u0334" * 300,
    "👩‍👩‍👧‍👦 family",
    "\u200d" * 50_000 + "a",
    "W" * 1_000_000,
    "\ud800 broken",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_becomes_one_short_printable_line_quickly(text: str) -> None:
    start = time.perf_counter()
    cleaned = clean(text, 60)
    assert time.perf_counter() - start < 2
    assert len(cleaned) <= 60
    assert set(cleaned) <= printable()
    assert not any(unicodedata.category(letter)[0] == "C" for letter in cleaned)


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_long_text_ends_in_an_ellipsis_and_markup_stays_as_it_is_written() -> None:
    assert clean("abcdefghij", 5) == "abcd…"
    assert clean("<b>&amp;{{x}}</b>") == "<b>&amp;{{x}}</b>"


@pytest.mark.parametrize("name", ["Łódź", "Conceição", "Müller & Söhne", "王建国", "杭州云帆贸易有限公司", "O’Neill", "Žižek", "Ștefan"])
def test_names_of_our_readers_print_whole(name: str) -> None:
    assert missing_glyphs(name) == set()
    assert clean(name) == name


def test_a_character_without_a_glyph_is_named_and_leaves_a_mark() -> None:
    assert missing_glyphs("王𠮷 ☃") == {"𠮷", "☃"}
    assert clean("王𠮷") == f"王{SUBSTITUTE}"
