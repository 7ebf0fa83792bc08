"""`keping trace`: one printed number held against what it was made from, and the rows behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from flows.archive.office import Office
from flows.delivery.recipients import COMPANY
from flows.lookup.finished import FinishedPack
from flows.lookup.knowing import verify_pack
from flows.lookup.rerendering import scored_again
from flows.lookup.tracing_figures import FigureTrace, Recount, trace_figure
from flows.review.printing import PrintJob, workbook_name
from flows.settings import Settings
from reports.evidence import csv_bytes
from reports.pack import ReviewPack
from reports.printed import NumberKind, PrintedNumber, printed_numbers
from transforms.errors import UsageError
from transforms.month import Month
from transforms.why.evidence import plain_row

FIGURE_ID = 6
"""Letters and digits of a figure's id."""
SHOWN = 10
"""The most rows that are printed; all of them go into a file that is asked for."""
_WHOLE_ROW = ("customer_id", "name", "tier", "grade", "score", "orders_12m", "net_12m", "month_orders", "month_net", "last_order_on")


@dataclass(frozen=True)
class Trace:
    """What became of one id: where it is printed, what it says, what the evidence says, and the rows behind it."""

    id: str
    pack: str
    month: Month
    revision: int
    number: PrintedNumber | None
    """Where it stands in the pack that was built anew from the kept rows; None where a figure was asked for by its own id."""
    stands: bool
    """Whether the published file says the very same there."""
    figure: FigureTrace | None
    places: tuple[PrintedNumber, ...]
    rows: Mapping[str, pd.DataFrame]

    @property
    def agrees(self) -> bool:
        """Whether the number in the file, the published figure, and all that was counted again are one."""
        return self.stands and (self.figure is None or self.figure.agrees)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for programs; all rows."""
        number = self.number
        return {
            "id": self.id,
            "pack": self.pack,
            "month": str(self.month),
            "revision": self.revision,
            "agrees": self.agrees,
            "printed": None if number is None else _number_dict(number) | {"in_file": self.stands},
            "figure": None if self.figure is None else self.figure.as_dict(),
            "places": [_number_dict(one) for one in self.places],
            "rows": {
                table: [plain_row({str(name): cell for name, cell in row.items()}) for row in rows.to_dict("records")]
                for table, rows in self.rows.items()
            },
        }

    def lines(self) -> list[str]:
        """The same for people: at most ten rows of each table."""
        lines = [f"{self.pack} {self.month} r{self.revision}, id {self.id}: {'agrees' if self.agrees else 'DIFFERS'}"]
        if self.number is not None:
            lines += [
                f"  stands in   {self.number.place}" + (" (workbook)" if self.number.in_workbook else ""),
                f"  built anew  {self.number.number}   from the kept rows",
                f"  printed     {'the same' if self.stands else 'NOT the same: the published file does not say it there'}",
            ]
        if self.number is not None and self.number.about:
            lines.append(f"  customer    {self.number.about}; why this grade: keping explain {self.number.about} --month {self.month}")
        if self.figure is not None:
            lines += self.figure.lines()
        if self.places:
            lines.append(f"  printed {len(self.places)} times:")
            lines += [f"    {one.id}  {one.number}  {one.place}" for one in self.places[:SHOWN]]
        for table, rows in self.rows.items():
            lines.append(f"  {table}: {len(rows):,} rows" + (f", the first {SHOWN}:" if len(rows) > SHOWN else ":" if len(rows) else ""))
            lines += [f"    {line}" for line in _table(rows.head(SHOWN))]
        return lines

    def file(self) -> bytes:
        """All rows as one CSV, each with the table it is of."""
        parts = [rows.assign(table=table)[["table", *rows.columns]] for table, rows in self.rows.items()]
        return csv_bytes(pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"table": []}), money_columns=())


@dataclass(frozen=True)
class TracedPack:
    """A published pack beside the same pack built anew from what is kept."""

    office: Office
    job: PrintJob
    recount: Recount
    built: ReviewPack
    finished: FinishedPack
    figures: pd.DataFrame
    """The published figures.csv."""

    @classmethod
    def open(cls, office: Office, subject: str) -> TracedPack:
        """The pack of a file or of a name in the archive; a UsageError says what is no pack, or not what was published."""
        verdict = verify_pack(office, subject)
        place = f"{verdict.month} r{verdict.revision}"
        if verdict.erased_at:
            raise UsageError(f"{subject}: {place} was erased with a person who was forgotten; the revision after it can be traced.")
        if verdict.problems:
            raise UsageError(f"{subject} is not what was published as {place}: {verdict.problems[0]}. Nothing was traced.")
        if verdict.pack is None:
            raise UsageError(
                f"{subject} is no pack. Name a PDF or workbook, for example {verdict.month}/r{verdict.revision}/company.en.pdf"
            )
        folder = office.archive.folder(verdict.month, verdict.revision)
        name, locale = verdict.pack.pack, verdict.pack.locale
        job, scorer = scored_again(office, office.archive.manifest(verdict.month, verdict.revision))
        finished = FinishedPack((folder / f"{name}.{locale}.pdf").read_bytes(), _read(folder / workbook_name(name, locale)))
        figures = pd.read_csv(folder / "figures.csv", keep_default_na=False, na_values=[""], dtype={"scope_value": str, "figure_id": str})
        built = finished.laid_out(job.build_one(name, locale))
        return cls(office, job, Recount(job, scorer), built, finished, figures)

    @cached_property
    def numbers(self) -> tuple[PrintedNumber, ...]:
        """All that the pack prints, also what is no figure."""
        return printed_numbers(self.built)

    def trace(self, name: str) -> Trace:
        """What is behind an id: of a number where it stands, or of a figure; a UsageError where the pack has none."""
        number = next((one for one in self.numbers if one.id == name), None)
        key = number.figure if number is not None else name
        if number is None and not (len(name) == FIGURE_ID and self._shows_figure(name)):
            raise UsageError(f"{self.built.name} has no number with the id {name}. `keping trace PACK` lists all ids.")
        figure = trace_figure(self.recount, self.figures, key) if key else None
        places = tuple(one for one in self.numbers if one.figure == key and one is not number) if key else ()
        rows = figure.rows if figure is not None else self._rows(number)
        stands = number is None or self.finished.shows(number)
        return Trace(name, self.built.name, self.job.review.month, self.job.revision, number, stands, figure, places, rows)

    def _shows_figure(self, name: str) -> bool:
        """Whether a figure may be told to the pack's readers: it is printed there, or travels in its figures.csv."""
        text = next(one.content for one in self.built.attached if one.name == "figures.csv").decode()
        return any(line.startswith(f"{name},") for line in text.splitlines())

    def _rows(self, number: PrintedNumber | None) -> Mapping[str, pd.DataFrame]:
        """The row of the customer that a number is about; else the customers of the pack, from whom it is counted."""
        people = self.job.review.customers
        if number is not None and number.about:
            own = people[people["customer_id"].astype("str") == number.about]
            return {"customers": own.dropna(axis="columns")}
        tier = self.built.name.removeprefix("tier-")
        own = people if self.built.name == COMPANY else people[people["tier"] == tier]
        return {"customers": own[[name for name in _WHOLE_ROW if name in own]].reset_index(drop=True)}


def list_numbers(settings: Settings, subject: str, find: str, workbook: bool) -> tuple[list[dict[str, Any]], list[str]]:
    """The ids of a pack with what stands there; `find` keeps those whose place, words or figure hold it."""
    with Office.open(settings) as office:
        pack = TracedPack.open(office, subject)
    shown = [one for one in pack.numbers if one.id and (workbook or not one.in_workbook) and _holds(one, find)]
    titles = {row["figure_id"]: row["indicator"] for row in pack.figures.to_dict("records")}
    rows = [_number_dict(one) | {"indicator": titles.get(one.figure)} for one in shown]
    if not rows:
        return [], [f"no number of {pack.built.name} is found by {find!r}." if find else f"{pack.built.name} prints no number."]
    cells = [[one.id, one.kind.value, one.figure, one.number, one.place] for one in shown]
    kinds = {kind: sum(one.kind is kind for one in shown) for kind in NumberKind}
    told = ", ".join(f"{count:,} {kind.value}" for kind, count in kinds.items() if count)
    return rows, [*_aligned([["id", "kind", "figure", "printed", "where"], *cells]), "", f"{len(shown):,} printed numbers: {told}"]


def trace_number(settings: Settings, subject: str, name: str, out: Path | None) -> Trace:
    """One number of a published pack, counted again; `out` takes all rows behind it, and never another file's place."""
    if out is not None and out.exists():
        raise UsageError(f"--out {out} is there already and is not written over. Nothing was traced. Say another name.")
    with Office.open(settings) as office:
        found = TracedPack.open(office, subject).trace(name.upper())
    if out is not None:
        with out.open("xb") as file:
            file.write(found.file())
    return found


def _holds(one: PrintedNumber, find: str) -> bool:
    return find.casefold() in f"{one.id} {one.figure} {one.about} {one.place} {one.text}".casefold()


def _number_dict(one: PrintedNumber) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind.value,
        "number": one.number,
        "value": one.value,
        "figure_id": one.figure or None,
        "of_figure": one.role or None,
        "customer_id": one.about or None,
        "in": "workbook" if one.in_workbook else "pages",
        "section": one.section,
        "block": one.block,
        "row": one.row,
        "column": one.column,
        "text": one.text,
    }


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _table(rows: pd.DataFrame) -> list[str]:
    """Rows as aligned columns; a single wide row as a column of its cells."""
    cells = [[str(name) for name in rows.columns], *([_cell(cell) for cell in row] for row in rows.to_numpy(dtype=object).tolist())]
    if len(rows) == 1 and len(rows.columns) > SHOWN:
        return _aligned([list(pair) for pair in zip(*cells, strict=True)])
    return _aligned(cells) if len(rows) else []


def _cell(cell: object) -> str:
    if cell is None or cell is pd.NaT or cell is pd.NA or cell != cell:
        return ""
    return f"{cell:%Y-%m-%d %H:%M}" if isinstance(cell, pd.Timestamp) else f"{cell:.6g}" if isinstance(cell, float) else str(cell)[:40]


def _aligned(cells: Sequence[Sequence[str]]) -> list[str]:
    widths = [min(44, max(len(row[place]) for row in cells)) for place in range(len(cells[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
