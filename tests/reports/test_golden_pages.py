"""Chosen pages say what they said, where they said it: a change is meant, and then `python -m tests.reports.golden_pages` keeps it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reports import golden_pages
from tests.reports.golden_pages import CHOSEN, GOLDEN, differences, golden_file, main


def test_chosen_pages_are_as_they_are_kept() -> None:
    found = differences()
    assert found == "", f"pages differ; where that is meant, python -m tests.reports.golden_pages keeps them:\n{found}"


def test_nothing_is_kept_of_pages_that_nobody_chose() -> None:
    assert sorted(GOLDEN.iterdir()) == sorted(golden_file(*key) for key in CHOSEN)


def test_a_change_is_told_line_by_line_and_can_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "company.en.txt"
    monkeypatch.setattr(golden_pages, "GOLDEN", tmp_path)
    monkeypatch.setattr(
        golden_pages, "draw_pages", lambda: [(file, "== page 1\n  80   51-310  9.0 p: Orders rose.\n  95   51-99   9.0 p: End.\n")]
    )
    main()
    assert differences() == ""
    file.write_text(file.read_text(encoding="utf-8").replace("rose", "fell"), encoding="utf-8")
    assert "-  80   51-310  9.0 p: Orders fell.\n+  80   51-310  9.0 p: Orders rose." in differences()
