"""Which requirement is answered where: `docs/coverage.csv`, kept by hand but for its indicators, and the page made from it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path

from transforms.figures import Indicator

COVERAGE = Path(__file__).resolve().parents[2] / "docs" / "coverage.csv"

SECTIONS = (
    (21, "A. Who is a customer, and how customers are classed"),
    (43, "B. Value, behaviour, attributes, sources and the grade"),
    (54, "C. What is done per tier"),
    (90, "D. Satisfaction"),
    (141, "E. Loyalty"),
    (183, "F. Quality of service"),
    (202, "G. Complaints"),
    (223, "H. Value and economics"),
    (250, "I. Calendar, relations, systems"),
    (265, "J. Quality of data, integration, prediction"),
    (277, "K. Psychology and other human matter"),
)
"""Last requirement row of each section, and what the section is about."""


class Status(StrEnum):
    """How far a requirement is met."""

    COMPUTED = "computed"
    OPTIONAL = "optional"
    """Computed where its optional input is supplied; otherwise "not supplied" is printed."""
    NOTE = "note"
    """Carried as a note, a glossary entry or a check list; nothing is computed."""
    NOT_COMPUTABLE = "not_computable"
    PLANNED = "planned"


@dataclass(frozen=True)
class Requirement:
    """One line of `docs/coverage.csv`.

    `row` is S001-S277 or Q01-Q38, `priority` M, S or N (empty for quoted figures), `indicators` the names in
    the catalogue that say they serve the row, `section` where a reader finds it, `test` the pytest node id that
    proves it, `reason` why it cannot honestly be computed, or when it is planned. `printed` says what to look for
    there: captions of tables and charts, or the words of a note, each after a colon with words of one of its rows.
    """

    row: str
    priority: str
    status: Status
    indicators: tuple[str, ...]
    section: str
    test: str
    reason: str
    printed: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """The sections that `section` names, without the table that may stand after a colon."""
        return tuple(part.partition(":")[0].strip() for part in self.section.split(";") if part.strip())


COLUMNS = tuple(item.name for item in fields(Requirement))


def row_name(served: str) -> str:
    """The name of a row as this page writes it: S26 and S026 are one row, Q01 stays."""
    return f"S{int(served[1:]):03d}" if served.startswith("S") else f"Q{int(served[1:]):02d}"


def indicators_by_requirement(catalogue: Mapping[str, Indicator]) -> dict[str, tuple[str, ...]]:
    """Row -> the indicators that say they serve it, by name."""
    found: dict[str, list[str]] = {}
    for name, known in sorted(catalogue.items()):
        for served in known.serves:
            found.setdefault(row_name(served), []).append(name)
    return {row: tuple(names) for row, names in found.items()}


def read_coverage(text: str, catalogue: Mapping[str, Indicator]) -> list[Requirement]:
    """The lines of `docs/coverage.csv`, their indicators as the catalogue has them today."""
    served = indicators_by_requirement(catalogue)
    rows = csv.DictReader(io.StringIO(text))
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise ValueError(f"docs/coverage.csv has the columns {rows.fieldnames}, not {', '.join(COLUMNS)}")
    return [
        Requirement(
            line["row"],
            line["priority"],
            Status(line["status"]),
            served.get(line["row"], ()),
            line["section"],
            line["test"],
            line["reason"],
            tuple(part.strip() for part in line["printed"].split(";") if part.strip()),
        )
        for line in rows
    ]


def coverage_csv(lines: Iterable[Requirement]) -> str:
    """The lines as a CSV text, one row each."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for line in lines:
        writer.writerow(
            asdict(line) | {"status": line.status.value, "indicators": " ".join(line.indicators), "printed": "; ".join(line.printed)}
        )
    return out.getvalue()


def coverage_page(lines: Sequence[Requirement]) -> str:
    """The page for people: counts, then a table per section."""
    counts = {status: sum(line.status is status for line in lines) for status in Status}
    told = ", ".join(f"{count} {status.value.replace('_', ' ')}" for status, count in counts.items() if count)
    parts = [
        "# Requirements and where they are met\n",
        f"{len(lines)} rows: {told}. A row is *computed*, *optional* (computed where its optional input is supplied, "
        '"not supplied" otherwise), a *note*, *not computable* or *planned*. `docs/coverage.csv` says the same to programs.\n',
    ]
    for title, own in _by_section(lines):
        parts += [
            f"## {title}\n",
            "| row | priority | status | indicators | shown in | found there as | test | reason |",
            "|---|---|---|---|---|---|---|---|",
        ]
        parts += [_line(line) for line in own]
        parts.append("")
    return "\n".join(parts)


def _by_section(lines: Sequence[Requirement]) -> list[tuple[str, list[Requirement]]]:
    found, start = [], 1
    for last, title in SECTIONS:
        own = [line for line in lines if line.row.startswith("S") and start <= int(line.row[1:]) <= last]
        found.append((title, own))
        start = last + 1
    return [*found, ("Quoted figures", [line for line in lines if line.row.startswith("Q")])]


def _line(line: Requirement) -> str:
    names = ", ".join(f"`{name}`" for name in line.indicators)
    test = f"`{line.test}`" if line.test else ""
    cells = (line.row, line.priority, line.status.value.replace("_", " "), names, line.section, "; ".join(line.printed), test, line.reason)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
