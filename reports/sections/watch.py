"""Customers to watch: who fell, who falls, who is silent, who is unhappy, by the money at stake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports.blocks import Block, Cell, Column, Paragraph, Section, Table
from reports.formats import finite
from reports.sections.common import rows_shown_line
from reports.view import View
from transforms.money import amount
from transforms.why.watching import FALL, UNHAPPY

ROWS = 20


@dataclass(frozen=True)
class Watched:
    """One customer and why; `stake` is twelve-month net in currency units."""

    row: Mapping[str, object]
    reasons: tuple[str, ...]
    stake: float


@dataclass(frozen=True)
class WatchList:
    """Those shown, most money at stake first, ties by id; and of all that belong on it the count and the money."""

    shown: tuple[Watched, ...]
    total: int
    stake: float


def watch_list(view: View, limit: int) -> WatchList:
    """Everyone with a reason to be watched: the first `limit` with their reasons, the others as a count."""
    found = view.facts.customers_to_watch
    shown: list[Watched] = []
    for one in found.head(limit).to_dict("records"):
        row = {str(key): value for key, value in view.customers.iloc[one["place"]].items()}
        reasons: list[str] = []
        if one["demoted"]:
            reasons.append(view._("{before} → {after}", before=view.grade_name(row["previous_grade"]), after=view.grade_name(row["grade"])))
        if one["falling"]:
            reasons.append(view._("score down {points}", points=view.formats.number(one["fall"], 1)))
        if one["silent"]:
            reasons.append(view._("silent {days}", days=view.formats.days(one["silent_days"])))
        if one["unhappy"]:
            reasons.append(view._("satisfaction {index}", index=view.formats.number(one["satisfaction"], 0)))
        shown.append(Watched(row, tuple(reasons), amount(int(one["net_12m"]))))
    return WatchList(tuple(shown), len(found), amount(int(found["net_12m"].sum())))


def watch(view: View) -> Section:
    """The list, capped; the rest is in the attached evidence."""
    found = watch_list(view, ROWS)
    title = view._("Customers to watch")
    if not found.total:
        none = view._("No customer was demoted, fell in score, fell silent with money at stake, or answered with low satisfaction.")
        return Section("watch", title, (Paragraph(none, "lead"),))
    lead = view.words.plural(
        "{count} customer needs a look; {money} of twelve-month net revenue is at stake.",
        "{count} customers need a look; together {money} of twelve-month net revenue is at stake.",
        found.total,
        count=view.formats.count(found.total),
        money=view.formats.money(found.stake, 0),
    )
    rule = view._(
        "Listed: demoted this month; score down by {fall} points or more; no order for {days} or more with revenue in the last "
        "twelve months; satisfaction index below {unhappy}. Sorted by twelve-month net revenue.",
        fall=view.formats.number(FALL, 0),
        days=view.formats.days(view.material.review.policy.warn_days),
        unhappy=view.formats.number(UNHAPPY, 0),
    )
    columns = [Column(view._("Customer"), width="32"), Column(view._("Why"), width="25")]
    if view.tier is None:
        columns.append(Column(view._("Grade")))
    columns += [
        Column(view._("12-month net"), numeric=True, width="13"),
        Column(view._("Silent days"), numeric=True),
        Column(view._("Score"), numeric=True),
    ]
    rows: list[tuple[Cell, ...]] = []
    for one in found.shown:
        row = [view.customer_cell(one.row), Cell(view.words.apart(one.reasons))]
        if view.tier is None:
            row.append(Cell(view.grade_name(one.row.get("grade"))))
        row += [
            Cell(view.formats.money(one.stake, 0)),
            Cell(view.formats.count(finite(one.row.get("recency_days")))),
            Cell(view.formats.number(finite(one.row.get("score")), 1)),
        ]
        rows.append(tuple(row))
    table = Table(
        view._("Most money at stake first"),
        tuple(columns),
        tuple(rows),
        note=rows_shown_line(view, len(rows), found.total),
        compact=True,
        inline=True,
    )
    blocks: tuple[Block, ...] = (Paragraph(lead, "lead"), table, Paragraph(rule, "note"))
    return Section("watch", title, blocks)
