"""Revised figures: earlier months, and a restated month itself, marked (R), with old value, new value and cause."""

from __future__ import annotations

import pandas as pd

from reports.blocks import Block, Cell, Column, Heading, Paragraph, Section, Table
from reports.formats import finite
from reports.glyphs import clean
from reports.i18n import N_
from reports.revised import parts_of
from reports.sections.findings import TABLES
from reports.view import View
from transforms.figures import Scope, Unit
from transforms.month import Month

SHOWN = 12
"""Figures per month; the first of the catalogue that differ."""

CAUSES = {**TABLES, "calculation": N_("calculation")}


def revised_months(view: View) -> Section | None:
    """A restated month beside what it said before, then the earlier months that differ; None where all is as it was told."""
    frame = view.material.revised
    itself = str(view.month)
    blocks: list[Block] = []
    if len(rows := frame[frame["month"] == itself]):
        lead = view._(
            "This revision takes the place of revision {revision}, which stays in the archive as it was. "
            "Here is what it said, and what the month says now, marked (R).",
            revision=clean(rows["known_as"].iloc[0], 8),
        )
        blocks += [Paragraph(lead, "lead"), *_month(view, view.month, rows)]
    earlier: list[Block] = []
    for name in sorted(set(frame["month"]) - {itself}):
        earlier += _month(view, Month.parse(name), frame[frame["month"] == name])
    if earlier:
        lead = view._(
            "Rows of earlier months came late or were corrected after those months were reviewed. What was published stays as it was; "
            "here is what those months say now, marked (R)."
        )
        blocks += [Paragraph(lead, "lead"), *earlier]
    return Section("revised", view._("Revised figures"), tuple(blocks)) if blocks else None


def _month(view: View, month: Month, rows: pd.DataFrame) -> list[Block]:
    own = _own_figures(view, rows)
    if not own and month != view.month:
        return []
    counts = {str(row.what): finite(row.after) or 0.0 for row in rows.itertuples() if row.what in ("customers", "grades")}
    head = rows.iloc[0]
    told = []
    if counts:  # a pack of some customers has none: they are the whole company's
        told.append(
            view._(
                "Customers with rows that came or changed: {customers}. Grades that differ in the whole company: {grades}.",
                customers=view.formats.count(counts.get("customers", 0.0)),
                grades=view.formats.count(counts.get("grades", 0.0)),
            )
        )
    if head["restated_as"]:
        told.append(
            view._(
                "The month is restated as revision {revision}: {reason}.",
                revision=clean(head["restated_as"], 8),
                reason=clean(head["reason"], 160),
            )
        )
    heading = Heading(view._("{month} (R)", month=view.formats.month(month)))
    if not own:
        return [heading, Paragraph(view.words.join([*told, view._("No figure of this pack differs as printed.")]))]
    heads = (
        Column(view._("Measure"), width="34"),
        Column(view._("Was"), numeric=True, width="16"),
        Column(view._("Now (R)"), numeric=True, width="16"),
        Column(view._("Cause"), width="34"),
    )
    note = (
        view._("Showing {shown} of {total}.", shown=view.formats.count(SHOWN), total=view.formats.count(len(own)))
        if len(own) > SHOWN
        else ""
    )
    caption = view._("{month} (R), as told before and as known now", month=view.formats.month(month))
    table = Table(caption, heads, tuple(_line(view, row) for row in own[:SHOWN]), note=note)
    words = [Paragraph(view.words.join(told))] if told else []
    return [heading, *words, table]


def _own_figures(view: View, rows: pd.DataFrame) -> list[dict[str, object]]:
    """The pack's own figures that differ as printed, in the catalogue's order."""
    figures = rows[rows["what"] == "figure"]
    if view.tier is None:
        figures = figures[figures["scope"] == Scope.COMPANY.value]
    else:
        figures = figures[(figures["scope"] == Scope.TIER.value) & (figures["scope_value"] == view.tier)]
    order = {name: place for place, name in enumerate(view.catalogue)}
    known = [{str(key): value for key, value in row.items()} for row in figures.to_dict("records") if row["name"] in order]
    known.sort(key=lambda row: order[str(row["name"])])
    return [row for row in known if _figure(view, row, "before") != _figure(view, row, "after")]


def _figure(view: View, row: dict[str, object], side: str) -> str:
    value = finite(row[side])
    return view._("none") if value is None else view.formats.figure(value, view.unit(str(row["name"])))


def _line(view: View, row: dict[str, object]) -> tuple[Cell, ...]:
    unit = view.unit(str(row["name"]))
    causes = []
    for name, part in parts_of(str(row["causes"])):
        if part is not None and not any(digit in view.formats.figure(abs(part), unit) for digit in "123456789"):
            continue
        word = view._(CAUSES[name]) if name in CAUSES else clean(name, 30)
        causes.append(word if part is None else view._("{cause} {part}", cause=word, part=_difference(view, part, unit)))
    return (
        Cell(view.title(str(row["name"]))),
        Cell(_figure(view, row, "before"), muted=True),
        Cell(_figure(view, row, "after")),
        Cell(view.words.apart(causes)),
    )


def _difference(view: View, part: float, unit: Unit) -> str:
    if unit is Unit.SHARE:
        return view.formats.change(part, None, unit)
    return f"{'+' if part > 0 else '−'}{view.formats.figure(abs(part), unit)}"
