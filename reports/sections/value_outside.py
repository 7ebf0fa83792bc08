"""Tables of the value section that speak of what comes from outside: what customers told, and the market."""

from __future__ import annotations

from collections.abc import Sequence

from reports.blocks import Cell, Column, Table
from reports.glyphs import clean
from reports.i18n import N_
from reports.view import View
from transforms.indicators.information import Information, TicketsByType
from transforms.indicators.markets import Market

KINDS = {
    "complaint": N_("Complaint"),
    "suggestion": N_("Suggestion"),
    "request": N_("Request"),
    "enquiry": N_("Enquiry"),
    "praise": N_("Praise"),
}
KINDS_OF_INFORMATION = {
    "need": N_("Needs"),
    "innovation": N_("Product and service innovation"),
    "competitor": N_("Competitors"),
    "satisfaction": N_("Satisfaction"),
    "company": N_("Development of the company"),
    "": N_("Without a kind"),
}
INFORMANTS = 3


def tickets_by_type_table(view: View, lines: Sequence[TicketsByType], *, kinds_told: bool) -> Table | None:
    """What customers told us in the month by type of ticket, and who told most in twelve months."""
    if not any(line.items for line in lines):
        return None
    heads = (
        Column(view._("What customers told us"), width="46"),
        Column(view._("Items"), numeric=True),
        Column(view._("Customers"), numeric=True),
    )
    rows = tuple(
        (Cell(view._(KINDS[line.kind])), Cell(view.formats.count(line.items)), Cell(view.formats.count(line.customers))) for line in lines
    )
    missing = "" if kinds_told else view._("Kinds of information (tickets.info_kind): not supplied.")
    note = view.words.join([_in_all(view, "information_items_per_100"), _informants(view), missing])
    return Table(view._("Information from customers, this month"), heads, rows, note=note, compact=True)


def information_table(view: View, lines: Sequence[Information]) -> Table | None:
    """What customers told in the month by the five kinds of information: how much, adopted, and worth what was recorded."""
    if not any(line.items for line in lines if line.kind):
        return None
    active = int((view.known_column("orders_12m") > 0).sum())
    registered = any(line.adopted is not None for line in lines)
    heads = (
        Column(view._("Kind of information"), width="30"),
        Column(view._("Items"), numeric=True),
        Column(view._("Customers"), numeric=True),
        Column(view._("Per 100 active customers"), numeric=True),
        *((Column(view._("Adopted"), numeric=True), Column(view._("Recorded value"), numeric=True)) if registered else ()),
    )
    rows = []
    for line in lines:
        cells = [
            Cell(view._(KINDS_OF_INFORMATION[line.kind]), muted=not line.kind),
            Cell(view.formats.count(line.items)),
            Cell(view.formats.count(line.customers)),
            Cell(view.formats.number(100 * line.items / active, 1) if active else ""),
        ]
        if registered:
            share = view.formats.share((line.adopted or 0) / line.items, 0) if line.items else ""
            value = view._("none recorded") if line.value is None else view.formats.money(line.value, 0)
            cells += [Cell(share), Cell(value, muted=line.value is None)]
        rows.append(tuple(cells))
    absent = "" if registered else view._("Adopted and recorded value: no register of improvements is supplied.")
    note = view.words.join([_in_all(view, "information_items_per_100", "information_adopted_share"), _informants(view), absent])
    return Table(view._("Information from customers by kind, this month"), heads, tuple(rows), note=note, compact=True, inline=True)


def _in_all(view: View, *indicators: str) -> str:
    """The figures of all kinds together, by their names; those that are not known are left out."""
    known = [view.own(name) for name in indicators if view.own(name).value is not None]
    said = [view._("{title}: {value}", title=view.title(number.indicator), value=view.value(number)) for number in known]
    return view._("In all: {figures}.", figures=view.words.apart(said)) if said else ""


def _informants(view: View) -> str:
    asked = view.known_column("tickets_12m")
    order = sorted(range(len(asked)), key=lambda place: (-asked.iloc[place], str(view.customers["customer_id"].iloc[place])))
    most = [place for place in order[:INFORMANTS] if asked.iloc[place] > 0]
    names = [view.customer({str(name): cell for name, cell in view.customers.iloc[place].items()})[0] for place in most]
    return view._("Most tickets in twelve months: {names}.", names=view.words.list_of(names)) if names else ""


def markets_table(view: View, lines: Sequence[Market]) -> Table | None:
    """The target markets of the register beside own money; sizes and growth are external."""
    if not lines:
        return None
    heads = (
        Column(view._("Market (external)"), width="24"),
        Column(view._("Yearly size"), numeric=True),
        Column(view._("Own share"), numeric=True),
        Column(view._("Market growth"), numeric=True),
        Column(view._("Own growth"), numeric=True),
        Column(view._("Competition, source"), width="26"),
    )
    rows = tuple(
        (
            Cell(view._("All customers") if not line.field else clean(line.group, 40)),
            Cell(view.formats.money(line.size, 0)),
            Cell(view.formats.share(line.own_share)),
            Cell(view.formats.share(line.growth)),
            Cell(view.formats.share(line.own_growth)),
            Cell(clean(line.competition, 120), clean(_source(line), 120)),
        )
        for line in lines
    )
    note = view._("Size, growth and competition come from the register of markets: external, and never estimated from own data.")
    return Table(view._("Target markets"), heads, rows, note=note, compact=True)


def _source(line: Market) -> str:
    return ", ".join(part for part in (line.source, "" if line.opened_on is None else line.opened_on.strftime("%Y-%m-%d")) if part)
