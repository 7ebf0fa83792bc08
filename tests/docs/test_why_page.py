"""The worked examples of docs/method/why.md are run."""

from __future__ import annotations

import doctest

from tests.places import CHECKOUT


def test_the_worked_examples_give_what_the_page_says() -> None:
    result = doctest.testfile(str(CHECKOUT / "docs" / "method" / "why.md"), module_relative=False)
    assert result.attempted >= 6
    assert result.failed == 0
