"""The picture of the rooms is that of the code, and what the pages for newcomers name is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from flows.upkeep.rooms import PICTURE, drawn_arrows, imports_of, ladders, picture
from tests.places import CHECKOUT

PAGES = ("CONTRIBUTING.md", "docs/architecture.md")
NAMED = re.compile(r"`([\w/.-]+\.(?:py|md|csv|po|toml|svg))(?::([\w.]+))?`")
FROM_THE_TOP = tuple(f"{one}/" for one in ("docs", "expectations", "flows", "reports", "tests", "transforms"))


def test_the_picture_is_that_of_the_code() -> None:
    assert PICTURE.read_text(encoding="utf-8") == picture(), "run `make rooms` and commit docs/rooms.svg"


@pytest.mark.parametrize("package", ["flows", "transforms"])
def test_every_arrow_points_down(package: str) -> None:
    rows = ladders()[package]
    height = {room: place for place, row in enumerate(rows) for room in row}
    found = imports_of(package, list(height))
    assert sum(map(len, found.values())) > 30
    assert [(room, other) for room, others in found.items() for other in others if height[other] <= height[room]] == []


def test_an_arrow_that_follows_from_others_is_left_out() -> None:
    imports = {"a": frozenset({"b", "c", "d"}), "b": frozenset({"c"}), "c": frozenset(), "d": frozenset()}
    assert drawn_arrows(imports) == {"a": {"b", "d"}, "b": {"c"}, "c": frozenset(), "d": frozenset()}


def defined(file: Path, name: str) -> bool:
    """Whether a module defines a function, class, constant or (`Class.method`) what a class holds."""
    body: list[ast.stmt] = ast.parse(file.read_text(encoding="utf-8")).body
    for part in name.split("."):
        for node in body:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            if getattr(node, "name", None) == part or any(isinstance(one, ast.Name) and one.id == part for one in targets):
                body = getattr(node, "body", [])
                break
        else:
            return False
    return True


@pytest.mark.parametrize("page", PAGES)
def test_every_file_and_function_that_a_page_names_is_there(page: str) -> None:
    named = [(file, name) for file, name in NAMED.findall((CHECKOUT / page).read_text(encoding="utf-8")) if file.startswith(FROM_THE_TOP)]
    assert len(named) > 10
    missing = [file for file, _ in named if not (CHECKOUT / file).is_file()]
    assert missing == []
    assert [f"{file}:{name}" for file, name in named if name and not defined(CHECKOUT / file, name)] == []
