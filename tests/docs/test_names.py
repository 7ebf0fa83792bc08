"""Names: what acts is called by a verb, what is returned by a noun; no class has a namesake."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.places import CHECKOUT

ROOMS = ("transforms", "expectations", "reports", "flows")

VERBS = """
add apply approve begin bring build carry check claim close compare convert count expect explain fetch find fold follow freeze give
guard hold insert keep list load locate look mail make map mark mask measure merge name note open plan print publish put read recheck
record redact refuse remove render require rewrite run score send settle show sort split stage sum take tell test try verify waive weigh
write
"""
PREDICATES = "can has holds is may was would"
IRREGULAR = """
asked begun bound broken brought built chosen done drawn driven fallen found frozen given gone grown held hidden kept known laid left
lost made meant met overridden paid said seen sent shown sold spent struck stuck taken told thrown understood withheld worn written
"""
NO_PARTICIPLES = "feed need seed speed squared"
"""Words that end as participles do, and eta squared."""
ACTS_OR_ASKS = frozenset(f"{VERBS} {PREDICATES}".split())
HANDED_ON = frozenset({"pulled"})
"""Properties that give a field of the stage before under the field's own name."""


class Name(NamedTuple):
    place: str
    name: str


def functions(tree: ast.AST, place: str) -> Iterator[Name]:
    """Public functions and methods, without those whose name is published: that of an indicator, or of a command."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield from functions(node, f"{place}.{node.name}")
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and node.name not in published(node):
            yield Name(place, node.name)


def published(node: ast.FunctionDef) -> Iterator[str]:
    for call in node.decorator_list:
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "indicator":
            yield from (str(one.value) for one in call.args[:1] if isinstance(one, ast.Constant))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "app.command":
            yield node.name


def is_participle(word: str) -> bool:
    return word in IRREGULAR.split() or (word.endswith("ed") and len(word) > 3 and word not in NO_PARTICIPLES.split())


def says_neither(name: str) -> bool:
    """Whether a name is neither verb nor noun: it ends with a participle, and no verb or question stands before it."""
    if name in HANDED_ON:
        return False
    first, last = name.split("_")[0], name.split("_")[-1]
    return is_participle(last) and first not in ACTS_OR_ASKS


def trees() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for path in sorted((CHECKOUT / room).rglob("*.py")):
            place = ".".join(path.relative_to(CHECKOUT).with_suffix("").parts)
            yield place, ast.parse(path.read_text(encoding="utf-8"))


def test_no_function_is_called_by_a_past_participle() -> None:
    found = [f"{place}: {name}" for module, tree in trees() for place, name in functions(tree, module) if says_neither(name)]
    assert not found, "a verb for what acts, a noun for what is returned: " + ", ".join(found)


def test_no_class_has_a_namesake() -> None:
    names = Counter(
        node.name for _, tree in trees() for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("name", ["frozen", "made_known", "told", "recorded", "month_asked", "scaled", "held", "packs_listed"])
def test_a_participle_is_noticed(name: str) -> None:
    assert says_neither(name)


@pytest.mark.parametrize(
    "name", ["read", "put", "freeze_policies", "kept_month", "is_rated", "need", "customers_need", "read_revised", "lost_customers"]
)
def test_a_verb_a_noun_and_a_question_are_names(name: str) -> None:
    assert not says_neither(name)
