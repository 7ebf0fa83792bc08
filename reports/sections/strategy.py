"""Strategies per class, and the seven steps of classification with their state this month."""

from __future__ import annotations

from reports.blocks import Cell, Column, Table, Tone
from reports.glyphs import clean
from reports.sections.words import group_word
from reports.view import View
from transforms.classes import BEHAVIOUR_CLASSES, VALUE_CLASSES
from transforms.register_tables import entries, group_strategies, missing_cells, strategies


def strategy_matrix(view: View) -> Table | None:
    """Behaviour class by value class: the strategy in force, or that there is none; nothing where no register is supplied."""
    if not view.has("registers"):
        return None
    registers, month = view.material.review.registers, view.month
    found = {(row.behaviour_class, row.value_class): row for row in strategies(registers, month).itertuples()}
    heads = (Column(group_word(view, "behaviour_class")), *(Column(group_word(view, value)) for value in VALUE_CLASSES))
    rows: list[tuple[Cell, ...]] = []
    for behaviour in BEHAVIOUR_CLASSES:
        cells = [Cell(group_word(view, behaviour))]
        for value in VALUE_CLASSES:
            row = found.get((behaviour, value))
            cells.append(Cell(view._("none"), tone=Tone.BAD) if row is None else Cell(clean(row.subject, 60), clean(row.owner, 30)))
        rows.append(tuple(cells))
    lost, others = len(missing_cells(registers, month)), len(group_strategies(registers, month))
    note = view._("{lost} of 9 cells have no strategy; {others} more strategies are for groups.", lost=lost, others=others)
    return Table(view._("Strategy per class"), heads, tuple(rows), note=note, compact=True)


def process(view: View) -> Table:
    """The seven steps: what the run did of them by itself, and what people have entered of the others."""
    review, quality = view.material.review, view.material.quality
    read = int(quality["read"].fillna(0).sum()) if "read" in quality else 0
    registers = review.registers
    strategy, action, done = len(entries(registers, "strategy")), len(entries(registers, "action")), view.own("actions_done")
    known = view.has("registers")
    entered = view._("no register is supplied")
    steps = (
        (
            view._("Collect information"),
            view._("{tables} tables, {rows} rows read", tables=len(review.supplied), rows=view.formats.count(read)),
        ),
        (view._("Analyse needs"), view._("{codes} needs named", codes=len(view.groups("need", "need_share")))),
        (view._("Set the standard"), view._("policy {version}", version=clean(review.policy.version, 40))),
        (view._("Classify"), view._("{count} customers, one rule for all tiers", count=view.formats.count(len(review.customers)))),
        (view._("Design strategies"), view._("{count} entries", count=strategy) if known else entered),
        (
            view._("Carry them out"),
            view._("{count} actions, {done} done this month", count=action, done=view.value(done)) if known else entered,
        ),
        (
            view._("Evaluate and adjust"),
            view._("{findings} findings of the checks, the same for all tiers", findings=len(view.material.findings)),
        ),
    )
    heads = (Column(view._("Step")), Column(view._("State this month")))
    return Table(view._("The seven steps of classification"), heads, tuple((Cell(one), Cell(state)) for one, state in steps), compact=True)
