"""Kept facts are named by the code that makes them: other code, other names; other words, the same."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from flows.facts.form import BESIDE, facts_form, form_of, modules_of, source_of
from flows.facts.rows import FactRows


def with_change(module: str, change: Callable[[str], str]) -> str:
    """The form where one module's source is another."""
    return form_of(lambda name: change(source_of(name) or "") if name == module else source_of(name))


@pytest.mark.parametrize("module", ["transforms.facts.orders", "transforms.money", "transforms.tables.merging", "flows.snapshots.arrow"])
def test_another_line_of_code_in_any_module_that_makes_facts_is_another_form(module: str):
    assert form_of(source_of) == facts_form()
    assert with_change(module, lambda text: f"{text}\nMORE = 1\n") != facts_form()


def test_comments_docstrings_and_blank_lines_are_the_same_form():
    def reworded(text: str) -> str:
        assert '    """' in text and text.startswith('"""')
        return "# Said otherwise.\n\n" + re.sub(r'^( *""")(?=\w)', r"\1In other words: ", text, flags=re.MULTILINE)

    assert with_change("transforms.facts.orders", reworded) == facts_form()


def test_code_that_only_hands_facts_on_is_no_part_of_the_form():
    for module in BESIDE:
        assert with_change(module, lambda text: f"{text}\nMORE = 1\n") == facts_form()
    assert "transforms.scoring" not in modules_of(source_of)


def test_every_module_of_facts_tables_and_snapshots_that_the_cache_really_loads_is_part_of_the_form():
    script = "import sys, flows.facts.cache; print(*(name for name, module in sys.modules.items() if hasattr(module, '__file__')))"
    loaded = set(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split())
    rooms = ("transforms.facts.", "transforms.tables.", "flows.facts.", "flows.snapshots.")
    ours = {name for name in loaded if name.startswith(rooms)}
    assert "transforms.facts.orders" in ours and ours <= modules_of(source_of).keys()
    assert loaded >= BESIDE, "what is left out is what there is to leave out"


def test_the_form_is_part_of_every_key(monkeypatch: pytest.MonkeyPatch):
    read = [FactRows(None, "UTC", merged) for merged in ({}, {"a": "b"})]  # type: ignore[arg-type]
    before = [rows.form for rows in read]
    assert before[0] == facts_form() and before[1] != before[0]
    monkeypatch.setattr("flows.facts.rows.facts_form", lambda: "other")
    assert not {rows.form for rows in read} & set(before)
