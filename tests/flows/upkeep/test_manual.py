"""Generated pages say what the code says."""

from __future__ import annotations

import pytest

from flows.upkeep.manual import DOCS, PAGES


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_generated_page_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs` and commit the page"
