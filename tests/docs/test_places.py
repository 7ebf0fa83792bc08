"""Every place in the code that a page names is there: a file, a folder, or a name within a file."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.places import CHECKOUT

PAGES = sorted([CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *(CHECKOUT / "docs").rglob("*.md")])
PLACE = re.compile(r"((?:flows|transforms|reports|expectations|tests|docs)/[\w./-]*)(?::([A-Za-z_][\w.]*))?")
"""`flows/intake/pull.py`, `flows/sources/`, `flows/sources/sql.py:SqlSource.read`."""


def places(text: str) -> list[tuple[str, str]]:
    """(path, name or nothing) of each place that stands in a text as code of its own."""
    return [(found[1], found[2] or "") for found in map(PLACE.fullmatch, re.findall(r"`([^`\n]+)`", text)) if found]


def is_there(path: str, name: str) -> bool:
    place = CHECKOUT / path
    return place.exists() and (not name or name.rstrip(".") in defined(ast.parse(place.read_text(encoding="utf-8")).body))


def defined(body: list[ast.stmt], before: str = "") -> set[str]:
    """What a module defines: functions, classes with what is in them, and values."""
    found = set()
    for node in body:
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                found |= {before + node.name} | (defined(node.body, f"{before}{node.name}.") if isinstance(node, ast.ClassDef) else set())
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found.add(before + name)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_every_place_that_a_page_names_is_there(page: Path) -> None:
    assert [one for one in places(page.read_text(encoding="utf-8")) if not is_there(*one)] == []


def test_the_walks_name_a_place_at_each_step() -> None:
    """The three walks of docs/architecture.md would prove nothing if no place were read out of them."""
    walks = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("## Three walks")[2].partition("\n## ")[0]
    found = [places(walk) for walk in re.split(r"\n\n\*\*", walks)[1:]]
    assert len(found) == 3
    assert all(len([name for _, name in walk if name]) >= 4 for walk in found)


@pytest.mark.parametrize(
    ("code", "there"),
    [
        ("flows/sources/sql.py:SqlSource.read", True),
        ("reports/pack.py:BODY", True),
        ("flows/sources/sql.py:SqlSource.reads", False),
        ("reports/pack.py:BODIES", False),
        ("reports/packs.py", False),
        ("reports/papers/", False),
    ],
)
def test_a_place_that_is_not_there_is_noticed(code: str, there: bool) -> None:
    ((path, name),) = places(f"see `{code}`")
    assert is_there(path, name) is there
