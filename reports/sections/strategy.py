"""Strategies per class and group, whether service differs in fact, and the seven steps of classification this month."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from reports.blocks import Cell, Column, Table, Tone
from reports.formats import finite
from reports.glyphs import clean
from reports.sections.words import group_word
from reports.view import View
from transforms.classes.lost import BEHAVIOUR_CLASSES, VALUE_CLASSES
from transforms.classes.registers import alike, entries, group_strategies, in_force, missing_cells, planned_values, strategies
from transforms.figures import Unit

SERVICE = ("group_contacts", "group_visits", "group_first_response_hours", "group_discount_share")
"""What shows whether classes are served differently."""
SHOWN = 8


def strategy_matrix(view: View) -> Table | None:
    """Behaviour class by value class: the strategy in force, or that there is none; nothing where no register is supplied.

    A tier's pack counts its own customers in each cell.
    """
    if not view.has("registers"):
        return None
    registers, month = view.material.review.registers, view.month
    found = {(row["behaviour_class"], row["value_class"]): row for row in strategies(registers, month).to_dict("records")}
    heads = (Column(group_word(view, "behaviour_class")), *(Column(group_word(view, value)) for value in VALUE_CLASSES))
    own: dict[object, int] = view.customers.groupby(["behaviour_class", "value_class"]).size().to_dict() if view.tier is not None else {}
    rows: list[tuple[Cell, ...]] = []
    for behaviour in BEHAVIOUR_CLASSES:
        cells = [Cell(group_word(view, behaviour))]
        for value in VALUE_CLASSES:
            size = "" if view.tier is None else view._("n={n}", n=view.formats.count(own.get((behaviour, value), 0)))
            row = found.get((behaviour, value))
            if row is None:
                cells.append(Cell(view._("none"), size, tone=Tone.BAD))
                continue
            told = [_text(row["body"], 60), _text(row["owner"], 30), _due(view, row["due_on"]), size]
            cells.append(Cell(_text(row["subject"], 60) or "–", view.words.apart(one for one in told if one)))
        rows.append(tuple(cells))
    lost, others = len(missing_cells(registers, month)), len(group_strategies(registers, month))
    note = view._("{lost} of 9 cells have no strategy; {others} more strategies are for groups.", lost=lost, others=others)
    return Table(view._("Strategy per class"), heads, tuple(rows), note=note, compact=True)


def differentiation(view: View) -> Table | None:
    """What each class gets, beside what its strategies plan: whether service differs in fact."""
    names = [f"value_class={value}" for value in VALUE_CLASSES] + [f"behaviour_class={value}" for value in BEHAVIOUR_CLASSES]
    measured = [one for one in SERVICE if any(view.of_group(name, one).value is not None for name in names)]
    if not measured:
        return None
    registers, month = view.material.review.registers, view.month
    plans = planned_values(registers, month)
    heads = (
        Column(view._("Class"), width="22"),
        Column(view._("Customers"), numeric=True),
        *(Column(view.title(one), numeric=True) for one in measured),
    )
    rows = []
    for name in names:
        word = name.partition("=")[2]
        size = view.of_group(name, "group_customers").value or 0
        cells = [Cell(group_word(view, word)), Cell(view.formats.count(size))]
        for one in measured:
            number, plan = view.of_group(name, one), plans.get((word, one))
            if not size:
                cells.append(Cell("–", muted=True))
                continue
            said = "" if plan is None else view._("planned {value}", value=view.formats.figure(plan, view.unit(one)))
            cells.append(Cell(view.value(number), said, muted=number.value is None))
        rows.append(tuple(cells))
    pairs = [
        view._("{one} and {other}", one=_cell_name(view, one), other=_cell_name(view, other)) for one, other in alike(registers, month)
    ]
    parts = [] if plans else [view._("Nothing is planned in numbers (register strategy: one class, indicator and value).")]
    if pairs:
        more = len(pairs) - SHOWN
        said = view.words.apart([*pairs[:SHOWN], *([view._("{n} more", n=more)] if more > 0 else [])])
        parts.append(view._("No configured difference: {pairs}.", pairs=said))
    return Table(view._("Does service differ in fact?"), heads, tuple(rows), note=view.words.join(parts), compact=True, inline=True)


def _cell_name(view: View, cell: tuple[str, str]) -> str:
    return " · ".join(group_word(view, word) for word in cell)


def group_strategy_table(view: View) -> Table | None:
    """Strategies for groups by attribute or source, what was done for them, and the figure that they are to move.

    Not in the pack of a segment: groups are the company's.
    """
    registers, month = view.material.review.registers, view.month
    found = group_strategies(registers, month)
    if not view.has("registers") or found.empty or view.material.segment:
        return None
    actions = entries(registers, "action")
    heads = (
        Column(view._("Group"), width="18"),
        Column(view._("Customers"), numeric=True, width="10"),
        Column(view._("Strategy"), width="25"),
        Column(view._("Actions done / all"), numeric=True, width="10"),
        Column(view._("Figure"), width="17"),
        Column(view._("Now"), numeric=True, width="12"),
        Column(view._("Planned"), numeric=True),
    )
    rows = []
    for row in found.head(SHOWN).to_dict("records"):
        field, value = str(row["field"]), str(row["field_value"])
        name, own = f"{field}={value}", _of_group(actions, field, value)
        size = view.of_group(name, "group_customers")
        owner = [_text(row["owner"], 30), _due(view, row["due_on"])]
        done, total = int(own["closed_on"].notna().sum()), len(own)
        rows.append(
            (
                Cell(group_word(view, value), group_word(view, field)),
                Cell("0" if size.n is None else view.value(size), muted=size.value is None),
                Cell(_text(row["subject"], 60) or "–", view.words.apart(one for one in owner if one)),
                Cell(f"{view.formats.count(done)} / {view.formats.count(total)}"),
                *_target(view, name, row),
            )
        )
    note = view._("Planned in the register strategy; no individual decision rests on sex or age.")
    if len(found) > SHOWN:
        note = view.words.join([note, view._("Showing {shown} of {total}.", shown=SHOWN, total=len(found))])
    return Table(view._("Strategies for groups, by attribute and source"), heads, tuple(rows), note=note, compact=True, inline=True)


def _of_group(rows: pd.DataFrame, field: str, value: str) -> pd.DataFrame:
    return rows.loc[((rows["field"] == field) & (rows["field_value"] == value)).to_numpy(dtype=bool, na_value=False)]


def _target(view: View, name: str, row: Mapping[object, object]) -> tuple[Cell, Cell, Cell]:
    """The figure that a group's strategy is to move, what it is now, and what was planned."""
    indicator, plan = row["indicator"], finite(row["value"])
    if not isinstance(indicator, str) or indicator not in view.catalogue:
        return Cell("–", muted=True), Cell("–", muted=True), Cell("–", muted=True)
    number = view.of_group(name, indicator)
    unit: Unit = view.unit(indicator)
    return (
        Cell(view.title(indicator)),
        Cell(view.value(number), muted=number.value is None),
        Cell(view.formats.figure(plan, unit), muted=plan is None),
    )


def process(view: View) -> Table:
    """The seven steps: what the run did of them by itself, and what people have entered of the others, with owners and days."""
    review, quality = view.material.review, view.material.quality
    read = int(quality["read"].fillna(0).sum()) if "read" in quality else 0
    registers, month = review.registers, view.month
    strategy, action = in_force(entries(registers, "strategy"), month), entries(registers, "action")
    open_actions = action.loc[action["closed_on"].isna()] if len(action) else action
    reviewed = entries(registers, "review")
    known, run = view.has("registers"), view._("the run")
    entered = view._("no register is supplied")
    steps = (
        (
            view._("Collect information"),
            view._("{tables} tables, {rows} rows read", tables=len(review.supplied), rows=view.formats.count(read)),
            run,
        ),
        (view._("Analyse needs"), view._("{codes} needs named", codes=len(view.groups("need", "need_share"))), run),
        (
            view._("Set the standard"),
            view._("policy {version}", version=clean(review.policy.version, 40)),
            view.words.apart(
                one
                for one in (
                    clean(review.policy.owner or review.policy.author, 40),
                    view._("review by {day}", day=review.policy.review_due) if review.policy.review_due else "",
                )
                if one
            ),
        ),
        (view._("Classify"), view._("{count} customers, one rule for all tiers", count=view.formats.count(len(review.customers))), run),
        (
            view._("Design strategies"),
            view._("{count} entries", count=len(strategy)) if known else entered,
            _owners(view, strategy) if known else "–",
        ),
        (
            view._("Carry them out"),
            view._("{count} actions, {done} done this month", count=len(action), done=view.value(view.own("actions_done")))
            if known
            else entered,
            _owners(view, open_actions) if known else "–",
        ),
        (
            view._("Evaluate and adjust"),
            view._("{findings} findings of the checks, the same for all tiers", findings=len(view.material.findings)),
            _owners(view, reviewed) if len(reviewed) else run,
        ),
    )
    heads = (Column(view._("Step"), width="22"), Column(view._("State this month"), width="38"), Column(view._("Who, and by when")))
    rows = tuple((Cell(one), Cell(state), Cell(who, muted=who == run)) for one, state, who in steps)
    return Table(view._("The seven steps of classification"), heads, rows, compact=True)


def _owners(view: View, rows: pd.DataFrame) -> str:
    """Who answers for these entries, and the next day on which one of them is due."""
    owners = sorted({str(owner) for owner in rows["owner"].dropna()})
    shown = [clean(owner, 30) for owner in owners[:3]] + ([view._("{n} more", n=len(owners) - 3)] if len(owners) > 3 else [])
    due = rows["due_on"].dropna()
    when = view._("next due {day}", day=view.formats.day(due.min().to_pydatetime())) if len(due) else view._("no day set")
    return view.words.apart([view.words.list_of(shown) if shown else view._("nobody named"), when])


def _due(view: View, day: object) -> str:
    known = pd.Timestamp(str(day)) if day is not None and day == day and not pd.isna(day) else None  # type: ignore[call-overload]
    return "" if known is None else view._("review by {day}", day=view.formats.day(known.to_pydatetime()))


def _text(cell: object, limit: int) -> str:
    return clean(cell, limit) if isinstance(cell, str) else ""
