"""All customers of a pack, one row each: what the pages add up, to be sorted and filtered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from reports.blocks import Paragraph
from reports.formats import finite
from reports.glyphs import clean
from reports.i18n import N_
from reports.numerals import COUNT, DAY, number_form, share_form
from reports.sections.words import group_word
from reports.told import Named
from reports.view import View, amount_of
from reports.workbook.sheets import ID_HEAD, Field, Grid, Sheet, Value

NAMES, WORDS = 200, 60
"""The most letters of a customer's name, and of any other text."""

MOST = 20_000
"""The most rows: what a person can still look at; those with the most money are kept, and the sheet says so."""


@dataclass(frozen=True)
class _Plan:
    """One column of the sheet: where it comes from, its head, and how wide it is."""

    column: str
    title: str
    kind: str
    width: int = 12


PLANS = (
    _Plan("customer_id", ID_HEAD, "text", 14),
    _Plan("name", N_("Customer"), "name", 32),
    _Plan("grade", N_("Grade"), "grade", 9),
    _Plan("previous_grade", N_("Grade before"), "grade", 9),
    _Plan("score", N_("Score"), "tenth", 9),
    _Plan("change_score", N_("Change of score"), "tenth", 10),
    _Plan("net_12m", N_("12-month net"), "money", 14),
    _Plan("net_total", N_("Net since the first order"), "money", 14),
    _Plan("month_net", N_("Net of the month"), "money", 14),
    _Plan("orders_12m", N_("Orders in 12 months"), "count", 10),
    _Plan("recency_days", N_("Silent days"), "count", 9),
    _Plan("satisfaction_index", N_("Satisfaction index"), "tenth", 12),
    _Plan("satisfaction_n", N_("Answers"), "count", 9),
    _Plan("nps_score", N_("Recommendation, 0-10"), "count", 12),
    _Plan("loyalty_index", N_("Loyalty index"), "tenth", 10),
    _Plan("tickets_12m", N_("Tickets in 12 months"), "count", 10),
    _Plan("complaints_12m", N_("Complaints in 12 months"), "count", 10),
    _Plan("account_manager", N_("Account manager"), "text", 18),
    _Plan("region", N_("Region"), "group", 14),
    _Plan("role", N_("Role"), "group", 12),
    _Plan("value_class", N_("Value class"), "group", 12),
    _Plan("behaviour_class", N_("Behaviour class"), "group", 12),
    _Plan("expected_net_12m", N_("Expected net, 12 months (estimate)"), "money", 16),
    _Plan("p_alive", N_("Still a customer (estimate)"), "share", 12),
    _Plan("first_order_on", N_("First order"), "day", 12),
    _Plan("last_order_on", N_("Last order"), "day", 12),
    _Plan("is_lost", N_("Lost"), "flag", 8),
)
"""The columns in their order; those that a company has no source for are left out."""


def customers(view: View) -> Sheet:
    """Every customer of the pack, most twelve-month net first, ties by id."""
    held = view.customers
    if held.empty:
        return Sheet("customers", view._("Customers"), (Paragraph(view._("This pack has no customers this month.")),))
    order = ["net_12m", "customer_id"] if "net_12m" in held else ["customer_id"]
    ascending = [False, True] if len(order) == 2 else [True]
    shown = held.sort_values(order, ascending=ascending, kind="stable").head(MOST)
    made = [_field(view, plan, shown[plan.column]) for plan in PLANS if plan.column in shown]
    fields = [_whose(field, shown["customer_id"]) if field.title in (view._(ID_HEAD), view._("Customer")) else field for field in made]
    note = ""
    if len(shown) < len(held):
        note = view._(
            "The first {shown} of {total}, by twelve-month net; all are in the file customers.csv attached to the pack.",
            shown=view.formats.count(len(shown)),
            total=view.formats.count(len(held)),
        )
    kept = tuple(field for field in fields if any(value not in (None, "") for value in field.values))
    return Sheet("customers", view._("Customers"), (Grid(kept, note),))


def _field(view: View, plan: _Plan, cells: pd.Series) -> Field:
    forms = {
        "money": view.formats.money_form(),
        "count": COUNT,
        "tenth": number_form(1),
        "share": share_form(0),
        "day": DAY,
    }
    return Field(view._(plan.title), forms.get(plan.kind, ""), plan.width, _values(cells, _reader(view, plan.kind)))


def _whose(field: Field, ids: pd.Series) -> Field:
    """A column of ids or names in which each says whose it is; all other cells stand in rows that have one."""
    told = [Named(value, str(key)) if isinstance(value, str) and value else value for value, key in zip(field.values, ids, strict=True)]
    return replace(field, values=told)


def _reader(view: View, kind: str) -> Callable[[object], Value]:
    match kind:
        case "money":
            return amount_of
        case "count" | "tenth" | "share":
            return finite
        case "day":
            return _day
        case "grade":
            return view.grade_name
        case "flag":
            return lambda cell: view._("yes") if cell is True else ""
        case "group":
            return lambda cell: group_word(view, cell) if isinstance(cell, str) and cell else ""
        case "name":
            return lambda cell: clean(cell, NAMES) if isinstance(cell, str) else ""
        case _:
            return lambda cell: clean(cell, WORDS) if isinstance(cell, str) else ""


def _values(cells: pd.Series, read: Callable[[object], Value]) -> Sequence[Value]:
    """The cells as values; text that stands there more than once is read once."""
    held = cells.astype(object).to_numpy().tolist()
    if not isinstance(cells.dtype, pd.StringDtype):
        return [read(cell) for cell in held]
    told = {cell: read(cell) for cell in set(held)}
    return [told[cell] for cell in held]


def _day(cell: object) -> date | None:
    if isinstance(cell, pd.Timestamp) and not pd.isna(cell):
        return cell.date()
    if isinstance(cell, date):
        return None if pd.isna(cell) else cell
    if isinstance(cell, str):
        try:
            return date.fromisoformat(cell[:10])
        except ValueError:
            return None
    return None
