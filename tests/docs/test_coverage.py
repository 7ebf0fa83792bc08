"""Every requirement has its line, and what a line says of indicators, tests and reasons is true.

That its figures stand printed where it says is found in built packs: tests/sample/test_coverage_in_packs.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from flows.upkeep.requirements import COVERAGE, Requirement, Status, read_coverage, row_name
from tests.places import CHECKOUT, SHARED
from transforms.indicators.all import CATALOGUE

LINES = read_coverage(COVERAGE.read_text(encoding="utf-8"), CATALOGUE)
LATER = "comes with a later part of the method"
SHOWN = (Status.COMPUTED, Status.OPTIONAL, Status.NOTE)


def faults(line: Requirement) -> Iterator[str]:
    """What is not true of a line."""
    if line.status in SHOWN and not line.section:
        yield "says nowhere where it is shown"
    if line.status in SHOWN and not line.test:
        yield "names no test"
    if line.test and not exists(line.test):
        yield f"names the test {line.test}, which does not exist"
    if line.status in (Status.NOT_COMPUTABLE, Status.PLANNED) and not line.reason:
        yield "gives no reason"
    if line.status in SHOWN and not line.printed:
        yield "does not say under what caption or words it stands"
    if line.status is Status.PLANNED and line.indicators and line.reason == LATER:
        yield "is served by figures that are printed, and does not say what is still to come"


def exists(node: str) -> bool:
    """Whether a pytest node id names a test function of this checkout; parameters in brackets are not looked at."""
    file, *names = node.split("[")[0].split("::")
    return (CHECKOUT / file).is_file() and "::".join(names) in named_tests(file)


@cache
def named_tests(file: str) -> frozenset[str]:
    """The test functions of a file, those of classes as `Class::function`."""
    found: set[str] = set()
    for item in ast.parse((CHECKOUT / file).read_text(encoding="utf-8")).body:
        inside = item.body if isinstance(item, ast.ClassDef) else [item]
        before = f"{item.name}::" if isinstance(item, ast.ClassDef) else ""
        found |= {
            before + own.name for own in inside if isinstance(own, ast.FunctionDef | ast.AsyncFunctionDef) and own.name.startswith("test")
        }
        found |= {
            target.id + "::runTest"  # a hypothesis state machine: Name = Machine.TestCase
            for own in inside
            if isinstance(own, ast.Assign)
            for target in own.targets
            if isinstance(target, ast.Name) and target.id.startswith("Test")
        }
    return frozenset(found)


def test_every_requirement_and_quoted_figure_has_exactly_one_line() -> None:
    rows = [line.row for line in LINES]
    assert rows == [*(f"S{number:03d}" for number in range(1, 278)), *(f"Q{number:02d}" for number in range(1, 39))]


def test_what_each_line_says_is_true() -> None:
    assert {line.row: found for line in LINES if (found := list(faults(line)))} == {}


def test_every_row_that_an_indicator_serves_is_a_requirement() -> None:
    served = {row_name(row) for known in CATALOGUE.values() for row in known.serves}
    assert served <= {line.row for line in LINES}


def test_priorities_are_those_of_the_requirements() -> None:
    page = SHARED / "design" / "REQUIREMENTS.md"
    if not page.is_file():
        pytest.skip("the requirements are not beside the checkout")
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if re.match(r"\| S\d+ \|", line)]
    asked = {row_name(line.split("|")[1].strip()): re.split(r"(?<!\\)\|", line)[-2].strip() for line in lines}
    assert {line.row: line.priority for line in LINES if line.row.startswith("S")} == asked


@pytest.mark.parametrize(
    "node", ["tests/docs/test_coverage.py::test_nothing", "tests/docs/nowhere.py::test_it", "tests/docs/test_coverage.py", "no test"]
)
def test_a_test_that_does_not_exist_is_found_out(node: str) -> None:
    line = Requirement("S001", "M", Status.COMPUTED, (), "Grades", node, "", ("Class register",))
    assert [fault for fault in faults(line) if "does not exist" in fault]


def test_a_row_that_figures_serve_is_not_planned_without_saying_what_is_still_to_come() -> None:
    line = Requirement("S142", "M", Status.PLANNED, ("reopen_rate",), "", "", LATER)
    assert list(faults(line)) == ["is served by figures that are printed, and does not say what is still to come"]
    assert list(faults(replace(line, reason="reopened tickets are told; the index of four parts is still to come"))) == []
