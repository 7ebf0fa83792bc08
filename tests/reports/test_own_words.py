"""The company's own values in its own words, and its own fonts for scripts that ours lack."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from pydantic import ValidationError

from flows.review.scoring import unprintable_names
from flows.settings import Company
from reports.document import render_pack
from reports.glyphs import missing_glyphs, printable, printed_name, use_fonts
from reports.pack import build_packs
from reports.pack_facts import PackFacts
from reports.sections.words import group_word, value_word
from reports.view import View
from tests.reports.builders import customers, material
from tests.reports.rich import rich
from tests.reports.test_packs import one, texts
from tests.reports.test_pdf import pages
from transforms.errors import UsageError
from transforms.indicators.all import CATALOGUE

WORDS = {"zh_CN": {"north": "华北", "south": "华南", "fair": "展会", "damaged": "运输破损"}, "en": {"fair": "trade fair"}}
HEBREW = "חברת התה"


def test_values_are_printed_in_the_company_s_words_wherever_they_stand() -> None:
    plain, told = ("\n".join(texts(one(rich(**words), None, "zh_CN"))) for words in ({}, {"words": WORDS}))
    for value, word in (("north", "华北"), ("south", "华南"), ("fair", "展会")):
        assert re.search(rf"^{value}$", plain, re.M) and word not in plain
        assert re.search(rf"^{word}$", told, re.M) and not re.search(rf"^{value}$", told, re.M)
    english = "\n".join(texts(one(rich(words=WORDS), None, "en")))
    assert re.search("^trade fair$", english, re.M) and re.search("^north$", english, re.M)


def test_a_company_s_word_goes_before_ours_and_a_value_without_one_stays_as_it_is_written() -> None:
    view = View(PackFacts(material(words={"zh_CN": {"dealer": "代理商", "damaged": "运输破损"}}), None, CATALOGUE), "zh_CN")
    assert [group_word(view, name) for name in ("dealer", "employee", "Old Town")] == ["代理商", "员工", "Old Town"]
    assert [value_word(view, name) for name in ("damaged", "late")] == ["运输破损", "late"]


@pytest.mark.parametrize(("words", "says"), [({"fr": {"a": "b"}}, "packs can be made in"), ({"en": {"north": " "}}, "'north'")])
def test_words_for_no_language_of_packs_or_without_letters_are_refused(words: dict[str, dict[str, str]], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Company(name="Tea", timezone="UTC", currency="EUR", words=words)


@pytest.fixture
def hebrew(tmp_path: Path) -> Iterator[Path]:
    """A font that holds the letters of one name as boxes of their own."""
    letters = {f"u{ord(letter):04x}": ord(letter) for letter in set(HEBREW)}
    build = FontBuilder(1000, isTTF=True)
    build.setupGlyphOrder([".notdef", *letters])
    build.setupCharacterMap({code: name for name, code in letters.items()})
    pen = TTGlyphPen(None)
    for place, move in (((50, 0), pen.moveTo), ((50, 600), pen.lineTo), ((450, 600), pen.lineTo), ((450, 0), pen.lineTo)):
        move(place)
    pen.closePath()
    box = pen.glyph()
    build.setupGlyf(dict.fromkeys([".notdef", *letters], box))
    build.setupHorizontalMetrics(dict.fromkeys([".notdef", *letters], (500, 50)))
    build.setupHorizontalHeader(ascent=800, descent=-200)
    build.setupNameTable({"familyName": "Boxes", "styleName": "Regular"})
    build.setupOS2(sTypoAscender=800, usWinAscent=800, usWinDescent=200)
    build.setupPost()
    file = tmp_path / "boxes.ttf"
    build.save(file)
    yield file
    use_fonts(())


def test_a_name_that_our_fonts_lack_is_its_id_and_a_finding_until_a_font_is_added(hebrew: Path) -> None:
    base = customers(12, tiers=("a",)).assign(tier="a", grade="A", recency_days=300, name=[HEBREW, *[f"n{place}" for place in range(11)]])
    made = material(base=base.assign(net_12m=base["net_12m"].where(base.index > 0, 10**12)))
    assert printed_name(HEBREW, "C-00000") == "C-00000"
    (finding,) = unprintable_names(made.review)
    assert (finding.rule, finding.rows, finding.examples) == ("customers.name.glyphs", 1, ("C-00000",))
    assert "1 of 12 names" in finding.message and "[fonts] files in keping.toml" in finding.message

    use_fonts([hebrew])
    assert printed_name(HEBREW, "C-00000") == HEBREW and unprintable_names(made.review) == ()
    pdf = render_pack(build_packs(made, ("a",), ("en",), CATALOGUE)[-1])
    assert set(HEBREW) - {" "} <= set("".join(pages(pdf))) and not missing_glyphs(HEBREW)
    with pikepdf.open(io.BytesIO(pdf)) as read:
        fonts = [item for item in read.objects if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"]
        named = {str(font["/FontName"]) for font in fonts}
    assert any("Boxes" in name or "Added" in name for name in named), named

    use_fonts(())
    assert printed_name(HEBREW, "C-00000") == "C-00000" and not set(HEBREW) - {" "} <= printable()


def test_a_font_that_is_none_is_told_and_changes_nothing(tmp_path: Path, hebrew: Path) -> None:
    use_fonts([hebrew])
    (tmp_path / "no.ttf").write_text("not a font")
    for file in ("no.ttf", "missing.ttf"):
        with pytest.raises(UsageError, match=rf"fonts.files: .*{file} is no TrueType"):
            use_fonts([tmp_path / file])
    assert not missing_glyphs(HEBREW)
