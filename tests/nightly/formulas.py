"""Mistakes in formulas, tried in a second each: the mistaken code goes into functions that are already imported.

What lies below the formulas cannot know of a mistake in them. So the companies of the table by hand are gathered and scored
once, by sound code, and each child process that is forked afterwards has only the figures to make. A mistake outside of a
function, or in one that runs while modules are imported, has everything of ours imported anew.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pickle
import re
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from io import BytesIO
from typing import Any

import pandas as pd

from tests.places import CHECKOUT

OURS = ("transforms", "tests", "flows", "reports", "expectations")
FOLDER = "transforms/indicators"
TABLE = "tests.transforms.indicators.by_hand.test_by_hand"
KEPT = (("tests.transforms.builders", "Company.inputs"), ("transforms.review", "score_base"))
"""Functions below the formulas whose results are kept for all mistakes; arguments and results are values."""


def forget_ours() -> None:
    """Let the next import read everything of ours anew; the nightly tools themselves stay."""
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS and not name.startswith("tests.nightly")]:
        del sys.modules[name]


@cache
def ran_while_imported() -> frozenset[tuple[str, str]]:
    """Import the formulas and the table by hand; (file, function) of the formulas' folder that ran meanwhile."""
    seen: set[tuple[str, str]] = set()

    def note(frame: types.FrameType, event: str, _: object) -> None:
        if event == "call" and FOLDER in frame.f_code.co_filename:
            seen.add((frame.f_code.co_filename, frame.f_code.co_qualname.partition(".<locals>")[0]))

    sys.setprofile(note)
    try:
        importlib.import_module("transforms.review")
        importlib.import_module("transforms.indicators.restatement")
        importlib.import_module(TABLE)
    finally:
        sys.setprofile(None)
    return frozenset(seen)


@cache
def warm_up() -> None:
    """Make every company of the table once, keep what lies below its figures, and forget the figures."""
    ran_while_imported()
    for module, path in KEPT:
        owner: Any = sys.modules[module]
        *outer, name = path.split(".")
        for part in outer:
            owner = getattr(owner, part)
        setattr(owner, name, _remembering(getattr(owner, name)))
    companies = dict.fromkeys(company for company, _ in sys.modules[TABLE].TABLE)
    for company in companies:
        company()
    _forget_reviews()


def _remembering(compute: Callable[..., Any]) -> Callable[..., Any]:
    results: dict[bytes, Any] = {}

    def remembered(*given: Any) -> Any:
        written = BytesIO()
        _ByValue(written).dump(given)
        key = sha256(written.getbuffer()).digest()
        if key not in results:
            results[key] = compute(*given)
        return results[key]

    return remembered


class _ByValue(pickle.Pickler):
    """Equal values get equal bytes: of frames and columns their cells alone, and a text is written out wherever it stands."""

    def __init__(self, file: BytesIO) -> None:
        super().__init__(file)
        self.fast = True

    def reducer_override(self, one: object) -> Any:
        if isinstance(one, pd.DataFrame):
            return list, ([(str(name), str(cells.dtype), cells.tolist()) for name, cells in one.items()],)
        if isinstance(one, pd.Series):
            return list, ([str(one.dtype), one.tolist()],)
        return NotImplemented


def _forget_reviews() -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith("tests.transforms."):
            for one in vars(module).values():
                if hasattr(one, "cache_clear") and getattr(one, "__annotations__", {}).get("return") == "MonthReview":
                    one.cache_clear()


def put_in(module: str, sound: ast.Module, mistaken: ast.Module) -> bool:
    """Give the function that differs its mistaken code; False where that would not reach everything that the mistake reaches."""
    differing = [pair for pair in zip(sound.body, mistaken.body, strict=True) if ast.dump(pair[0]) != ast.dump(pair[1])]
    owner: Any = importlib.import_module(module.removesuffix(".py").replace("/", "."))
    path: list[str] = []
    while len(differing) == 1 and isinstance(differing[0][0], ast.ClassDef):
        before, after = differing[0]
        assert isinstance(after, ast.ClassDef)
        owner, path = vars(owner)[before.name], [*path, before.name]
        differing = [pair for pair in zip(before.body, after.body, strict=True) if ast.dump(pair[0]) != ast.dump(pair[1])]
    if len(differing) != 1 or not isinstance(differing[0][0], ast.FunctionDef) or not isinstance(differing[0][1], ast.FunctionDef):
        return False
    before, after = differing[0]
    name = ".".join([*path, before.name])
    if _head(before) != _head(after) or (str(CHECKOUT / module), name) in ran_while_imported():
        return False
    there = vars(owner)[before.name]
    function = inspect.unwrap(getattr(there, "fget", None) or getattr(there, "__func__", there))
    code = _code_of(compile(mistaken, str(CHECKOUT / module), "exec"), name)
    if not isinstance(function, types.FunctionType) or len(code.co_freevars) != len(function.__code__.co_freevars):
        return False
    function.__code__ = code
    return True


def _head(function: ast.FunctionDef) -> str:
    return ast.dump(ast.Tuple([function.args, *function.decorator_list], ast.Load()))


def _code_of(outer: types.CodeType, name: str) -> types.CodeType:
    inner = [one for one in outer.co_consts if isinstance(one, types.CodeType)]
    found = [one for one in inner if one.co_qualname == name]
    return found[-1] if found else _code_of(next(one for one in inner if name.startswith(f"{one.co_qualname}.")), name)


def _importers() -> Mapping[str, set[str]]:
    """Subject -> subjects that import from it, directly or through others."""
    direct: dict[str, set[str]] = {}
    for file in (CHECKOUT / FOLDER).glob("*.py"):
        for used in re.findall(r"^from transforms\.indicators\.(\w+) import", file.read_text(encoding="utf-8"), re.MULTILINE):
            direct.setdefault(used, set()).add(file.stem)
    found: dict[str, set[str]] = {}

    def reach(subject: str) -> set[str]:
        if subject not in found:
            found[subject] = set()
            found[subject] |= direct.get(subject, set()) | {far for near in direct.get(subject, set()) for far in reach(near)}
        return found[subject]

    return {subject: reach(subject) for subject in list(direct)}


def rows_of(module: str, whole: bool) -> Sequence[tuple[Callable[[], Any], Any]]:
    """The rows by hand that a mistake in a module may change: the subject's own, then those of subjects that use it, then the rest."""
    table, subject = sys.modules[TABLE], subject_of(module)
    using = _importers().get(subject, set())
    ranked: list[list[tuple[Callable[[], Any], Any]]] = [[], [], []]
    for company, row in table.TABLE:
        own = subject_of(table.MEASURES[row.indicator].file)
        ranked[0 if own == subject else 1 if own in using else 2].append((company, row))
    return [*ranked[0], *ranked[1], *(ranked[2] if whole else [])]


def rows_of_companies(rows: Sequence[tuple[Callable[[], Any], Any]], count: int) -> Sequence[tuple[Callable[[], Any], Any]]:
    """The rows of the first companies alone."""
    kept = list(dict.fromkeys(company for company, _ in rows))[:count]
    return [(company, row) for company, row in rows if company in kept]


def subject_of(module: str) -> str:
    """`service` of `transforms/indicators/service.py`."""
    return module.rpartition("/")[2].removesuffix(".py")


@contextmanager
def figures_of(rows: Iterable[tuple[Callable[[], Any], Any]]) -> Iterator[None]:
    """Let reviews make the figures of these rows alone, and those that are told apart into mix and rate."""
    summary, apart = (importlib.import_module(f"{FOLDER.replace('/', '.')}.{name}") for name in ("summary", "splits"))
    everything, kept = summary.MEASURES, {*apart.SPLIT, *(row.indicator for _, row in rows)}
    vars(summary)["MEASURES"] = {name: measure for name, measure in everything.items() if name in kept}
    yield
    vars(summary)["MEASURES"] = everything
    _forget_reviews()


def rows_notice(rows: Iterable[tuple[Callable[[], Any], Any]]) -> bool:
    """Whether a row by hand fails, in whatever way."""
    check = sys.modules[TABLE].test_by_hand
    for company, row in rows:
        try:
            check(company, row)
        except Exception:
            return True
    return False
