"""`make mutation`: how many small mistakes in the watched modules their own tests notice.

One mistake at a time is made in the module's syntax tree: a comparison turned round or shifted by one, `and` for `or`, a
condition denied, a number one greater, a sum for a difference, a returned value gone, a statement left out. Docstrings, texts
and annotations stay. Each mistake is tried in a process of its own, forked after everything heavy is imported, with the
module imported anew; a mistake under which the tests still pass (`-x`) has survived. One that runs longer than the limit counts as noticed.

Formulas of indicators are tried faster (`tests.nightly.formulas`): the mistake goes into what is imported already, and their rows by
hand are asked before their other tests. A mistake that can change no figure at all is listed, with the reason, in
`tests.nightly.equivalent`; the score is of the others.
"""

from __future__ import annotations

import ast
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import multiprocessing
import os
import sys
import types
from collections.abc import Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from pathlib import Path

import pytest

from tests.nightly import formulas
from tests.nightly.equivalent import ANYWHERE, EQUIVALENT
from tests.nightly.watched import BY_HAND, RECKONED, WATCHED
from tests.places import CHECKOUT

PASS_SCORE = 0.9
SECONDS = 240
HEAVY = (
    *("alembic.command", "babel.numbers", "duckdb", "great_expectations", "hypothesis", "jinja2", "numpy", "pandas", "psycopg", "pyarrow"),
    *("pydantic", "pypdfium2", "pytest_timeout", "scipy.stats", "sqlalchemy", "typer", "weasyprint", "xdist.plugin"),
)
"""What every child would import anew; nothing of ours, so that all of ours is imported with the mistake in place."""
QUICKER = [word for name in ("cacheprovider", "unraisableexception", "threadexception", "faulthandler") for word in ("-p", f"no:{name}")]
"""Without what pytest writes down for the next time and looks through at its end."""
TURNED = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
SWAPPED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult, ast.Mod: ast.Add}


def mistakes(tree: ast.Module) -> Iterator[tuple[str, ast.Module]]:
    """Every mistake as (where and what, the module with it)."""
    told = _said(tree)
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in told:
            continue
        for what, change in _changes(node):
            copy = deepcopy(tree)
            place = next(one for at, one in enumerate(ast.walk(copy)) if at == number)
            change(place)
            yield f"line {getattr(node, 'lineno', 0)}: {what}", ast.fix_missing_locations(copy)


def _said(tree: ast.Module) -> set[int]:
    """Nodes that only say something: docstrings, annotations, messages of errors."""
    found: set[int] = set()
    for node in ast.walk(tree):
        quiet: list[ast.AST | None] = []
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            quiet.append(node)
        if isinstance(node, ast.FunctionDef):
            quiet += [node.returns, *(argument.annotation for argument in ast.walk(node.args) if isinstance(argument, ast.arg))]
        if isinstance(node, ast.AnnAssign):
            quiet.append(node.annotation)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            quiet += node.exc.args
        if isinstance(node, ast.ImportFrom | ast.Import):
            quiet.append(node)
        for part in quiet:
            found |= {id(one) for one in ast.walk(part)} if part is not None else set()
    return found


def _changes(node: ast.AST) -> Iterator[tuple[str, object]]:
    match node:
        case ast.Compare(ops=[kind]):
            for other in TURNED.get(type(kind), ()):
                yield f"{type(kind).__name__} becomes {other.__name__}", lambda one, other=other: setattr(one, "ops", [other()])
        case ast.BoolOp():
            other = ast.Or if isinstance(node.op, ast.And) else ast.And
            yield f"{type(node.op).__name__} becomes {other.__name__}", lambda one, other=other: setattr(one, "op", other())
        case ast.BinOp() if type(node.op) in SWAPPED:
            other = SWAPPED[type(node.op)]
            yield f"{type(node.op).__name__} becomes {other.__name__}", lambda one, other=other: setattr(one, "op", other())
        case ast.If() | ast.IfExp() | ast.While():
            yield "condition denied", lambda one: setattr(one, "test", ast.UnaryOp(ast.Not(), one.test))
        case ast.Constant(value=bool(value)):
            yield f"{value} becomes {not value}", lambda one: setattr(one, "value", not one.value)
        case ast.Constant(value=int()):
            yield f"{node.value} becomes {node.value + 1}", lambda one: setattr(one, "value", one.value + 1)
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield "returns nothing", lambda one: setattr(one, "value", ast.Constant(None))
        case ast.Expr(value=ast.Call()):
            yield "statement left out", lambda one: setattr(one, "value", ast.Constant(None))


class _Mistaken(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module with a mistake in it to whoever imports it."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self.name, self.path, self.tree = name, path, tree

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        return importlib.util.spec_from_file_location(name, self.path, loader=self) if name == self.name else None  # type: ignore[arg-type]

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        exec(compile(self.tree, str(self.path), "exec"), module.__dict__)


def _try(module: str, tree: ast.Module, tests: Sequence[str]) -> None:
    """In a child: the tests with the mistake; exit 0 where they pass."""
    _hush()
    name = module.removesuffix(".py").replace("/", ".")
    sys.meta_path.insert(0, _Mistaken(name, CHECKOUT / module, tree))
    _run(tests)


def _try_formula(module: str, tree: ast.Module, tests: Sequence[str]) -> None:
    """In a child: the rows by hand with the mistake, then the other tests; exit 0 where they pass."""
    _hush()
    sound, whole = ast.parse((CHECKOUT / module).read_text(encoding="utf-8")), BY_HAND in tests
    anew = ast.dump(sound) != ast.dump(tree) and not formulas.put_in(module, sound, tree)
    if anew:
        formulas.forget_ours()
        name = module.removesuffix(".py").replace("/", ".")
        sys.meta_path.insert(0, _Mistaken(name, CHECKOUT / module, tree))
        try:
            importlib.import_module(formulas.TABLE)
        except Exception:
            os._exit(1)
    rows = formulas.rows_of(module, whole)
    if anew and whole:  # every company would be gathered and scored again
        rows = formulas.rows_of_companies(rows, 2)
    with formulas.figures_of(rows):
        if formulas.rows_notice(rows):
            os._exit(1)
    _run([test for test in tests if test != BY_HAND])


def _hush() -> None:
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)


def _run(tests: Sequence[str]) -> None:
    """The tests, those of a part of a file (`file -k names`) after all others; then the end of the process."""
    whole = [test for test in tests if " -k " not in test]
    parts = [test.split(" -k ") for test in tests if " -k " in test]
    for chosen in ([whole] if whole else []) + [[file, "-k", names] for file, names in parts]:
        code = int(pytest.main(["-x", "-q", "-n", "0", *QUICKER, *chosen]))
        if code != 0:
            os._exit(code)
    os._exit(0)


def survivors(module: str, tests: Sequence[str]) -> tuple[int, list[str]]:
    """How many mistakes were made in a module that can change anything, and those that its tests did not notice."""
    made, left = 0, []
    text = (CHECKOUT / module).read_text(encoding="utf-8")
    sound, lines, alike = ast.parse(text), text.splitlines(), {**ANYWHERE, **EQUIVALENT.get(module, {})}
    if _ended(module, sound, tests) != 0:
        raise SystemExit(f"{module}: its tests do not pass without a mistake, so they can notice none")
    for what, tree in mistakes(sound):
        place, _, change = what.partition(": ")
        if (lines[int(place.removeprefix("line ")) - 1].strip(), change) in alike:
            continue
        made += 1
        if _ended(module, tree, tests) == 0:
            left.append(what)
            print(f"  survived {module} {what}", flush=True)
    return made, left


def _ended(module: str, tree: ast.Module, tests: Sequence[str]) -> int | None:
    """The exit code of the tests with that tree in the module's place; None where they ran too long."""
    attempt = _try_formula if module in RECKONED else _try
    child = multiprocessing.get_context("fork").Process(target=attempt, args=(module, tree, tests))
    child.start()
    child.join(SECONDS)
    if child.exitcode is None:
        child.kill()
        child.join()
        return None
    return child.exitcode


def main(wanted: Sequence[str]) -> int:
    """Each watched module (or those named) with its score; 1 where one is below what it must be."""
    for heavy in HEAVY:
        with suppress(ImportError):
            importlib.import_module(heavy)
    worst, noticed, all_made = 1.0, 0, 0
    watched = WATCHED | RECKONED
    named = {one: watched[one] for one in wanted if one in watched}
    chosen = named | {module: tests for module, tests in watched.items() if _is_wanted(module, wanted)}
    for module, tests in chosen.items():
        if module in RECKONED:
            formulas.warm_up()
            gc.freeze()
        made, left = survivors(module, tests)
        score = 1 - len(left) / made if made else 1.0
        worst, noticed, all_made = min(worst, score), noticed + made - len(left), all_made + made
        print(f"{module}: {made - len(left)} of {made} mistakes noticed, {score:.0%}", flush=True)
    gc.unfreeze()
    print(f"{len(chosen)} modules: {noticed} of {all_made}, {noticed / max(all_made, 1):.1%}", flush=True)
    return 0 if worst >= PASS_SCORE else 1


def _is_wanted(module: str, wanted: Sequence[str]) -> bool:
    """Whether a module is named, or lies in a folder that is; all are where none is."""
    return not wanted or any(module == one or module.startswith(f"{one.rstrip('/')}/") for one in wanted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
