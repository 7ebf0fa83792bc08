"""The table of wrong formulas still fits the code: `python -m tests.nightly.wrong_formulas` puts each into a copy of the tree."""

from __future__ import annotations

import ast

import pytest

from tests.nightly.wrong_table import KINDS, OTHERS, WRONG, Wrong
from tests.places import CHECKOUT


@pytest.mark.parametrize("wrong", WRONG, ids=[f"{number}-{wrong.file}" for number, wrong in enumerate(WRONG, start=1)])
def test_a_wrong_formula_replaces_a_text_that_stands_once_and_is_still_python(wrong: Wrong) -> None:
    sound = (CHECKOUT / "transforms/indicators" / wrong.file).read_text(encoding="utf-8")
    assert sound.count(wrong.old) == 1
    assert ast.dump(ast.parse(sound)) != ast.dump(ast.parse(sound.replace(wrong.old, wrong.new)))


def test_there_are_fifteen_of_the_kinds_and_fifteen_of_other_subjects() -> None:
    assert (len(KINDS), len(OTHERS), len(set(WRONG))) == (15, 15, 30)
