"""Customers to act on, all that are on the pack's list, one row each: the page's list to be sorted, filtered and ticked off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import pandas as pd

from reports.actions import Action
from reports.blocks import Paragraph
from reports.formats import finite
from reports.glyphs import clean
from reports.numerals import COUNT, DAY
from reports.sections.plays import PlayWords
from reports.told import Named
from reports.view import View
from reports.workbook.sheets import ID_HEAD, Field, Grid, Sheet, Value

NAMES = 200
"""The most letters of a customer's name."""


def acting(view: View) -> Sheet:
    """The list in its order: those whose reason is the same stand together where a reader sorts by it."""
    found = view.facts.actions.listed
    title = view._("Customers to act on")
    if not found:
        return Sheet("act", title, (Paragraph(view._("No customer gives a reason to act this month.")),))
    plays = PlayWords(view.words, view.formats, view.material.review.policy)
    money = view.formats.money_form()

    def field(head: str, form: str, width: int, read: Callable[[Action], Value]) -> Field:
        return Field(head, form, width, [read(one) for one in found])

    fields = (
        field(view._("Rank"), COUNT, 7, lambda one: one.rank),
        field(view._(ID_HEAD), "", 14, lambda one: Named(one.customer_id, one.customer_id)),
        field(view._("Customer"), "", 32, _name),
        field(view._("Grade before"), "", 9, lambda one: view.grade_name(one.row.get("previous_grade"))),
        field(view._("Grade"), "", 9, lambda one: view.grade_name(one.row.get("grade"))),
        field(view._("12-month net"), money, 14, lambda one: one.net),
        field(view._("At stake"), money, 14, lambda one: one.stake),
        field(view._("Reason"), "", 22, lambda one: plays.title(one.reason)),
        field(view._("Why"), "", 34, plays.reason),
        field(view._("Other reasons"), "", 26, lambda one: view.words.apart(plays.title(reason) for reason in one.reasons[1:])),
        field(view._("Contract to"), DAY, 12, lambda one: _day(one.row.get("contract_end"))),
        field(view._("Tickets open"), COUNT, 9, lambda one: finite(one.row.get("tickets_open"))),
        field(view._("Who"), "", 18, plays.owner),
        field(view._("What to do"), "", 48, plays.play),
        field(view._("By"), DAY, 12, lambda one: one.due),
        field(view._("Reason last month"), "", 22, lambda one: plays.title(one.before) if one.before else ""),
        field(view._("Since last month"), "", 22, lambda one: plays.result(one.result)),
    )
    return Sheet("act", title, (Grid(_filled(fields), _order(view, found)),))


def _order(view: View, found: Sequence[Action]) -> str:
    """By what the list is sorted, and whose pack names whom."""
    said = [view._("Sorted by money at stake: twelve-month net, of who is silent or lost that of the twelve months up to the last order.")]
    if any(one.row.get("act_tier") != one.row.get("tier") for one in found):
        said.append(view._("Who fell a grade or was lost stands in the pack of the tier that was left."))
    return view.words.join(said)


def _filled(fields: Sequence[Field]) -> tuple[Field, ...]:
    """Without the columns that are empty from top to bottom."""
    return tuple(field for field in fields if any(value not in (None, "") for value in field.values))


def _name(action: Action) -> str:
    name = action.row.get("name")
    return Named(clean(name, NAMES), action.customer_id) if isinstance(name, str) else ""


def _day(cell: object) -> date | None:
    return cell.date() if isinstance(cell, pd.Timestamp) and not pd.isna(cell) else None
