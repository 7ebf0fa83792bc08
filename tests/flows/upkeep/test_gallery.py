"""README opens with pictures: each is there, and is drawn from a page of a PDF."""

from __future__ import annotations

import re

import pytest

from flows.upkeep.gallery import GALLERY, PROJECT, SHOWN, draw_gallery
from reports.document import test_page as page_of_both_scripts


def test_every_picture_of_readme_is_there():
    named = re.findall(r"\]\((docs/[^)]+\.png)\)", (PROJECT / "README.md").read_text(encoding="utf-8"))
    assert named and [name for name in named if not (PROJECT / name).is_file()] == []
    assert {path.name for path in GALLERY.glob("*.png")} >= {name.rpartition("/")[2] for name in named}


def test_a_picture_is_made_of_each_pack_and_language(tmp_path):
    folder, gallery = tmp_path / "r0", tmp_path / "gallery"
    folder.mkdir()
    for locale in ("en", "zh_CN"):
        (folder / f"company.{locale}.pdf").write_bytes(page_of_both_scripts(locale))
    made = draw_gallery(folder, gallery)
    assert [path.name for path in made] == ["company.en.png", "company.zh_CN.png"]
    assert all(path.read_bytes()[:4] == b"\x89PNG" for path in made)


@pytest.mark.parametrize("pack", [pack for pack, _ in SHOWN])
def test_the_packs_shown_have_pictures_in_both_languages(pack):
    assert sorted(path.name for path in GALLERY.glob(f"{pack}.*.png")) == [f"{pack}.en.png", f"{pack}.zh_CN.png"]
