"""The finished PDF, read as a reader's program reads it."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2  # type: ignore[import-untyped]
import pytest
from pypdf import PdfReader

from reports import document
from reports.blocks import Highlights, Paragraph
from reports.document import LayoutError, pack_html, render_pack
from reports.pack import ReviewPack, build_packs
from reports.reference import each_reference
from tests.reports.builders import KNOWN_AT, customers, material
from tests.reports.tags import faults_of_tags
from tests.reports.test_glyphs import HOSTILE
from transforms.indicators.all import CATALOGUE

ROOT = Path(__file__).resolve().parents[2]
LOCALES = ("en", "zh_CN")
SUMMARY = {"en": "Summary", "zh_CN": "摘要"}
MARGIN = 17.5 / 25.4 * 72


def built(tier: str | None, locale: str, **changes: Any) -> ReviewPack:
    return build_packs(material(size=200, **changes), (tier,) if tier else (), (locale,), CATALOGUE)[-1]


@pytest.fixture(
    scope="module", params=[(tier, locale) for tier in ("a", None) for locale in LOCALES], ids=lambda p: f"{p[0] or 'company'}-{p[1]}"
)
def rendered(request: pytest.FixtureRequest) -> tuple[ReviewPack, bytes]:
    pack = built(*request.param, sample_notice="invented sample data")
    return pack, render_pack(pack)


def pages(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]


def strays(pdf: bytes) -> list[tuple[int, float, float]]:
    """What is printed outside the margins: page, left and right edge."""
    found: list[tuple[int, float, float]] = []
    for number, page in enumerate(pypdfium2.PdfDocument(pdf), start=1):
        width, height = page.get_size()
        for item in page.get_objects(max_depth=1):
            left, bottom, right, top = item.get_bounds()
            if right - left >= width - 1 and top - bottom >= height - 1:
                continue
            if left < MARGIN - 1 or right > width - MARGIN + 1 or bottom < 20 or top > height - 20:
                found.append((number, left, right))
    return found


def outline(items: list[Any], depth: int = 0) -> Iterator[tuple[int, str, Any]]:
    for item in items:
        if isinstance(item, list):
            yield from outline(item, depth + 1)
        else:
            yield depth, item.title, item


def test_the_summary_is_the_first_page_alone(rendered: tuple[ReviewPack, bytes]) -> None:
    pack, pdf = rendered
    reader = PdfReader(io.BytesIO(pdf))
    found = [(title, reader.get_destination_page_number(item)) for depth, title, item in outline(reader.outline) if depth == 1]
    assert found[0] == (SUMMARY[pack.locale], 0)
    assert found[1][1] == 1


def test_every_section_is_bookmarked_in_order(rendered: tuple[ReviewPack, bytes]) -> None:
    pack, pdf = rendered
    found = [title for depth, title, _ in outline(PdfReader(io.BytesIO(pdf)).outline) if depth == 1]
    assert found == [section.title for section in pack.sections]
    assert len(found) >= 7


def test_what_is_read_and_what_is_looked_up_are_two_parts_of_the_bookmarks(rendered: tuple[ReviewPack, bytes]) -> None:
    pack, pdf = rendered
    found = [(depth, title) for depth, title, _ in outline(PdfReader(io.BytesIO(pdf)).outline)]
    parts = [place for place, (depth, _) in enumerate(found) if depth == 0]
    assert [found[place][1] for place in parts] == [pack.headline, pack.annex]
    assert [title for _, title in found[1 : parts[1]]] == [section.title for section in pack.sections if not section.annex]
    assert [title for _, title in found[parts[1] + 1 :]] == [section.title for section in pack.sections if section.annex]


def test_every_page_says_who_when_revision_known_at_policy_and_page(rendered: tuple[ReviewPack, bytes]) -> None:
    pack, pdf = rendered
    texts = pages(pdf)
    for number, text in enumerate(texts, start=1):
        flat = re.sub(r"\s+", "", text)
        assert "HanlinTrading" in flat and "r0" in flat and "02:15UTC" in flat and "builtin-1@2026-09" in flat
        wanted = f"Page{number}of{len(texts)}" if pack.locale == "en" else f"第{number}页，共{len(texts)}页"
        assert wanted in flat
        assert ("inventedsampledata" if pack.locale == "en" else "虚构示例数据") in flat


def test_no_machine_word_is_printed(rendered: tuple[ReviewPack, bytes]) -> None:
    for text in pages(rendered[1]):
        assert not re.search(r"\bnan\b|\binf\b|NaT|<NA>|Undefined|Traceback|\{\w+\}|\ufffd", text)


def test_all_fonts_are_ours_and_embedded(rendered: tuple[ReviewPack, bytes]) -> None:
    with pikepdf.open(io.BytesIO(rendered[1])) as pdf:
        fonts = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"]
        assert fonts
        for font in fonts:
            assert "/FontFile2" in font or "/FontFile3" in font
            assert re.search(r"Geist|NotoSansSC|Noto", str(font["/FontName"])), str(font["/FontName"])


def test_what_is_printed_can_be_read_back(rendered: tuple[ReviewPack, bytes]) -> None:
    pack, pdf = rendered
    read = re.sub(r"[\s\u0002\ufffe-]", "", "".join(pages(pdf)))
    for section in pack.sections:
        assert re.sub(r"\s", "", section.title) in read
        for block in section.blocks:
            if isinstance(block, Paragraph):
                assert re.sub(r"[\s-]", "", block.text) in read


def test_it_declares_and_keeps_the_outline_of_pdf_ua(rendered: tuple[ReviewPack, bytes]) -> None:
    pack, data = rendered
    with pikepdf.open(io.BytesIO(data)) as pdf:
        root = pdf.Root
        assert str(root.Lang) == pack.lang
        assert root.MarkInfo.Marked
        assert root.ViewerPreferences.DisplayDocTitle
        with pdf.open_metadata() as meta:
            assert str(meta.get("pdfuaid:part")) == "1"
            assert meta.get("dc:title") == pack.title
        kinds, figures, levels = set[str](), list[bool](), list[int]()
        waiting: list[Any] = [root.StructTreeRoot]
        while waiting:
            node = waiting.pop()
            if isinstance(node, pikepdf.Dictionary):
                kind = str(node.get("/S", ""))
                kinds.add(kind)
                if kind == "/Figure":
                    figures.append(bool(str(node.get("/Alt", ""))))
                if re.fullmatch(r"/H\d", kind):
                    levels.append(int(kind[2]))
                children: Any = node.get("/K", [])
                waiting += list(children) if isinstance(children, pikepdf.Array) else [children]
        assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/Figure", "/L"} <= kinds
        assert figures and all(figures)
        assert levels[0] == 1 or min(levels) == 1


def test_nothing_is_printed_outside_the_margins(rendered: tuple[ReviewPack, bytes]) -> None:
    assert strays(rendered[1]) == []


def test_figures_and_evidence_are_attached_with_fixed_dates(rendered: tuple[ReviewPack, bytes]) -> None:
    pack, data = rendered
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert sorted(pdf.attachments) == sorted(file.name for file in pack.attached)
        assert {"customers.csv", "explanations.csv", "figures.csv"} <= set(pdf.attachments)
        for file in pack.attached:
            held = pdf.attachments[file.name].get_file()
            assert held.read_bytes() == file.content
            assert held.creation_date == KNOWN_AT and held.mod_date == KNOWN_AT


def test_the_same_pack_has_the_same_bytes_in_other_processes_zones_and_languages() -> None:
    code = (
        "import hashlib; from tests.reports.test_pdf import built; from reports.document import render_pack;"
        "print(*(hashlib.sha256(render_pack(built('a', l))).hexdigest() for l in ('en', 'zh_CN')))"
    )
    found = set()
    for seed, zone, lang in (("1", "UTC", "C"), ("77", "Pacific/Kiritimati", "zh_CN.UTF-8")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LANG": lang, "LC_ALL": lang, "PYTHONPATH": str(ROOT)}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, cwd=ROOT)
        found.add(done.stdout.strip().splitlines()[-1])
    assert len(found) == 1


@pytest.mark.parametrize("locale", LOCALES)
def test_hostile_values_are_printed_as_text_and_nothing_is_fetched(locale: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOPSECRETMARK")
    payloads = [
        f"</td><link rel=attachment href='file://{secret}'>",
        f"<img src='file://{secret}'><object data='file://{secret}'>",
        "<img src=http://169.254.169.254/latest/meta-data/>",
        "<style>@import url(http://127.0.0.1:9/x.css)</style>",
        "{{7*7}}{{ config }}{% include 'x' %}",
        *(text for text in HOSTILE if "\ud800" not in text),
    ]
    base = customers(len(payloads), tiers=("a",)).assign(tier="a", grade="A", name=payloads, recency_days=200)
    made = material(base=base, company=payloads[0], sample_notice=payloads[4], code_version=payloads[1], run_id=payloads[2])
    pack = build_packs(made, ("a",), (locale,), CATALOGUE)[-1]
    pdf = render_pack(pack)
    read = "".join(pages(pdf))
    assert "TOPSECRETMARK" not in read and "{{7*7}}" in read and "49" not in re.findall(r"(?<![\d.,])49(?![\d.,%])", pack.running.notice)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert sorted(opened.attachments) == sorted(file.name for file in pack.attached)
    assert b"TOPSECRETMARK" not in pdf


@pytest.mark.parametrize("address", ["file:///etc/hostname", "http://127.0.0.1:9/x.png", "data:image/png;base64,AAAA"])
def test_a_document_that_asks_for_anything_but_our_fonts_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = built("a", "en")
    html = pack_html(pack).replace("</body>", f"<img src='{address}'></body>")
    monkeypatch.setattr(document, "pack_html", lambda *_, **__: html)
    with pytest.raises(LayoutError, match="refused to read"):
        render_pack(pack)


def test_long_names_and_huge_numbers_keep_the_summary_on_one_page() -> None:
    base = customers(60).assign(name=["极长的客户名称有限责任公司" * 6] * 60, recency_days=250, net_12m=900_000_000_000_000_000 // 60)
    for locale in LOCALES:
        made = material(base=base, company="Very Long Company Name " * 6, values={"net_revenue": 9.9e17, "average_order_value": 1e16})
        for pack in build_packs(made, ("a",), (locale,), CATALOGUE):
            assert render_pack(pack).startswith(b"%PDF")


def test_a_summary_that_cannot_fit_is_an_error_and_not_a_second_page() -> None:
    pack = built("a", "en")
    first = pack.sections[0]
    flood = replace(first, blocks=(*first.blocks, *[Paragraph("More and more of it. " * 40)] * 30))
    with pytest.raises(LayoutError, match=r"tier-a .en.: the summary does not fit on one page"):
        render_pack(replace(pack, sections=(flood, *pack.sections[1:]), shorter=(flood,)))


def test_a_summary_that_is_too_long_says_less_and_stays_one_page() -> None:
    pack = built("a", "zh_CN")
    first = pack.sections[0]
    flood = replace(first, blocks=(*first.blocks, *[Paragraph("More and more of it. " * 40)] * 30))
    pdf = render_pack(replace(pack, sections=(flood, *pack.sections[1:]), shorter=(flood, *pack.shorter)))
    reader = PdfReader(io.BytesIO(pdf))
    parts = [reader.get_destination_page_number(item) for depth, _, item in outline(reader.outline) if depth == 1]
    assert parts[:2] == [0, 1] and len(parts) == len(pack.sections)
    assert "More and more" not in "".join(pages(pdf))
    for kind, most in ((Highlights, [5, 5, 5, 5, 4, 2]),):
        rows = [len(block.rows) for section in pack.shorter for block in section.blocks if isinstance(block, kind)]
        assert all(shown <= limit for shown, limit in zip(rows, most, strict=False))


@pytest.mark.parametrize("locale", LOCALES)
def test_the_test_page_prints_both_scripts(locale: str) -> None:
    (text,) = pages(document.test_page(locale))
    assert "客评" in text and "¥€£" in text


def test_the_tag_tree_is_whole(rendered: tuple[ReviewPack, bytes]) -> None:
    pack, pdf = rendered
    assert faults_of_tags(pdf, pack.lang, pack.title) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_the_tag_tree_of_the_reference_document_is_whole(locale: str) -> None:
    (pack,) = each_reference(material(), (locale,), CATALOGUE)
    assert faults_of_tags(render_pack(pack), pack.lang, pack.title) == []


def test_each_fault_of_a_tag_tree_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = document.pack_html
    spoilt = {"<h3": "<h5", "</h3>": "</h5>", "<title>": "<desc>", "</title>": "</desc>", "<li": "<td", "</li>": "</td>"}

    def html(*said: Any, **more: Any) -> str:
        text = plain(*said, **more)
        head, _, body = text.partition("<body")
        for before, after in spoilt.items():
            body = body.replace(before, after)
        return f"{head}<body{body}"

    monkeypatch.setattr(document, "pack_html", html)
    monkeypatch.setattr(document, "finish_tags", lambda *_: None)
    found = faults_of_tags(render_pack(built("unrated", "en")), "de", "Another title")
    for told in ("the language is en", "the title", "without scope", "no tag holds", "H5 follows H2", "a figure without words"):
        assert any(told in fault for fault in found), (told, sorted(set(found))[:20])
