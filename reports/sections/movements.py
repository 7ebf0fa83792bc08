"""Movements: who rose and fell and why, the money that moved, how mobile the grades are, and what moved the company's figures."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reports.blocks import Block, Cell, Column, Paragraph, Section, Table
from reports.formats import finite
from reports.pack_facts import customers_with_us
from reports.sections.common import rows_shown_line
from reports.view import Row, View, amount_of, money_of
from reports.why import reason_of_move, way_back
from transforms.figures import Unit
from transforms.indicators.movements import MEANS, TOTAL, part_name
from transforms.statistics.estimates import share_of

ROWS = 20


def movements(view: View) -> Section | None:
    """For the workbook: every mover with the cause; left out where there is no month before to compare with."""
    rose, fell = view.facts.moves
    blocks: list[Block] = []
    mobility = _mobility(view, len(rose), len(fell))
    if mobility is None:
        return None
    blocks.append(Paragraph(_lead(view, rose, fell), "lead"))
    blocks.append(mobility)
    if len(rose):
        blocks.append(_moves_table(view, rose, view._("Promoted"), back=False))
    if len(fell):
        blocks.append(_moves_table(view, fell, view._("Demoted"), back=True))
    split = figure_changes(view)
    if split:
        blocks.append(split)
    return Section("movements", view._("Movements and their causes"), tuple(blocks))


def _lead(view: View, rose: pd.DataFrame, fell: pd.DataFrame) -> str:
    if not len(rose) and not len(fell):
        return view._("No customer rose or fell a grade.")
    return view._(
        "Customers who rose bring {up} of twelve-month net revenue, customers who fell {down}.",
        up=view.formats.money(money_of(rose, "net_12m"), 0),
        down=view.formats.money(money_of(fell, "net_12m"), 0),
    )


def _mobility(view: View, rose: int, fell: int) -> Table | None:
    """Of those graded in both months the share that rose, stayed and fell, with its interval."""
    customers = customers_with_us(view.customers)
    if "previous_grade" not in customers or not len(view.material.previous):
        return None
    names = [grade.grade for grade in view.material.review.policy.grades]
    both = customers["previous_grade"].isin(names) & customers["grade"].isin(names)
    graded = int(both.sum())
    if not graded:
        return None
    order = {name: place for place, name in enumerate(names)}
    before, after = customers.loc[both, "previous_grade"].map(order).to_numpy(), customers.loc[both, "grade"].map(order).to_numpy()
    own = customers.loc[both]
    rows = [
        (view._("rose"), after < before),
        (view._("stayed"), after == before),
        (view._("fell"), after > before),
    ]
    cells: list[tuple[Cell, ...]] = []
    for name, chosen in rows:
        share = share_of(int(np.count_nonzero(chosen)), graded)
        cells.append(
            (
                Cell(name),
                Cell(view.formats.count(int(np.count_nonzero(chosen)))),
                Cell(view.formats.share(share.value), view.formats.interval(share.lower, share.upper, Unit.SHARE)),
                Cell(view.formats.money(money_of(own.loc[chosen], "net_12m"), 0)),
            )
        )
    heads = (
        Column(view._("Movement"), width="16"),
        Column(view._("Customers"), numeric=True, width="20"),
        Column(view._("Share"), numeric=True, width="37"),
        Column(view._("12-month net"), numeric=True, width="27"),
    )
    note = view._("Of {n} customers graded in both months and not lost; shares with 95% interval (Wilson).", n=view.formats.count(graded))
    return Table(view._("How many changed grade"), heads, tuple(cells), note=note, compact=True, inline=True)


def _moves_table(view: View, frame: pd.DataFrame, caption: str, *, back: bool) -> Table:
    """Customers with the parts of their change; of those who fell also what would bring the grade back."""
    heads = [
        Column(view._("Customer"), width="21"),
        Column(view._("Grade"), width="8"),
        Column(view._("Score"), numeric=True, width="6"),
        Column(view._("Why"), width="36" if back else "54"),
    ]
    if back:
        heads.append(Column(view._("Way back"), width="18"))
    heads.append(Column(view._("12-month net"), numeric=True, width="11"))
    told = view.explanations.set_index("customer_id")
    rows: list[tuple[Cell, ...]] = []
    for row in frame.head(ROWS).to_dict("records"):
        reason = {str(key): value for key, value in told.loc[row["customer_id"]].to_dict().items()}
        cells = [
            view.customer_cell(row),
            Cell(_grades(view, row)),
            Cell(view.formats.number(finite(row.get("score")), 1)),
            Cell(reason_of_move(view.words, view.formats, reason)),
        ]
        if back:
            cells.append(Cell(way_back(view.words, view.formats, reason)))
        cells.append(Cell(view.formats.money(amount_of(row.get("net_12m")), 0)))
        rows.append(tuple(cells))
    note = rows_shown_line(view, len(rows), len(frame))
    return Table(caption, tuple(heads), tuple(rows), note=note, compact=True)


def _grades(view: View, row: Row) -> str:
    """From which grade to which; of who is lost, too, the movements of the tiers count the loss alone."""
    moved = view._("{before} → {after}", before=view.grade_name(row["previous_grade"]), after=view.grade_name(row["grade"]))
    return view.words.list_of([moved, view.grade_name("lost")]) if row.get("is_lost") else moved


def figure_changes(view: View) -> Table | None:
    """The company's figures: their change, and its parts by mix and by rate of the tiers."""
    if view.tier is not None or view.material.segment:
        return None
    rows = [row for name in (TOTAL, *MEANS) if (row := _change_cells(view, name))]
    if not rows:
        return None
    heads = (
        Column(view._("Measure"), width="28"),
        Column(view._("Change"), numeric=True),
        Column(view._("Number of customers"), numeric=True),
        Column(view._("Mix of tiers"), numeric=True),
        Column(view._("Within tiers"), numeric=True),
        Column(view._("Outside of tiers"), numeric=True),
    )
    note = view._(
        "Change since last month in parts that add up: more or fewer customers, other shares of tiers, other values within tiers."
    )
    return Table(view._("What moved the company’s figures"), heads, tuple(rows), note=note, compact=True)


def _change_cells(view: View, name: str) -> tuple[Cell, ...] | None:
    number, unit = view.company(name), view.unit(name)
    parts = {kind: view.company(part_name(name, kind)).value for kind in ("size", "mix", "rate", "outside")}
    if number.change is None or parts["mix"] is None or parts["rate"] is None:
        return None
    cells = [Cell(view.title(name)), Cell(_difference(view, number.change, unit))]
    return (*cells, *(Cell("" if part is None else _difference(view, part, unit), muted=part is None) for part in parts.values()))


def _difference(view: View, value: float, unit: Unit) -> str:
    if unit is Unit.MONEY:
        text = view.formats.money(value, 0)
        return f"+{text}" if value > 0 and any(digit in "123456789" for digit in text) else text
    return view.formats.difference(value, 2 if unit is Unit.SCORE else 1)
