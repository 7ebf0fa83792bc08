"""The worked examples of the method's pages are run as they stand."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from tests.places import CHECKOUT

PAGES = sorted((CHECKOUT / "docs" / "method").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_worked_example_of_a_page_gives_what_it_says(page: Path) -> None:
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert result.failed == 0
    assert result.attempted or page.stem != "grades"
