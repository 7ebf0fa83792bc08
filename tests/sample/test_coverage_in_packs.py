"""What docs/coverage.csv says is printed was found in built packs, and what a section stops printing is missed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

import pytest

from flows.upkeep.requirements import Status, read_coverage
from reports.blocks import Section, Side, Table
from reports.workbook.sheets import Sheet
from tests.places import CHECKOUT
from tests.printed import PrintedCompany, ample, simulated_month, unprinted
from tests.sample.published import PROMISED, Published
from transforms.indicators.all import CATALOGUE

Part = TypeVar("Part", Section, Sheet)

LINES = read_coverage((CHECKOUT / "docs" / "coverage.csv").read_text(encoding="utf-8"), CATALOGUE)


def test_every_section_that_the_coverage_names_is_printed(published: Published) -> None:
    titles = {title for pack in PROMISED for title, _ in published.starts(pack)}
    titles |= {sheet.title for pack in published.packs for sheet in pack.sheets}
    named = {place for line in LINES for place in line.places}
    assert {name for name in named if not name.startswith("keping ")} <= titles


def test_what_a_requirement_says_is_printed_was_found_in_built_packs(published: Published) -> None:
    """Each figure of each row stands with its words where the row says: in the sample's packs, or in those of a company with more."""
    companies = [PrintedCompany(published.material, published.packs), ample()]
    others = simulated_month()
    shown = [line for line in LINES if line.status in (Status.COMPUTED, Status.OPTIONAL, Status.NOTE)]
    assert {line.row: found for line in shown if (found := unprinted(line, companies, others))} == {}


@pytest.mark.parametrize(
    ("row", "caption", "first", "missed"),
    [
        ("S032", "How concentrated the base is", "Prospects (never bought)", "no figure of prospects stands there"),
        ("S001", "The base by role", "", "'The base by role' does not stand there"),
        ("S041", "Health of the standard", "Customers near a pass mark", "no figure of standard_borderline stands there"),
        ("S221", "Quoted, and measured", "Selling is 20% explaining and 10% closing", "does not stand there"),
    ],
)
def test_what_a_section_stops_printing_is_missed(published: Published, row: str, caption: str, first: str, missed: str) -> None:
    """A row of a table is taken out, or all of them: what the requirement says is no longer true."""
    (line,) = [line for line in LINES if line.row == row]
    assert unprinted(line, [PrintedCompany(published.material, published.packs)], {}) == []
    packs = tuple(
        replace(
            pack,
            sections=tuple(_without(one, caption, first) for one in pack.sections),
            sheets=tuple(_without(one, caption, first) for one in pack.sheets),
        )
        for pack in published.packs
    )
    assert [said for said in unprinted(line, [PrintedCompany(published.material, packs)], {}) if missed in said]


def _without(section: Part, caption: str, first: str) -> Part:
    def cut(block: Any) -> Any:
        if isinstance(block, Side):
            return Side(tuple(map(cut, block.left)), tuple(map(cut, block.right)))
        if isinstance(block, Table) and block.caption == caption:
            return replace(block, rows=tuple(cells for cells in block.rows if first and cells[0].text != first))
        return block

    return replace(section, blocks=tuple(map(cut, section.blocks)))
