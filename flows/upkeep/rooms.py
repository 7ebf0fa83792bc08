"""`make rooms`: docs/rooms.svg, the rooms of the house and who imports whom, drawn from the imports themselves.

The rows are the ladders that import-linter holds (pyproject.toml), so that an arrow can only point down. An arrow that other
arrows already tell is left out: where A imports B and B imports C, A's own import of C is not drawn.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import grimp

PROJECT = Path(__file__).resolve().parents[2]
PICTURE = PROJECT / "docs" / "rooms.svg"
APART = ("upkeep", "sample")
"""Rooms of `flows` that stand beside its ladder."""

WIDE, HIGH, GAP, ROW = 98, 26, 10, 58
PANEL = 5 * (WIDE + GAP) + 4 * GAP
"""Boxes, the space between them, a row, and a panel that holds five boxes beside each other."""
HEAD = 46

Ladder = Sequence[Sequence[str]]
"""Rooms, row by row from the top."""


@dataclass(frozen=True)
class Panel:
    """One package: where it stands in the picture, its rows, and which of its rooms import which."""

    package: str
    left: int
    top: int
    rows: Ladder
    imports: Mapping[str, frozenset[str]]

    @property
    def high(self) -> int:
        return HEAD + len(self.rows) * ROW - (ROW - HIGH) + GAP

    def places(self) -> dict[str, tuple[float, float]]:
        """The middle of each room's box."""
        found: dict[str, tuple[float, float]] = {}
        for number, row in enumerate(self.rows):
            start = self.left + (PANEL - len(row) * WIDE - (len(row) - 1) * GAP) / 2
            for place, room in enumerate(row):
                found[room] = (start + place * (WIDE + GAP) + WIDE / 2, self.top + HEAD + number * ROW + HIGH / 2)
        return found


def ladders(project: Path = PROJECT / "pyproject.toml") -> dict[str, Ladder]:
    """The layers of each package that has a ladder of rooms, as import-linter reads them."""
    contracts = tomllib.loads(project.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    return {
        one["containers"][0]: [[room.strip() for room in layer.split("|")] for layer in one["layers"]]
        for one in contracts
        if one["type"] == "layers" and one.get("containers")
    }


def imports_of(package: str, rooms: Sequence[str]) -> dict[str, frozenset[str]]:
    """Which rooms of a package each of its rooms imports, by the code as it stands."""
    graph = grimp.build_graph(package, cache_dir=None)
    names = {f"{package}.{room}": room for room in rooms}
    for module in names:
        graph.squash_module(module)
    return {
        room: frozenset(names[other] for other in graph.find_modules_directly_imported_by(module) if other in names and other != module)
        for module, room in names.items()
    }


def drawn_arrows(imports: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """The imports without those that follow from others."""
    reached: dict[str, frozenset[str]] = {}

    def reach(room: str) -> frozenset[str]:
        if room not in reached:
            reached[room] = imports[room].union(*map(reach, imports[room]))
        return reached[room]

    return {room: others - frozenset[str]().union(*(reach(other) for other in others)) for room, others in imports.items()}


def picture() -> str:
    """The whole picture as SVG; the same code gives the same bytes."""
    known = ladders()
    rooms = {package: [room for row in rows for room in row] for package, rows in known.items()}
    right = PANEL + 3 * GAP
    flows = Panel("flows", GAP, GAP, known["flows"], drawn_arrows(imports_of("flows", rooms["flows"])))
    shows = Panel("", right, GAP, [["reports"], ["expectations"]], {"reports": frozenset({"expectations"}), "expectations": frozenset()})
    below = GAP + shows.high + GAP
    transforms = Panel("transforms", right, below, known["transforms"], drawn_arrows(imports_of("transforms", rooms["transforms"])))
    wide, high = right + PANEL + GAP, max(flows.top + flows.high, below + transforms.high) + GAP
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" '
        'font-family="Helvetica, Arial, sans-serif" font-size="12" role="img">',
        "<title>The rooms of the house: an arrow goes from a room to one that it imports, and only ever down</title>",
        '<defs><marker id="tip" markerWidth="7" markerHeight="7" refX="6" refY="3" orient="auto">'
        '<path d="M0,0 L6,3 L0,6 z" fill="#6b7c8f"/></marker></defs>',
        f'<rect width="{wide}" height="{high}" fill="#ffffff"/>',
    ]
    headings = {
        "flows": f"flows meets the world (apart: {', '.join(APART)})",
        "": "reports shows, expectations says what must be true",
        "transforms": "transforms computes",
    }
    for panel in (flows, shows, transforms):
        lines += _panel(panel, headings[panel.package])
    return "\n".join([*lines, "</svg>", ""])


def _panel(panel: Panel, heading: str) -> Iterator[str]:
    places = panel.places()
    yield f'<rect x="{panel.left}" y="{panel.top}" width="{PANEL}" height="{panel.high}" rx="6" fill="#f5f7f9"/>'
    yield f'<text x="{panel.left + GAP}" y="{panel.top + 20}" font-weight="bold" fill="#22303c">{escape(heading)}</text>'
    for room, others in sorted(panel.imports.items()):
        for other in sorted(others):
            yield _arrow(panel, places[room], places[other])
    for room, (x, y) in places.items():
        yield (
            f'<rect x="{x - WIDE / 2:g}" y="{y - HIGH / 2:g}" width="{WIDE}" height="{HIGH}" rx="4" fill="#ffffff" stroke="#22303c"/>'
            f'<text x="{x:g}" y="{y + 4:g}" text-anchor="middle" fill="#22303c">{escape(room)}</text>'
        )


def _arrow(panel: Panel, start: tuple[float, float], end: tuple[float, float]) -> str:
    """From the lower edge of one box to the upper edge of a lower one; a long one passes beside the boxes of the rows between."""
    (x, y), (to_x, to_y) = (start[0], start[1] + HIGH / 2), (end[0], end[1] - HIGH / 2)
    first, last = (round((one[1] - panel.top - HEAD - HIGH / 2) / ROW) for one in (start, end))
    between = panel.rows[first + 1 : last]
    bend, other_bend = x, to_x
    if between:
        middle, boxes = panel.left + PANEL / 2, max(map(len, between))
        beside = (boxes * (WIDE + GAP)) / 2 + GAP
        clear = middle + (beside if x + to_x >= 2 * middle else -beside)
        bend = other_bend = (8 * clear - x - to_x) / 6  # so that the curve's own middle stands at `clear`
    return (
        f'<path d="M{x:g},{y:g} C{bend:.0f},{y + 24:g} {other_bend:.0f},{to_y - 24:g} {to_x:g},{to_y:g}" '
        'fill="none" stroke="#6b7c8f" marker-end="url(#tip)"/>'
    )


def main() -> None:
    """`make rooms`."""
    PICTURE.write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
