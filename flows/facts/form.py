"""The form of kept facts: a digest of the code that makes them, so that no fact outlives the rule it was made by."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("transforms.", "flows.")
ROOMS = ("transforms.facts", "flows.facts")
"""Where facts are made and kept."""
BESIDE = frozenset({"transforms.inputs", "transforms.errors", "flows.machine.files", "flows.machine.leftovers"})
"""What these rooms import and no fact is made by: the value that facts are handed over in, the words of trouble, and
how any file is written. Everything else that they import, however far, is part of the form."""

Source = Callable[[str], str | None]
"""A module's name -> its source; None where there is no such module."""


@cache
def facts_form() -> str:
    """The same as long as the code that makes facts is; other comments and docstrings change nothing."""
    return form_of(source_of)


def form_of(source: Source) -> str:
    """The digest over the modules that make facts, as `source` has them."""
    digest = hashlib.sha256()
    for name, code in sorted(modules_of(source).items()):
        digest.update(f"{name}\n{code}\n".encode())
    return digest.hexdigest()[:32]


def modules_of(source: Source) -> dict[str, str]:
    """The code of every module that makes facts, by name: those of `ROOMS`, and what they import of our own, however far."""
    waiting = [f"{room}.{path.stem}" for room in ROOMS for path in sorted(ROOT.joinpath(*room.split(".")).glob("*.py"))]
    found: dict[str, str] = {}
    while waiting:
        name = waiting.pop()
        text = None if name in found or name in BESIDE else source(name)
        if text is not None:
            found[name], imported = _read(text)
            waiting += [one for one in imported if one.startswith(PACKAGES)]
    return found


def source_of(name: str) -> str | None:
    """The source of one of our modules as it lies on the disk; None for a package and for what is no module."""
    path = ROOT.joinpath(*name.split(".")).with_suffix(".py")
    return path.read_text(encoding="utf-8") if path.is_file() else None


@lru_cache(maxsize=256)
def _read(text: str) -> tuple[str, tuple[str, ...]]:
    """A source's code without comments and docstrings, and the names of all that it imports."""
    tree = ast.parse(text)
    imported: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [one for one in body if not _is_docstring(one)]  # type: ignore[attr-defined]
    return ast.dump(tree), tuple(imported)


def _is_docstring(node: ast.stmt) -> bool:
    """A text that stands for itself; also beneath a constant it says something to readers alone."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
