"""What a function is told is short enough to be read at one glance: what travels together is one value."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import flows

MOST = 8
ROOMS = ("archive", "backfills", "delivery", "erasure", "lookup", "policies", "review", "scheduling", "warehouse")


def parameters(source: str) -> Iterator[tuple[str, int]]:
    """Every function of a module, also those within others, with how many parameters it has beside `self` and `cls`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            told = node.args
            named = [one.arg for one in (*told.posonlyargs, *told.args, *told.kwonlyargs) if one.arg not in ("self", "cls")]
            yield node.name, len(named) + (told.vararg is not None) + (told.kwarg is not None)


@pytest.mark.parametrize("room", ROOMS)
def test_no_function_has_more_than_eight_parameters(room: str) -> None:
    folder = Path(flows.__file__).parent / room
    found = [(path.name, *one) for path in sorted(folder.glob("*.py")) for one in parameters(path.read_text(encoding="utf-8"))]
    assert len(found) > 5
    assert [one for one in found if one[2] > MOST] == []


def test_all_kinds_of_parameters_count_and_self_does_not() -> None:
    source = "class A:\n    def b(self, a, /, b, *c, d, **e):\n        async def f(): ...\n    @classmethod\n    def g(cls, h): ...\n"
    assert sorted(parameters(source)) == [("b", 5), ("f", 0), ("g", 1)]
